"""Whether it helped and what got through, as one self-contained page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..judgement.finding import Finding
from ..judgement.identity import identify
from ..judgement.impact.answer import Effect, Impact
from ..judgement.impact.provenance import Source
from ..judgement.impact.replay import Replay
from ..judgement.mask import masking
from . import impact_pictures, impact_table, paper
from .card import span
from .impact_table import sentence
from .lists import LIMIT
from .page import FIRST_ROWS, Tile

WHOSE = {
    "mine": "yours",
    "misconfigured": "yours, but fails",
    "forwarder": "forwarder",
    "list": "mailing list",
    "forger": "forger",
    "undecided": "cannot tell",
}
CLASSES = {"mine": "ours", "misconfigured": "medium", "forger": "forged"}


class Told(NamedTuple):
    """A change with what followed it."""

    title: str
    sentences: list[str]


class Line(NamedTuple):
    """A source of mail in my name; ``reasons`` say why it is called so."""

    address: str
    whose: str
    kind: str
    messages: str
    failing: str
    forged: str
    reasons: list[str]


def page(found: Impact, again: Replay | None) -> str:
    """The whole page; ``again`` is the past judged under another policy, if one was asked about."""
    shown = paper.shown(masking(identify((found.domain,), (), ())))

    def words(findings: Iterable[Finding]) -> list[str]:
        return [shown(sentence(one), paper.TEXT) for one in findings]

    return paper.render(
        "impact.html",
        shown,
        domain=found.domain,
        kind=_kind(found),
        headline=sentence(impact_table.headline(found)).rstrip("."),
        when=span(found.days[0].day, found.days[-1].day) if found.days else "",
        because=words(_because(found)),
        tiles=list(_tiles(found)),
        weeks=impact_pictures.weeks(found),
        legend=impact_pictures.legend(found),
        league=impact_pictures.league(found.receivers, shown),
        more_receivers=max(len(found.receivers) - LIMIT, 0),
        through=impact_pictures.through(found.escaped),
        escaped=words(impact_table.through(found.escaped)),
        changes=[_told(words(impact_table.told(one))) for one in found.effects],
        replay=words(impact_table.replayed(again)) if again else [],
        refused=words(impact_table.refused_sources(again)) if again else [],
        sources=[_line(one, words(one.reasons)) for one in found.sources[:LIMIT]],
        more_sources=max(len(found.sources) - LIMIT, 0),
        silent=words(map(impact_table.pause, found.silent)),
        first_rows=FIRST_ROWS,
    )


def _kind(found: Impact) -> str:
    """The colour of the answer: most is refused, some, or little."""
    now = impact_table.refused(found)
    if not now:
        return "open"
    return "ours" if now.value >= 0.9 else "warned" if now.value >= 0.5 else "forged"


def _because(found: Impact) -> Iterator[Finding]:
    """What the answer rests on: what got through, what the last change did, what was left out."""
    yield from impact_table.through(found.escaped)
    if found.effects:
        last: Effect = found.effects[-1]
        yield from list(impact_table.told(last))[:3]
    if found.untrusted:
        yield Finding("impact-untrusted", {"count": found.untrusted})


def _tiles(found: Impact) -> Iterator[Tile]:
    if not found.days:
        return
    yield Tile(sum(one.forged for one in found.days), "forged mails, as receivers report", "#weeks")
    yield Tile(sum(one.refused for one in found.days), "of them refused or set aside", "#weeks")
    yield Tile(found.escaped.proved, "proven to have reached a mailbox", "#through")
    yield Tile(sum(one.verified for one in found.days), "mails of yours, verified", "#weeks")


def _told(sentences: list[str]) -> Told:
    return Told(sentences[0], sentences[1:])


def _line(one: Source, reasons: list[str]) -> Line:
    return Line(
        str(one.address),
        WHOSE[one.whose],
        CLASSES.get(one.whose, ""),
        f"{one.messages:,}",
        f"{one.failing:,}",
        f"{one.forged:.0%}" if one.failing and not one.label else "",
        reasons,
    )
