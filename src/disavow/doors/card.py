"""The verdict card on the terminal: one screen answers, everything else is one option away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..judgement.finding import Finding
from ..judgement.investigation import Investigation, Reporter
from ..judgement.mask import Mask
from ..judgement.steps import Step
from ..words import say
from .contract import sentence

BAR = 36
SHOWN = 5
COLOURS = {"forged": "bold red", "ours": "bold green", "mixed": "bold yellow", "cannot-tell": "bold"}


def headline(found: Investigation) -> Finding:
    """The verdict in a few words."""
    if not found.status_mails:
        return Finding("headline-no-answers")
    if any(0 < campaign.ours < campaign.count for campaign in found.campaigns):
        return Finding("headline-break-in")
    if found.verdict.answer == "mixed":
        return Finding("headline-mixed", {"ours": found.ours["ours"]})
    if found.verdict.answer == "ours":
        return Finding("headline-ours")
    return Finding("headline-forged" if found.verdict.answer == "forged" else "headline-cannot-tell")


def show(console: Console, found: Investigation, steps: Sequence[Step], mask: Mask) -> None:
    """Print the card: verdict, why, what arrived, who answered, campaigns, what to do."""
    _verdict(console, found, mask)
    if found.status_mails:
        _arrived(console, found)
        _reporters(console, found)
        _campaigns(console, found, mask)
    _steps(console, steps, mask)


def _verdict(console: Console, found: Investigation, mask: Mask) -> None:
    title = Text(sentence(headline(found), mask).upper(), style=COLOURS[found.verdict.answer])
    console.print()
    console.print(Text("  ").append_text(title).append(f"   confidence {found.verdict.confidence}", style="dim"))
    console.print()
    names = ", ".join(found.identity.addresses + found.identity.domains)
    guessed = " (guessed)" if found.identity.how == "guessed" else ""
    console.print(f"  About: {names or 'nobody: no name given and none to guess'}{guessed}", highlight=False)
    console.print()
    if found.verdict.because:
        console.print("  [b]Why[/b]")
    for number, finding in enumerate(found.verdict.because, 1):
        _item(console, f"{number:>4}", sentence(finding, mask))
    for finding in found.verdict.would_change:
        _item(console, "   ?", f"Would change this: {sentence(finding, mask)}", "dim")


def _item(console: Console, lead: str, text: str, style: str = "") -> None:
    """A line with a hanging indent."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True, min_width=6)
    grid.add_column(ratio=1)
    grid.add_row(lead, Text(text, style=style))
    console.print(grid)


def _arrived(console: Console, found: Investigation) -> None:
    groups: Counter[str] = Counter()
    for day in found.days.values():
        groups.update(day)
    other = found.mails - found.status_mails
    console.print()
    console.print(
        f"  [b]What arrived[/b]   {found.mails} mails, {len(found.unreadable)} unreadable; "
        f"{found.status_mails} answer mail in your name",
        highlight=False,
    )
    rows = [(say(name, {}), count) for name, count in groups.most_common()]
    if other:
        rows.append(("not answers: spam, phishing, other mail", other))
    _bars(console, rows)
    console.print(f"    [dim]proven to have reached a mailbox: {found.signals['escaped']}[/dim]", highlight=False)


def _bars(console: Console, rows: Sequence[tuple[str, int]]) -> None:
    largest = max((count for _, count in rows), default=1)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(min_width=4)
    table.add_column(ratio=None)
    table.add_column(justify="right")
    table.add_column(no_wrap=True, overflow="crop")
    width = max(0, min(BAR, console.width - 64))
    for name, count in rows:
        length = round(width * count / largest)
        table.add_row("", name, str(count), Text("█" * length if length else "▏" * (width > 0), style="cyan"))
    console.print(table)


def _reporters(console: Console, found: Investigation) -> None:
    if not found.reporters:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "left", "right", "left", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right")
    table.add_row("   ", "[b]Who answered you[/b]", "[dim]mails[/dim]", "[dim]first[/dim]", "[dim]last[/dim]")
    for reporter in found.reporters[:SHOWN]:
        seen = reporter.seen
        table.add_row("", _named(reporter), str(seen.count), day(seen.first), day(seen.last))
    if rest := found.reporters[SHOWN:]:
        table.add_row("", f"[dim]{len(rest)} others[/dim]", str(sum(r.seen.count for r in rest)), "", "")
    console.print()
    console.print(table)


def _named(reporter: Reporter) -> str:
    return " ".join(part for part in (reporter.name, f"({reporter.ip})" if reporter.ip else "") if part)


def day(moment: datetime) -> str:
    """A date as people write it: 14 Nov 2020."""
    return f"{moment.day} {moment:%b %Y}"


def _campaigns(console: Console, found: Investigation, mask: Mask) -> None:
    if not found.campaigns:
        return
    console.print()
    console.print("  [b]Campaigns[/b]   [dim]mails held together by what the forger does not vary[/dim]")
    for campaign in found.campaigns[:SHOWN]:
        kept = ", ".join(f"{LABELS[name]} {mask(_short(value))}" for name, value, _ in _telling(campaign.features))
        subjects = f"{campaign.distinct_subjects} subject{'s' * (campaign.distinct_subjects > 1)}"
        volume = campaign.volume
        size = f"at least {volume.at_least} recipients"
        if volume.estimate and volume.high and volume.high > volume.at_least:
            size += f", probably {volume.estimate} ({volume.low}–{volume.high})"
        _item(
            console,
            str(campaign.count),
            f"{day(campaign.first)} – {day(campaign.last)}; {campaign.messages} messages, {subjects}; {size}"
            + (f"\n{kept}" if kept else ""),
        )
    if rest := found.campaigns[SHOWN:]:
        _item(console, str(sum(c.count for c in rest)), f"in {len(rest)} smaller ones", "dim")


LABELS = {
    "reply-to": "Reply-To",
    "url": "link to",
    "subject": "subject",
    "helo": "calls itself",
    "network": "network",
    "message-id": "Message-ID shape",
    "boundary": "boundary",
    "order": "header order",
    "mailer": "mailer",
    "zone": "charset and time zone",
}


def _telling(features: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, str, int]]:
    """The features that a person can recognise."""
    return (feature for feature in features if feature[0] in ("reply-to", "url", "helo", "mailer", "network"))


def _short(value: str) -> str:
    return value if len(value) <= 40 else value[:39] + "…"


def _steps(console: Console, steps: Sequence[Step], mask: Mask) -> None:
    console.print()
    console.print("  [b]What to do now[/b]   [dim]by its effect on this mailbox[/dim]")
    for step in steps:
        lead = f"{round(step.effect * 100)} %" if step.effect is not None else "·"
        text = sentence(step.finding, mask) + (f"\n{step.command}" if step.command else "")
        _item(console, lead, text)


def close(console: Console, found: Investigation, seconds: float, html: str | None) -> None:
    """The last line: how long it took and where the details are."""
    report = f"report: {html}" if html else "report: --html FILE"
    console.print()
    console.print(
        f"  [dim]{found.mails} mails in {seconds:.1f} s · {report} · every mail with its evidence: --ndjson[/dim]"
    )
    for where, why in found.unreadable[:SHOWN]:
        console.print(f"  [dim]not read: {where}: {why}[/dim]")
    if rest := found.unreadable[SHOWN:]:
        console.print(f"  [dim]not read: {len(rest)} more, all in --json[/dim]")
    console.print()
