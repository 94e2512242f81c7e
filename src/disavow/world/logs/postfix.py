"""Postfix: a message's lines are told apart by its queue id, in syslog's or RFC 3339 times."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from ...judgement.sent import Entry

MAX_QUEUED = 200_000
MAX_ADDRESSES = 1_000  # characters of a line that may name the recipient

_LINE = re.compile(r"[ /]postfix[^ \[]{0,40}/([a-z-]{1,20})\[[0-9]+\]: (?:\[[^\]]{0,60}\] )?([0-9A-Za-z]{6,30}): (.*)")
_ID = re.compile(r"(?:resent-)?message-id=<?([^<>\s]{1,998})>?")
_TO = re.compile(r"(?<![a-z_])(to|orig_to)=<([^<>\s]{1,320})>")
_STAMP = re.compile(r"([A-Z][a-z]{2}) +([0-9]{1,2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?")
# What is given to another server; the rest stays in the house, where forged mail to my own people ends too.
_AWAY = ("smtp", "relay", "error", "bounce")


def recognises(line: str) -> bool:
    """True if the line is one of Postfix."""
    return _LINE.search(line) is not None


def when(line: str, latest: datetime) -> datetime | None:
    """The time of the line; syslog leaves out the year, so it is the last one not after ``latest``."""
    try:
        if match := _ISO.match(line):
            return datetime.fromisoformat(match[0]).astimezone(UTC)
        if match := _STAMP.match(line):
            return _this_year(" ".join(match.groups()), latest)
    except (ValueError, OverflowError):
        pass
    return None


def _this_year(stamp: str, latest: datetime) -> datetime:
    tomorrow = latest + timedelta(days=1)  # the file's time may be in another zone
    moment = datetime.strptime(f"{latest.year} {stamp}", "%Y %b %d %H:%M:%S").astimezone(UTC)
    if moment <= tomorrow:
        return moment
    return datetime.strptime(f"{latest.year - 1} {stamp}", "%Y %b %d %H:%M:%S").astimezone(UTC)


class Reader:
    """Remembers the Message-IDs of what is queued, the oldest forgotten beyond MAX_QUEUED."""

    def __init__(self) -> None:
        self._queued: OrderedDict[str, str] = OrderedDict()

    def read(self, line: str) -> Iterator[Entry]:
        """The deliveries that a line reports; mail that stays in the house is none."""
        match = _LINE.search(line)
        if not match:
            return
        service, queue_id, text = match.groups()
        if found := _ID.match(text):
            self._queued[queue_id] = found[1]
            if len(self._queued) > MAX_QUEUED:
                self._queued.popitem(last=False)
        elif text == "removed":
            self._queued.pop(queue_id, None)
        elif text.startswith("to=") and service.startswith(_AWAY):
            head = text.partition(", relay=")[0]  # what follows may quote the other server
            for _, address in _TO.findall(head, 0, MAX_ADDRESSES):
                yield Entry(self._queued.get(queue_id, ""), queue_id, address.lower())
