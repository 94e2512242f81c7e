"""Exim's main log: "<=" for what arrives with its Message-ID, then a line a recipient."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime

from ...judgement.sent import Entry

MAX_QUEUED = 200_000
MAX_ADDRESSES = 1_000  # characters of a line that may name the recipient

_LINE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]{8,15})( [+-][0-9]{4})?(?: \[[0-9]+\])?"
    r"(?: ([0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}) (<=|=>|->|>>|\*\*|==|Completed)(.*))?"
)
_ID = re.compile(r" id=([^\s]{1,998})")
_ADDRESS = re.compile(r"[^\s<>]{1,64}@[^\s<>:]{1,255}")


def recognises(line: str) -> bool:
    """True if the line is one of Exim about a message."""
    match = _LINE.match(line)
    return bool(match and match[3])


def when(line: str, latest: datetime) -> datetime | None:
    """The time of the line, None if it has none."""
    match = _LINE.match(line)
    try:
        return datetime.fromisoformat(match[1] + (match[2] or "").strip()).astimezone(UTC) if match else None
    except (ValueError, OverflowError):
        return None


class Reader:
    """Remembers the Message-IDs of what is queued, the oldest forgotten beyond MAX_QUEUED."""

    def __init__(self) -> None:
        self._queued: OrderedDict[str, str] = OrderedDict()

    def read(self, line: str) -> Iterator[Entry]:
        """The deliveries that a line reports; mail that stays in the house is none."""
        match = _LINE.match(line)
        if not match or not match[3]:
            return
        queue_id, event, text = match[3], match[4], match[5]
        if event == "<=":
            found = _ID.search(text.partition(' T="')[0])  # the subject may hold anything
            self._queued[queue_id] = found[1].strip("<>") if found else ""
            if len(self._queued) > MAX_QUEUED:
                self._queued.popitem(last=False)
        elif event == "Completed":
            self._queued.pop(queue_id, None)
        elif event in ("**", "==") or " H=" in text:  # a host: to another server
            for address in dict.fromkeys(_ADDRESS.findall(text.partition(" R=")[0], 0, MAX_ADDRESSES)[:2]):
                yield Entry(self._queued.get(queue_id, ""), queue_id, address.lower())
