"""What other programs read: the JSON contract "disavow/audit/1"."""

from __future__ import annotations

from typing import Any

from ..judgement.audit import Audit, asked
from ..judgement.fault import Fault, Faults
from ..judgement.watch import Change
from ..words import say
from ..world.ask import Transcript
from .evidence import evidence

SCHEMA = "disavow/audit/1"


def domain(audit: Audit, transcript: Transcript) -> dict[str, Any]:
    """One domain: its grade and its findings, worst first."""
    return {
        "domain": audit.domain,
        "grade": audit.grade,
        "findings": findings(audit.faults, transcript),
    }


def findings(faults: Faults, transcript: Transcript) -> list[dict[str, Any]]:
    """Each fault with its sentence, and the questions and answers that prove it."""
    return [_finding(fault, transcript) for fault in faults]


def _finding(fault: Fault, transcript: Transcript) -> dict[str, Any]:
    return {
        "tag": fault.tag,
        "level": fault.level,
        "confidence": fault.confidence,
        "evidence": evidence(asked(fault), transcript),
        "sentence": say(fault.tag, fault.finding.args),
        "replacement": fault.replacement,
    }


def change(changed: Change) -> dict[str, list[str]]:
    """What opened, closed and could not be checked since the last audit, in words."""
    named = {"opened": changed.opened, "closed": changed.closed, "unchecked": changed.unchecked}
    return {name: [one.sentence for one in faults] for name, faults in named.items()}
