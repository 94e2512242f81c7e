"""Signing (RFC 6376 section 5), for DKIM-Signature and for the fields of ARC."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ..errors import Malformed, Misconfigured
from . import dkim_signature, names
from .dkim_canonical import Body, header_hash
from .dkim_key import MIN_RSA_BITS, PrivateKey, made
from .dkim_signature import Signature
from .message import Field, Message

# RFC 6376 section 5.4.1: the fields that carry what a reader sees.
RECOMMENDED = (
    *("from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "content-transfer-encoding", "content-id", "content-description"),
    *("resent-date", "resent-from", "resent-sender", "resent-to", "resent-cc", "resent-message-id"),
    *("list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post", "list-subscribe", "list-post"),
    *("list-owner", "list-archive"),
)
# What must not be added later: one more of these in h= than there are (RFC 6376 section 8.15).
OVERSIGNED = ("from", "reply-to", "to", "cc", "subject", "date")


def sign(
    message: Message,
    *,
    domain: str,
    selector: str,
    key: PrivateKey,
    fields: Iterable[str] = RECOMMENDED,
    oversign: Iterable[str] = OVERSIGNED,
    canonicalization: str = "relaxed/relaxed",
    identity: str = "",
    length: int | None = None,
    timestamp: datetime | None = None,
    expires: datetime | None = None,
) -> bytes:
    """The DKIM-Signature field to put on top of ``message``, folded, with its final CRLF.

    RFC 6376 section 5; the algorithm is the key's. ``fields``: the names to sign where the message has them, every
    instance; ``oversign``: those of which none may be added later; ``length``: octets of the canonical body to sign,
    None for all. Raises ``Misconfigured`` for what RFC 6376 or 8301 forbids a signer, ``Malformed`` for a message
    without From.
    """
    if not message.all("from"):
        raise Malformed("a message without From cannot be signed", 0, message.raw)
    header_form, body_form = dkim_signature.forms({"c": canonicalization})
    body = Body(message.body)
    if length is not None and length > len(body.canonical(body_form)):
        raise Misconfigured("length", f"the body has not {length} octets", "RFC 6376 section 3.5, l=")
    local, _, author = identity.rpartition("@")
    signature = Signature(
        algorithm=algorithm(key),
        signature=b"",
        body_hash=body.hash(body_form, length),
        domain=names.parse(domain),
        selector=names.parse(selector),
        identity=f"{local}@{names.parse(author or domain)}",
        fields=to_sign(message, fields, oversign),
        header_form=header_form,
        body_form=body_form,
        length=length,
        signed_at=timestamp,
        expires=expires,
    )
    if "from" not in signature.fields:
        raise Misconfigured("fields", "From must be signed", "RFC 6376 section 5.4")
    if not names.is_within(signature.identity.rpartition("@")[2], signature.domain):
        raise Misconfigured("identity", f"{identity} is not within {domain}", "RFC 6376 section 3.5")
    return signed_field(message, "DKIM-Signature", dkim_signature.format(signature), signature.fields, header_form, key)


def algorithm(key: PrivateKey) -> str:
    """The a= that belongs to a key; ``Misconfigured`` for an RSA key that RFC 8301 section 3.2 forbids."""
    if not isinstance(key, RSAPrivateKey):
        return "ed25519-sha256"
    if key.key_size < MIN_RSA_BITS:
        raise Misconfigured("key", f"{key.key_size} bits are too few to sign with", "2048 bits are usual")
    return "rsa-sha256"


def to_sign(message: Message, fields: Iterable[str], oversign: Iterable[str]) -> tuple[str, ...]:
    """h=: each name as often as the message has it, and the oversigned ones once more."""
    more = {name.lower() for name in oversign}
    listed = dict.fromkeys(name.lower() for name in fields) | dict.fromkeys(name.lower() for name in oversign)
    return tuple(name for name in listed for _ in range(len(message.all(name)) + (name in more)))


def signed_field(
    message: Message, name: str, tag_list: str, fields: Iterable[str], form: str, key: PrivateKey
) -> bytes:
    """The field of that name with ``tag_list``, which ends in an empty b=, and the signature that belongs there."""
    value = b" " + dkim_signature.folded(tag_list).encode()
    field = Field(name.encode(), value, -1)
    signature = base64.b64encode(made(key, header_hash(message, field, fields, form)))
    lines = [signature[at : at + 72] for at in range(0, len(signature), 72)]
    return field.name + b":" + value + b"\r\n\t".join([b"", *lines]) + b"\r\n"
