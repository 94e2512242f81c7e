"""The days of a domain: how much was forged, and how much of it refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ..sighting import Sighting
from .honour import is_failing, is_usable


class Day(NamedTuple):
    """``forged`` messages that trusted reports tell of, ``refused`` of them; ``verified`` mail of the owner."""

    day: date
    forged: int
    refused: int
    verified: int


def timeline(sightings: Iterable[Sighting]) -> tuple[Day, ...]:
    """Every day of which a trusted report tells, oldest first; days without a report are left out."""
    days: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0])
    for sighting in filter(is_usable, sightings):
        day = days[sighting.begin.date()]
        if not is_failing(sighting):
            day[2] += sighting.count
        elif sighting.ours == "forged":
            day[0] += sighting.count
            day[1] += sighting.count * (sighting.disposition in ("reject", "quarantine"))
    return tuple(Day(day, *days[day]) for day in sorted(days))
