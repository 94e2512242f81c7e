"""A plan in words for a terminal: the verdict, the next step whole, the others in outline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from ..judgement.comparison import Compared
from ..judgement.finding import Finding
from ..judgement.gate import Gate
from ..judgement.path import Change, Step
from ..judgement.publish import Plan
from ..standards import names
from ..words import say
from . import record_formats
from .impact_table import refused_sources, replayed
from .plan_contract import dig

_TITLES = {
    "lock": "Lock the domain: it never sends",
    "close": "Close what is open, whatever the policy",
    "quarantine": "Ask receivers to set forgeries aside (p=quarantine)",
    "reject": "Ask receivers to refuse forgeries (p=reject)",
    "strictest": "Let SPF refuse too (-all), and align strictly where nothing needs more",
    "encryption": "Make senders insist on TLS (MTA-STS enforce)",
}
_MARKS = {"holds": "[green]holds[/]  ", "short": "[red]not yet[/]", "unknown": "[yellow]unknown[/]"}
_STATES = {"published": "green", "differs": "red", "missing": "red", "unknown": "yellow"}


def show(console: Console, plan: Plan, step: Step | None) -> None:
    """The whole plan; ``step`` with all its records, the others with their gates only."""
    console.print(f"\n[bold]{escape(names.to_unicode(plan.domain))}[/]", highlight=False)
    _lines(console, (verdict(plan),))
    for one in plan.steps:
        _step(console, one, plan.domain, one is step)
    if plan.left:
        console.print("\n[bold]What no record mends, or only you can decide[/] (disavow audit tells more)")
        for fault in plan.left:
            _lines(console, (fault.finding,))
            for line in fault.replacement.splitlines():
                _record(console, "proposal", line)
    console.print("\n[bold]Good to know[/]")
    _lines(console, plan.asides)


def verdict(plan: Plan) -> Finding:
    """What to do now, in a sentence."""
    step, blank = plan.next, {"domain": plan.domain}
    if step is None:
        return Finding("publish-done", blank)
    args = {**blank, "number": step.number, "step": _TITLES[step.name], "records": len(step.changes)}
    return Finding("publish-next" if step.ready else "publish-wait", args)


def _step(console: Console, step: Step, domain: str, whole: bool) -> None:
    done = "[green]done[/]" if step.done else ""
    console.print(f"\n[bold]Step {step.number}. {_TITLES[step.name]}[/] {done}", highlight=False)
    if step.done:
        return
    for gate in step.gates:
        _gate(console, gate)
    if step.cost:
        _lines(console, (*replayed(step.cost), *refused_sources(step.cost)))
    for one in step.changes:
        _change(console, one, whole)
    for url, text in step.files:
        _print(console, f"[bold]file[/]     {escape(url)}")
        for line in text.splitlines() if whole else ():
            _print(console, escape(line), 13)
    if whole:
        _lines(console, _plan_for_ttl(step, domain))


def _gate(console: Console, gate: Gate) -> None:
    _print(console, f"{_MARKS[gate.state]}  {escape(say(gate.finding.tag, gate.finding.args))}")
    for one in gate.more:
        _print(console, escape(say(one.tag, one.args)), 13)


def _change(console: Console, one: Change, whole: bool) -> None:
    if not whole:
        _record(console, "publish", f"{one.then.type} {one.then.name}  {', '.join(one.then.values) or 'nothing'}")
        return
    _print(console, f"[bold]{escape(f'{one.then.type} {one.then.name}')}[/]")
    _record(console, "now", ", ".join(one.now.values) or "nothing")
    for line in record_formats.lines(one.then):
        _record(console, "publish", line)
    if not one.then.values:
        _record(console, "remove", ", ".join(one.now.values))
    if one.then.kept:
        _print(console, f"[dim]{len(one.then.kept)} of these stand there already and stay as they are[/]", 13)
    _record(console, "check", dig(one.then))
    back = list(record_formats.lines(one.now)) or [f"take {one.then.type} {one.then.name} out again"]
    for line in back:
        _record(console, "go back", line)


def _plan_for_ttl(step: Step, domain: str) -> Iterator[Finding]:
    replaced = [one for one in step.changes if one.replaces]
    seconds = max((one.ttl for one in replaced), default=0)
    if seconds > record_formats.TTL_CHANGED:
        yield Finding("publish-ttl-before", {"ttl": seconds, "short": record_formats.TTL_CHANGED})
    if replaced:
        longest = {"short": record_formats.TTL_CHANGED, "usual": record_formats.TTL_NEW}
        yield Finding("publish-ttl-after", longest)
    if step.files:
        yield Finding("publish-file-first")
        yield Finding("publish-file-back")
    yield Finding("publish-check", {"domain": domain, "number": step.number})


def compared(console: Console, domain: str, found: tuple[Compared, ...]) -> None:
    """One line for each place."""
    if not found:
        _lines(console, (Finding("publish-nothing-due", {"domain": domain}),))
    for one in found:
        more = _printable(", ".join(one.differing) or one.why)
        colour = _STATES[one.state]
        console.print(f"[{colour}]{one.state:<9}[/] {escape(one.where)}{'  ' + escape(more) if more else ''}")


def _lines(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        _print(console, escape(say(finding.tag, finding.args)))


def _print(console: Console, text: str, spaces: int = 2) -> None:
    console.print(Padding(text, (0, 0, 0, spaces)), highlight=False)


def _record(console: Console, label: str, text: str) -> None:
    """A line to be copied: never broken, and nothing in it that a terminal obeys."""
    console.print(f"    [bold]{label:<8}[/] {escape(_printable(text))}", highlight=False, soft_wrap=True)


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else f"\\{ord(one):03d}" for one in text)
