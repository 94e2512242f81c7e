"""Canonical forms of header and body (RFC 6376 section 3.4), which DKIM and ARC hash.

Stored mail often has local line ends: a bare LF counts as CRLF here. A bare CR is data (RFC 6376 section 3.4.3
knows only CRLF). Everything works on whole byte strings and is linear in them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from hashlib import sha256
from typing import TypeAlias

from .message import Field, Message

FieldForm: TypeAlias = Callable[[Message, Field], bytes]

_B_TAG = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")


def crlf(data: bytes) -> bytes:
    """``data`` with every line end CRLF."""
    if b"\r" not in data:
        return data.replace(b"\n", b"\r\n")
    if data.count(b"\n") == data.count(b"\r\n"):
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def simple_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.3: empty lines at the end become one line end; an empty body is one line end."""
    return _without_empty_end(crlf(body)) or b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 section 3.4.4: white space reduced to one space, none at line ends; an empty body stays empty."""
    body = _single_spaced(crlf(body).replace(b"\t", b" ")).replace(b" \r\n", b"\r\n")
    return _without_empty_end(body.removesuffix(b" "))


def _single_spaced(data: bytes) -> bytes:
    # The long run first, so that no input needs more than a few passes.
    for run in (b" " * 64, b"  "):
        while run in data:
            data = data.replace(run, b" ")
    return data


def _without_empty_end(body: bytes) -> bytes:
    """The body ending in exactly one CRLF, or empty when there is nothing but line ends."""
    end = len(body.rstrip(b"\r\n"))
    tail = body[end:]
    # A bare CR among the line ends is data and ends what may be cut.
    if tail.endswith(b"\r"):
        return body + b"\r\n"
    end += tail.rfind(b"\r\r") + 1
    return body[:end] + b"\r\n" if end else b""


def simple_field(message: Message, field: Field) -> bytes:
    """RFC 6376 section 3.4.1: the field as it arrived, without its final line end.

    A field with a negative offset is not in the message, but about to be put there: nothing before its colon.
    """
    if field.offset < 0:
        return field.name + b":" + crlf(field.value)
    colon = message.raw.index(b":", field.offset + len(field.name))
    return message.raw[field.offset : colon + 1] + crlf(field.value)


def relaxed_field(message: Message, field: Field) -> bytes:
    """RFC 6376 section 3.4.2: lower-case name, one line, white space reduced, without the final line end."""
    return field.name.lower() + b":" + relaxed_value(field.value)


def relaxed_value(value: bytes) -> bytes:
    """A header value unfolded, its runs of space and tab reduced to one space, none at its ends."""
    if b"\n" in value:
        value = value.replace(b"\r\n", b"").replace(b"\n", b"")
    return _single_spaced(value.replace(b"\t", b" ")).strip(b" ")


BODY_FORMS: dict[str, Callable[[bytes], bytes]] = {"simple": simple_body, "relaxed": relaxed_body}
FIELD_FORMS: dict[str, FieldForm] = {"simple": simple_field, "relaxed": relaxed_field}


def select(
    message: Message, names: Iterable[str], signature: Field | None = None, absent: Container[int] = ()
) -> list[Field]:
    """The fields that a list of signed names means, each name the next instance from the bottom up.

    RFC 6376 section 5.4.2. A name without a further instance selects nothing, which is how absence is signed.
    The ``signature`` itself is never among the fields it names, nor are fields at the offsets ``absent``.
    """
    left: dict[str, list[Field]] = {}
    selected: list[Field] = []
    for name in names:
        if name not in left:
            left[name] = [field for field in message.all(name) if field is not signature and field.offset not in absent]
        if left[name]:
            selected.append(left[name].pop())
    return selected


def without_signature(field: Field) -> Field:
    """The signature field with the value of its b= tag deleted (RFC 6376 section 3.7)."""
    return field._replace(value=_B_TAG.sub(rb"\1", field.value, count=1))


def signed_header(message: Message, field: Field, names: Iterable[str], form: str) -> bytes:
    """The octets that the signature in ``field`` signs (RFC 6376 section 3.7): the named fields, then itself."""
    canonical = FIELD_FORMS[form]
    signed = [canonical(message, selected) for selected in select(message, names, field)]
    signed.append(canonical(message, without_signature(field)))
    return b"\r\n".join(signed)


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

    def hash(self, form: str, length: int | None) -> bytes:
        """SHA-256 of the first ``length`` octets of the canonical body, of all of it for None."""
        if (form, length) not in self._hashes:
            canonical = self.canonical(form)
            self._hashes[form, length] = sha256(canonical if length is None else canonical[:length]).digest()
        return self._hashes[form, length]
