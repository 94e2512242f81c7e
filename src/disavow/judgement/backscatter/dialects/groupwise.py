"""Novell GroupWise: indented names, not always addresses, each with its reason in parentheses."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import prose
from ..notice import Delivery

NAME = "groupwise"

_ENTRY = re.compile(r"^[ \t]{1,8}([^\s()<>:;,]{1,254})[ \t]{1,4}\(([^\n]{2,400}?)\)?[ \t]*$", re.M)
_DOMAIN = re.compile(r"@([\w.-]{1,253})")


def sniff(message: Message, text: str) -> bool:
    """The name of its gateway, or its sentence."""
    return b"GroupWise" in (message.first("x-mailer") or b"") or "was undeliverable to the following:" in text


def read(message: Message, text: str) -> Delivery:
    """Who is listed; whoever has no domain is at that of the others, or at the gateway's."""
    listed = prose.pairs(_ENTRY, text)
    if not listed or not prose.is_daemon(message):
        return prose.read(message, text, NAME)
    named = next((address for address, _ in listed if "@" in address), (message.first("from") or b"").decode("latin-1"))
    domain = _DOMAIN.search(named)
    chosen = [
        (address if "@" in address or not domain else f"{address}@{domain[1].lower()}", words)
        for address, words in listed
    ]
    return prose.read(message, text, NAME, chosen)
