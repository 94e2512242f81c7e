"""Work shared out over processes comes back in order, whole, and with its errors."""

from __future__ import annotations

import os
import time

import pytest

from disavow.errors import Malformed, Unreachable
from disavow.world import workers
from disavow.world.workers import CHUNK, FIRST, in_order


def double(number: int) -> int:
    if number == 1_040:
        raise Malformed(f"number {number}")
    return 2 * number


@pytest.mark.parametrize(
    "until", [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + CHUNK, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7]
)
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_order_is_that_of_one_process(until: int, workers: int) -> None:
    assert list(in_order(lambda: range(until), double, workers)) == list(range(0, 2 * until, 2))


def test_an_error_in_a_process_is_raised_here() -> None:
    with pytest.raises(Malformed, match="number 1040"):
        list(in_order(lambda: range(1_000, 1_100), double, 2))


def test_who_stops_asking_ends_the_processes() -> None:
    asked = in_order(lambda: range(100_000, 200_000), double, 2)
    assert next(asked) == 200_000
    asked.close()  # type: ignore[attr-defined]


def test_a_process_that_died_is_noticed() -> None:
    parent = os.getpid()
    meeting, met = os.pipe()

    def dies(number: int) -> int:
        if os.getpid() != parent:
            os.write(met, b"x")
            os._exit(1)
        if number in (FIRST, FIRST + CHUNK):
            os.read(meeting, 1)  # the other has a chunk by now
        return number

    with pytest.raises(Unreachable, match="was ended"):
        list(in_order(lambda: range(FIRST + 2 * CHUNK), dies, 2))


def test_what_one_process_saw_and_no_other_finds_is_noticed() -> None:
    parent = os.getpid()
    meeting, met = os.pipe()

    def shrinking() -> range:
        if os.getpid() == parent:
            return range(FIRST + 2 * CHUNK)
        os.write(met, b"x")  # it has asked for a chunk by now
        return range(FIRST)

    def waits(number: int) -> int:
        if number in (FIRST, FIRST + CHUNK):
            os.read(meeting, 1)
        return number

    with pytest.raises(Unreachable, match="nobody has it"):
        list(in_order(shrinking, waits, 2))


def test_what_is_done_ahead_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other process keeps its first chunk for a while and counts how many this one does meanwhile."""
    monkeypatch.setattr(workers, "AHEAD", 3)
    parent = os.getpid()
    (meeting, met), (counted, count), (seen, see) = os.pipe(), os.pipe(), os.pipe()
    until = FIRST + 40 * CHUNK

    def items() -> range:
        if os.getpid() != parent:
            os.write(met, b"x")  # it has asked for a chunk by now
        return range(until)

    def work(number: int) -> int:
        if os.getpid() == parent:
            if number in (FIRST, FIRST + CHUNK):
                os.read(meeting, 1)
            os.write(count, b"x" * (number % CHUNK == FIRST))
        elif number in (FIRST, FIRST + CHUNK):
            time.sleep(0.2)
            os.write(count, b".")  # so that there is something to read
            os.write(see, bytes([os.read(counted, 1_000).count(b"x")]))
        return number

    assert list(in_order(items, work, 2)) == list(range(until))
    assert os.read(seen, 1)[0] <= 1 + 3 + 1
