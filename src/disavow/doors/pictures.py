"""The report's pictures: each drawn for wide and narrow pages, each with the same facts as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import accumulate, chain, cycle
from typing import Any, NamedTuple

from ..judgement.campaign import Campaign
from ..judgement.case import Case
from ..judgement.investigation import Investigation
from ..words import say
from . import charts
from .card import span
from .lists import LISTED, listed_days

WIDE, NARROW = 900, 360
SHOWN = 8
MONTHS_FROM = 200  # days: beyond that a bar a day is a hair
MOST = 0.95
COLOURS = {
    "group-refused-by-policy": "s3",
    "group-no-such-user": "s1",
    "group-other-refusal": "s6",
    "group-autoreply": "s2",
    "group-challenge": "s4",
    "group-human": "s5",
}


class Key(NamedTuple):
    """A line of a legend: ``colour`` is a class of the style sheet, ``href`` where its number leads."""

    name: str
    colour: str
    text: str
    mails: int
    href: str


class Cell(NamedTuple):
    """A number or name in a table, with the anchor of the list behind it, or ""."""

    text: str | int
    href: str = ""


class Picture(NamedTuple):
    """``wide`` and ``narrow`` are SVG elements, ``head`` and ``rows`` the twin, ``note`` what a reader must know;
    ``anchors`` are the ids of the rows that marks lead to."""

    title: str
    wide: str
    narrow: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    anchors: tuple[str, ...] = ()


def legend(found: Investigation) -> list[Key]:
    """The groups of the timeline with their colours and counts, the most frequent first."""
    counts: Counter[str] = Counter()
    for groups in found.days.values():
        counts.update(groups)
    spare = chain(("s7", "s8"), cycle(("s5", "s4", "s6", "s2", "s1")))
    return [
        Key(name, COLOURS.get(name) or next(spare), say(name, {}), count, f"#list-{name}")
        for name, count in counts.most_common()
    ]


def drawn(draw: Callable[[int], Mapping[str, Any]]) -> tuple[str, str]:
    return charts.draw(draw(WIDE)), charts.draw(draw(NARROW))


def timeline(found: Investigation) -> Picture | None:
    """Answers per day by group; years of silence around the flood are left to the table."""
    if not found.days:
        return None
    keys = legend(found)
    totals = {each: sum(groups.values()) for each, groups in found.days.items()}
    first, last = busiest(totals)
    unit: charts.Unit = "day" if _length(first, last) <= MONTHS_FROM else "month"
    bars: Counter[tuple[str, str]] = Counter()
    for each, groups in found.days.items():
        if first <= each <= last:
            bars.update({(each if unit == "day" else f"{each[:7]}-01", name): n for name, n in groups.items()})
    text = {key.name: key.text for key in keys}
    listed = listed_days(found)
    rows = [
        {
            "day": each,
            "group": text[name],
            "count": count,
            "href": _behind(each, name, unit == "day" and each in listed),
        }
        for (each, name), count in bars.items()
    ]
    order = [(key.text, f"var(--{key.colour})") for key in keys]
    wide, narrow = drawn(lambda width: charts.timeline(rows, order, unit, width))
    table = tuple(
        (
            Cell(each),
            *(Cell(groups[key.name], _behind(each, key.name)) if key.name in groups else Cell("") for key in keys),
        )
        for each, groups in listed.items()
    )
    head = ("Day", *(key.text for key in keys))
    outside = sum(totals.values()) - sum(count for each, count in totals.items() if first <= each <= last)
    return Picture(f"Answers by {unit}", wide, narrow, head, table, _outside(outside, first, last))


def _behind(each: str, name: str, day_is_listed: bool = True) -> str:
    return f"#list-{each}-{name}" if day_is_listed else f"#list-{name}"


def _outside(count: int, first: str, last: str) -> str:
    if not count:
        return ""
    when = span(date.fromisoformat(first), date.fromisoformat(last))
    return f"The picture shows {when}, when nearly all came; {count} earlier or later ones are in the table."


def _length(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days + 1


def busiest(totals: Mapping[str, int]) -> tuple[str, str]:
    """First and last day to draw: the shortest stretch with MOST of the mails where that is far shorter than all."""
    days = sorted(totals)
    upto = [0, *accumulate(totals[each] for each in days)]
    best, start = (days[0], days[-1]), 0
    for end, each in enumerate(days, 1):
        while upto[end] - upto[start + 1] >= MOST * upto[-1]:
            start += 1
        if upto[end] - upto[start] >= MOST * upto[-1] and _length(days[start], each) < _length(*best):
            best = days[start], each
    return best if _length(*best) * 3 <= _length(days[0], days[-1]) else (days[0], days[-1])


def ranking(title: str, of: str, ranked: Sequence[tuple[str, int, str]], colour: str) -> Picture | None:
    """Bars for the first few of ``ranked`` (name, count, anchor); None where there is nothing to compare."""
    if len(ranked) < 2:
        return None
    # The number keeps names apart that look alike once they are shortened.
    rows = [
        {"name": f"{number}. {name[:80]}", "count": count, "href": href}
        for number, (name, count, href) in enumerate(ranked[:SHOWN], 1)
    ]
    wide, narrow = drawn(lambda width: charts.bars(rows, f"var(--{colour})", width))
    table = tuple((Cell(name), Cell(count, href)) for name, count, href in ranked)
    rest = len(ranked) - SHOWN
    return Picture(title, wide, narrow, (of, "Mails"), table, f"{rest} more in the table." if rest > 0 else "")


def lanes(found: Investigation, cases: Sequence[Case]) -> Picture | None:
    """The campaigns side by side in time."""
    dots = [dot for campaign in found.campaigns[:SHOWN] for dot in _dots(campaign, cases)]
    if not dots:
        return None
    threads = [_thread(campaign) for campaign in found.campaigns[:SHOWN]]
    wide, narrow = drawn(lambda width: charts.lanes(dots, threads, width))
    table = tuple(
        (Cell(f"Campaign {dot['lane']}", dot["href"]), Cell(dot["day"]), Cell(dot["count"])) for dot in dots[:LISTED]
    )
    most = max(dot["count"] for dot in dots)
    note = f"A dot is a day; the larger, the more answers came (most on one day: {most})."
    if len(found.campaigns) > SHOWN:
        note += " The smaller campaigns are below."
    return Picture("Campaigns in time", wide, narrow, ("Campaign", "Day", "Mails"), table, note)


def _thread(campaign: Campaign) -> dict[str, Any]:
    when = span(campaign.first, campaign.last)
    return {
        "lane": campaign.id,
        "title": f"Campaign {campaign.id} · {campaign.count} answers · {when}",
        "first": campaign.first.date().isoformat(),
        "last": campaign.last.date().isoformat(),
        "href": f"#campaign-{campaign.id}",
    }


def _dots(campaign: Campaign, cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    per_day = Counter(cases[number - 1].when.date().isoformat() for number in campaign.members)
    for each, count in sorted(per_day.items()):
        yield {"lane": campaign.id, "day": each, "count": count, "href": f"#campaign-{campaign.id}"}
