"""Work shared out over processes, its results in the order of one process."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")

CHUNK = 32


def available() -> int:
    """How many processes are worth starting: one a core, 1 where processes cannot be forked."""
    return min(len(os.sched_getaffinity(0)), 8) if "fork" in multiprocessing.get_all_start_methods() else 1


def in_order(work: Callable[[int, int], Iterator[T]], workers: int) -> Iterator[T]:
    """What ``work(share, workers)`` of each forked process yields, chunk by chunk in turn.

    Of all items each process must yield those in whose number, divided by CHUNK, its share is the rest by ``workers``
    (``is_mine``). An exception in a process is raised here. Processes end when the caller stops asking.
    """
    context = multiprocessing.get_context("fork")
    connections: list[Connection] = []
    processes = []
    for share in range(workers):
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_serve, args=(work, share, workers, theirs), daemon=True)
        process.start()
        theirs.close()
        connections.append(ours)
        processes.append(process)
    try:
        for connection in cycle(connections):
            chunk = connection.recv()
            if isinstance(chunk, BaseException):
                raise chunk
            if not chunk:
                return
            yield from chunk
    finally:
        for process in processes:
            process.terminate()
            process.join()


def is_mine(number: int, share: int, workers: int) -> bool:
    """True if the item of that number belongs to ``share``."""
    return number // CHUNK % workers == share


def _serve(work: Callable[[int, int], Iterator[T]], share: int, workers: int, connection: Connection) -> None:
    # The reader may have gone: then nobody wants the rest.
    with suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            items = work(share, workers)
            while chunk := list(islice(items, CHUNK)):
                connection.send(chunk)
            connection.send([])
        except Exception as error:  # whatever it is, the caller's process must hear of it
            connection.send(error)
