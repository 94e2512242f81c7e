"""Does the DNS hold what was planned?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..errors import Malformed
from ..standards import mtasts
from ..standards.questions import Answer, Dialogue, Response, fetch, lookup, together
from .record_set import Planned, RecordSet, current

State: TypeAlias = Literal["published", "differs", "missing", "unknown"]
_ANY = ("id",)  # of MTA-STS: only has to be another than before (RFC 8461 section 3.1)


@dataclass(frozen=True, slots=True)
class Compared:
    """One place or file: ``differing`` names the tags or terms that are not as planned, ``why`` a failed lookup."""

    where: str
    state: State
    differing: tuple[str, ...] = ()
    why: str = ""


def compare(planned: Planned) -> Dialogue[tuple[Compared, ...]]:
    """Each planned place and file beside what is published; a failed lookup is "unknown", never "missing"."""
    records = yield from together(*(_record(one) for one in planned.records.values()))
    files = yield from together(*(_file(url, text) for url, text in planned.files.items()))
    return (*records, *files)


def _record(planned: RecordSet) -> Dialogue[Compared]:
    answer = yield from lookup(planned.name, planned.type)
    where = f"{planned.type} {planned.name}"
    if answer.status == "temperror":
        return Compared(where, "unknown", why=answer.why)
    if planned.type == "CNAME":  # only ever planned to be gone
        return Compared(where, "differs" if answer.values else "published", tuple(map(str, answer.values)))
    now = current(planned.name, planned.type, Answer("ok", answer.values)).values
    if planned.values and not now:
        return Compared(where, "missing")
    differing = _differing(planned.values, now) if planned.values else now
    return Compared(where, "differs" if differing else "published", differing)


def _differing(planned: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """The parts of either side that the other has not; texts that mean the same are equal."""
    if len(planned) != 1 or len(now) != 1:
        return tuple(sorted(set(planned) ^ set(now)))
    ours, theirs = _parts(planned[0]), _parts(now[0])
    names = dict.fromkeys((*ours, *theirs))
    differing = tuple(name for name in names if ours.get(name) != theirs.get(name))
    # Only of SPF does the order count (RFC 7208 section 4.6.2).
    return differing or (("order",) if ours and not any(ours.values()) and list(ours) != list(theirs) else ())


def _parts(text: str) -> dict[str, str]:
    """SPF: its terms; a tag list: its tags with their values."""
    if text.lower().startswith("v=spf1"):
        return dict.fromkeys(text.lower().split(), "")
    pairs = (piece.partition("=") for piece in text.split(";") if piece.strip())
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs if name.strip() not in _ANY}


def _file(url: str, text: str) -> Dialogue[Compared]:
    """RFC 8461 section 3.3: only an answer of 200 from a server with a good certificate counts."""
    answer: Answer[Response] = yield from fetch(url)
    if answer.status == "temperror":
        return Compared(url, "unknown", why=answer.why)
    response = answer.values[0] if answer.values else Response(0, (), b"")
    if response.status != 200:
        return Compared(url, "missing", why=response.problem)
    try:
        found, wanted = mtasts.parse_policy(response.body), mtasts.parse_policy(text.encode())
    except Malformed as malformed:
        return Compared(url, "differs", (malformed.what,))
    names = ("mode", "max_age", "mx")
    differing = tuple(name for name in names if getattr(found, name) != getattr(wanted, name))
    return Compared(url, "differs" if differing else "published", differing)
