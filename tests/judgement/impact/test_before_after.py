"""The bars of before and after: on simulated campaigns, whose truth is known."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.impact.before_after import Comparison, compare

from .campaigns import volumes

RUNS = 200


def many(factor: float, **how: float) -> list[Comparison]:
    return [compare(volumes(random.Random(seed), 120, 60, factor, **how), 60) for seed in range(RUNS)]


def alarms(found: list[Comparison]) -> float:
    return sum(one.change != "cannot-tell" for one in found) / RUNS


@pytest.mark.parametrize(("memory", "shock"), [(0.85, 0.6), (0.85, 0.7), (0.5, 0.6), (0.0, 0.7)])
def test_it_seldom_alarms_where_nothing_changed_and_its_intervals_hold(memory: float, shock: float) -> None:
    quiet = many(1, memory=memory, shock=shock)
    assert alarms(quiet) <= 0.07
    halved = many(0.5, memory=memory, shock=shock)
    assert sum(one.low <= 0.5 <= one.high for one in halved if one.low and one.high) / RUNS >= 0.9


def test_a_fall_by_four_fifths_is_found_in_most_windows() -> None:
    found = many(0.2)
    assert sum(one.change == "fell" for one in found) / RUNS >= 0.6


def test_it_says_what_it_could_have_seen_and_how_long_it_needs() -> None:
    for one in many(0.7)[:40]:
        assert one.smallest is not None
        assert 0 < one.smallest < 1
        assert one.placebos > 0
        assert one.false_alarms is not None
        assert one.change != "cannot-tell" or one.weeks != 0


def test_the_smallest_effect_is_one_that_is_then_found() -> None:
    smallest = sorted(one.smallest for one in many(1) if one.smallest)[RUNS // 2]
    assert 0.6 <= alarms(many(1 - smallest)) <= 0.95


def test_wilder_history_raises_the_bar() -> None:
    rng = random.Random(3)
    wild = volumes(rng, 400, 0, 1, memory=0.97, shock=1.2)
    found = compare(wild, 340)
    assert found.placebos >= 40
    assert found.false_alarms is not None
    assert found.false_alarms <= 0.05


@pytest.mark.parametrize(("days", "date"), [(0, 0), (10, 5), (60, 0), (60, 60), (60, 55), (60, 90)])
def test_too_few_days_cannot_tell(days: int, date: int) -> None:
    found = compare([5] * days, date)
    assert found.change == "cannot-tell"
    assert found.ratio is None


def test_five_days_after_it_asks_for_two_weeks_more() -> None:
    assert compare([5] * 65, 60).weeks == 2


@given(st.lists(st.integers(0, 10**9), max_size=120), st.integers(0, 120))
def test_any_counts_have_an_answer(counts: list[int], date: int) -> None:
    found = compare(counts, date)
    if found.ratio is not None and found.low is not None and found.high is not None:
        assert found.low <= found.ratio <= found.high
