"""Work shared out over processes comes back in order, whole, and with its errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from disavow.errors import Malformed
from disavow.world.workers import CHUNK, in_order, is_mine


def numbers(until: int, fails_at: int = -1) -> object:
    def work(share: int, of: int) -> Iterator[int]:
        for number in range(until):
            if is_mine(number, share, of):
                if number == fails_at:
                    raise Malformed(f"number {number}")
                yield number

    return work


@pytest.mark.parametrize("until", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 7])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_order_is_that_of_one_process(until: int, workers: int) -> None:
    assert list(in_order(numbers(until), workers)) == list(range(until))  # type: ignore[arg-type]


def test_an_error_in_a_process_is_raised_here() -> None:
    with pytest.raises(Malformed, match="number 40"):
        list(in_order(numbers(100, fails_at=40), 2))  # type: ignore[arg-type]


def test_who_stops_asking_ends_the_processes() -> None:
    asked = in_order(numbers(100_000), 2)  # type: ignore[arg-type]
    assert next(asked) == 0
    asked.close()  # type: ignore[attr-defined]
