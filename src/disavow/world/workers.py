"""Work shared out over processes, its results in the order of one process."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import TypeVar

T = TypeVar("T")

CHUNK = 32


def available() -> int:
    """How many processes are worth starting: one a core, 1 where processes cannot be forked."""
    return min(len(os.sched_getaffinity(0)), 8) if "fork" in multiprocessing.get_all_start_methods() else 1


def in_order(work: Callable[[int, int], Iterator[T]], workers: int) -> Iterator[T]:
    """What ``work(share, workers)`` of this process and of those it forks yields, chunk by chunk in turn.

    Of all items each process must yield those in whose number, divided by CHUNK, its share is the rest by ``workers``
    (``is_mine``). This process has share 0 and does its first chunk alone: what that loads, all others need not load,
    and where it is all there is, nothing is forked. An exception in a process is raised here. Processes end when the
    caller stops asking.
    """
    mine = work(0, workers)
    chunk = list(islice(mine, CHUNK))
    yield from chunk
    if len(chunk) < CHUNK:
        return
    connections: list[Connection] = []
    processes = []
    for share in range(1, workers):
        process, connection = _started(work, share, workers)
        processes.append(process)
        connections.append(connection)
    try:
        while chunk:
            chunk = list(islice(mine, CHUNK))  # before the others are waited for, who work meanwhile
            for connection in connections:
                received = connection.recv()
                if isinstance(received, BaseException):
                    raise received
                yield from received
            yield from chunk
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _started(work: Callable[[int, int], Iterator[T]], share: int, workers: int) -> tuple[ForkProcess, Connection]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(work, share, workers, theirs), daemon=True)
    process.start()
    theirs.close()
    return process, ours


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
