"""Microsoft Exchange, 5.5 to 365, in any language: its sentences are translated, its structure is not."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import prose
from ..notice import Delivery

NAME = "exchange"

# 5.5 and 2000: "address on date", indented words that end with the MSEXCH: line. X.400 addresses hide one.
_OLD = re.compile(
    r"^[ \t]{0,40}(?:[^@\n]{0,200}SMTP=)?([^\s@;=<>]+@[^\s@;<>]+?);? on [^\n]*"
    r"((?:\n(?![^\n@]*@[^\n@]* on )[ \t]*\S[^\n]*)*)",
    re.M | re.I,
)
# 2007 and later, after the generating server: an address alone, perhaps the remote server, then the reply.
_NEW = re.compile(
    r"^[ \t]*([^\s@<>]+@[^\s@<>]+)[ \t]*\n\s*((?:[\w.-]+[ \t]*\n\s*)?[^\n]*"
    r"(?:#?<?[^\n]{0,40}#?[45]\.\d+\.\d+|'[45]\d\d |[45]\d\d )[^\n]*(?:\n[ \t]*\S[^\n]*){0,12})",
    re.M,
)
_MARK = re.compile(
    r"MSEXCH:|prod\.outlook\.com|Microsoft Exchange|RESOLVER\.|STOREDRV|Generating server:"
    r"|^[^\n:：]{4,40}[:：][ \t]*[\w.-]+\n\s*[^\s@]+@\S+\n\s*(?:[\w.-]+\n\s*)?#?[^\n]{0,60}[45]\.\d\.\d+",
    re.M,
)


def sniff(message: Message, text: str) -> bool:
    """Its error names, its host names, or "label: server", address, "#550 5.x.x" one under the other."""
    return "xchange" in text or "did not reach the following" in text or bool(_MARK.search(text[:16_000]))


def read(message: Message, text: str) -> Delivery:
    """The administrator's part where there is one, since it quotes the reply."""
    return prose.read(message, text, NAME, prose.pairs(_NEW, text) or prose.pairs(_OLD, text))
