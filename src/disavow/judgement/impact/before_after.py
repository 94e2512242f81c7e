"""Did the volume of forgeries change at a date, as far as it can be told from how the volume wanders by itself.

Forgers work in campaigns: a day with many forgeries is followed by another. Comparing means before and after a
date as if days were independent finds a "change" on more than half of all dates on which nothing happened. Here
the days' logarithms are a level, a step at the date, and noise that remembers the day before (Prais and Winsten
1954); how often that alarms is measured on the user's own quiet dates (placebos) and told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist, fmean
from typing import Literal, TypeAlias

Change: TypeAlias = Literal["fell", "rose", "cannot-tell"]

MIN_DAYS = 14  # on either side: less shows no memory of the noise
MAX_DAYS = 730  # on either side of the date; older days tell about older campaigns
MAX_WEEKS = 104
LEVEL = 0.05
_CRITICAL = 2.15  # measured: the memory is estimated too, so 1.96 would alarm on one quiet date in twelve
_ENOUGH_PLACEBOS = 20  # fewer quiet dates say nothing about one in twenty
_POWER = NormalDist().inv_cdf(0.8)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``ratio`` is volume after / before, with its 95 % interval; ``smallest`` the smallest fall (0 to 1) that would
    have been seen four times in five; ``weeks`` how many more would show a change of this size, None if more than
    two years; ``false_alarms`` the share of ``placebos`` (dates on which nothing was changed) that alarmed.
    """

    change: Change
    days_before: int
    days_after: int
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    smallest: float | None = None
    weeks: int | None = None
    false_alarms: float | None = None
    placebos: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    """A step in the logarithm, its standard error, and the noise it was seen through."""

    size: float
    error: float
    memory: float
    noise: float

    @property
    def score(self) -> float:
        return abs(self.size) / self.error if self.error else 0.0


def compare(daily: Sequence[int], date: int) -> Comparison:
    """The change of the daily counts at index ``date`` (the first day after it).

    Days without a report are not days without forgeries: leave them out. With fewer than ``MIN_DAYS`` on a side the
    answer is "cannot-tell" and the figures are None.
    """
    before, after = list(daily[:date])[-MAX_DAYS:], list(daily[date:])[:MAX_DAYS]
    if min(len(before), len(after)) < MIN_DAYS or not (any(before) or any(after)):
        weeks = max(1, math.ceil((MIN_DAYS - len(after)) / 7)) if len(before) >= MIN_DAYS else None
        return Comparison("cannot-tell", len(before), len(after), weeks=weeks)
    step = _step(_logarithms(before), _logarithms(after))
    scores = _placebo_scores(before, after)
    critical = _critical(len(before), len(after), scores)
    margin = critical * step.error
    return Comparison(
        _verdict(step, critical),
        len(before),
        len(after),
        math.exp(step.size),
        math.exp(step.size - margin),
        math.exp(step.size + margin),
        1 - math.exp(-(critical + _POWER) * step.error),
        _weeks_more(step, critical, len(before), len(after)),
        sum(score > critical for score in scores) / len(scores) if scores else None,
        len(scores),
    )


def _verdict(step: _Step, critical: float) -> Change:
    if step.score <= critical:
        return "cannot-tell"
    return "fell" if step.size < 0 else "rose"


def _logarithms(counts: Sequence[int]) -> list[float]:
    return [math.log(max(count, 0) + 0.5) for count in counts]


def _step(before: Sequence[float], after: Sequence[float]) -> _Step:
    """The step by generalised least squares, its memory estimated from what is left about each side's own level."""
    memory = _memory(before, after)
    size, level = fmean(after) - fmean(before), fmean(before)
    for _ in range(3):
        level, size = _solve(memory, before, after)
        left = [value - level for value in before] + [value - level - size for value in after]
        memory = max(memory, _corrected(_correlation(left), len(left)))
    shocks = _whitened(memory, left)
    noise = math.sqrt(sum(shock * shock for shock in shocks) / max(len(shocks) - 3, 1))
    information = _information(memory, len(before), len(after))
    return _Step(size, noise / math.sqrt(information), memory, noise)


def _memory(before: Sequence[float], after: Sequence[float]) -> float:
    levels = fmean(before), fmean(after)
    left = [value - levels[0] for value in before] + [value - levels[1] for value in after]
    return _corrected(_correlation(left), len(left) // 2)


def _correlation(left: Sequence[float]) -> float:
    """With the next day; taken from the second next where measuring noise hides it in the first."""
    total = sum(value * value for value in left)
    if not total:
        return 0.0
    first, second = (sum(a * b for a, b in zip(left, left[lag:], strict=False)) / total for lag in (1, 2))
    return max(first, min(second / first, 0.97)) if first > 0.2 and second > 0 else first


def _corrected(correlation: float, days: int) -> float:
    """Without its bias towards 0 (Kendall 1954); noise that remembers everything could explain any step."""
    return min(max(correlation + (1 + 3 * correlation) / days, 0.0), 0.98)


def _whitened(memory: float, values: Sequence[float]) -> list[float]:
    first = math.sqrt(1 - memory * memory) * values[0]
    return [first, *(value - memory * last for last, value in pairwise(values))]


def _columns(memory: float, before: int, after: int) -> tuple[list[float], list[float]]:
    return _whitened(memory, [1.0] * (before + after)), _whitened(memory, [0.0] * before + [1.0] * after)


def _products(memory: float, before: int, after: int) -> tuple[float, float, float]:
    """Inner products of the whitened level and step: level·level, level·step, step·step."""
    keeps = 1 - memory
    start = 1 - memory * memory
    return start + (before + after - 1) * keeps**2, keeps + (after - 1) * keeps**2, 1 + (after - 1) * keeps**2


def _information(memory: float, before: int, after: int) -> float:
    level, both, step = _products(memory, before, after)
    return step - both * both / level


def _solve(memory: float, before: Sequence[float], after: Sequence[float]) -> tuple[float, float]:
    """(level, step) of least squares on the whitened days."""
    days = _whitened(memory, [*before, *after])
    ones, steps = _columns(memory, len(before), len(after))
    with_ones = sum(a * b for a, b in zip(ones, days, strict=True))
    with_steps = sum(a * b for a, b in zip(steps, days, strict=True))
    level, both, step = _products(memory, len(before), len(after))
    determinant = level * step - both * both
    return (
        (step * with_ones - both * with_steps) / determinant,
        (level * with_steps - both * with_ones) / determinant,
    )


def _critical(before: int, after: int, scores: Sequence[float]) -> float:
    """The score that noise of known kind exceeds one date in twenty; more where quiet dates are wilder."""
    known = _CRITICAL * (1 + 3 / min(before, after))
    if len(scores) < _ENOUGH_PLACEBOS:
        return known
    return max(known, sorted(scores)[math.ceil((1 - LEVEL) * len(scores)) - 1])


def _placebo_scores(*sides: Sequence[int]) -> list[float]:
    """What dates on which nothing was changed would have scored, a week apart, each within one side."""
    scores = []
    for side in map(_logarithms, sides):
        for date in range(MIN_DAYS, len(side) - MIN_DAYS + 1, 7):
            scores.append(_step(side[:date], side[date:]).score)
    return scores


def _weeks_more(step: _Step, critical: float, before: int, after: int) -> int | None:
    """The weeks after which a step of this size would be beyond doubt four times in five; 0 if it is already."""
    if step.score > critical:
        return 0
    for weeks in range(1, MAX_WEEKS + 1):
        error = step.noise / math.sqrt(_information(step.memory, before, after + 7 * weeks))
        if abs(step.size) > (critical + _POWER) * error:
            return weeks
    return None
