"""The audit as one self-contained page: the grade, then what is open, the worst first, and the records that mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from ..judgement.audit import Audit, asked
from ..judgement.fault import Fault
from ..judgement.mask import plain
from ..judgement.watch import Change
from ..standards import names
from ..words import LEVELS, say
from ..world.ask import Transcript
from . import paper
from .audit_table import GRADES, SURE
from .card import day, plural
from .evidence import evidence
from .verification import visible

LISTED = 5000  # domains of a portfolio in the table
IN_FULL = 300  # of these, the worst, with all their findings
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
    """A domain in the table of a portfolio; ``number`` leads to its section, 0 if it has none."""

    number: int
    label: str
    grade: str
    worst: str
    open: str


def page(audits: Sequence[tuple[Audit, Transcript, Change | None]]) -> str:
    """The whole page; ``audits`` come the worst first."""
    sections = [_section(*one) for one in audits[:IN_FULL]]
    grades = Counter(found.grade for found, _, _ in audits)
    return paper.render(
        "audit.html",
        _shown,
        headline=_headline(grades),
        kind=CLASSES[audits[0][0].grade] if audits else "open",
        sections=sections,
        rows=[_row(number, found) for number, (found, _, _) in enumerate(audits[:LISTED], 1)]
        if len(audits) > 1
        else [],
        grades=[(grade, grades[grade]) for grade in reversed(GRADES) if grades[grade]],
        meanings=GRADES,
        classes=CLASSES,
        total=len(audits),
        asked=_asked([transcript for _, transcript, _ in audits]),
    )


def _headline(grades: Counter[str]) -> str:
    total, serious = grades.total(), grades["D"] + grades["F"]
    if total == 1:
        return f"Grade {next(iter(grades))}: {GRADES[next(iter(grades))]}"
    if not total:
        return "No domain was looked at"
    if not serious:
        return f"Nothing serious is open in {total} domains"
    return f"Something serious is open in {serious} of {total} domains"


def _asked(transcripts: Sequence[Transcript]) -> str:
    """When the answers came, in words; "" where nothing was asked."""
    moments = [exchange.at for transcript in transcripts for exchange in transcript]
    if not moments:
        return ""
    first, last = _moment(min(moments)), _moment(max(moments))
    return last if first == last else f"{first} to {last}"


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


def _row(number: int, found: Audit) -> Row:
    worst = found.faults[0] if found.faults and found.worst in LEVELS[:4] else None
    return Row(
        number if number <= IN_FULL else 0,
        _label(found.domain),
        found.grade,
        _shown(say(worst.tag, worst.finding.args)) if worst else "",
        plural(len(found.at_least("low")), "finding") if worst else "",
    )
