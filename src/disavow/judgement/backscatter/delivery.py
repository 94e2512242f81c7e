"""What the bounce says: who was not reached, by whose word, and why (RFC 3464, else the reporter's own dialect)."""

from __future__ import annotations

import re

from ...standards import mime
from ...standards.message import Message, unfold
from .notice import Delivery, Recipient

REPORTS = ("message/delivery-status", "message/global-delivery-status")

_BLANK_LINE = re.compile(rb"\n[ \t\r]*\n")


def read(message: Message, parts: tuple[Message, ...]) -> Delivery:
    """The fate of each recipient that ``message`` reports; an empty Delivery when it is no bounce.

    ``parts`` are all entities of ``mime.walk(message)``, in order.
    """
    for part in parts:
        if mime.content_type(part).type in REPORTS:
            return _structured(part)
    return Delivery()


def _structured(part: Message) -> Delivery:
    groups = [Message(group.lstrip(b"\r\n")) for group in _BLANK_LINE.split(mime.decoded(part)) if group.strip()]
    heads = [group for group in groups if not group.all("final-recipient") and not group.all("original-recipient")]
    fields = tuple(
        (field.name.decode("latin-1").lower(), mime.decode(unfold(field.value)))
        for group in heads
        for field in group.fields
    )
    recipients = tuple(_recipient(group) for group in groups if group not in heads)
    reporter = dict(fields).get("reporting-mta", "").rpartition(";")[2].strip()
    return Delivery("rfc3464", reporter, recipients, fields)


def _recipient(group: Message) -> Recipient:
    def value(name: str) -> str:
        return mime.decode(group.first(name) or b"").partition(";")[2].strip()

    return Recipient(
        address=value("final-recipient") or value("original-recipient"),
        action=mime.decode(group.first("action") or b"").lower(),
        status=mime.decode(group.first("status") or b""),
        diagnostic=value("diagnostic-code"),
        remote=value("remote-mta"),
    )
