"""The pictures of ``impact``: who honours the policy, what got through, and the weeks with the changes drawn in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from ..judgement.impact.answer import Effect, Impact
from ..judgement.impact.escaped import Escaped
from ..judgement.impact.honour import OUTCOMES, Receiver
from ..judgement.impact.timeline import Day
from . import charts, paper
from .impact_table import interval, monday, refused_share, weekly
from .pictures import NARROW, Cell, Key, Picture, drawn

DRAWN = 12  # receivers
LISTED = 100
LABEL = 200  # pixels that two labels need, which may stand between their lines
REFUSED, PASSED, YOURS = "refused or set aside", "not refused", "yours, verified"
_COLOURS = {REFUSED: "s3", PASSED: "s2", YOURS: "s1"}


def league(receivers: Sequence[Receiver], shown: paper.Shown) -> Picture | None:
    """The receivers with most forged mail, each with the share it refuses as the policy asks."""
    judged = [(number, one) for number, one in enumerate(receivers[:LISTED], 1) if one.honoured]
    if not judged:
        return None
    rows = [_judged(number, one, shown) for number, one in judged[:DRAWN]]
    wide, narrow = drawn(lambda width: charts.intervals(rows, 1, ".0%", width))
    note = "The line is where the true share lies, 19 times in 20: mails of one campaign say less than so many alone."
    if len(receivers) > DRAWN:
        note += f" {len(receivers) - DRAWN} more receivers are in the table."
    return Picture(
        "Share of failing mail that is treated as the policy asks",
        wide,
        narrow,
        ("Receiver", "Failing mails", *(name.capitalize() for name in OUTCOMES), "Honoured (95 %)"),
        tuple(_receiver(one, shown) for one in receivers[:LISTED]),
        note,
        tuple(f"receiver-{number}" for number, _ in enumerate(receivers[:LISTED], 1)),
    )


def _judged(number: int, one: Receiver, shown: paper.Shown) -> dict[str, Any]:
    honoured = one.honoured
    assert honoured
    name = f"{number}. {honoured.value:.0%} of {one.messages:,} · {shown(one.name, 60)}"
    share = {"value": honoured.value, "low": honoured.low, "high": honoured.high}
    return {"name": name, **share, "href": f"#receiver-{number}"}


def _receiver(one: Receiver, shown: paper.Shown) -> tuple[Cell, ...]:
    counts = (Cell(f"{one.outcomes[name]:,}") for name in OUTCOMES)
    return Cell(shown(one.name)), Cell(f"{one.messages:,}"), *counts, Cell(interval(one.honoured))


def through(found: Escaped) -> Picture | None:
    """How much got through: from what is certain to what is hardly exceeded; None where nobody can say."""
    if found.estimate is None or found.high is None or not found.high:
        return None
    name = f"about {found.estimate:,} ({found.low:,} to {found.high:,})"
    row = {"name": name, "value": found.estimate, "low": found.low, "high": found.high, "href": "#through-table"}
    wide, narrow = drawn(lambda width: charts.intervals([row], found.high or 1, "~s", width))
    facts = (
        ("At least", found.low),
        ("About", found.estimate),
        ("Hardly more than", found.high),
        ("Proved by an answer from a mailbox", found.proved),
        ("Accepted, as receivers report", found.accepted),
        ("Forgeries in reports", found.forged),
    )
    table = tuple((Cell(text), Cell(f"{count:,}")) for text, count in facts)
    return Picture("Forgeries that got through", wide, narrow, ("What", "Mails"), table)


def weeks(found: Impact) -> Picture | None:
    """Forged mail and the owner's own, week by week, with the changes of the policy."""
    sums = weekly(found.days)
    if not sums:
        return None
    panels = [
        charts.Panel("forged", list(_forged(sums)), _order(REFUSED, PASSED)),
        charts.Panel("yours, verified", list(_own(sums)), _order(YOURS)),
    ]
    wide, narrow = drawn(lambda width: charts.weeks(panels, _marks(found, width), width))
    note = "A week without a bar is one without a report, not one without forgeries."
    if found.effects:
        note += " The numbered lines are changes; what followed each is told below."
    head = ("Week of", "Yours", "Forged", "Refused or set aside", "Share", "Change")
    rows = tuple(_week(one, found.effects) for one in sums)
    return Picture(
        "Forged mails and yours, by week", wide, narrow, head, rows, note, tuple(f"week-{one.day}" for one in sums)
    )


def legend(found: Impact) -> list[Key]:
    """What the colours of ``weeks`` mean, with the sums."""
    refused = sum(one.refused for one in found.days)
    sums = {
        REFUSED: refused,
        PASSED: sum(one.forged for one in found.days) - refused,
        YOURS: sum(one.verified for one in found.days),
    }
    return [Key(text, _COLOURS[text], text, count, "#weeks-table") for text, count in sums.items()]


def _order(*names: str) -> list[tuple[str, str]]:
    return [(name, f"var(--{_COLOURS[name]})") for name in names]


def _forged(sums: Sequence[Day]) -> Iterator[dict[str, Any]]:
    for one in sums:
        yield _bar(one, REFUSED, 0, one.refused)
        yield _bar(one, PASSED, one.refused, one.forged)


def _own(sums: Sequence[Day]) -> Iterator[dict[str, Any]]:
    return (_bar(one, YOURS, 0, one.verified) for one in sums)


def _bar(week: Day, group: str, base: int, top: int) -> dict[str, Any]:
    end = week.day + timedelta(days=6)  # a day's gap keeps the weeks apart
    place = {"day": str(week.day), "end": str(end), "base": base, "top": top}
    return {**place, "group": group, "count": top - base, "href": f"#week-{week.day}"}


def _marks(found: Impact, width: int) -> list[dict[str, Any]]:
    """The changes as lines, with the new policy beside its number where there is room for both."""
    first, last = found.days[0].day, found.days[-1].day
    within = [(number, one) for number, one in enumerate(found.effects, 1) if first <= one.day <= last]
    gaps = [(later.day - one.day) * width for (_, one), (_, later) in pairwise(within)]
    roomy = width > NARROW and all(gap > (last - first) * LABEL for gap in gaps)
    return [
        {
            "day": str(one.day),
            "text": f"{number} {one.after}".strip() if roomy else str(number),
            # Beside a line in the second half there is room on its left.
            "align": "left" if (one.day - first) * 2 < (last - first) else "right",
            "href": f"#change-{number}",
        }
        for number, one in within
    ]


def _week(week: Day, effects: Sequence[Effect]) -> tuple[Cell, ...]:
    changed = [number for number, one in enumerate(effects, 1) if monday(one.day) == week.day]
    change = Cell(", ".join(map(str, changed)), f"#change-{changed[0]}") if changed else Cell("")
    counts = (Cell(f"{count:,}") for count in (week.verified, week.forged, week.refused))
    return Cell(str(week.day)), *counts, Cell(refused_share(week)), change
