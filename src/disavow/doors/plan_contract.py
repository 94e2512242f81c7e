"""What other programs read: the JSON contract "disavow/plan/1", which ``disavow publish --check`` reads again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..errors import Malformed, Misconfigured
from ..judgement.comparison import Compared
from ..judgement.fault import Fault
from ..judgement.finding import Finding
from ..judgement.gate import Gate
from ..judgement.impact.replay import Replay
from ..judgement.path import Change, Step
from ..judgement.publish import Plan
from ..judgement.record_set import Planned, RecordSet
from ..standards import names
from ..words import say
from . import record_formats

SCHEMA = "disavow/plan/1"
CHECK_SCHEMA = "disavow/plan-check/1"


def plan(found: Plan) -> dict[str, Any]:
    """The whole plan as one JSON object."""
    following = found.next
    return {
        "schema": SCHEMA,
        "domain": found.domain,
        "grade": found.audit.grade,
        "next": following.number if following else None,
        "unknown": [_sentence(fault.finding) for fault in found.unknown],
        "steps": [_step(step) for step in found.steps],
        "left": [_left(one) for one in found.left],
        "asides": [_sentence(one) for one in found.asides],
    }


def _sentence(finding: Finding) -> str:
    return say(finding.tag, finding.args)


def _left(one: Fault) -> dict[str, str]:
    sentence = _sentence(one.finding)
    return {"tag": one.tag, "level": one.level, "sentence": sentence, "replacement": one.replacement}


def _step(step: Step) -> dict[str, Any]:
    return {
        "number": step.number,
        "name": step.name,
        "done": step.done,
        "ready": step.ready,
        "gates": [_gate(one) for one in step.gates],
        "cost": _cost(step.cost) if step.cost else None,
        "changes": [_change(one) for one in step.changes],
        "records": [_record(one) for one in step.planned.records.values()],
        "files": [{"url": url, "text": text} for url, text in step.planned.files.items()],
    }


def _gate(one: Gate) -> dict[str, Any]:
    told = [_sentence(finding) for finding in one.more]
    return {"name": one.name, "state": one.state, "sentence": _sentence(one.finding), "sources": told}


def _cost(one: Replay) -> dict[str, Any]:
    return {
        "policy": one.candidate,
        "legitimate_weekly": one.legitimate,
        "refused_weekly": one.refused,
        "refused_low": one.low,
        "refused_high": one.high,
        "forged_weekly": one.forged,
        "forged_refused_weekly": one.forged_refused,
        "sources": [{"address": str(address or ""), "messages": count} for address, count in one.sources],
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "name": one.then.name,
        "type": one.then.type,
        "now": list(one.now.values),
        "then": list(one.then.values),
        "ttl_now": one.ttl,
        "ttl": record_formats.ttl(one),
        "check": dig(one.then),
        "rollback": list(record_formats.lines(one.now)),
    }


def dig(found: RecordSet) -> str:
    """The command that shows what is published."""
    return f"dig +short {found.type} '{found.name}'"


def _record(one: RecordSet) -> dict[str, Any]:
    return {"name": one.name, "type": one.type, "values": list(one.values), "kept": list(one.kept)}


def check(domain: str, step: int, compared: tuple[Compared, ...]) -> dict[str, Any]:
    """What ``--check`` found."""
    places = [
        {"where": one.where, "state": one.state, "differing": list(one.differing), "why": one.why} for one in compared
    ]
    return {"schema": CHECK_SCHEMA, "domain": domain, "step": step, "places": places}


@dataclass(frozen=True)
class _File:
    url: str
    text: str


@dataclass(frozen=True)
class _Record:
    name: str
    type: Literal["TXT", "MX", "CNAME"]
    values: tuple[str, ...]


@dataclass(frozen=True)
class _Step:
    number: int
    ready: bool
    records: tuple[_Record, ...]
    files: tuple[_File, ...]


@dataclass(frozen=True)
class _Plan:
    schema: Literal["disavow/plan/1"]
    domain: str
    next: int | None
    steps: tuple[_Step, ...]


def read(path: str, domain: str, number: int | None) -> tuple[int, Planned]:
    """A step of a plan that ``--json`` wrote, and what stands after it; without a number the one that was due."""
    try:
        found = msgspec.json.decode(Path(path).read_bytes(), type=_Plan)
        places = [names.parse(record.name.removeprefix("*.")) for step in found.steps for record in step.records]
    except (OSError, msgspec.MsgspecError, Malformed) as error:
        raise Misconfigured("--check", f"{path}: {error}", "name a file that disavow publish --as json wrote") from None
    if found.domain != domain or not all(names.is_within(place, domain) for place in places):
        raise Misconfigured("--check", f"{path} is a plan for {found.domain[:253]}", f"not for {domain}")
    step = next((one for one in found.steps if one.number == number), None) if number is not None else _due(found)
    if step is None:
        raise Misconfigured("--step", "the plan has no such step")
    records = (RecordSet(one.name.lower(), one.type, one.values) for one in step.records)
    return step.number, Planned().with_(records, {one.url: one.text for one in step.files})


def _due(found: _Plan) -> _Step | None:
    """As ``path.due``: not the next step while its gates do not hold."""
    at = next((at for at, one in enumerate(found.steps) if one.number == found.next), len(found.steps) - 1)
    waits = found.next is not None and at > 0 and not found.steps[at].ready
    return found.steps[at - waits] if found.steps else None
