"""Work shared out over processes, its results in the order of one process."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Generic, TypeVar

from ..errors import Unreachable

T = TypeVar("T")
R = TypeVar("R")

CHUNK = 16
AHEAD = 256  # chunks that may be done before one that is due: then that is waited for, since they fill memory
FIRST = 4  # the first chunk has fewer: while it is worked on the other processes wait


def available() -> int:
    """How many processes are worth starting: one a core, 1 where processes cannot be forked."""
    return min(len(os.sched_getaffinity(0)), 8) if "fork" in multiprocessing.get_all_start_methods() else 1


def in_order(items: Callable[[], Iterable[T]], work: Callable[[T], R], workers: int) -> Iterator[R]:
    """``work(item)`` for each of ``items()``, in order, by this process and those it forks.

    Each process goes through all items, and works on the chunks that it is the first to ask for. This process does
    the first chunk alone: what that loads, all others need not load, and where it is all there is, nothing is forked.
    An exception in a process is raised here. Processes end when the caller stops asking.
    """
    chunks = _chunks(items())
    first = next(chunks, [])
    yield from map(work, first)
    if len(first) < FIRST:
        return
    others = _Others(items, work, workers - 1)
    done: dict[int, list[R]] = {}  # what is not due yet
    due, end = 1, 1
    try:
        mine = others.tickets.take()
        for end, chunk in enumerate(chunks, 2):
            if end - 1 != mine:
                continue
            done[mine] = [work(item) for item in chunk]
            mine = others.tickets.take()
            done |= others.finished(0)
            while due in done or len(done) > AHEAD:
                while due not in done:
                    done |= others.finished(None)
                yield from done.pop(due)
                due += 1
        while due < end:
            while due not in done:
                done |= others.finished(None)
            yield from done.pop(due)
            due += 1
    finally:
        others.end()


class _Others(Generic[T, R]):
    """The processes that this one forked, and what they have done."""

    def __init__(self, items: Callable[[], Iterable[T]], work: Callable[[T], R], number: int) -> None:
        context = multiprocessing.get_context("fork")
        self.tickets = _Tickets(1)
        self._processes: list[ForkProcess] = []
        self._working: list[Connection] = []
        for _ in range(number):
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_serve, args=(items, work, self.tickets, theirs), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._working.append(ours)

    def finished(self, timeout: float | None) -> dict[int, list[R]]:
        """Chunks that they have finished, by number; waits up to ``timeout`` seconds (None: as long as it takes).

        Raises Unreachable for what will never be finished.
        """
        done: dict[int, list[R]] = {}
        if not self._working and timeout is None:  # what was read has changed meanwhile
            raise Unreachable("a share of the work", "nobody has it")
        ready = wait(self._working, timeout)
        for connection in [each for each in self._working if each in ready]:
            try:
                received = connection.recv()
            except EOFError:
                raise Unreachable("a share of the work", "the process that had it was ended") from None
            if isinstance(received, BaseException):
                raise received
            if not received:
                self._working.remove(connection)
            done |= received
        return done

    def end(self) -> None:
        """Nobody wants the rest."""
        for process in self._processes:
            process.terminate()
            process.join()
        self.tickets.close()


class _Tickets:
    """Numbers that several processes take in turn, each given once: the next one lies in a pipe that they share."""

    def __init__(self, first: int) -> None:
        self._taken_from, self._put_into = os.pipe()
        self._put(first)

    def take(self) -> int:
        """The next number; waits while another process takes one."""
        number = int.from_bytes(os.read(self._taken_from, 8), "big")
        self._put(number + 1)
        return number

    def _put(self, number: int) -> None:
        os.write(self._put_into, number.to_bytes(8, "big"))

    def close(self) -> None:
        """Nobody takes numbers any more."""
        os.close(self._taken_from)
        os.close(self._put_into)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    size = FIRST
    while chunk := list(islice(rest, size)):
        yield chunk
        size = CHUNK


def _serve(items: Callable[[], Iterable[T]], work: Callable[[T], R], tickets: _Tickets, connection: Connection) -> None:
    # The reader may have gone: then nobody wants the rest.
    with suppress(BrokenPipeError, KeyboardInterrupt):
        try:
            mine = tickets.take()
            for number, chunk in enumerate(_chunks(items())):
                if number == mine:
                    connection.send({number: [work(item) for item in chunk]})
                    mine = tickets.take()
            connection.send({})
        except Exception as error:  # whatever it is, the caller's process must hear of it
            connection.send(error)
