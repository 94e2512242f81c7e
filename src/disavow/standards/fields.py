"""Blocks of fields as the machine-readable parts of a multipart/report hold them (RFC 6522; RFC 3464 section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from . import dates
from .mime import words

_FIELD = re.compile(rb"([A-Za-z][!-9;-~]*)[ \t]*:(.*)", re.S)
_TYPED = re.compile(r"([A-Za-z][\w.-]*)\s*;\s*(.*)", re.S)

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
    found: list[list[tuple[str, str]]] = []
    raw: list[tuple[bytes, list[bytes]]] = []
    for line in [*body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), b""]:
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


def _value(pieces: list[bytes]) -> str:
    return " ".join(words(b" ".join(pieces)).split())


def typed(value: str | None, flaws: Flaws) -> Typed:
    """``value`` split into type and text; flaw "untyped" when it has no type."""
    if not value:
        return NONE
    if match := _TYPED.fullmatch(value):
        return Typed(match[1].lower(), match[2].strip())
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
