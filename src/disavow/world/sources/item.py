"""What a source gives: mails, reports without one, and what could not be read; each with its position for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias


class Mail(NamedTuple):
    """One message as it lies in its source, quoting and From_ line of an mbox removed.

    ``where`` names its position ("bounces.mbox.gz:#17 @123456", "box.zip/inner/a.eml"); ``number`` counts from 1
    and ``at`` is the offset in the (unpacked) file that holds it, 1 and 0 where a file is one mail.
    """

    raw: bytes
    where: str
    number: int = 1
    at: int = 0


class Unreadable(NamedTuple):
    """Something that was passed by: ``why`` completes the sentence "(what lies at) ``where`` …"."""

    where: str
    why: str
    number: int = 1
    at: int = 0


class Document(NamedTuple):
    """A file that may be a report, without a mail; ``chunks`` are its bytes, to be read before the next item."""

    chunks: Iterator[bytes]
    where: str
    number: int = 1
    at: int = 0


Arrival: TypeAlias = Mail | Unreadable
Item: TypeAlias = Arrival | Document


def printable(name: str) -> str:
    """``name`` with control characters and bytes that are no text written as escapes: safe to show and to log."""
    return name if name.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that os.fsdecode could not decode
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
