"""Where a message lies inside a text: the block of header fields that a reporter copied below its own words.

No marker line is needed, so none has to be translated: a run of lines that are header fields, several of them
names that every message has, is a message. The run may be quoted, indented, or torn by lost folding.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ...standards.message import Message

MAX_TEXT = 262_144  # bytes searched for the beginning of a block
MAX_CANDIDATES = 24

# What a field is worth as a sign that a message begins here; a block needs ENOUGH of them.
_WORTH = {
    b"received": 3,
    b"return-path": 2,
    b"message-id": 2,
    b"dkim-signature": 2,
    b"from": 2,
    b"to": 1,
    b"subject": 1,
    b"date": 1,
    b"delivered-to": 1,
    b"mime-version": 1,
    b"reply-to": 1,
    b"sender": 1,
    b"cc": 1,
    b"content-type": 1,
    b"x-mailer": 1,
    b"user-agent": 1,
    b"sent": 1,
    b"authentication-results": 1,
    b"arc-seal": 2,
    b"x-received": 2,
    b"x-originating-ip": 1,
}
_TRACE = frozenset((b"received", b"return-path", b"message-id", b"dkim-signature", b"x-received", b"arc-seal"))
_STATUS = frozenset((b"final-recipient", b"original-recipient", b"reporting-mta", b"action", b"feedback-type"))
ENOUGH = 4
SUMMARY = 2

# A search skips to the line ends; the line that begins the text has none before it.
_BEGINS = rb"([ \t>|*]{0,16})(?:%s)[ \t]{0,4}:" % b"|".join(re.escape(name) for name in _WORTH)
_FIRST, _LATER = re.compile(_BEGINS, re.I), re.compile(rb"\n" + _BEGINS, re.I)
_NAME = re.compile(rb"^[ \t>|*]{0,16}([!-9;-~]{1,76})[ \t]{0,4}:", re.M)
_TRUNCATED = re.compile(
    rb"truncat|no more than \d+|first \d+ (?:lines|[kmb])|top \d+ lines|first part of|max(?:imum)? \d+ ?k"
    rb"|message (?:body|text) (?:suppressed|removed|omitted)",
    re.I,
)
_RULES = (b"--", b"==", b"__", b"**", b"|--", b"##")
_ANNOUNCING = (b":", b"--", b"==", b"**", b"follow.", b"follows.", b"following.", b"message.", b"headers.")
_DELIMITER = re.compile(rb"^(--[^\s][^\n]{3,72})\n(?:[!-9;-~]{1,76}:[^\n]*\n(?:[ \t][^\n]*\n)*){0,8}\s*\Z", re.M)

# What no header worth ENOUGH is without, as it stands in a page: names of trace fields, or a name and its colon.
_TRACES = ("received", "return-path", "message-id", "dkim-signature", "arc-seal")
_NAMED = tuple(re.compile(name + r"(?:<[^<>]{0,500}>|&nbsp;|\s){0,8}:") for name in ("from", "subject"))


class Block(NamedTuple):
    """A message inside a text: ``start`` and ``end`` in the text, ``prefix`` what stands before each of its lines.

    ``worth`` is how sure it is; ``traced`` that it has fields which only a transported message has.
    """

    start: int
    header_end: int
    end: int
    prefix: bytes
    worth: int
    traced: bool


def locate(text: bytes, least: int = ENOUGH) -> Block | None:
    """The first block with trace fields, else the richest one; None when no block is worth ``least``.

    Only the first MAX_TEXT bytes are searched; the block itself may reach beyond. Linear in the text.
    """
    best: Block | None = None
    at = 0
    for _ in range(MAX_CANDIDATES):
        start = (_FIRST.match(text) if at == 0 else None) or _LATER.search(text, max(at - 1, 0), MAX_TEXT)
        if not start:
            break
        block = _block(text, start.start(1), start[1])
        if block.worth >= least and (best is None or block.worth > best.worth or block.traced):
            best = block
            if block.traced:
                break
        at = max(block.header_end, start.end())
    return best


def may_hold(page: str) -> bool:
    """Cheaply, without making the HTML plain: False only where it shows no header."""
    lower = page.lower()
    return any(name in lower for name in _TRACES) or any(named.search(lower) for named in _NAMED)


def extract(text: bytes, block: Block) -> Message:
    """The message of ``block``, without the quoting or indentation that stood before its lines."""
    piece = text[block.start : block.end]
    if block.prefix:
        piece = _unprefixing(block.prefix).sub(b"", piece)
    return Message(piece)


def form(block: Block, marked: bool) -> str:
    """How the block was set apart: quoted, indented, after a marker line, or just there."""
    if b">" in block.prefix or b"|" in block.prefix:
        return "quoted"
    if block.prefix:
        return "indented"
    return "marker" if marked else "inline"


def marked(text: bytes, block: Block) -> bool:
    """True if the last line of words before ``block`` is one that only announces or separates."""
    lines = text[max(block.start - 400, 0) : block.start].split(b"\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), b"")
    return last.startswith(_RULES) or last.endswith(_ANNOUNCING)


def truncated(text: bytes, block: Block) -> bool:
    """True if the reporter says, near the block or at its end, that it does not give the whole message."""
    return bool(
        _TRUNCATED.search(text, max(block.start - 600, 0), block.start)
        or _TRUNCATED.search(text, max(block.end - 200, block.header_end), block.end)
    )


def _block(text: bytes, start: int, prefix: bytes) -> Block:
    header_end = _run(prefix).match(text, start, MAX_TEXT).end()  # type: ignore[union-attr]  # matches at least ""
    names = {match[1].lower() for match in _NAME.finditer(text, start, header_end)}
    worth = 0 if names & _STATUS else sum(_WORTH.get(name, 0) for name in names)
    end = _end(text, start, header_end, prefix)
    return Block(start, header_end, end, prefix, worth, not names.isdisjoint(_TRACE))


def _end(text: bytes, start: int, header_end: int, prefix: bytes) -> int:
    """A prefixed block ends with its prefix, a block inside undeclared MIME at the delimiter, others with the text."""
    if prefix:
        match = _lines(prefix).match(text, start)
        return match.end() if match else header_end
    if delimiter := _DELIMITER.search(text, max(start - 1000, 0), start):
        found = text.find(b"\n" + delimiter[1].strip(), header_end - 1)
        return found + 1 if found >= 0 else len(text)
    return len(text)


@lru_cache(maxsize=32)
def _run(prefix: bytes) -> re.Pattern[bytes]:
    """Lines that are fields, continuations, or continuations whose white space was lost, before the next field."""
    quoted = re.escape(prefix)
    field = rb"%s[!-9;-~]{1,76}[ \t]{0,4}:" % quoted
    folded = rb"%s[ \t]+[^\s][^\n]*(?:\n|\Z)" % quoted
    torn = rb"%s(?:(?=\S)[^\n]+\n|(?:[!-~]{1,200}\r?\n){2,16})(?=%s)" % (quoted, field)
    return re.compile(rb"(?>%s[^\n]*(?:\n|\Z)|%s|%s)*+" % (field, folded, torn))


@lru_cache(maxsize=32)
def _lines(prefix: bytes) -> re.Pattern[bytes]:
    """All lines that follow with this prefix, empty ones included."""
    return re.compile(rb"(?>%s[^\n]*(?:\n|\Z)|[ \t>|]*\r?\n)*+" % re.escape(prefix.rstrip() or prefix))


@lru_cache(maxsize=32)
def _unprefixing(prefix: bytes) -> re.Pattern[bytes]:
    """The prefix at the beginning of a line; of an empty line its visible part, if it has one."""
    visible = prefix.rstrip()
    return re.compile(rb"^%s" % re.escape(prefix) + (rb"|^%s" % re.escape(visible) if visible else b""), re.M)
