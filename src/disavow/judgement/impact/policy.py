"""The policy that was in force when a report was written, as its receiver saw it, and when it changed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ...errors import Malformed
from ...standards import dmarc
from ..sighting import Sighting

_LOWER = {"reject": "quarantine", "quarantine": "none", "none": "none"}
STEADY_DAYS = 3  # so long a new policy must be seen: a few receivers cache the old one


class Changed(NamedTuple):
    """On ``day`` the domain's policy became ``after``; it was ``before``."""

    day: date
    before: str
    after: str


@lru_cache(maxsize=4096)
def record(text: str) -> dmarc.Record | None:
    """The record that "p=reject; sp=none" stands for; None if it states no policy."""
    try:
        found = dmarc.parse(b"v=DMARC1; " + text.encode("utf-8", "replace"))
    except Malformed:
        return None
    return found if found.p else None


@lru_cache(maxsize=65536)
def effective(text: str, header_from: str) -> str:
    """What the policy asks for mail from ``header_from``: none, quarantine, reject, or "" where nothing is known."""
    published = record(text)
    return asked(published, header_from) if published else ""


def asked(published: dmarc.Record, header_from: str) -> str:
    """What a record at the organizational domain asks for a mail of it or of a domain below (RFC 9989 section 4.7)."""
    policy = published.p or "none"
    if published.sp and dmarc.organizational_domain_by_suffix(header_from) != header_from:
        policy = published.sp
    return _LOWER[policy] if published.t else policy


def is_sampled(text: str) -> bool:
    """True if the owner asked for only some of the failing mails to be treated (RFC 7489 ``pct``)."""
    published = record(text)
    return published is not None and published.pct < 100


def changes(sightings: Iterable[Sighting]) -> tuple[Changed, ...]:
    """The days on which most reported mail came under another policy, oldest first."""
    days: dict[date, Counter[str]] = defaultdict(Counter)
    for sighting in sightings:
        published = record(sighting.policy) if sighting.kind == "aggregate" else None
        if published:
            days[sighting.begin.date()][published.p or "none"] += 1
    usual = [(day, days[day].most_common(1)[0][0]) for day in sorted(days)]
    return tuple(_changes(usual))


def _changes(usual: list[tuple[date, str]]) -> Iterable[Changed]:
    if not usual:
        return
    now = usual[0][1]
    for number, (day, policy) in enumerate(usual):
        following = [after for _, after in usual[number : number + STEADY_DAYS]]
        if policy != now and len(following) == STEADY_DAYS and set(following) == {policy}:
            yield Changed(day, now, policy)
            now = policy
