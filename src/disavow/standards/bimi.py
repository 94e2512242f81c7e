"""BIMI: the logo that mailbox providers may show beside mail (draft-brand-indicators-for-message-identification)."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Malformed
from . import tags

VERSION = b"v=BIMI1"


@dataclass(frozen=True, slots=True)
class Record:
    """``location`` of the SVG logo, "" when the domain declines; ``evidence`` of its certificate, "" without."""

    location: str
    evidence: str = ""


def owner(domain: str, selector: str = "default") -> str:
    """The name at which the record stands."""
    return f"{selector}._bimi.{domain}"


def is_record(text: bytes) -> bool:
    """True if a TXT record claims to be BIMI; others at the name are not counted."""
    return text.lstrip().startswith(VERSION)


def parse(text: bytes) -> Record:
    """The record; raises ``Malformed`` without ``v=BIMI1`` first, without ``l=``, or for a URL that is not https."""
    found = tags.parse(text.decode("utf-8", "replace"))
    if found[:1] != (("v", "BIMI1"),):
        raise Malformed("does not begin with v=BIMI1", 0, text)
    values = dict(found)
    if "l" not in values:
        raise Malformed("no l= tag", 0, text)
    for name in ("l", "a"):
        if values.get(name) and not values[name].lower().startswith("https://"):
            raise Malformed(f"{name}= is not an https address", 0, text)
    return Record(values["l"], values.get("a", ""))


def format(record: Record) -> bytes:
    """The record as it is published."""
    pairs = [("v", "BIMI1"), ("l", record.location)]
    return tags.format((*pairs, *([("a", record.evidence)] if record.evidence else []))).encode()
