"""Whether it helped and what got through, in words and tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from ..judgement.finding import Finding
from ..judgement.impact.answer import Effect, Impact
from ..judgement.impact.before_after import Comparison
from ..judgement.impact.escaped import Escaped
from ..judgement.impact.honour import OUTCOMES, Receiver
from ..judgement.impact.provenance import Source
from ..judgement.impact.replay import Replay
from ..judgement.impact.share import Share, share
from ..judgement.impact.silence import Silent
from ..judgement.impact.timeline import Day
from ..words import say

MAX_ROWS = 20


def show(console: Console, found: Impact) -> None:
    """The whole answer."""
    _lines(console, (Finding("impact-untrusted", {"count": found.untrusted}),) if found.untrusted else ())
    _lines(console, (headline(found),))
    if found.receivers:
        console.print(_league(found.receivers))
    _lines(console, through(found.escaped))
    if found.days:
        console.print(_timeline(found.days, {effect.day: effect.after or "your date" for effect in found.effects}))
    for effect in found.effects:
        _lines(console, told(effect))
    _lines(console, map(pause, found.silent))


def refused(found: Impact) -> Share | None:
    """The share of forgeries that is refused or set aside since the policy last changed; None without any."""
    since = max((effect.day for effect in found.effects if effect.after), default=date.min)
    return share([(day.refused, day.forged) for day in found.days if day.day >= since])


def headline(found: Impact) -> Finding:
    """The answer in a sentence."""
    if not found.days:
        return Finding("impact-nothing", {"domain": found.domain})
    now = refused(found)
    if not now:
        return Finding("impact-none-forged", {"domain": found.domain})
    return Finding("impact-refused", {"domain": found.domain, "share": f"{now.value:.0%}"})


def _lines(console: Console, findings: Iterable[Finding]) -> None:
    for finding in findings:
        console.print(Padding(escape(sentence(finding)), (0, 0, 0, 2)), highlight=False)


def sentence(finding: Finding) -> str:
    """A finding in words."""
    return say(finding.tag, finding.args)


def _league(receivers: tuple[Receiver, ...]) -> Table:
    table = Table(title="Who honours the policy", title_justify="left")
    table.add_column("receiver", overflow="fold")
    for name in ("failing", *OUTCOMES, "honoured (95 %)"):
        table.add_column(name, justify="right")
    for one in receivers[:MAX_ROWS]:
        outcomes = (f"{one.outcomes[name]:,}" for name in OUTCOMES)
        table.add_row(escape(one.name), f"{one.messages:,}", *outcomes, interval(one.honoured))
    return table


def _timeline(days: tuple[Day, ...], marks: Mapping[date, str]) -> Table:
    """The last weeks that have reports, a row each; a change is told in its week."""
    table = Table(title="Week by week", title_justify="left")
    table.add_column("week of")
    for name in ("yours", "forged", "refused"):
        table.add_column(name, justify="right")
    table.add_column("change")
    for week in weekly(days)[-MAX_ROWS:]:
        changed = ", ".join(f"{day}: {mark}" for day, mark in marks.items() if monday(day) == week.day)
        table.add_row(str(week.day), f"{week.verified:,}", f"{week.forged:,}", refused_share(week), changed)
    return table


def weekly(days: Iterable[Day]) -> list[Day]:
    """The sums of each week that has reports, under its Monday, oldest first."""
    weeks: dict[date, list[Day]] = {}
    for one in days:
        weeks.setdefault(monday(one.day), []).append(one)
    sums = {day: [sum(column) for column in list(zip(*group, strict=True))[1:]] for day, group in weeks.items()}
    return [Day(day, *counts) for day, counts in sorted(sums.items())]


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def refused_share(day: Day) -> str:
    """How much of what was forged was refused, as people read it; a dash where nothing was forged."""
    return f"{day.refused / day.forged:.0%}" if day.forged else "–"


def interval(share: Share | None) -> str:
    """A share as people read it: "84 % (79–88)"."""
    return f"{share.value:.0%} ({share.low * 100:.0f}–{share.high * 100:.0f})" if share else "–"


def through(escaped: Escaped) -> Iterator[Finding]:
    """What got through, in findings."""
    if not escaped.forged and not escaped.proved:
        return
    if escaped.proved:
        yield Finding("impact-proved", {"count": f"{escaped.proved:,}", "receivers": escaped.answering})
    yield Finding("impact-accepted", {"count": f"{escaped.accepted:,}", "forged": f"{escaped.forged:,}"})
    if escaped.estimate is None or escaped.high is None:
        yield Finding("impact-unseen-unknown", {"low": f"{escaped.low:,}", "both": escaped.both})
    else:
        yield Finding(
            "impact-estimate",
            {"low": f"{escaped.low:,}", "estimate": f"{escaped.estimate:,}", "high": f"{escaped.high:,}"},
        )


def told(effect: Effect) -> Iterator[Finding]:
    """What followed a change, in findings: enforcement, then deterrence."""
    if effect.after:
        yield Finding("impact-changed", {"day": effect.day, "before": effect.before, "after": effect.after})
    else:
        yield Finding("impact-date", {"day": effect.day})
    if effect.refused_before and effect.refused_after:
        shares = {"before": interval(effect.refused_before), "after": interval(effect.refused_after)}
        yield Finding("impact-enforced", shares)
    yield from volume(effect.volume)


def volume(found: Comparison) -> Iterator[Finding]:
    """Whether fewer forgeries are sent, with what the method can and cannot see."""
    if found.ratio is None or found.low is None or found.high is None or found.smallest is None:
        days = {"before": found.days_before, "after": found.days_after}
        yield Finding("impact-volume-too-short", days)
    else:
        figures = {"ratio": f"{found.ratio:.0%}", "low": f"{found.low:.0%}", "high": f"{found.high:.0%}"}
        tags = {"fell": "impact-volume-fell", "rose": "impact-volume-rose", "cannot-tell": "impact-volume-cannot-tell"}
        yield Finding(tags[found.change], figures)
        yield Finding("impact-smallest", {"smallest": f"{found.smallest:.0%}"})
    if found.false_alarms is not None:
        yield Finding("impact-placebos", {"share": f"{found.false_alarms:.0%}", "dates": found.placebos})
    if found.weeks:
        yield Finding("impact-weeks", {"weeks": found.weeks})
    elif found.weeks is None:
        yield Finding("impact-weeks-unknown")


def pause(silent: Silent) -> Finding:
    """A reporter that stopped, in words."""
    return Finding("impact-silent", {"reporter": silent.reporter, "last": silent.last, "days": silent.quiet_days})


def show_replay(console: Console, found: Replay) -> None:
    """What another policy would have done, and whose mail of the owner it would have hit."""
    _lines(console, replayed(found))
    _lines(console, refused_sources(found))


def replayed(found: Replay) -> Iterator[Finding]:
    """The replay in one sentence."""
    if not found.days:
        yield Finding("impact-replay-nothing", {"policy": found.candidate})
        return
    blanks = ("refused", "low", "high", "legitimate", "forged_refused", "forged")
    figures = {name: f"{getattr(found, name):,.0f}" for name in blanks}
    yield Finding("impact-replay", {"policy": found.candidate, **figures})


def refused_sources(found: Replay) -> Iterator[Finding]:
    """The sources whose legitimate mail would be refused, the worst first."""
    for address, count in found.sources[:MAX_ROWS]:
        yield Finding("impact-replay-source", {"source": address or "?", "count": f"{count:,}"})


def show_sources(console: Console, sources: tuple[Source, ...]) -> None:
    """One line for each source, then why."""
    tags = {
        "mine": "source-is-mine",
        "misconfigured": "source-is-misconfigured",
        "forwarder": "source-is-forwarder",
        "list": "source-is-list",
        "forger": "source-is-forger",
        "undecided": "source-is-undecided",
    }
    for one in sources:
        blanks = {"source": one.address, "messages": f"{one.messages:,}", "failing": f"{one.failing:,}"}
        line = sentence(Finding(tags[one.whose], blanks))
        sure = f" [dim](forged: {one.forged:.0%})[/]" if one.failing and not one.label else ""
        console.print(escape(line) + sure, highlight=False)
        _lines(console, one.reasons)
