"""Who stopped reporting: no report is not "no forgery"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from ..sighting import Sighting
from .honour import is_usable

MIN_REPORTS = 5
UNLIKELY = 0.01


class Silent(NamedTuple):
    """``reporter`` wrote on ``days`` days, last on ``last``; ``chance`` that so long a pause is usual for it."""

    reporter: str
    last: date
    days: int
    quiet_days: int
    chance: float


def silent(sightings: Iterable[Sighting], now: datetime) -> tuple[Silent, ...]:
    """Reporters whose pause up to ``now`` is unlikely after their habit; those with most report days first."""
    days: dict[str, set[date]] = defaultdict(set)
    for sighting in sightings:
        if is_usable(sighting):
            days[sighting.reporter].add(sighting.begin.date())
    found = [_pause(reporter, seen, now.date()) for reporter, seen in days.items() if len(seen) >= MIN_REPORTS]
    return tuple(sorted((one for one in found if one.chance < UNLIKELY), key=lambda one: (-one.days, one.reporter)))


def _pause(reporter: str, seen: set[date], today: date) -> Silent:
    first, last = min(seen), max(seen)
    # Reports of a day come the day after, or a day later still.
    quiet = max((today - last).days - 2, 0)
    habit = (len(seen) - 1) / max((last - first).days, 1)
    longest = _longest(seen)
    chance = (1 - min(habit, 0.98)) ** quiet if quiet > longest else 1.0
    return Silent(reporter, last, len(seen), quiet, chance)


def _longest(seen: set[date]) -> int:
    ordered = sorted(seen)
    return max((b - a).days - 1 for a, b in pairwise(ordered))
