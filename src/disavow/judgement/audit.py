"""All checks of a domain's settings as one dialogue, worst first, with a grade."""

from __future__ import annotations

from dataclasses import dataclass

from ..standards.questions import Dialogue, Question, together
from ..words import LEVELS
from . import checks
from .fault import Fault, Faults
from .posture import Posture, Subject, survey

_GRADES = {"critical": "F", "high": "D", "medium": "C", "low": "B", "info": "A", "good": "A"}
_DECISIVE = ("spf-unknown", "dmarc-unknown", "mx-unknown")


@dataclass(frozen=True, slots=True)
class Audit:
    """``faults`` worst first; ``posture`` the facts they were judged by, for whoever writes new records."""

    posture: Posture
    faults: Faults

    @property
    def domain(self) -> str:
        """The domain audited."""
        return self.posture.domain

    @property
    def grade(self) -> str:
        """A nothing open, B only small things, C, D, F the worst is medium, high, critical; "?" not known.

        It is "?" only if SPF, DMARC or MX could not be looked up and nothing worse than small is known.
        """
        worst = self.worst
        unknown = any(fault.tag in _DECISIVE for fault in self.faults)
        return "?" if unknown and worst not in LEVELS[:3] else _GRADES[worst]

    @property
    def worst(self) -> str:
        """The worst level among the faults; "good" without any."""
        return self.faults[0].level if self.faults else "good"

    def at_least(self, level: str) -> Faults:
        """The faults of ``level`` or worse."""
        return tuple(fault for fault in self.faults if LEVELS.index(fault.level) <= LEVELS.index(level))


def audit(subject: Subject) -> Dialogue[Audit]:
    """What is open in the settings of a domain."""
    posture = yield from survey(subject)
    found = yield from together(*(check(posture) for check in checks.load()))
    return Audit(posture, tuple(sorted((fault for faults in found for fault in faults), key=_urgency)))


def _urgency(fault: Fault) -> tuple[int, float, str]:
    return LEVELS.index(fault.level), -fault.confidence, fault.tag


def asked(fault: Fault) -> tuple[Question, ...]:
    """The questions whose answers prove the fault, each once."""
    return tuple(dict.fromkeys(fault.rests_on))
