"""One message's verdict on the terminal: the answer first, then the names, the evidence, and the way of the mail."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..judgement import custody
from ..judgement.envelope import Hop
from ..judgement.finding import Finding
from ..judgement.mask import Mask
from ..judgement.paste import Reading
from ..standards import dkim2, mime
from .contract import sentence
from .library import Verified
from .verification import Identity, identities

COLOURS = {"genuine": "bold green", "forged": "bold red", "unproven": "bold yellow"}
WHICH = {
    "from": "From (what people see)",
    "return-path": "Return-Path (where complaints go)",
    "helo": "The sending computer's name",
    "signer": "Signed by",
}
STATUSES = {
    "verified": ("confirmed", "green"),
    "denied": ("denied", "red"),
    "broken": ("signature does not fit", "yellow"),
    "unproven": ("not proven", "yellow"),
    "unknown": ("not checked", "dim"),
}
WHERE = {
    "": "The message you gave",
    "attached": "A message attached to it",
    "returned": "A message that it returns",
    "below": "A message further down",
}
MAX_HOPS_SHOWN = 20


def show(
    console: Console,
    number: int,
    reading: Reading,
    verified: Verified,
    mask: Mask,
    *,
    alone: bool = True,
    experimental: bool = False,
) -> None:
    """Print the card of one message; ``alone`` False if it is one of several, ``experimental`` with its DKIM2."""
    verdict = verified.verdict
    console.print()
    if not alone:
        subject = mask(mime.words((reading.message.first("subject") or b"(no subject)")[:200]))
        console.print(Padding(Text(f"{number}. {WHERE[reading.where]}: {subject}", style="bold"), (0, 2)))
    console.print(Padding(Text(sentence(verdict.headline, mask), style=COLOURS[verdict.answer]), (0, 2)))
    console.print()
    _names(console, identities(verified), mask)
    _list(console, "Why", verdict.because, mask, numbered=True)
    _way(console, verified.verification.hops, mask)
    _list(console, "Also worth knowing", verdict.findings, mask)
    if experimental:
        _list(console, "Experimental: DKIM2", tuple(custody.told(dkim2.explain(reading.message))), mask)
    console.print()


def _names(console: Console, names: Sequence[Identity], mask: Mask) -> None:
    """The names side by side: a mail has more than one, and they need not agree."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for name in names:
        words, colour = STATUSES[name.status]
        if name.domain or name.which != "helo":
            known = Text(mask(name.domain)) if name.domain else Text("not known", style="dim")
            table.add_row(f"  {WHICH[name.which]}", known, Text(words if name.domain else "", style=colour))
    if not any(name.which == "signer" for name in names):
        table.add_row(f"  {WHICH['signer']}", Text("nobody", style="dim"), "")
    console.print(table)


def _list(console: Console, title: str, findings: Sequence[Finding], mask: Mask, numbered: bool = False) -> None:
    if not findings:
        return
    console.print()
    console.print(f"  [b]{title}[/b]")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True, min_width=5)
    table.add_column(ratio=1)
    for number, finding in enumerate(findings, 1):
        table.add_row(str(number) if numbered else "·", Text(sentence(finding, mask)))
    console.print(table)


def _way(console: Console, hops: Sequence[Hop], mask: Mask) -> None:
    """The Received lines, and the line below which everything is only claimed."""
    if not hops:
        return
    console.print()
    console.print("  [b]The way of the mail[/b]   [dim]newest first[/dim]")
    trusted = [hop for hop in hops if hop.trusted]
    claimed = [hop for hop in hops if not hop.trusted]
    for hop in trusted[-MAX_HOPS_SHOWN:]:
        console.print(Padding(_hop(hop, mask), (0, 4)))
    if claimed:
        console.print(Padding(Rule("below this line: only claimed", style="red", align="left"), (0, 4)))
    for hop in claimed[:MAX_HOPS_SHOWN]:
        console.print(Padding(_hop(hop, mask, "dim"), (0, 4)))
    if rest := claimed[MAX_HOPS_SHOWN:]:
        console.print(Padding(Text(f"and {len(rest)} more", style="dim"), (0, 4)))


def _hop(hop: Hop, mask: Mask, style: str = "") -> Text:
    line = hop.line
    client = " ".join(
        part for part in (line.from_host or line.from_name, f"[{line.from_ip}]" if line.from_ip else "") if part
    )
    moment = f"{line.at:%Y-%m-%d %H:%M:%S} UTC" if line.at else "at an unknown time"
    return Text(mask(f"{moment}  {line.by or 'somebody'} took it from {client or 'somebody'}"), style=style)
