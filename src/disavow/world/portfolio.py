"""Many dialogues at once, a bounded number of them in flight, each result as soon as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TypeVar

from ..standards.questions import Dialogue
from .ask import AsyncWorld, Transcript, ask_async

S = TypeVar("S")
T = TypeVar("T")

IN_FLIGHT = 300


async def each(
    subjects: Iterable[S], start: Callable[[S], Dialogue[T]], world: AsyncWorld, in_flight: int = IN_FLIGHT
) -> AsyncGenerator[tuple[T, Transcript], None]:
    """The result and transcript of ``start(subject)`` for each subject, in the order in which they are ready.

    ``subjects`` is read as places become free, so that a long list needs no more memory than a short one.
    """
    waiting = iter(subjects)
    running: set[asyncio.Task[tuple[T, Transcript]]] = set()
    try:
        while True:
            for subject in waiting:
                running.add(asyncio.create_task(ask_async(start(subject), world)))
                if len(running) >= in_flight:
                    break
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
