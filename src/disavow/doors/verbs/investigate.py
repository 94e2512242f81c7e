"""Read a mailbox full of status mails and answer: was it me, who is it, what now?"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from ...errors import Misconfigured
from ...judgement.case import Case
from ...judgement.investigation import Inquiry
from ...judgement.mask import Mask, masking, plain
from ...judgement.steps import next_steps
from .. import contract, options
from ..flood import Examined, Flood


@click.command()
@click.argument("mailboxes", nargs=-1, required=True, metavar="MAILBOX…")
@options.owner
@click.option("--aliases", metavar="FILE", help="My addresses, one a line: address, where it was given.")
@click.option("--networks", metavar="FILE", help="Networks and countries from this MMDB file.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/investigation/1".')
@click.option("--ndjson", is_flag=True, help="One JSON object per mail.")
@click.option("--html", metavar="FILE", help="Write the report as one self-contained page.")
@click.option("--unmask", is_flag=True, help="Show third parties' addresses in full.")
def command(
    mailboxes: tuple[str, ...],
    owner: options.Owner,
    aliases: str | None,
    networks: str | None,
    as_json: bool,
    ndjson: bool,
    html: str | None,
    unmask: bool,
) -> None:
    """Was I hacked, or only forged? Reads status mails and answers from their evidence.

    MAILBOX is an mbox, a Maildir, a folder of .eml files, one .eml or - for standard input; each may be
    compressed or in a zip or tar. Nothing is stored, nothing is sent.
    """
    from ...world.networks import locator

    started = time.monotonic()
    world, given = owner.world(), owner.given()
    flood = Flood(mailboxes)
    me = owner.located(given if owner.me else flood.guess(given), world)
    inquiry = Inquiry(me, _aliases(aliases) if aliases else {})
    mask = plain if unmask else masking(me)
    cases = _counted(flood.examined(me, world), inquiry)
    if ndjson:
        cases = _printed(cases, mask)
    kept = list(cases) if html else _drained(cases)
    found = inquiry.conclude()
    steps = next_steps(found)
    locate = locator(networks or "")
    if html:
        from .. import page, paper

        paper.write(html, page.page(found, steps, kept, mask, locate))
    if as_json:
        click.echo(contract.encode(contract.investigation(found, steps, mask, locate)))
    elif not ndjson:
        from rich.console import Console

        from .. import card

        console = Console(highlight=False)
        card.show(console, found, steps, mask)
        card.close(console, found, time.monotonic() - started, html)
    raise click.exceptions.Exit(1 if found.verdict.answer in ("forged", "mixed") else 0)


def _counted(examined: Iterator[Examined], inquiry: Inquiry) -> Iterator[Case]:
    """The cases, each counted; what could not be read is noted."""
    for each in examined:
        if isinstance(each, Case):
            inquiry.add(each)
            yield each
        else:
            inquiry.unreadable.append((each.where, each.why))


def _printed(cases: Iterator[Case], mask: Mask) -> Iterator[Case]:
    for case in cases:
        sys.stdout.write(contract.encode(contract.case(case, mask)) + "\n")
        yield case


def _drained(cases: Iterator[Case]) -> list[Case]:
    """Run through the cases without keeping them: memory does not grow with the mailbox."""
    for _ in cases:
        pass
    return []


def _aliases(path: str) -> dict[str, str]:
    """Addresses that exist and where each was given, from "address, where" lines."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured("--aliases", f"{path}: {error}") from None
    pairs = (line.partition(",") for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return {address.strip().lower(): where.strip() for address, _, where in pairs}
