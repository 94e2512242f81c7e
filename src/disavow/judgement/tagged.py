"""Envelope senders that I tag (BATV): who answers a tagged address answers something that I sent.

draft-levine-smtp-batv-01. The tag is a secret's work, so a valid one decides. That an answer came to an address
without a tag says much only for delivery reports: they go to the envelope sender, people's answers to From.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ..errors import Malformed
from ..standards import batv
from ..standards.message import Message
from .backscatter.notice import Evidence, Notice

# Written by the server that delivered the mail to me, then by whoever wrote the mail.
_FIELDS = ("x-original-to", "envelope-to", "x-envelope-to", "delivered-to", "to")
MAX_ADDRESSES = 20  # a tag has 24 bits: nobody may try many at once
_ADDRESS = re.compile(rb"[^\s<>@,;:\"()\[\]]{1,128}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_DAYS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Tags:
    """My secrets by their number (0 to 9); ``since``: from when on all my mail has been tagged, None if not all is."""

    keys: Mapping[int, bytes]
    since: datetime | None = None


class Arrived(NamedTuple):
    """The addresses that the status mail came to, and when it came."""

    to: tuple[str, ...]
    when: datetime


def parse(text: str) -> Tags:
    """The tags that a key file describes: lines ``0 SECRET`` to ``9 SECRET``, and ``since 2026-01-31``.

    Blank lines and lines from ``#`` on are skipped. Raises ``Malformed`` for any other line, and without a secret.
    """
    keys: dict[int, bytes] = {}
    since: datetime | None = None
    for number, line in enumerate(text.splitlines(), 1):
        name, _, value = line.strip().partition(" ")
        value = value.strip()
        if not name or name.startswith("#"):
            continue
        if name == "since":
            since = _date(value, number)
        elif len(name) == 1 and name in "0123456789" and value:
            keys[int(name)] = value.encode()
        else:
            # The line itself may hold a secret: it is not repeated.
            raise Malformed(f'line {number} is neither "0 SECRET" nor "since 2026-01-31"')
    if not keys:
        raise Malformed("there is no secret in it")
    return Tags(keys, since)


def _date(text: str, number: int) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Malformed(f"line {number} has no date like 2026-01-31") from None


def recipients(message: Message) -> tuple[str, ...]:
    """The addresses that an arrived mail names as its recipients, the first MAX_ADDRESSES of them."""
    found: list[str] = []
    for name in _FIELDS:
        for value in message.values(name)[:MAX_ADDRESSES]:
            found += (match[0].decode("latin-1") for match in _ADDRESS.finditer(value, 0, 4096))
    return tuple(dict.fromkeys(found))[:MAX_ADDRESSES]


def for_ours(tags: Tags, arrived: Arrived) -> Iterator[Evidence]:
    """The evidence of a valid tag, if there is one."""
    day = (arrived.when - _DAYS).days
    for address in arrived.to:
        if batv.verify(address, tags.keys, day):
            yield Evidence("ours-tagged", address, "decisive")
            return


def for_forged(tags: Tags, arrived: Arrived, notice: Notice, to_me: tuple[str, ...]) -> Iterator[Evidence]:
    """The evidence of a missing tag; ``to_me`` are the recipients that are mine, tagged or not.

    Call it for mail without a valid tag only.
    """
    if notice.kind != "dsn" or not to_me:
        return
    if any(_has_tag(address) for address in to_me):
        # Expired, or copied from somewhere: reports may come later than a tag lives.
        yield Evidence("forged-tag-invalid", to_me[0], "weak")
    elif tags.since and arrived.when - tags.since > timedelta(days=batv.LIFETIME):
        yield Evidence("forged-untagged", to_me[0], "strong")


def _has_tag(address: str) -> bool:
    try:
        return batv.parse(address).scheme == "prvs"
    except Malformed:
        return False
