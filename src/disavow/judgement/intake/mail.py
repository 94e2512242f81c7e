"""What an arrived mail may bring: reports in its attachments, a report about one mail, or itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ...standards import mime
from ...standards.message import Message
from ...standards.questions import Dialogue
from .. import trust
from ..case import Case, examine
from ..envelope import Envelope
from ..envelope import read as read_envelope
from ..identity import Identity
from ..sighting import Sighting
from . import failure
from .learned import Entry, Learned, Origin, clean

MAX_ATTACHMENTS = 100
_PACKED = (b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ")
_NAMES = (".xml", ".json", ".gz", ".gzip", ".zip", ".bz2", ".xz", ".tar", ".tgz")
_TYPES = ("xml", "zip", "gzip", "tlsrpt", "json", "compress", "octet-stream")
_ANSWERS = ("message/delivery-status", "message/global-delivery-status", "message/disposition-notification")


class Attachment(NamedTuple):
    """``data`` with the transfer encoding undone; ``name`` as the sender called it, "" if he did not."""

    name: str
    data: bytes


def parts(message: Message) -> tuple[Message, ...]:
    """The mail and everything in it, in order."""
    return tuple(part for _, part in mime.walk(message))


def attachments(parts: Iterable[Message]) -> tuple[Attachment, ...]:
    """The parts that may hold reports, none for an answer to a mail: that brings back what its sender had written."""
    leaves = [(part, kind) for part in parts if not (kind := mime.content_type(part).type).startswith("multipart/")]
    if any(kind in _ANSWERS for _, kind in leaves):
        return ()
    found = (attachment for part, kind in leaves if (attachment := _attachment(part, kind)))
    return tuple(one for one, _ in zip(found, range(MAX_ATTACHMENTS), strict=False))


def _attachment(part: Message, kind: str) -> Attachment | None:
    if kind.startswith(("message/", "image/", "audio/", "video/")):
        return None
    name = mime.filename(part)
    named = name.lower().endswith(_NAMES) or any(word in kind for word in _TYPES)
    if not named and kind in ("text/html", "text/calendar"):
        return None
    data = mime.decoded(part)
    if named or data.startswith(_PACKED) or b"<feedback" in data[:2_000]:
        return Attachment(name, data)
    return None


def origin(message: Message, where: str, proof: str, me: Identity, received_by: str = "") -> Dialogue[Origin]:
    """Where the mail's reports come from, and who vouches for them."""
    envelope = read_envelope(message, me, received_by) if me.servers or me.hosts or received_by else Envelope()
    standing = yield from trust.stand(message, envelope)
    return Origin(where, proof, standing, message)


def has_feedback(parts: Iterable[Message]) -> bool:
    """True if the mail has a part that reports about one mail."""
    return any(map(failure.sniff, parts))


def feedback(parts: tuple[Message, ...], origin: Origin) -> Iterator[Learned]:
    """What the mail reports about one mail, if it has a part for that (RFC 5965); else nothing."""
    for at, part in enumerate(parts):
        if failure.sniff(part):
            yield from failure.read(part, _original(parts[at + 1 :]), origin, digest(parts[0].raw))
            return


def _original(parts: tuple[Message, ...]) -> Message | None:
    """The reported mail, or its header (RFC 5965 section 2, RFC 3462 section 3)."""
    for part in parts:
        kind = mime.content_type(part).type
        if kind in ("message/rfc822", "message/global"):
            return next(iter(mime.parts(part)), None)
        if kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            return Message(mime.decoded(part))
    return None


def itself(message: Message, where: str, proof: str, me: Identity) -> Dialogue[tuple[Case, tuple[Learned, ...]]]:
    """The case that the mail makes, and what it teaches: a sighting when it answers a mail sent in somebody's name."""
    case = yield from examine(message.raw, where, me)
    if not case.is_status:
        return case, ()
    sighting = _tidied(case.sighting(proof))
    entry = Entry(
        "mail", digest(message.raw), clean(sighting.reporter), begin=sighting.begin, end=sighting.end, proof=proof
    )
    return case, (sighting, entry)


def _tidied(sighting: Sighting) -> Sighting:
    return Sighting._make(clean(value) if isinstance(value, str) else value for value in sighting)


def digest(raw: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(raw).hexdigest()
