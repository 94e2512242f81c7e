"""Exchange's message tracking log: CSV whose columns a "#Fields:" line names, times in UTC."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime

from ...judgement.sent import Entry

MAX_RECIPIENTS = 1_000  # of one line

_COLUMNS = ("event-id", "message-id", "recipient-address")
# RECEIVE and DELIVER are told of strangers' mail too.
_AWAY = ("SEND", "SENDEXTERNAL", "FAIL", "DEFER")


def recognises(line: str) -> bool:
    """True if the line names the columns of a message tracking log."""
    names = line.removeprefix("\ufeff").removeprefix("#Fields:")
    return all(column in names for column in _COLUMNS) and "date-time" in names


def when(line: str, latest: datetime) -> datetime | None:
    """The time of the line (UTC), None if it has none: date-time is the first column."""
    try:
        moment = datetime.fromisoformat(line.partition(",")[0].strip('"'))
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


class Reader:
    """Knows the columns from the last line that named them."""

    def __init__(self) -> None:
        self._event = self._id = self._recipients = -1

    def read(self, line: str) -> Iterator[Entry]:
        """The deliveries to other servers that a line reports."""
        if recognises(line):
            names = [name.strip(' "') for name in line.removeprefix("\ufeff").removeprefix("#Fields:").split(",")]
            if all(column in names for column in _COLUMNS):
                self._event, self._id, self._recipients = (names.index(column) for column in _COLUMNS)
            return
        cells = _cells(line)
        if self._event < 0 or len(cells) <= max(self._event, self._id, self._recipients):
            return
        if cells[self._event] in _AWAY:
            for address in cells[self._recipients].split(";", MAX_RECIPIENTS)[:MAX_RECIPIENTS]:
                yield Entry(cells[self._id].strip("<>"), "", address.strip().lower())


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader((line,)), [])
    except csv.Error:  # a NUL, or a cell beyond csv's own limit
        return []
