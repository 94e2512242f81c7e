"""Many dialogues at once: hundreds of questions in flight, results in order, memory bounded."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

from ..standards.questions import Answer, Dialogue, Question
from .ask import AsyncWorld, Transcript, ask_async, within_async

T = TypeVar("T")

IN_FLIGHT = 200


async def ask_many(
    dialogues: Iterable[Dialogue[T]], world: AsyncWorld, in_flight: int = IN_FLIGHT, seconds: float = math.inf
) -> AsyncIterator[tuple[T, Transcript]]:
    """What ``ask_async`` gives for each dialogue, in their order; at most ``in_flight`` are under way.

    ``dialogues`` is read only as far ahead as that, so it may be endless. A question that several dialogues ask at
    the same time is put to the world once. After ``seconds`` a dialogue gets no more answers.
    """
    world, waiting = shared(world), Stopwatch()

    async def answered(dialogue: Dialogue[T]) -> tuple[T, Transcript]:
        return await ask_async(dialogue, within_async(seconds, world, waiting))

    pending: deque[asyncio.Task[tuple[T, Transcript]]] = deque()
    try:
        for dialogue in dialogues:
            pending.append(asyncio.create_task(answered(dialogue)))
            if len(pending) >= in_flight:
                with waiting:
                    result = await pending.popleft()
                yield result
        while pending:
            with waiting:
                result = await pending.popleft()
            yield result
    finally:
        for task in pending:
            task.cancel()


class Stopwatch:
    """Tells the seconds spent within it: who dawdles over a result takes no time from the messages under way."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since: float | None = None

    def __call__(self) -> float:
        return self._before + (0.0 if self._since is None else time.monotonic() - self._since)

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._before, self._since = self(), None


def shared(world: AsyncWorld) -> AsyncWorld:
    """``world``, asked once for all who want to know the same at the same time."""
    asked: dict[Question, asyncio.Future[Answer[Any]]] = {}

    async def ask(question: Question) -> Answer[Any]:
        if question not in asked:
            asked[question] = asyncio.ensure_future(world(question))
            asked[question].add_done_callback(lambda _: asked.pop(question, None))
        # One who gives up must not take the answer away from the others.
        return await asyncio.shield(asked[question])

    return ask
