"""A fault of a domain's settings: a finding, how sure it is, which questions prove it, what to publish instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from .. import words
from ..standards.questions import Dialogue, Question
from .finding import Finding


@dataclass(frozen=True, slots=True)
class Fault:
    """``rests_on``: the questions whose answers, in the transcript, are the evidence.

    ``confidence`` 0 to 1. ``replacement``: zone lines to publish (and, for MTA-STS, the file), "" where no record
    mends it.
    """

    finding: Finding
    confidence: float = 1.0
    rests_on: tuple[Question, ...] = ()
    replacement: str = ""

    @property
    def tag(self) -> str:
        """The finding's tag."""
        return self.finding.tag

    @property
    def level(self) -> str:
        """One of ``words.LEVELS``: the finding's own, else the one that belongs to its tag."""
        return self.finding.level or words.level(self.finding.tag)


Faults: TypeAlias = tuple[Fault, ...]


def fault(
    tag: str, *rests_on: Question, replacement: str = "", confidence: float = 1.0, level: str = "", **args: object
) -> Fault:
    """The fault that ``tag`` names; ``args`` fill the blanks of its sentence."""
    return Fault(Finding(tag, args, level), confidence, rests_on, replacement)


def found(faults: Iterable[Fault]) -> Dialogue[Faults]:
    """These faults, with nothing more to ask."""
    yield from ()
    return tuple(faults)
