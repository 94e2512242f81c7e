"""Tag=value lists, as DKIM, DMARC, ARC, MTA-STS, TLS-RPT and BIMI share them (RFC 6376 section 3.2)."""

from __future__ import annotations

import re

from ..errors import Malformed

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_FWS = " \t\r\n"


def parse(text: str) -> tuple[tuple[str, str], ...]:
    """The tags in order, white space around names and values removed; a trailing semicolon is allowed.

    Raises ``Malformed`` for a tag without "=", a name that is none, or a name that stands twice (RFC 6376
    section 3.2: the whole list is then invalid).
    """
    tags: dict[str, str] = {}
    at, end = 0, len(text.rstrip(_FWS + ";"))
    for piece in text.split(";"):
        name, equals, value = piece.partition("=")
        name = name.strip(_FWS)
        if equals and _NAME.match(name):
            if name in tags:
                raise Malformed(f"the tag {name}= stands twice", at, text.encode("utf-8", "replace"))
            tags[name] = value.strip(_FWS)
        elif piece.strip(_FWS):
            raise Malformed("not a tag=value", at, text.encode("utf-8", "replace"))
        elif at + len(piece) < end:
            raise Malformed("an empty tag", at, text.encode("utf-8", "replace"))
        at += len(piece) + 1
    return tuple(tags.items())


def format(tags: tuple[tuple[str, str], ...]) -> str:
    """The list on one line, as records are published: ``v=DMARC1; p=reject``."""
    return "; ".join(f"{name}={value}" for name, value in tags)
