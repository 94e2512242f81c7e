"""What was probably done to a message whose signature no longer verifies.

A guess counts only when undoing it makes the signature's own hash come out, so each answer is as good as proof.
The work is bounded: a fixed number of tries over a header and body of limited size.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import islice, product
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from . import mime
from .dkim_canonical import BODY_FORMS, HEADER_FORMS, Body, crlf, select, without_signature
from .dkim_key import PublicKey, is_authentic, recovered_hash
from .dkim_signature import Signature
from .message import Field, Message

MAX_TRIES = 96
MAX_LINES = 200
MAX_BANNER_LINES = 12
MAX_BODY_BYTES = 250_000
MAX_HEADER_BYTES = 32_768

_SUBJECT_TAG = re.compile(
    rb"(?i)((?:[ \t]*(?:re|fwd?|aw|wg|sv):){0,5}[ \t]*)"
    rb"(?:\[[^][]{1,80}\]|\*{1,9}[^*]{1,80}\*{1,9}|\{[^{}]{1,80}\}|spam:|external:)[ \t]*"
)
_ORIGINAL_FROM = ("x-original-from", "original-from", "x-google-original-from", "x-mailman-original-from", "reply-to")
_ENCODINGS = (b" 7bit", b" 8bit", b" quoted-printable", b" base64")


class Change(NamedTuple):
    """``cause``: a key of ``dkim.CAUSES``; ``change``: what was done, "" when unknown; ``fields``: to which fields.

    Changes of the header: "subject-tagged", "from-rewritten", "encoding-renamed", "field-added"; of the body:
    "body-missing", "footer-added", "banner-added", "reencoded", "from-quoted", "dots-doubled".
    """

    cause: str
    change: str = ""
    fields: tuple[str, ...] = ()


NONE = Change("")


class _Undo(NamedTuple):
    """One field as it may have been: ``value`` None if it was not there."""

    change: str
    field: Field
    value: bytes | None


def in_header(message: Message, field: Field, signature: Signature, public: PublicKey) -> Change:
    """Why the header does not verify: another key signed, or fields were changed, and which if that can be seen."""
    signed = recovered_hash(public, signature.signature)
    if signed is None and isinstance(public, RSAPublicKey):
        # Only the wrong key, or a damaged b=, leaves no hash behind.
        return Change("wrong-key")

    def is_original(header: bytes) -> bool:
        hashed = sha256(header).digest()
        return hashed == signed if signed else is_authentic(public, signature.signature, hashed)

    for undone in islice(_undoings(message, field, signature), MAX_TRIES):
        if is_original(_header_before(message, field, signature, undone)):
            return Change("header-changed", undone[0].change, tuple(_name(undo.field) for undo in undone))
    return Change("header-changed" if signed else "signature-wrong")


def _name(field: Field) -> str:
    return field.name.lower().decode("ascii")


def _undoings(message: Message, field: Field, signature: Signature) -> Iterator[tuple[_Undo, ...]]:
    """What may have been done to the signed fields, in the order of how often forwarders do it."""
    if message.body_at > MAX_HEADER_BYTES:
        return
    signed = {chosen.offset: chosen for chosen in select(message, signature.fields, field)}
    by_name = {_name(chosen): chosen for chosen in signed.values()}
    alternatives = [
        [None, *_subjects(by_name.get("subject"))],
        [None, *_authors(message, by_name.get("from"))],
        [None, *_encodings(by_name.get("content-transfer-encoding"))],
        [None, *_absences(by_name, "reply-to")],
    ]
    for combination in product(*alternatives):
        if undone := tuple(undo for undo in combination if undo):
            yield undone
    for chosen in signed.values():
        yield (_Undo("field-added", chosen, None),)


def _subjects(subject: Field | None) -> Iterator[_Undo]:
    if subject and (tag := _SUBJECT_TAG.match(subject.value)):
        yield _Undo("subject-tagged", subject, tag[1] + subject.value[tag.end() :])


def _authors(message: Message, author: Field | None) -> Iterator[_Undo]:
    if author:
        originals = (original for name in _ORIGINAL_FROM for original in message.all(name)[:1])
        yield from (_Undo("from-rewritten", author, original.value) for original in originals)


def _encodings(encoding: Field | None) -> Iterator[_Undo]:
    if encoding:
        yield from (_Undo("encoding-renamed", encoding, value) for value in _ENCODINGS)


def _absences(fields: dict[str, Field], name: str) -> Iterator[_Undo]:
    if name in fields:
        yield _Undo("field-added", fields[name], None)


def _header_before(message: Message, field: Field, signature: Signature, undone: tuple[_Undo, ...]) -> bytes:
    """What was signed if the changes are undone."""
    values = {undo.field.offset: undo.value for undo in undone}
    gone = {offset for offset, value in values.items() if value is None}
    fields = [
        chosen if (value := values.get(chosen.offset)) is None else chosen._replace(value=value)
        for chosen in select(message, signature.fields, field, gone)
    ]
    return HEADER_FORMS[signature.header_form](message, [*fields, without_signature(field)])


def in_body(message: Message, body: Body, signature: Signature) -> Change:
    """Why the body hash differs, and what was done to the body if that can be seen."""
    canonical = body.canonical(signature.body_form)
    if signature.length is not None and len(canonical) < signature.length:
        return Change("body-shorter-than-signed", "" if canonical.strip() else "body-missing")
    if not body.content.strip():
        return Change("body-changed", "body-missing")
    if len(body.content) > MAX_BODY_BYTES:
        return Change("body-changed")
    form, length = BODY_FORMS[signature.body_form], signature.length

    def is_original(content: bytes) -> bool:
        return sha256(form(content)[:length]).digest() == signature.body_hash

    if _had_fewer_lines(canonical, signature):
        return Change("body-changed", "footer-added")
    for change, earlier in islice(_bodies(message, crlf(body.content)), MAX_TRIES):
        if is_original(earlier):
            return Change("body-changed", change)
    return Change("body-changed")


def _had_fewer_lines(canonical: bytes, signature: Signature) -> bool:
    """True if the body without some of its last lines is the one that was signed."""
    ends = _last_line_ends(canonical)
    if not ends or signature.length is not None:
        return False
    running = sha256(canonical[: ends[0]])
    for start, end in zip(ends, [*ends[1:], len(canonical)], strict=True):
        if running.digest() == signature.body_hash:
            return True
        running.update(canonical[start:end])
    return False


def _last_line_ends(canonical: bytes) -> list[int]:
    """Where the last lines end, in rising order, without the very last."""
    ends: list[int] = []
    at = len(canonical) - 2
    while len(ends) < MAX_LINES and (at := canonical.rfind(b"\r\n", 0, at)) >= 0:
        ends.append(at + 2)
    return ends[::-1]


def _bodies(message: Message, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The body as it may have been before somebody handled it."""
    encoding = (message.first("content-transfer-encoding") or b"").lower()
    if encoding in (b"base64", b"quoted-printable"):
        yield "reencoded", mime.decoded(message)
    if b"=" in content:
        yield "reencoded", quopri.decodestring(content)
    yield "from-quoted", content.replace(b"\r\n>From ", b"\r\nFrom ").removeprefix(b">")
    yield "dots-doubled", content.replace(b"\r\n..", b"\r\n.")
    at = 0
    for _ in range(MAX_BANNER_LINES):
        at = content.find(b"\r\n", at) + 2
        if at < 2:
            return
        yield "banner-added", content[at:]
