"""Who honours the policy: the league of receivers.

A receiver is judged only by rows that failed DMARC while the domain asked for quarantine or reject, and by what it
says it did (RFC 9990 disposition and override reason). "Not refused" is not "in the inbox": a filter may have acted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from ..sighting import Sighting
from . import policy
from .share import Share, share

Outcome: TypeAlias = Literal["honoured", "downgraded", "excused", "ignored"]
OUTCOMES: tuple[Outcome, ...] = ("honoured", "downgraded", "excused", "ignored")
TRUSTED = ("A", "B", "owner")


@dataclass(frozen=True, slots=True)
class Receiver:
    """One reporter's treatment of ``messages`` that failed; a share is None where the policy asked for nothing."""

    name: str
    messages: int
    outcomes: dict[Outcome, int]
    honoured: Share | None
    ignored: Share | None
    last: datetime


def is_usable(sighting: Sighting) -> bool:
    """True if a row of an aggregate report that somebody vouches for (trust A, B or the owner's own file)."""
    return sighting.kind == "aggregate" and sighting.trust in TRUSTED and sighting.count > 0


def is_failing(sighting: Sighting) -> bool:
    """True if nothing aligned passed: the row on which a policy acts."""
    return sighting.dmarc == "fail"


def outcome(sighting: Sighting) -> Outcome | None:
    """What the receiver made of the policy that it saw; None where this asked for nothing, or nobody can tell."""
    asked = policy.effective(sighting.policy, sighting.header_from)
    if asked not in ("quarantine", "reject"):
        return None
    if sighting.disposition == "reject":
        return "honoured"
    if sighting.disposition == "quarantine":
        return "downgraded" if asked == "reject" else "honoured"
    # RFC 7489 section 6.6.4: with pct below 100 some mails are let through as the owner asked.
    if sighting.override or policy.is_sampled(sighting.policy):
        return "excused"
    return "ignored" if sighting.disposition == "none" else None


def league(sightings: Iterable[Sighting]) -> tuple[Receiver, ...]:
    """The receivers with most failing mail first; empty where no trusted report shows a failure."""
    days: dict[str, dict[date, dict[Outcome, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    last: dict[str, datetime] = {}
    for sighting in sightings:
        if not is_usable(sighting) or not is_failing(sighting):
            continue
        what = outcome(sighting)
        if what:
            days[sighting.reporter][sighting.begin.date()][what] += sighting.count
            last[sighting.reporter] = max(last.get(sighting.reporter, sighting.end), sighting.end)
    receivers = [_receiver(name, list(seen.values()), last[name]) for name, seen in days.items()]
    return tuple(sorted(receivers, key=lambda one: (-one.messages, one.name)))


def _receiver(name: str, days: Sequence[dict[Outcome, int]], last: datetime) -> Receiver:
    totals = {what: sum(day.get(what, 0) for day in days) for what in OUTCOMES}
    return Receiver(
        name,
        sum(totals.values()),
        totals,
        _share(days, "honoured"),
        _share(days, "ignored"),
        last,
    )


def _share(days: Sequence[dict[Outcome, int]], what: Outcome) -> Share | None:
    return share([(day.get(what, 0), sum(day.values())) for day in days])


def refused(sightings: Iterable[Sighting], since: datetime | None, until: datetime | None) -> Share | None:
    """The share of forged mail that was rejected or quarantined between two dates; None without any."""
    days: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for one in sightings:
        late, early = until is not None and one.begin >= until, since is not None and one.begin < since
        if late or early or not is_usable(one) or not is_failing(one) or one.ours != "forged":
            continue
        day = days[one.begin.date()]
        day[0] += one.count * (one.disposition in ("reject", "quarantine"))
        day[1] += one.count
    return share([(having, of) for having, of in days.values()])
