"""All that the sightings of a domain say about its policy: who honours it, what escaped, whether it helped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from ..sighting import Sighting
from .before_after import Comparison, compare
from .escaped import Escaped, escaped
from .honour import Receiver, league, refused
from .policy import changes
from .provenance import Source, decide, sources
from .share import Share, difference
from .silence import Silent, silent
from .timeline import Day, timeline


@dataclass(frozen=True, slots=True)
class Effect:
    """What followed a change on ``day`` (``before`` → ``after`` policies, "" where the owner only named the date).

    Enforcement: ``refused_before``, ``refused_after`` shares of forged mail and their ``difference`` (size, low,
    high). Deterrence: ``volume``.
    """

    day: date
    before: str
    after: str
    refused_before: Share | None
    refused_after: Share | None
    difference: tuple[float, float, float] | None
    volume: Comparison


@dataclass(frozen=True, slots=True)
class Impact:
    """``untrusted`` counts rows of reports that nobody vouches for: they are left out of everything else."""

    domain: str
    rows: int
    untrusted: int
    days: tuple[Day, ...]
    receivers: tuple[Receiver, ...]
    escaped: Escaped
    effects: tuple[Effect, ...]
    silent: tuple[Silent, ...]
    sources: tuple[Source, ...]


def impact(
    domain: str,
    sightings: Iterable[Sighting],
    now: datetime,
    labels: Mapping[str, str] | None = None,
    sent: int | None = None,
    dates: Iterable[date] = (),
) -> Impact:
    """The answer for ``domain`` from its sightings; ``dates`` are changes that reports do not show (a new filter)."""
    rows = tuple(sightings)
    found = sources(rows, labels, sent)
    decided = decide(rows, found)
    days = timeline(decided)
    steps = [(one.day, one.before, one.after) for one in changes(decided)] + [(day, "", "") for day in dates]
    return Impact(
        domain,
        len(rows),
        sum(one.kind == "aggregate" and one.trust not in ("A", "B", "owner") for one in rows),
        days,
        league(decided),
        escaped(decided),
        tuple(_effect(decided, days, *step) for step in sorted(steps)),
        silent(decided, now),
        found,
    )


def _effect(decided: tuple[Sighting, ...], days: tuple[Day, ...], day: date, before: str, after: str) -> Effect:
    moment = datetime.combine(day, time(), UTC)
    earlier, later = refused(decided, None, moment), refused(decided, moment, None)
    index = sum(one.day < day for one in days)
    return Effect(
        day,
        before,
        after,
        earlier,
        later,
        difference(earlier, later) if earlier and later else None,
        compare([one.forged for one in days], index),
    )
