"""The verdict card on the terminal: one screen answers, everything else is one option away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..judgement.campaign import Campaign
from ..judgement.finding import Finding
from ..judgement.investigation import Investigation, Reporter
from ..judgement.mask import Mask, visible
from ..judgement.steps import Step
from ..words import say
from .contract import sentence

BAR = 36
SHOWN = 5
LONG = 40  # characters of a name
COLOURS = {"forged": "bold red", "ours": "bold green", "mixed": "bold yellow", "cannot-tell": "bold"}
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
SOFTWARE = ("message-id", "boundary", "order", "zone")
LEADS = {
    "step-keep-spf": "keep",
    "step-no-password": "no need",
    "step-no-challenge": "beware",
    "step-no-fake-bounce": "beware",
}


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


def summary(found: Investigation) -> str:
    """The verdict in two sentences a worried person understands."""
    if not found.status_mails:
        return "None of these mails answers a message that was sent in your name."
    if found.verdict.answer == "ours":
        return "The messages that came back were sent by you or by a server of yours."
    if found.verdict.answer == "cannot-tell":
        return "The mails do not show who sent the messages they are about."
    forged = "Somebody sends mail in your name from machines that are not yours."
    if any(0 < campaign.ours < campaign.count for campaign in found.campaigns):
        return forged + " Some of it went out through a server of yours: that one needs a look, today."
    if found.ours["ours"]:
        return forged + " A few of the answers are about mail that you did send."
    return forged + " Nothing here came through a server of yours."


def show(console: Console, found: Investigation, steps: Sequence[Step], mask: Mask) -> None:
    """Print the card: verdict, why, what arrived, who answered, campaigns, what to do."""
    mask = visible(mask)
    _verdict(console, found, mask)
    if found.status_mails:
        _arrived(console, found)
        _reporters(console, found, mask)
        _campaigns(console, found, mask)
    _steps(console, steps, mask)


def spoken(finding: Finding, mask: Mask) -> str:
    """The finding as a sentence that begins with a capital letter."""
    text = sentence(finding, mask)
    return text[:1].upper() + text[1:]


def day(moment: date) -> str:
    """A date as people write it: 14 Nov 2020."""
    return f"{moment.day} {moment:%b %Y}"


def span(first: date, last: date) -> str:
    """From the first to the last day, nothing said twice: 13–15 Nov 2020."""
    if (first.year, first.month, first.day) == (last.year, last.month, last.day):
        return day(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {first:%b} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def plural(count: int, noun: str) -> str:
    """The count with its noun: 1 message, 2 messages."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def recipients(campaign: Campaign) -> str:
    """How many messages and recipients a campaign had: what was counted, and what follows from it."""
    volume = campaign.volume
    counted = f"{plural(campaign.messages, 'different message')} came back, at least {volume.at_least} "
    counted += "recipients named" if volume.at_least != 1 else "recipient named"
    if volume.estimate is None:
        return counted + "; how many more there were, these mails do not show."
    if volume.high == volume.at_least:
        return counted + ". Every message came back often: few can be missing."
    return counted + f", probably {volume.estimate} ({volume.low} to {volume.high})."


def lead(step: Step) -> str:
    """What stands before a step: its effect, or what sort of advice it is."""
    if step.effect is None:
        return LEADS.get(step.finding.tag, "also")
    percent = round(step.effect * 100)
    return f"{percent} %" if percent else "< 1 %"


def _heading(console: Console, title: str, note: str = "") -> None:
    console.print()
    _paragraphs(console, [Text(title, style="bold").append(f"   {note}" if note else "", style="not bold dim")])


def _paragraphs(console: Console, texts: Iterable[Text]) -> None:
    for text in texts:
        _print(console, Padding(text, (0, 0, 0, 2)))


