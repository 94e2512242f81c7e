"""Many dialogues at once: hundreds of questions in flight, results in order, memory bounded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

from ..standards.questions import Answer, Dialogue, Question
from .ask import AsyncWorld, Transcript, ask_async

T = TypeVar("T")

IN_FLIGHT = 200


async def ask_many(
    dialogues: Iterable[Dialogue[T]], world: AsyncWorld, in_flight: int = IN_FLIGHT
) -> AsyncIterator[tuple[T, Transcript]]:
    """What ``ask_async`` gives for each dialogue, in their order; at most ``in_flight`` are under way.

    ``dialogues`` is read only as far ahead as that, so it may be endless. A question that several dialogues ask at
    the same time is put to the world once.
    """
    world = shared(world)
    pending: deque[asyncio.Task[tuple[T, Transcript]]] = deque()
    try:
        for dialogue in dialogues:
            pending.append(asyncio.create_task(ask_async(dialogue, world)))
            if len(pending) >= in_flight:
                yield await pending.popleft()
        while pending:
            yield await pending.popleft()
    finally:
        for task in pending:
            task.cancel()


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
