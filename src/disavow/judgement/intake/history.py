"""What the DNS said, and when: a report that tells of another policy is forged, or was written from an old answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from ...errors import Malformed
from ...standards import dmarc
from ...standards.aggregate import Policy
from ...standards.mime import decode
from ...standards.questions import Answer, Dialogue, txt

# So long a receiver may go on with an old answer: the time to live of a record, and the day of a report.
STALE = timedelta(days=2)
_COMPARED = ("p", "sp", "adkim", "aspf")


class Observed(NamedTuple):
    """The DMARC record that a domain had each time it was asked from ``first`` to ``last``; "" for none."""

    record: str
    first: datetime
    last: datetime


History: TypeAlias = Mapping[str, tuple[Observed, ...]]


def name(domain: str) -> str:
    """Where the record of ``domain`` lies (RFC 9989 section 4.7)."""
    return f"_dmarc.{domain}"


def observe(domain: str) -> Dialogue[str | None]:
    """The DMARC record of ``domain`` as it is now, "" if it has none or several; None if nobody could say."""
    return observed((yield from txt(name(domain))))


def observed(answer: Answer[bytes]) -> str | None:
    """The DMARC record in an answer, "" if there is none or several are; None if nobody could say."""
    if answer.status == "temperror":
        return None
    records = [text for text in answer.values if dmarc.is_record(text)]
    return decode(records[0][: dmarc.MAX_RECORD]) if len(records) == 1 else ""


def contradiction(policy: Policy, begin: datetime, end: datetime, seen: Iterable[Observed]) -> str | None:
    """The record that stood from well before ``begin`` to ``end``, if ``policy`` is not what it says; else None.

    Nothing is concluded where a record that agrees was seen in that time, or none was seen through all of it.
    """
    start = begin - STALE
    then = [one for one in seen if one.first <= end and one.last >= start]
    if any(_agrees(policy, one.record) for one in then):
        return None
    return next((one.record for one in then if one.first <= start and one.last >= end), None)


def _agrees(policy: Policy, record: str) -> bool:
    """True if every tag that the report names has the value it has in the record, or that it defaults to."""
    try:
        found = dmarc.parse(record.encode("utf-8", "replace"))
    except Malformed:
        return False
    published = {"p": found.p or "none", "sp": found.sp or found.p or "none", "adkim": found.adkim, "aspf": found.aspf}
    told = {tag: getattr(policy, tag).strip().lower() for tag in _COMPARED}
    return all(not told[tag] or told[tag] == published[tag] for tag in _COMPARED)
