"""Postfix in plain words: "<address>: words", what follows is indented (bounce(5), before it wrote RFC 3464)."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import prose
from ..notice import Delivery

NAME = "postfix"

_ENTRY = re.compile(
    r"^<([^<>\s]+@[^<>\s]+)>(?: \([^()\n]*\))?: ([^\n]*(?:\n[ \t]+\S[^\n]*)*)",
    re.M,
)


def sniff(message: Message, text: str) -> bool:
    """The greeting that is built in, or the command to which the remote host replied."""
    return "mail system at host" in text or "Postfix" in text[:600] or "(in reply to " in text


def read(message: Message, text: str) -> Delivery:
    """One entry per recipient; the host that decided stands in its words."""
    return prose.read(message, text, NAME, prose.pairs(_ENTRY, text))
