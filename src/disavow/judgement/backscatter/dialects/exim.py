"""Exim and the providers that kept its words (GMX, 1&1, mail.ru): indented addresses, deeper what happened."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import prose
from ..notice import Delivery

NAME = "exim"

_ENTRY = re.compile(
    r"^[ ]{1,3}([^\s:<>|/]+@[^\s:<>]+?):?[ \t]*((?:\n[ \t]{3,}\S[^\n]*)+)",
    re.M,
)


def sniff(message: Message, text: str) -> bool:
    """The sentence that is built in; providers put their own language before it."""
    return "created automatically by mail delivery software" in text[:4_000]


def read(message: Message, text: str) -> Delivery:
    """The indentation tells what belongs to an address; X-Failed-Recipients decides who is one."""
    return prose.read(message, text, NAME, prose.pairs(_ENTRY, text))
