"""Dates and times of mail (RFC 5322 section 3.3), with the obsolete and the merely customary forms read too."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ..errors import Malformed

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = {name: number for number, name in enumerate(_MONTHS, 1)}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# RFC 5322 section 4.3: the obsolete zones; what is not here means +0000.
_ZONES = {"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420}

_TIME = r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?"
_ZONE = r"(?: ?([+-]\d{2}:?\d{2}|[A-Za-z]{1,5}\b))?"
_DATE = re.compile(
    rf"(?:\b[A-Za-z]{{3,9}},? )?(?<!\d)(\d{{1,2}})[ -]([A-Za-z]{{3}})[a-z]{{0,6}}[ -](\d{{2,4}}),? {_TIME}{_ZONE}"
)
_ASCTIME = re.compile(rf"\b([A-Za-z]{{3}}) (\d{{1,2}}) {_TIME}(?: [A-Z]{{3,4}})? (\d{{4}})(?: ([+-]\d{{4}}))?")
_ISO = re.compile(rf"(?<!\d)(\d{{4}})-(\d{{2}})-(\d{{2}})[T ]{_TIME}{_ZONE}")


def parse(text: str) -> datetime:
    """The first date in ``text`` as an aware UTC datetime; no zone is taken for UTC (RFC 5322 section 3.3).

    Comments, a missing weekday, two-digit years, ctime and ISO 8601 forms are read. Raises ``Malformed``.
    """
    moment, _ = find(" ".join(text[:1000].split()))
    if moment is None:
        raise Malformed("no date", 0, text[:200].encode("utf-8", "replace"))
    return moment


def find(text: str, start: int = 0) -> tuple[datetime | None, int]:
    """(the first date at or after ``start`` of a text on one line, where it begins); (None, len(text)) if none."""
    usual = start + text.startswith(" ", start)
    if match := _DATE.match(text, usual) or _DATE.search(text, usual):
        day, month, year, hour, minute, second, zone = match.groups()
    elif match := _ISO.search(text, start):
        year, month, day, hour, minute, second, zone = match.groups()
    elif match := _ASCTIME.search(text, start):
        month, day, hour, minute, second, year, zone = match.groups()
    else:
        return None, len(text)
    midnight = _midnight(year, month, day, zone)
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second or 0)
    if midnight is None or seconds > 86_400 or int(minute) > 59:
        return None, match.start()
    # A leap second, and 24:00, are the first of the next day: there is no other datetime for them.
    return midnight + timedelta(seconds=seconds), match.start()


def format(moment: datetime) -> str:
    """The date as RFC 5322 section 3.3 writes it, in UTC: ``Mon, 16 Nov 2020 11:40:00 +0000``."""
    utc = moment.astimezone(UTC)
    month = _MONTHS[utc.month - 1].title()
    return f"{_DAYS[utc.weekday()]}, {utc.day:02} {month} {utc.year:04} {utc:%H:%M:%S} +0000"


@lru_cache(maxsize=4_096)
def _midnight(year: str, month: str, day: str, zone: str | None) -> datetime | None:
    """When the day began in the zone, in UTC; None where there is no such day, or not enough years around it."""
    number = int(month) if month.isdecimal() else _MONTH.get(month.lower(), 0)
    try:
        begin = datetime(_year(year), number, int(day), tzinfo=UTC)
        # The end of the day must exist too.
        return begin + timedelta(days=2) - timedelta(days=2) - (_offset(zone) if zone else timedelta())
    except (ValueError, OverflowError):
        return None


def _year(text: str) -> int:
    """RFC 5322 section 4.3: two digits below 50 are of this century, three count from 1900."""
    year = int(text)
    return year if len(text) > 3 else year + (2000 if len(text) == 2 and year < 50 else 1900)


def _offset(zone: str) -> timedelta:
    if zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return timedelta(minutes=_ZONES.get(zone.lower(), 0))
