"""Does a parent's DS record vouch for a zone's key? (RFC 4034 section 5, RFC 4509)"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from ..errors import Malformed

_DIGESTS = {1: "sha1", 2: "sha256", 4: "sha384"}


@dataclass(frozen=True, slots=True)
class Ds:
    """``digest`` over the owner name and the key that the parent vouches for."""

    key_tag: int
    algorithm: int
    digest_type: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Dnskey:
    """A key of the zone."""

    flags: int
    protocol: int
    algorithm: int
    key: bytes


def parse_ds(text: str) -> Ds:
    """A DS record from its text, ``12345 13 2 AB12…``; raises ``Malformed``."""
    numbers, data = _fields(text)
    try:
        return Ds(*numbers, bytes.fromhex(data))
    except ValueError:
        raise Malformed("not the text of a DS record", 0, text.encode("utf-8", "replace")) from None


def parse_dnskey(text: str) -> Dnskey:
    """A DNSKEY record from its text, ``257 3 13 base64…``; raises ``Malformed``."""
    numbers, data = _fields(text)
    try:
        return Dnskey(*numbers, base64.b64decode(data, validate=True))
    except (ValueError, binascii.Error):
        raise Malformed("not the text of a DNSKEY record", 0, text.encode("utf-8", "replace")) from None


def _fields(text: str) -> tuple[tuple[int, int, int], str]:
    words = text.split()
    if len(words) < 4 or not all(word.isascii() and word.isdigit() and len(word) < 6 for word in words[:3]):
        raise Malformed("not three numbers and data", 0, text.encode("utf-8", "replace"))
    return (int(words[0]), int(words[1]), int(words[2])), "".join(words[3:])


def format_ds(ds: Ds) -> str:
    """The record's text, as in a zone file."""
    return f"{ds.key_tag} {ds.algorithm} {ds.digest_type} {ds.digest.hex()}"


def format_dnskey(key: Dnskey) -> str:
    """The record's text, as in a zone file."""
    return f"{key.flags} {key.protocol} {key.algorithm} {base64.b64encode(key.key).decode()}"


def key_tag(key: Dnskey) -> int:
    """The number by which records refer to ``key`` (RFC 4034 appendix B)."""
    data = _rdata(key)
    total = sum(byte << (0 if at & 1 else 8) for at, byte in enumerate(data))
    return (total + (total >> 16 & 0xFFFF)) & 0xFFFF


def ds_for(owner: str, key: Dnskey) -> Ds:
    """The record by which the parent of ``owner`` vouches for ``key``, with SHA-256 (RFC 4509)."""
    return Ds(key_tag(key), key.algorithm, 2, _digest(2, owner, key))


def vouches(ds: Ds, owner: str, key: Dnskey) -> bool | None:
    """True if ``ds`` at ``owner`` (A-labels) vouches for ``key``; None for a digest that this code does not know."""
    if ds.digest_type not in _DIGESTS:
        return None
    return _digest(ds.digest_type, owner, key) == ds.digest and ds.algorithm == key.algorithm


def _digest(kind: int, owner: str, key: Dnskey) -> bytes:
    name = b"".join(bytes((len(label),)) + label.encode() for label in owner.split(".")) + b"\0"
    return hashlib.new(_DIGESTS[kind], name + _rdata(key)).digest()


def _rdata(key: Dnskey) -> bytes:
    return (key.flags & 0xFFFF).to_bytes(2, "big") + bytes((key.protocol & 255, key.algorithm & 255)) + key.key
