"""An audit on a terminal: the grade, then what is open, worst first."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from ..judgement.audit import Audit, asked
from ..judgement.fault import Fault
from ..judgement.watch import Change
from ..standards import names
from ..words import say
from ..world.ask import Transcript
from .evidence import evidence

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan", "info": "dim", "good": "green"}
GRADES = {
    "A": "nothing is open",
    "B": "only small things are open",
    "C": "something of medium weight is open",
    "D": "something serious is open",
    "F": "anybody can pass as you or take your mail",
    "?": "the main settings could not be looked up",
}
EXPLAINED = f"Grades by the worst finding: {', '.join(f'{grade} {meaning}' for grade, meaning in GRADES.items())}."
SURE = 0.9  # less is said to be likely only


def show(console: Console, audit: Audit, transcript: Transcript, details: bool) -> None:
    """One domain; with ``details`` the questions and answers too."""
    console.print(
        f"\n[bold]{escape(names.to_unicode(audit.domain))}[/]   grade [bold]{audit.grade}[/]", highlight=False
    )
    if not audit.faults:
        console.print("  Nothing is open.", highlight=False)
    for fault in audit.faults:
        _fault(console, fault)
        if details:
            for seen in evidence(asked(fault), transcript):
                _indented(console, f"[dim]{escape(seen['query'])} → {escape(seen['answer'])}[/]", 6)


def _fault(console: Console, fault: Fault) -> None:
    sure = "" if fault.confidence > SURE else f" [dim](likely: {fault.confidence:.0%})[/]"
    sentence = escape(say(fault.tag, fault.finding.args))
    _indented(console, f"[{COLOURS[fault.level]}]{fault.level}[/] {sentence}{sure}", 2)
    for number, published in enumerate(fault.replacement.splitlines()):
        # Never wrapped: a record is copied from here.
        start = "publish " if not number else "        "
        console.print(f"      [bold]{start}[/]{escape(published)}", highlight=False, soft_wrap=True)


def _indented(console: Console, text: str, spaces: int) -> None:
    console.print(Padding(text, (0, 0, 0, spaces)), highlight=False)


def show_change(console: Console, change: Change) -> None:
    """What is different since the last audit."""
    for name, faults in (("new", change.opened), ("closed", change.closed), ("not checked", change.unchecked)):
        for one in faults:
            _indented(console, f"[bold]{name}[/] {escape(one.sentence)}", 2)
