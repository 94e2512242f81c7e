"""Mailboxes in mbox format (RFC 4155 and its older dialects): mboxrd, mboxo, mboxcl2, with and without blank lines.

A new mail begins at a From_ line: "From ", perhaps an address (perhaps obfuscated by a list archive), and a date.
Other lines that begin with "From " are text. Where the first From_ line of a file has no date, none needs one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ....errors import Malformed
from ..item import Item, Mail, Unreadable
from ..stream import Stream
from .eml import begins_like_a_mail, not_a_mail, too_large

_SENDER = rb'(?:(?:[^\s"]{1,320}|"[^"\n]{0,100}"@\S{1,255}|[^\s"]{1,64} at \S{1,255}(?: dot \S{1,63}){0,4})[ \t]+)?'
_TIME = rb"\d{1,2}:\d\d(?::\d\d)?"
_DATE = (
    rb"(?:[A-Z][a-z]{2},?[ ]{1,2}"  # Mon Nov 16 12:00:00 2020, Mon, 16 Nov 2020 12:00:00 +0000
    rb"(?:[A-Z][a-z]{2}[ ]{1,2}\d{1,2}|\d{1,2}[ ][A-Z][a-z]{2})(?:[ ]\d{4})?[ ]{1,2}" + _TIME + rb"|"
    rb"\d{4}-\d\d-\d\d[T ]" + _TIME + rb")"
)
_DATED = re.compile(rb"\nFrom [ \t]{0,9}" + _SENDER + _DATE + rb"[^\n]{0,100}\n")
_DATELESS = re.compile(rb"\nFrom [^\s@]{1,64}@[^\s@]{1,255}[ \t]{0,9}\r?\n(?=[!-9;-~]{1,80}:|>From )")
_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]{0,9}:|>From |\r?\n")
_QUOTED = re.compile(rb"\n>(?=>*From )")
_CONTENT_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,12})[ \t]*\r?\n", re.I)
_BLANK = re.compile(rb"\n\r?\n")

_LINE = 1024  # no From_ line with the line after it is longer


def sniff(head: bytes, name: str) -> bool:
    """True for what begins with a From_ line, unless its name says that it is a single mail."""
    return not name.lower().endswith(".eml") and _shape(head) is not None


def read(stream: Stream) -> Iterator[Item]:
    """The mails of the mailbox, numbered from 1; memory holds one of them and one chunk."""
    limit = stream.allowance.budget.message
    for number, (at, raw, why, verbatim) in enumerate(_counted(_blocks(stream, limit), limit), 1):
        where = f"{stream.where}:#{number} @{at}"
        raw = raw[raw.find(b"\n") + 1 : -_blank_line(raw) or None]
        if not why and begins_like_a_mail(raw):
            yield Mail(raw if verbatim else unquote(raw), where, number, at)
        else:
            yield Unreadable(where, why or not_a_mail(raw[:_LINE]), number, at)


def unquote(raw: bytes) -> bytes:
    """``raw`` with one ``>`` taken from every line that is "From " after any number of them (mboxrd)."""
    return _QUOTED.sub(b"\n", raw) if b">From " in raw else raw


class _Block(NamedTuple):
    """The bytes from one From_ line to the next, at offset ``at``; or ``why`` they cannot be had."""

    at: int
    raw: bytes
    why: str = ""
    verbatim: bool = False


class _Growing:
    """The block that is being read: it holds no more than ``limit`` bytes and counts the others."""

    def __init__(self, at: int, limit: int) -> None:
        self.at, self.limit, self.size, self.pieces = at, limit, 0, list[bytes]()

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size <= self.limit:
            self.pieces.append(piece)
        else:
            self.pieces.clear()

    def end(self, last: bytes) -> _Block:
        """The block that ``last`` completes; the next one begins after it."""
        at, size = self.at, self.size + len(last)
        self.at, self.size = at + size, 0
        if self.pieces:
            last = b"".join((*self.pieces, last))
            self.pieces.clear()
        return _Block(at, last) if size <= self.limit else _Block(at, b"", too_large(self.limit))


def _shape(head: bytes) -> re.Pattern[bytes] | None:
    """How the From_ lines of a mailbox that begins with ``head`` look."""
    first = b"\n" + head.lstrip()
    return next((shape for shape in (_DATED, _DATELESS) if shape.match(first)), None)


def _blocks(stream: Stream, limit: int) -> Iterator[_Block]:
    """The blocks of the mailbox in order; the last one says so where the stream breaks off."""
    head = stream.peek(4096)
    shape = _shape(head) or _DATED
    stream.skip(len(head) - len(head.lstrip()))
    growing = _Growing(stream.at, limit)
    window, scan, more, broken = b"", 0, True, ""
    while more:
        try:
            chunk = stream.chunk()
        except Malformed as error:
            chunk, broken = b"", error.what
        more = bool(chunk)
        window += chunk
        end = max(len(window) - _LINE, 0) if more else len(window)
        start = 0
        for cut in _cuts(shape, window, scan, end):
            yield growing.end(window[start:cut])
            start = cut
        keep = max(start, end - 16) if more else len(window)
        growing.add(window[start:keep])
        window, scan = window[keep:], max(end - keep - 8, 0)
    yield _Block(growing.at, b"", f"{broken}, and this mail is cut short") if broken else growing.end(b"")


def _cuts(shape: re.Pattern[bytes], window: bytes, scan: int, end: int) -> Iterator[int]:
    """Where in ``window`` mails begin whose From_ line follows a line end in [scan, end)."""
    while (scan := window.find(b"\nFrom ", scan, end)) >= 0:
        match = shape.search(window, scan)
        if match is None or (scan := match.start()) >= end:
            return
        if window.endswith((b"\n", b"\n\r"), 0, scan) or _FIELD.match(window, match.end()):
            yield scan + 1
        scan += 1


def _counted(blocks: Iterator[_Block], limit: int) -> Iterator[_Block]:
    """The same mails; verbatim, and joined again, where Content-Length counts their body (mboxcl2).

    Such a mailbox quotes no From_ line, so a body was split at those in it. Only one whose mails all have a right
    Content-Length, from the first on, is trusted: a sender could write the field to swallow the mails after his.
    """
    for block in blocks:
        parts = [block]
        size, wanted = len(block.raw), _counted_size(block.raw)
        while size < wanted <= limit and not parts[-1].why and (more := next(blocks, None)):
            parts.append(more)
            size += len(more.raw)
        if parts[-1].why or not wanted <= size <= wanted + 2:
            yield from parts
            break
        yield _Block(block.at, b"".join(part.raw for part in parts), verbatim=True)
    yield from blocks


def _counted_size(raw: bytes) -> int:
    """How long a block that begins with ``raw`` is by its Content-Length, blank line aside; 0 if it has none."""
    end = _BLANK.search(raw)
    length = _CONTENT_LENGTH.search(raw, 0, end.end()) if end else None
    return end.end() + int(length[1]) if end and length else 0


def _blank_line(raw: bytes) -> int:
    """How many bytes the empty line has that ends a mail in a mailbox; 0 where there is none."""
    if raw.endswith(b"\n\n"):
        return 1
    return 2 if raw.endswith(b"\n\r\n") else 0
