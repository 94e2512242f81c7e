"""Blocks of fields as the machine-readable parts of a multipart/report hold them (RFC 6522; RFC 3464 section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from . import dates
from .mime import words

_FIELD = re.compile(rb"([A-Za-z][!-9;-~]*)[ \t]*:(.*)", re.S)
_BLANK = re.compile(r"\n(?:[ \t]*\n)+")
_PLAIN_FIELD = re.compile(r"^([A-Za-z][!-9;-~]*)[ \t]*:(.*(?:\n[ \t].*)*)", re.M)
_FOLDED = re.compile(r"\n[ \t]")
_TYPE = re.compile(r"[A-Za-z][\w.-]*\s*")

# What was tolerated, in the order of its first appearance: a set that keeps order.
Flaws = dict[str, None]


class Typed(NamedTuple):
    """A value with its type (RFC 3464 section 2.1.2): ``type`` in lower case, "" when the report names none."""

    type: str = ""
    text: str = ""


NONE = Typed()


def groups(body: bytes, flaws: Flaws, most: int = 4_000) -> list[list[tuple[str, str]]]:
    """The fields of each group between blank lines: names as written, values on one line and decoded.

    At most ``most`` groups. A line that is no field and not folded is taken for a continuation: flaw "junk-line".
    """
    lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"=?" not in lines and lines.isascii() and (found := _plain_groups(lines.decode("ascii"), most)):
        return found
    found = []
    raw: list[tuple[bytes, list[bytes]]] = []
    for line in [*lines.split(b"\n"), b""]:
        if not line.strip():
            if raw:
                found.append([(name.decode("latin-1"), _value(pieces)) for name, pieces in raw])
            raw = []
            if len(found) >= most:
                flaws["too-many-groups"] = None
                break
        elif line[:1] not in b" \t" and (match := _FIELD.match(line)):
            raw.append((match[1], [match[2]]))
        elif raw:
            if line[:1] not in b" \t":
                flaws["junk-line"] = None
            raw[-1][1].append(line)
        else:
            flaws["junk-line"] = None
    return found


def _plain_groups(text: str, most: int) -> list[list[tuple[str, str]]]:
    """The same, quickly, for text that is nothing but fields and blank lines; [] for any other."""
    blocks = [block for block in _BLANK.split(text.strip("\n")) if block]
    if len(blocks) >= most:
        return []
    found = [[(name, " ".join(value.split())) for name, value in _PLAIN_FIELD.findall(block)] for block in blocks]
    lines = sum(block.count("\n") + 1 for block in blocks)
    folded = sum(len(_FOLDED.findall(block)) for block in blocks)
    return found if sum(map(len, found)) + folded == lines else []


def _value(pieces: list[bytes]) -> str:
    return " ".join(words(b" ".join(pieces)).split())


def typed(value: str | None, flaws: Flaws) -> Typed:
    """``value`` split into type and text; flaw "untyped" when it has no type."""
    if not value:
        return NONE
    kind, semicolon, text = value.partition(";")
    if semicolon and _TYPE.fullmatch(kind):
        return Typed(kind.rstrip().lower(), text.strip())
    flaws["untyped"] = None
    return Typed("", value.removeprefix(";").strip())


def date(value: str | None, flaws: Flaws) -> datetime | None:
    """The date in ``value``; flaw "bad-date" when it has none."""
    if not value:
        return None
    moment, _ = dates.find(value[:200])
    if moment is None:
        flaws["bad-date"] = None
    return moment


def bare(address: str) -> str:
    """An address without the angle brackets, and what follows them."""
    address = address.strip()
    return address[1 : address.index(">")] if address.startswith("<") and ">" in address else address


def written(value: Typed) -> str:
    """``value`` as a field has it; "" for none."""
    return f"{value.type}; {value.text}" if value.text else ""


def format(block: Iterable[tuple[str, str]]) -> bytes:
    """The fields that have a value, CRLF after each, folded at spaces (RFC 5322 section 2.1.1)."""
    return b"".join(_folded(f"{name}: {value}") for name, value in block if value)


def _folded(line: str) -> bytes:
    rows = [""]
    for word in line.split():
        if rows[-1].strip() and len(rows[-1]) + len(word) > 76:
            rows.append("")
        rows[-1] += f" {word}" if rows[-1] or len(rows) > 1 else word
    return "\r\n".join(rows).encode("utf-8") + b"\r\n"
