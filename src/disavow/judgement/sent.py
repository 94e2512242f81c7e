"""What was really sent, as the logs of my own servers tell it, and what that says about a returned message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from ..standards.message import Message
from ..standards.received import Hop
from .backscatter.notice import Evidence, Notice

QUEUED = timedelta(days=5)  # how long my server may have kept a message: RFC 5321 section 4.5.4.1
QUIET = timedelta(hours=12)  # a longer silence between two files of a log may be a file that is missing

_ID = re.compile(r"<?([^<>\s]{1,998})>?")
_ID_FIELDS = ("x-original-message-id", "original-message-id")
_QUEUE_FIELDS = ("x-postfix-queue-id",)


class Entry(NamedTuple):
    """One message given to one recipient's server, or tried: ids without angle brackets, the recipient lower-case."""

    message_id: str
    queue_id: str
    recipient: str


class Period(NamedTuple):
    """From when to when a log tells everything (aware, UTC)."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """``sent`` holds (id, recipient) for every id a message had, ``ids`` the ids, ``recipients`` all I wrote to."""

    sent: frozenset[tuple[str, str]]
    ids: frozenset[str]
    recipients: frozenset[str]
    periods: tuple[Period, ...] = ()

    def covers(self, first: datetime, last: datetime) -> bool:
        """True if the logs tell everything from ``first`` to ``last``."""
        return any(period.first <= first and last <= period.last for period in self.periods)


def index(entries: Iterable[Entry], periods: Iterable[Period] = ()) -> Sent:
    """The index of ``entries``; ``periods`` that overlap or nearly touch count as one."""
    sent: set[tuple[str, str]] = set()
    for entry in entries:
        sent |= {(name, entry.recipient) for name in (entry.message_id, entry.queue_id) if name}
    return Sent(
        frozenset(sent),
        frozenset(name for name, _ in sent),
        frozenset(recipient for _, recipient in sent),
        tuple(_joined(periods)),
    )


def _joined(periods: Iterable[Period]) -> list[Period]:
    joined: list[Period] = []
    for period in sorted(periods):
        if joined and period.first - joined[-1].last <= QUIET:
            joined[-1] = Period(joined[-1].first, max(joined[-1].last, period.last))
        else:
            joined.append(period)
    return joined


class Facts(NamedTuple):
    """What the logs are asked about: the ids and recipients of a returned message, and when it was sent.

    ``message_ids`` are among ``ids``; the others are queue ids, which may be the reporter's own.
    """

    ids: tuple[str, ...]
    message_ids: tuple[str, ...]
    recipients: tuple[str, ...]
    when: datetime | None


def facts(notice: Notice, original: Message | None, stamped: tuple[Hop, ...]) -> Facts:
    """The facts of a status mail; the time is the first that the reporter ``stamped``, else what the message claims."""
    fields = {name.lower(): value for name, value in notice.delivery.fields}
    named = [(original.first("message-id") or b"").decode("latin-1")] if original else []
    message_ids = _ids((*named, *(fields.get(name, "") for name in _ID_FIELDS)))
    queue_ids = _ids(fields.get(name, "") for name in _QUEUE_FIELDS)
    recipients = dict.fromkeys(each.address.lower() for each in notice.delivery.recipients if each.address)
    first = stamped[-1].at if stamped else None
    return Facts((*message_ids, *queue_ids), message_ids, tuple(recipients), first or _date(original))


def _ids(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[1] for text in texts if (match := _ID.search(text))))


def _date(original: Message | None) -> datetime | None:
    try:
        when = parsedate_to_datetime(((original and original.first("date")) or b"").decode("latin-1"))
        return when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def for_ours(log: Sent, asked: Facts) -> Iterator[Evidence]:
    """The evidence of a message that the logs know: with its recipient it decides, alone it may be a copied id."""
    for name in asked.ids:
        if any((name, recipient) in log.sent for recipient in asked.recipients):
            yield Evidence("ours-in-log", name, "decisive")
            return
        if name in log.ids and not asked.recipients:
            yield Evidence("ours-id-in-log", name, "strong")
            return


def for_forged(log: Sent, asked: Facts) -> Iterator[Evidence]:
    """The evidence of a message that complete logs do not know.

    It decides where the logs reach back as far as a message may wait, and never name the recipient.
    """
    if not asked.message_ids or any(name in log.ids for name in asked.ids) or asked.when is None:
        return
    if not log.covers(asked.when, asked.when):
        return
    stranger = asked.recipients and not log.recipients.intersection(asked.recipients)
    certain = stranger and _early_enough(log, asked.when)
    yield Evidence("forged-not-in-log", asked.message_ids[0], "decisive" if certain else "strong")


def _early_enough(log: Sent, when: datetime) -> bool:
    try:
        return log.covers(when - QUEUED, when)
    except OverflowError:  # the year 1
        return False


def elsewhere(log: Sent, asked: Facts) -> bool:
    """True if the logs know the message but not that recipient: it was forwarded, or others sent it again."""
    known = any(name in log.ids for name in asked.ids)
    return (
        known
        and bool(asked.recipients)
        and not any((name, recipient) in log.sent for name in asked.ids for recipient in asked.recipients)
    )
