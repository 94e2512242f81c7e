"""qmail-send and all that speak like it (Yahoo, Sina, GoDaddy …): "<address>:" and a paragraph about it."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import prose
from ..notice import Delivery

NAME = "qmail"

_ENTRY = re.compile(r"^<([^<>\s]+@[^<>\s]+)>:[ \t]*((?:\n(?!<[^<>\s]+@[^<>\s]+>|-)[ \t]*\S[^\n]*)+)", re.M)
_PARTING = re.compile(r"\s*Giving up on [0-9A-Fa-f.:]{3,45}\.?\s*\Z")  # its last words whatever the cause
_LIMITS = re.compile(r"^<[^<>\s]+@[^<>\s]+>:[ \t]*$", re.M)


def sniff(message: Message, text: str) -> bool:
    """An address alone on its line with a colon."""
    return bool(_LIMITS.search(text))


def read(message: Message, text: str) -> Delivery:
    """One paragraph per recipient: DJB's qmail-send.c, bounce format QSBMF."""
    said = prose.pairs(_ENTRY, text)
    return prose.read(message, text, NAME, said and [(address, _PARTING.sub("", words)) for address, words in said])
