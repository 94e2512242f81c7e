"""What is new this week, against the time before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...standards.questions import Address
from ..sighting import Sighting
from .honour import is_usable
from .policy import Changed, changes
from .provenance import decide, sources
from .silence import Silent, silent
from .timeline import Day, timeline

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """Sums of the last seven days and of the seven before; ``new`` are addresses with mail of mine that fails, not
    seen before this week, most mail first.
    """

    domain: str
    until: datetime
    this: Day
    last: Day
    new: tuple[tuple[Address, int], ...]
    changed: tuple[Changed, ...]
    silent: tuple[Silent, ...]


def week(domain: str, sightings: Iterable[Sighting], now: datetime, labels: Mapping[str, str] | None = None) -> Week:
    """The week up to ``now`` from the sightings of a longer time."""
    rows = tuple(sightings)
    found = sources(rows, labels)
    decided, start = decide(rows, found), now - WEEK
    days = timeline(decided)
    known = {one.source_ip for one in rows if is_usable(one) and one.begin < start}
    new = tuple((one.address, one.messages) for one in found if one.address not in known and one.whose != "forger")
    return Week(
        domain,
        now,
        _sum(days, start, now),
        _sum(days, start - WEEK, start),
        new,
        tuple(one for one in changes(decided) if one.day >= start.date()),
        silent(rows, now),
    )


def _sum(days: Iterable[Day], since: datetime, until: datetime) -> Day:
    within = [one for one in days if since.date() <= one.day < until.date()]
    forged, refused, verified = (sum(column) for column in list(zip(*within, strict=True))[1:]) if within else (0, 0, 0)
    return Day(since.date(), forged, refused, verified)
