"""Write the strictest records a domain can reasonably have, and the safe steps there; never changes the DNS."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ...errors import DisavowError, Malformed, Misconfigured, Unreachable
from ...standards import names
from .. import options

if TYPE_CHECKING:
    from ...judgement.coverage import Coverage
    from ...judgement.path import Step
    from ...judgement.publish import Plan
    from ...judgement.record_set import Planned
    from ...standards.questions import Dialogue

T = TypeVar("T")
_PLAN_NOW = "-"  # --check without a file


@click.command()
@click.argument("domain")
@options.dns
@click.option("--store", metavar="FILE", help="Judge the gates by the reports in this store; the usual one if there.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How far back to look there.")
@click.option("--never-sends", is_flag=True, help="The domain sends no mail: lock it at once.")
@click.option("--mx", type=click.Choice(["keep", "none"]), default="keep", help="none: the domain takes no mail.")
@click.option("--rua", metavar="ADDRESS", default="", help="Where DMARC reports are to go.")
@click.option("--selector", multiple=True, help="A DKIM selector that is in use (repeatable).")
@click.option("--subdomain", multiple=True, help="A subdomain that is in use (repeatable).")
@click.option("--ca-file", metavar="FILE", default="", help="Trust these certificate authorities besides the system's.")
@click.option(
    *("--as", "format"),
    type=click.Choice(["prose", "zone", "bind", "terraform", "octodns", "json"]),
    default="prose",
    show_default=True,
    help='How to write the records of the next step; json: the whole plan, "disavow/plan/1".',
)
@click.option("--json", "as_json", is_flag=True, help="The same as --as json.")
@click.option("--step", type=click.IntRange(0), help="This step instead of the next, whether its gates hold or not.")
@click.option(
    "--check",
    is_flag=False,
    flag_value=_PLAN_NOW,
    metavar="[PLAN.json]",
    help="Compare the DNS with a plan that --json wrote; without a file, with the plan made now.",
)
def command(
    domain: str,
    offline: bool,
    zone: str | None,
    resolver: str | None,
    ca_file: str,
    format: str,
    as_json: bool,
    step: int | None,
    check: str | None,
    **wanted: Any,
) -> None:
    """Plan DOMAIN's records: what to publish next, what must be true before, what it costs, how to go back.

    The records are for you to publish; nothing is changed. Gates to a stricter policy are judged by stored reports,
    and never hold without them.
    """
    name = _name(domain)
    world = _World(offline, zone, resolver, ca_file)
    format = "json" if as_json else format
    if check and check != _PLAN_NOW:
        from ..plan_contract import read

        _compare(world, name, *read(check, name, step), format)
        return
    plan = _plan(world, name, **wanted)
    if plan.unknown:
        from ...words import say

        fault = plan.unknown[0]
        raise Unreachable("nothing is planned on a lookup that failed", say(fault.tag, fault.finding.args))
    chosen = _chosen(plan, step)
    if check:
        from ...judgement.path import due

        last = chosen if step is not None and chosen else due(plan.steps)
        _compare(world, name, last.number, last.planned, format)
    else:
        _write(plan, chosen, format, named=step is not None)


def _name(domain: str) -> str:
    try:
        return names.parse(domain)
    except Malformed:
        raise Misconfigured("DOMAIN", f"{domain!r} is no domain", "for example example.org") from None


@dataclass(frozen=True, slots=True)
class _World:
    """Who answers, as the options say."""

    offline: bool
    zone: str | None
    resolver: str | None
    ca_file: str

    def ask(self, dialogue: Dialogue[T]) -> T:
        """The result of the dialogue."""
        from ...world.ask import ask, ask_async

        if self.zone or self.offline:
            return ask(dialogue, options.resolver(self.offline, self.zone, None))[0]
        from ...world.internet import Internet
        from ...world.recursive import Dns

        return asyncio.run(ask_async(dialogue, Internet(Dns(self.resolver or "").ask, self.ca_file).ask))[0]


def _plan(
    world: _World,
    domain: str,
    store: str | None,
    days: int,
    never_sends: bool,
    mx: str,
    rua: str,
    selector: tuple[str, ...],
    subdomain: tuple[str, ...],
) -> Plan:
    from ...judgement.draft import Wishes
    from ...judgement.posture import Subject
    from ...judgement.publish import plan
    from .. import stored_selectors

    with stored_selectors.known(store) as seen:
        selectors = seen(domain)
    below = tuple(name if names.is_within(name, domain) else f"{name}.{domain}" for name in map(_name, subdomain))
    subject = Subject(domain, selector, below, servers=False, seen=selectors)
    return world.ask(plan(subject, Wishes(never_sends, _address(rua), mx == "none"), _coverage(store, domain, days)))


def _address(text: str) -> str:
    """An address that can stand in a DMARC record (RFC 9989 section 4.7: a comma, semicolon or ! cannot)."""
    if not text:
        return ""
    local, at, host = text.removeprefix("mailto:").rpartition("@")
    try:
        host = names.parse(host)
    except Malformed:
        at = ""
    if not at or not local.isascii() or not local.isprintable() or set(local) & set(" ,;!\"'<>()@%"):
        raise Misconfigured("--rua", f"{text!r} is no address", "for example dmarc@example.org")
    return f"{local}@{host}"


def _coverage(store: str | None, domain: str, days: int) -> Coverage | None:
    """What reports say; None where there is no store that can be opened, or nothing of the domain in it."""
    from ...judgement.coverage import measure
    from ...world.stores import usual_place
    from .. import kept

    if store is None and not usual_place().exists():
        return None
    try:
        with kept.opened(store) as found:
            return measure(domain, kept.of(found, domain, days, kept.now()), found.labels())
    except DisavowError as error:
        if store is not None:
            raise
        click.echo(f"disavow: no gate is judged, for the store cannot be read: {error}", err=True)
        return None


def _chosen(plan: Plan, number: int | None) -> Step | None:
    if number is None:
        return plan.next
    step = next((one for one in plan.steps if one.number == number), None)
    if step is None:
        numbers = ", ".join(str(one.number) for one in plan.steps)
        raise Misconfigured("--step", f"there is no step {number}", f"there are {numbers}")
    return step


def _write(plan: Plan, step: Step | None, format: str, named: bool) -> None:
    """The plan, or the records of the step; records of a step whose gates do not hold only for whoever named it."""
    if format == "json":
        from .. import contract, plan_contract

        click.echo(contract.encode(plan_contract.plan(plan)))
    elif format == "prose":
        from rich.console import Console

        from ..published import show

        show(Console(), plan, step)
    elif step is None or step.done:
        click.echo("disavow: there is nothing to publish", err=True)
    elif not step.ready and not named:
        from ..published import verdict

        finding = verdict(plan)
        from ...words import say

        click.echo(f"disavow: {say(finding.tag, finding.args)}", err=True)
        sys.exit(1)
    else:
        from ..record_formats import FORMATS

        click.echo(FORMATS[format](plan.domain, step), nl=False)


def _compare(world: _World, domain: str, step: int, planned: Planned, format: str) -> None:
    """Prints how the DNS differs; exit 1 if it does, 75 if it is as planned as far as anybody could say."""
    from ...judgement.comparison import compare

    found = world.ask(compare(planned))
    if format == "json":
        from .. import contract, plan_contract

        click.echo(contract.encode(plan_contract.check(domain, step, found)))
    else:
        from rich.console import Console

        from ..published import compared

        compared(Console(), domain, found)
    states = {one.state for one in found}
    sys.exit(1 if states & {"differs", "missing"} else Unreachable.exit_code if "unknown" in states else 0)
