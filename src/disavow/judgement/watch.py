"""What changed between two audits of the same domain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..words import say
from .audit import Audit


@dataclass(frozen=True, slots=True)
class Remembered:
    """One fault of an earlier audit, as it is kept: its tag and what it said."""

    tag: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Change:
    """``opened`` and ``closed`` since the last audit; ``unchecked``: open then, and nobody could say today."""

    domain: str
    opened: tuple[Remembered, ...] = ()
    closed: tuple[Remembered, ...] = ()
    unchecked: tuple[Remembered, ...] = ()


def remember(audit: Audit) -> tuple[Remembered, ...]:
    """What to keep of an audit: all that is open, but nothing that is good or merely unknown."""
    kept = (fault for fault in audit.faults if fault.level != "good" and not fault.tag.endswith("-unknown"))
    return tuple(Remembered(fault.tag, say(fault.tag, fault.finding.args)) for fault in kept)


def compare(audit: Audit, before: Iterable[Remembered]) -> Change:
    """``audit`` beside what was open before.

    What is missing today counts as closed only if its subject could be looked up: a resolver that fails closes nothing.
    """
    now, old = remember(audit), tuple(before)
    unknown = {fault.tag.partition("-")[0] for fault in audit.faults if fault.tag.endswith("-unknown")}
    gone = [one for one in old if one not in now]
    return Change(
        audit.domain,
        tuple(one for one in now if one not in old),
        tuple(one for one in gone if one.tag.partition("-")[0] not in unknown),
        tuple(one for one in gone if one.tag.partition("-")[0] in unknown),
    )
