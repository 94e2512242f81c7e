"""Google's bounces before 2017 and those of Groups: who in the header, the other server's reply at the end."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import diagnostic, prose
from ..notice import Delivery, Recipient

NAME = "google"

_RETURNED = re.compile(r"(?:other|remote) server(?: returned)? was:")
_DETAILS = "Technical details of"


def sniff(message: Message, text: str) -> bool:
    """Google's daemon, or its headings."""
    return b"@googlemail.com" in (message.first("from") or b"") or _DETAILS in text


def read(message: Message, text: str) -> Delivery:
    """The reply alone is the diagnostic; the remote server stands in the sentence before it."""
    delivery = prose.read(message, text, NAME)
    details = text.partition(_DETAILS)[2] or text
    heading = _RETURNED.search(details)
    told = details[heading.end() :] if heading else details
    return delivery._replace(recipients=tuple(_told(each, told, details) for each in delivery.recipients))


def _told(named: Recipient, told: str, details: str) -> Recipient:
    spoken = prose.recipient(named.address, told, named.action)
    host = diagnostic.remote(details)
    return spoken._replace(remote=host.name, remote_ip=host.address)
