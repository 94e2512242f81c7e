"""Lotus Domino: whom the message was not delivered to, and after one more sentence that ends in a colon, why."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import addressees, prose
from ..notice import Delivery

NAME = "domino"

_ENTRIES = re.compile(r":[ \t]*\n\s*((?:[ \t]*[^\s@]+@[^\s@]+[ \t]*\n)+)\s*[^\n]*:[ \t]*\n+((?:[ \t]*\S[^\n]*\n?)+)")


def sniff(message: Message, text: str) -> bool:
    """The subject that is never translated, or the directory's name."""
    return (message.first("subject") or b"").startswith(b"DELIVERY FAILURE:") or "Domino" in text


def read(message: Message, text: str) -> Delivery:
    """All the listed addresses share the reason."""
    match = _ENTRIES.search(text[:16_000])
    chosen = [(addressees.clean(address), match[2]) for address in match[1].split()] if match else None
    return prose.read(message, text, NAME, chosen)
