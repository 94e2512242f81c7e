"""Tag=value lists, as DKIM, DMARC, ARC, MTA-STS, TLS-RPT and BIMI share them (RFC 6376 section 3.2)."""

from __future__ import annotations

import re

from ..errors import Malformed

_TAG = re.compile(r";[ \t\r\n]*+([A-Za-z][A-Za-z0-9_-]*+)[ \t\r\n]*+=([^;]*+)")
# Beyond this a list is looked through before any of it is kept.
_MANY = 1000
_FWS = " \t\r\n"


def parse(text: str) -> tuple[tuple[str, str], ...]:
    """The tags in order; raises ``Malformed`` as ``by_name`` does."""
    return tuple(by_name(text).items())


def by_name(text: str) -> dict[str, str]:
    """The value of each tag, white space around names and values removed; a trailing semicolon is allowed.

    Raises ``Malformed`` for a tag without "=", a name that is none, or a name that stands twice (RFC 6376
    section 3.2: the whole list is then invalid).
    """
    pieces = text.count(";") + 1
    if pieces > _MANY:
        _check(text)
    tags = {name: value.strip(_FWS) for name, value in _TAG.findall(";" + text)}
    if len(tags) < pieces:
        _check(text)
    return tags


def _check(text: str) -> None:
    """Raises for the first piece of the list that is wrong; empty ones at the end are not."""
    names: set[str] = set()
    at, end = 0, len(text.rstrip(_FWS + ";"))
    for piece in text[:end].split(";") if end else ():
        tag = _TAG.fullmatch(";" + piece)
        if not tag:
            what = "not a tag=value" if piece.strip(_FWS) else "an empty tag"
            raise Malformed(what, at, text.encode("utf-8", "replace"))
        if tag[1] in names:
            raise Malformed(f"the tag {tag[1]}= stands twice", at, text.encode("utf-8", "replace"))
        names.add(tag[1])
        at += len(piece) + 1


def format(tags: tuple[tuple[str, str], ...]) -> str:
    """The list on one line, as records are published: ``v=DMARC1; p=reject``."""
    return "; ".join(f"{name}={value}" for name, value in tags)
