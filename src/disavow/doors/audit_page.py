"""The audit as one self-contained page: the grade, then what is open, the worst first, and the records that mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from ..judgement.audit import Audit, asked
from ..judgement.fault import Fault
from ..judgement.mask import plain, visible
from ..judgement.watch import Change
from ..standards import names
from ..words import LEVELS, say
from ..world.ask import Transcript
from . import paper
from .audit_table import GRADES, SURE
from .card import day, plural
from .evidence import evidence

LISTED = 5000  # domains of a portfolio in the table
IN_FULL = 300  # of these, the worst, with all their findings
Place: TypeAlias = tuple[int, str]  # how bad the worst finding is, then the name
CLASSES = {"A": "ours", "B": "ours", "C": "warned", "D": "forged", "F": "forged", "?": "open"}
_shown, _visible = paper.shown(plain), visible(plain)  # nobody is masked: all of this is published in the DNS


class Entry(NamedTuple):
    """A finding as the page shows it; ``records`` is what to publish, ``proof`` the questions and answers."""

    level: str
    sentence: str
    likely: str
    records: str
    proof: list[dict[str, str]]


class Section(NamedTuple):
    """A domain: what is ``open``, the worst first, and what else is worth knowing (``rest``)."""

    domain: str
    label: str
    grade: str
    open: list[Entry]
    rest: list[Entry]
    change: list[tuple[str, str]]


class Row(NamedTuple):
    """A domain in the table of a portfolio."""

    label: str
    grade: str
    worst: str
    open: str


class Gathering:
    """What the page will show, taken from one audit after the other: a row of each, the findings of the worst.

    So ten thousand domains need little room.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Place, Row]] = []
        self._sections: list[tuple[Place, Section]] = []
        self._grades: Counter[str] = Counter()
        self._moments: list[datetime] = []  # the first and the last

    def add(self, found: Audit, transcript: Transcript, change: Change | None) -> None:
        """Take one audit."""
        place = LEVELS.index(found.worst), found.domain
        self._grades[found.grade] += 1
        moments = [*self._moments, *(exchange.at for exchange in transcript)]
        self._moments = [min(moments), max(moments)] if moments else []
        self._rows.append((place, _row(found)))
        self._sections.append((place, _section(found, transcript, change)))
        if len(self._sections) >= 2 * IN_FULL:
            self._sections = sorted(self._sections, key=_first)[:IN_FULL]

    def page(self) -> str:
        """The whole page, the worst domain first."""
        rows = [row for _, row in sorted(self._rows, key=_first)]
        sections = [section for _, section in sorted(self._sections, key=_first)[:IN_FULL]]
        return paper.render(
            "audit.html",
            _shown,
            headline=_headline(self._grades),
            kind=CLASSES[rows[0].grade] if rows else "open",
            sections=sections,
            rows=rows[:LISTED] if len(rows) > 1 else [],
            grades=[(grade, self._grades[grade]) for grade in reversed(GRADES) if self._grades[grade]],
            meanings=GRADES,
            classes=CLASSES,
            total=len(rows),
            asked=_asked(self._moments),
        )


def _first(placed: tuple[Place, object]) -> Place:
    return placed[0]


def _headline(grades: Counter[str]) -> str:
    total, serious = grades.total(), grades["D"] + grades["F"]
    if total == 1:
        return f"Grade {next(iter(grades))}: {GRADES[next(iter(grades))]}"
    if not total:
        return "No domain was looked at"
    if not serious:
        return f"Nothing serious is open in {total} domains"
    return f"Something serious is open in {serious} of {total} domains"


def _asked(moments: Sequence[datetime]) -> str:
    """When the answers came, in words; "" where nothing was asked."""
    return " to ".join(dict.fromkeys(map(_moment, moments)))


def _moment(at: datetime) -> str:
    return f"{day(at)} {at:%H:%M} UTC"


def _section(found: Audit, transcript: Transcript, change: Change | None) -> Section:
    entries = [_entry(fault, transcript) for fault in found.faults]
    return Section(
        _visible(found.domain),
        _label(found.domain),
        found.grade,
        [one for one in entries if one.level in LEVELS[:4]],
        [one for one in entries if one.level not in LEVELS[:4]],
        _changes(change) if change else [],
    )


def _label(domain: str) -> str:
    """The name as its owner writes it."""
    return _visible(names.to_unicode(domain))


def _entry(fault: Fault, transcript: Transcript) -> Entry:
    return Entry(
        fault.level,
        _shown(say(fault.tag, fault.finding.args), paper.TEXT),
        f"{fault.confidence:.0%}" if fault.confidence <= SURE else "",
        "\n".join(map(_visible, fault.replacement.splitlines())),
        [{name: _shown(text, paper.TEXT) for name, text in one.items()} for one in evidence(asked(fault), transcript)],
    )


def _changes(change: Change) -> list[tuple[str, str]]:
    """(what happened, to what) since the last audit."""
    named = {"New": change.opened, "Closed": change.closed, "Not checked today": change.unchecked}
    return [(name, _shown(one.sentence, paper.TEXT)) for name, faults in named.items() for one in faults]


def _row(found: Audit) -> Row:
    worst = found.faults[0] if found.faults and found.worst in LEVELS[:4] else None
    return Row(
        _label(found.domain),
        found.grade,
        _shown(say(worst.tag, worst.finding.args)) if worst else "",
        plural(len(found.at_least("low")), "finding") if worst else "",
    )
