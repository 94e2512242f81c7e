"""A portfolio on a terminal: one line for each domain, the worst first, and how many have which grade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from ..judgement.audit import Audit
from ..judgement.watch import Change
from ..standards import names
from ..words import LEVELS, say

if TYPE_CHECKING:
    from rich.console import Console

_SMALL = LEVELS.index("low")
_WIDE = 40  # a longer name pushes its line to the right


class Line(NamedTuple):
    """What is kept of an audit, so that ten thousand need little room; ``open`` counts what is low or worse."""

    level: str
    domain: str
    grade: str
    open: int
    worst: str
    change: Change | None = None


def line(audit: Audit, change: Change | None) -> Line:
    """The audit in short."""
    count = sum(LEVELS.index(fault.level) <= _SMALL for fault in audit.faults)
    worst = audit.faults[0] if audit.faults else None
    said = say(worst.tag, worst.finding.args) if worst and worst.level != "good" else ""
    return Line(audit.worst, audit.domain, audit.grade, count, said, change)


def show(lines: Iterable[Line]) -> None:
    """The lines, worst first; what changed since the last run; the grades."""
    from rich.console import Console
    from rich.text import Text

    from .audit_table import COLOURS, GRADES

    console = Console()
    ordered = sorted(lines, key=lambda one: (LEVELS.index(one.level), -one.open, one.domain))
    width = min(_WIDE, max((len(names.to_unicode(one.domain)) for one in ordered), default=0))
    console.print(f"[bold]grade  open  {'domain':<{width}}  worst[/]", highlight=False)
    for one in ordered:
        start = f"{one.grade:>5}  {one.open or '-':>4}  {names.to_unicode(one.domain):<{width}}  "
        text = Text.assemble(start, (one.level if one.worst else "", COLOURS[one.level]), " ", one.worst)
        if console.is_terminal:  # elsewhere nothing is cut off: grep may look for it
            text.truncate(console.width, overflow="ellipsis")
        console.print(text, soft_wrap=True)
    _changes(console, ordered)
    counted = Counter(one.grade for one in ordered)
    told = ", ".join(f"{counted[grade]:,} {grade} ({GRADES[grade]})" for grade in GRADES if counted[grade])
    console.print(f"\n{len(ordered):,} domains: {told}.", highlight=False)
    console.print("[dim]--details shows each finding, --html and --output keep them.[/]", highlight=False)


def _changes(console: Console, lines: list[Line]) -> None:
    from rich.markup import escape

    from .audit_table import show_change

    for one in lines:
        if one.change and (one.change.opened or one.change.closed or one.change.unchecked):
            console.print(f"\n[bold]{escape(names.to_unicode(one.domain))}[/] since the last run:", highlight=False)
            show_change(console, one.change)
