"""What would have happened to the mail of the past under another policy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from ...errors import Misconfigured
from ...standards import dmarc
from ...standards.questions import Address
from ..sighting import Sighting
from . import policy
from .honour import is_usable
from .share import share


@dataclass(frozen=True, slots=True)
class Replay:
    """Per week, of ``legitimate`` mails about ``refused`` (95 % interval ``low`` to ``high``) would be rejected or set
    aside, and ``forged_refused`` of ``forged``. ``undecided_refused`` could be either; ``high`` counts them.

    ``sources`` are the addresses whose legitimate mail would be refused, worst first, in messages over all ``days``.
    """

    candidate: str
    days: int
    legitimate: float
    refused: float
    low: float
    high: float
    forged: float
    forged_refused: float
    undecided_refused: float
    sources: tuple[tuple[Address | None, int], ...]


def candidate(text: str) -> dmarc.Record:
    """The record that "p=reject; adkim=s" means; raises Misconfigured where it states no policy."""
    found = policy.record(text)
    if found is None or found.problems:
        raise Misconfigured("--if", f"{text!r} is no policy", 'for example "p=reject; adkim=s"')
    return found


def replay(sightings: Iterable[Sighting], text: str) -> Replay:
    """The trusted rows of ``sightings`` (as ``provenance.decide`` left them) judged again under the record ``text``."""
    record = candidate(text)
    counts: Mapping[str, dict[date, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    sources: dict[Address | None, int] = defaultdict(int)
    for sighting in filter(is_usable, sightings):
        refused = sighting.count * is_refused(sighting, record)
        day = counts[sighting.ours][sighting.begin.date()]
        day[0] += refused
        day[1] += sighting.count
        if refused and sighting.ours == "ours":
            sources[sighting.source_ip] += refused
    worst = sorted(sources.items(), key=lambda one: (-one[1], str(one[0])))
    return _sum(text, counts, tuple(worst))


def _sum(
    text: str, counts: Mapping[str, Mapping[date, list[int]]], worst: tuple[tuple[Address | None, int], ...]
) -> Replay:
    days = {day for by_day in counts.values() for day in by_day}
    weeks = max((max(days) - min(days)).days + 1, 7) / 7 if days else 1.0
    legitimate = share([(day[0], day[1]) for day in counts.get("ours", {}).values()])
    refused, total = {}, {}
    for whose in ("ours", "forged", "cannot-tell"):
        refused[whose] = sum(day[0] for day in counts.get(whose, {}).values()) / weeks
        total[whose] = sum(day[1] for day in counts.get(whose, {}).values()) / weeks
    low, high = (legitimate.low, legitimate.high) if legitimate else (0.0, 0.0)
    return Replay(
        text,
        len(days),
        total["ours"],
        refused["ours"],
        low * total["ours"],
        high * total["ours"] + refused["cannot-tell"],
        total["forged"],
        refused["forged"],
        refused["cannot-tell"],
        worst,
    )


def is_refused(sighting: Sighting, record: dmarc.Record) -> bool:
    """True if ``record`` asks to reject or set aside this mail; a receiver's own exceptions are not counted on."""
    if policy.asked(record, sighting.header_from) == "none":
        return False
    author = sighting.header_from
    if not sighting.spf_domains and not sighting.dkim_domains:
        return sighting.dmarc == "fail"  # the report does not say which domains it checked
    by_spf = _passes(sighting.spf, sighting.spf_domains, author, record.aspf == "s")
    return not by_spf and not _passes(sighting.dkim, sighting.dkim_domains, author, record.adkim == "s")


def _passes(evaluated: str, checked: str, author: str, strict: bool) -> bool:
    """True if one of the domains ``checked`` passes and is aligned; what was ``evaluated`` counts if it names none."""
    results = (one.rpartition(":") for one in checked.split())
    passing = [domain.lower() for domain, _, result in results if result == "pass"]
    if not passing:
        return evaluated == "pass"
    return any(_is_aligned(domain, author, strict) for domain in passing)


def _is_aligned(domain: str, author: str, strict: bool) -> bool:
    """RFC 9989 section 4.4."""
    if domain == author or strict:
        return domain == author
    organizational = dmarc.organizational_domain_by_suffix
    return organizational(domain) == organizational(author)