def _lines(console: Console, items: Iterable[tuple[str, Text]], lead_style: str = "") -> None:
    """Lines with a hanging indent."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True, min_width=7)
    grid.add_column(ratio=1)
    for number, text in items:
        grid.add_row(Text(number, style=lead_style), text)
    _print(console, grid)


def _print(console: Console, block: Table | Padding) -> None:
    """The block without the spaces that pad its lines: what is copied or piped carries none."""
    for line in console.render_lines(block, console.options, pad=False):
        text = Text()
        for segment in line:
            text.append(segment.text, style=segment.style)
        text.rstrip()
        console.print(text, no_wrap=True, overflow="ignore", crop=False)


def _verdict(console: Console, found: Investigation, mask: Mask) -> None:
    title = Text(sentence(headline(found), mask).upper(), style=COLOURS[found.verdict.answer])
    title.append(f"   confidence {found.verdict.confidence}", style="not bold dim")
    console.print()
    _paragraphs(console, [title, Text(), Text(summary(found))])
    names = ", ".join(found.identity.addresses + found.identity.domains)
    guessed = " (guessed)" if found.identity.how == "guessed" else ""
    about = f"About: {names or 'nobody: no name given and none to guess'}{guessed}"
    _paragraphs(console, [Text(mask(about), style="dim")])
    if found.verdict.because:
        _heading(console, "Why")
    reasons = [(str(n), Text(spoken(finding, mask))) for n, finding in enumerate(found.verdict.because, 1)]
    doubts = [("?", Text(f"Would change this: {sentence(f, mask)}", "dim")) for f in found.verdict.would_change]
    _lines(console, reasons + doubts)


def _arrived(console: Console, found: Investigation) -> None:
    groups: Counter[str] = Counter()
    for each in found.days.values():
        groups.update(each)
    note = f"{plural(found.mails, 'mail')}, {len(found.unreadable)} unreadable"
    _heading(console, "What arrived", note)
    rows = [(say(name, {}), count) for name, count in groups.most_common()]
    if other := found.mails - found.status_mails:
        rows.append(("no answers: spam, phishing, other mail", other))
    _bars(console, rows)
    _lines(console, [("", Text(f"Proven to have reached a mailbox: {found.signals['escaped']}", style="dim"))])


def _bars(console: Console, rows: Sequence[tuple[str, int]]) -> None:
    largest = max((count for _, count in rows), default=1)
    width = max(0, min(BAR, console.width - 66))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True, min_width=7)
    table.add_column()
    table.add_column(no_wrap=True)
    for name, count in rows:
        length = round(width * count / largest)
        table.add_row(str(count), Text(name), Text("█" * length if length else "▏" * (width > 0), style="cyan"))
    _print(console, table)


def _reporters(console: Console, found: Investigation, mask: Mask) -> None:
    if not found.reporters:
        return
    _heading(console, "Who answered you", plural(len(found.reporters), "server"))
    rows = [
        (str(each.seen.count), _named(each, mask).append(f"  {span(each.seen.first, each.seen.last)}", style="dim"))
        for each in found.reporters[:SHOWN]
    ]
    if rest := found.reporters[SHOWN:]:
        others = "1 other" if len(rest) == 1 else f"{len(rest)} others"
        rows.append((str(sum(each.seen.count for each in rest)), Text(f"from {others}", style="dim")))
    _lines(console, rows)


def _named(reporter: Reporter, mask: Mask) -> Text:
    address = f"({reporter.ip})" if reporter.ip else ""
    return Text(" ".join(part for part in (_short(mask(reporter.name)), address) if part))


def _campaigns(console: Console, found: Investigation, mask: Mask) -> None:
    if not found.campaigns:
        return
    _heading(console, "Campaigns", "mails held together by what the forger does not vary")
    rows = [(str(campaign.count), _campaign(campaign, mask)) for campaign in found.campaigns[:SHOWN]]
    if rest := found.campaigns[SHOWN:]:
        smaller = "1 smaller one" if len(rest) == 1 else f"{len(rest)} smaller ones"
        rows.append((str(sum(c.count for c in rest)), Text(f"in {smaller}", style="dim")))
    _lines(console, rows)


def _campaign(campaign: Campaign, mask: Mask) -> Text:
    kept = ", ".join(f"{LABELS[name]} {_short(mask(value))}" for name, value, _ in _telling(campaign.features))
    subjects = plural(campaign.distinct_subjects, "subject")
    text = Text(f"{span(campaign.first, campaign.last)}, {subjects}: {recipients(campaign)}")
    return text.append(f"\n{kept}", style="dim") if kept else text


def _telling(features: Sequence[tuple[str, str, int]]) -> Iterator[tuple[str, str, int]]:
    """The features that a person can recognise."""
    return (feature for feature in features if feature[0] in ("reply-to", "url", "helo", "mailer", "network"))


def _short(value: str) -> str:
    return value if len(value) <= LONG else value[: LONG - 1] + "…"


def _steps(console: Console, steps: Sequence[Step], mask: Mask) -> None:
    _heading(console, "What to do now", "by its effect on this mailbox")
    if not steps:
        _lines(console, [("", Text("Nothing: these mails ask for no action."))])
    _lines(console, [(lead(step), _step(step, mask)) for step in steps], "bold")


def _step(step: Step, mask: Mask) -> Text:
    text = Text(sentence(step.finding, mask))
    return text.append(f"\n{mask(step.command)}", style="cyan") if step.command else text


def close(console: Console, found: Investigation, seconds: float, html: str | None) -> None:
    """The last line: how long it took and where the details are."""
    report = f"report: {html}" if html else "report: --html FILE"
    end = [f"{plural(found.mails, 'mail')} in {seconds:.1f} s · {report} · every mail with its evidence: --ndjson"]
    end += [f"not read: {where}: {why}" for where, why in found.unreadable[:SHOWN]]
    if rest := found.unreadable[SHOWN:]:
        end.append(f"not read: {len(rest)} more, all in --json")
    safe = visible(str)
    console.print()
    _paragraphs(console, [Text(safe(line), style="dim") for line in end])
    console.print()
