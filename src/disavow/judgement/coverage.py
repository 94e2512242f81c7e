"""How much of the owner's own mail would stand a strict policy, as stored reports tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from ..standards.questions import Address
from .impact.honour import TRUSTED, is_failing, is_usable
from .impact.policy import changes, record
from .impact.provenance import Source, decide, sources
from .sighting import Sighting

_NAMES = 20  # looked at below the domain


class Missed(NamedTuple):
    """Of ``messages`` of the owner's own from ``address``, ``missed`` lack what a gate asks for."""

    address: Address
    missed: int
    messages: int


@dataclass(frozen=True, slots=True)
class Tls:
    """Sessions to the owner's servers in trusted TLS reports, over so many ``days``."""

    days: int = 0
    sessions: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What trusted aggregate reports from ``first`` to ``last`` say; ``rows`` are decided (``provenance.decide``).

    ``own`` mails came from servers of the owner, ``signed`` of them with an aligned DKIM signature that verified and
    ``listed`` with SPF; ``unsigned`` and ``unlisted`` name the servers that fall short. ``passed_on`` mails of the
    owner failed because a list or forwarder changed them; ``undecided`` could be his or not. ``names`` are domains
    below his that his mail was from. ``policy`` was asked for since ``since``, as far as the reports reach.
    """

    rows: tuple[Sighting, ...]
    first: date
    last: date
    reporters: int = 0
    own: int = 0
    signed: int = 0
    listed: int = 0
    passed_on: int = 0
    undecided: int = 0
    unsigned: tuple[Missed, ...] = ()
    unlisted: tuple[Missed, ...] = ()
    names: tuple[str, ...] = ()
    policy: str = ""
    since: date | None = None
    tls: Tls = Tls()

    @property
    def days(self) -> int:
        """How long the reports reach, both ends counted."""
        return (self.last - self.first).days + 1


def measure(domain: str, sightings: Iterable[Sighting], labels: Mapping[str, str] | None = None) -> Coverage | None:
    """The coverage of ``domain``; None where no trusted aggregate report is among the sightings."""
    rows = tuple(sightings)
    found = sources(rows, labels)
    decided = decide(rows, found)
    usable = [one for one in decided if is_usable(one)]
    if not usable:
        return None
    whose = {source.address: source for source in found}
    own = [one for one in usable if one.ours == "ours" and not _is_passed_on(one, whose)]
    policy, since = _policy(decided)
    return Coverage(
        decided,
        min(one.begin for one in usable).date(),
        max(one.end for one in usable).date(),
        len({one.reporter for one in usable}),
        _sum(own),
        _sum(one for one in own if one.dkim == "pass"),
        _sum(one for one in own if one.spf == "pass"),
        _sum(one for one in usable if one.ours == "ours" and _is_passed_on(one, whose)),
        _sum(one for one in usable if one.ours == "cannot-tell"),
        _missing(own, "dkim"),
        _missing(own, "spf"),
        tuple(sorted({one.header_from for one in own} - {domain, ""}))[:_NAMES],
        policy,
        since,
        _tls(rows, domain),
    )


def _is_passed_on(one: Sighting, whose: Mapping[Address, Source]) -> bool:
    source = whose.get(one.source_ip) if one.source_ip else None
    return is_failing(one) and source is not None and source.whose in ("forwarder", "list")


def _sum(rows: Iterable[Sighting]) -> int:
    return sum(one.count for one in rows)


def _missing(own: Iterable[Sighting], mechanism: str) -> tuple[Missed, ...]:
    """The servers whose mail lacks a pass of ``mechanism``, those that miss most first."""
    messages: Counter[Address] = Counter()
    missed: Counter[Address] = Counter()
    for one in own:
        if one.source_ip:
            messages[one.source_ip] += one.count
            missed[one.source_ip] += one.count * (getattr(one, mechanism) != "pass")
    worst = sorted(missed, key=lambda address: (-missed[address], str(address)))
    return tuple(Missed(address, missed[address], messages[address]) for address in worst if missed[address])


def _policy(decided: tuple[Sighting, ...]) -> tuple[str, date | None]:
    """The policy that reports saw last, and the first day on which they saw it without a break."""
    seen = [one for one in decided if is_usable(one) and record(one.policy)]
    if not seen:
        return "", None
    steps = changes(seen)
    if steps:
        return steps[-1].after, steps[-1].day
    first = record(min(seen, key=lambda one: one.begin).policy)
    return (first.p or "none" if first else ""), min(one.begin for one in seen).date()


def _tls(rows: Iterable[Sighting], domain: str) -> Tls:
    seen = [one for one in rows if one.kind == "tls" and one.trust in TRUSTED and one.header_from == domain]
    if not seen:
        return Tls()
    days = (max(one.end for one in seen).date() - min(one.begin for one in seen).date()).days + 1
    # A session without a failure has no result type (RFC 8460 section 4.3).
    return Tls(days, _sum(seen), _sum(one for one in seen if one.override))


def age(found: Coverage, now: datetime) -> int:
    """How many days old the newest report is."""
    return max((now.date() - found.last).days, 0)
