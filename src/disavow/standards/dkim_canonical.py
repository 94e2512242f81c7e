"""Canonical forms of header and body (RFC 6376 section 3.4), which DKIM and ARC hash.

Stored mail often has local line ends: a bare LF counts as CRLF here. A bare CR is data (RFC 6376 section 3.4.3
knows only CRLF). Everything works on whole byte strings and is linear in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TypeAlias

from .message import CR, LF, Field, Message

HeaderForm: TypeAlias = Callable[[Message, Iterable[Field]], bytes]

# So many pieces are cheaper to take apart and join than to replace, and cost no memory to speak of.
_FEW = 5000

_B_TAG = re.compile(rb"(;[ \t\r\n]*+b[ \t\r\n]*+=)[^;]*+")


def crlf(data: bytes) -> bytes:
    """``data`` with every line end CRLF."""
    if CR not in data:
        return data.replace(b"\n", b"\r\n")
    if data.count(b"\n") == data.count(b"\r\n"):
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def simple_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.3: empty lines at the end become one line end; an empty body is one line end."""
    return _without_empty_end(crlf(body)) or b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4: white space reduced to one space, none at line ends; an empty body stays empty."""
    body = _without_trailing_spaces(_single_spaced(crlf(body).replace(b"\t", b" ")))
    return _without_empty_end(body.removesuffix(b" "))


def _single_spaced(data: bytes) -> bytes:
    """``data`` with each run of spaces reduced to one, or to none at its very end."""
    first, *rest = data.split(b"  ", _FEW)
    if len(rest) < _FEW:
        # Usual mail: one search, and the few pieces put together; an empty piece is part of a longer run.
        return b" ".join([first, *filter(None, [piece.lstrip(b" ") for piece in rest])]) if rest else data
    for run in (b" " * 64, b"  "):
        while run in data:
            data = data.replace(run, b" ")
    return data


def _without_trailing_spaces(data: bytes) -> bytes:
    """``data``, single-spaced, without the space before each line end."""
    pieces = data.split(b" \r\n", _FEW)
    return b"\r\n".join(pieces) if len(pieces) <= _FEW else data.replace(b" \r\n", b"\r\n")


def _without_empty_end(body: bytes) -> bytes:
    """The body ending in exactly one CRLF, or empty when there is nothing but line ends."""
    end = len(body.rstrip(b"\r\n"))
    tail = body[end:]
    # A bare CR among the line ends is data and ends what may be cut.
    if tail.endswith(b"\r"):
        return body + b"\r\n"
    end += tail.rfind(b"\r\r") + 1
    return body[:end] + b"\r\n" if end else b""


def simple_header(message: Message, fields: Iterable[Field]) -> bytes:
    """RFC 6376 section 3.4.1: the fields as they arrived, without the last line end.

    A field with a negative offset is not in the message, but about to be put there: nothing before its colon.
    """
    return b"\r\n".join([_before_value(message.raw, field) + crlf(field.value) for field in fields])


def _before_value(raw: bytes, field: Field) -> bytes:
    if field.offset < 0:
        return field.name + b":"
    return raw[field.offset : raw.index(b":", field.offset + len(field.name)) + 1]


def relaxed_header(message: Message, fields: Iterable[Field]) -> bytes:
    """RFC 6376 section 3.4.2: lower-case names, one line each, white space reduced, without the last line end."""
    lines = [
        name.lower() + b":" + (_unfolded(value) if LF in value else value).lstrip(b" \t") for name, value, _ in fields
    ]
    # No LF is left inside a line, so the white space of all of them is reduced at once.
    text = _single_spaced(b"\n".join(lines).replace(b"\t", b" "))
    return text.replace(b" \n", b"\n").removesuffix(b" ").replace(b"\n", b"\r\n")


def _unfolded(value: bytes) -> bytes:
    return value.replace(b"\r\n", b"").replace(b"\n", b"")


BODY_FORMS: dict[str, Callable[[bytes], bytes]] = {"simple": simple_body, "relaxed": relaxed_body}
HEADER_FORMS: dict[str, HeaderForm] = {"simple": simple_header, "relaxed": relaxed_header}


def select(message: Message, names: Iterable[str], signature: Field, absent: Iterable[int] = ()) -> list[Field]:
    """The fields that a list of signed names means, each name the next instance from the bottom up.

    RFC 6376 section 5.4.2. A name without a further instance selects nothing, which is how absence is signed.
    The ``signature`` itself is never among the fields it names, nor are fields at the offsets ``absent``.
    """
    passed_over = {signature.offset, *absent}
    left: dict[str, list[Field]] = {}
    selected: list[Field] = []
    for name in names:
        instances = left.get(name)
        if instances is None:
            instances = left[name] = message.all(name)
        while instances:
            field = instances.pop()
            if field[2] not in passed_over:
                selected.append(field)
                break
    return selected


def without_signature(field: Field) -> Field:
    """The signature field with the value of its b= tag deleted (RFC 6376 section 3.7)."""
    value = b";" + field.value
    found = _B_TAG.search(value)
    return Field(field.name, value[1 : found.end(1)] + value[found.end() :], field.offset) if found else field


def header_hash(message: Message, field: Field, names: Iterable[str], form: str) -> bytes:
    """SHA-256 of what the signature in ``field`` signs (RFC 6376 section 3.7): the named fields, then itself."""
    return sha256(HEADER_FORMS[form](message, [*select(message, names, field), without_signature(field)])).digest()


class Body:
    """The canonical forms and hashes of one body, each computed once."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self._canonical: dict[str, bytes] = {}
        self._hashes: dict[tuple[str, int | None], bytes] = {}

    def canonical(self, form: str) -> bytes:
        """The body in the form "simple" or "relaxed"."""
        if form not in self._canonical:
            self._canonical[form] = BODY_FORMS[form](self.content)
        return self._canonical[form]

    def is_signed(self, form: str, length: int | None, hashed: bytes) -> bool:
        """True if ``hashed`` is the ``hash``; a body shorter than ``length`` is not the one that was signed."""
        # RFC 6376 section 3.5, l=: MUST NOT be larger than the canonical body.
        return self.hash(form, length) == hashed and (length is None or length <= len(self.canonical(form)))

    def hash(self, form: str, length: int | None) -> bytes:
        """SHA-256 of the first ``length`` octets of the canonical body, of all of it for None."""
        if (form, length) not in self._hashes:
            canonical = self.canonical(form)
            self._hashes[form, length] = sha256(canonical if length is None else canonical[:length]).digest()
        return self._hashes[form, length]
