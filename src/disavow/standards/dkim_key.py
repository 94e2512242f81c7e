"""DKIM key records (RFC 6376 section 3.6.1, RFC 8301, RFC 8463)."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from ..errors import Malformed
from . import tags

PublicKey: TypeAlias = RSAPublicKey | Ed25519PublicKey
PrivateKey: TypeAlias = RSAPrivateKey | Ed25519PrivateKey

MAX_RECORD_BYTES = 16_384
# RFC 8301 section 3.2: below 1024 bits nothing is valid, up to 4096 everything must work, above is our choice.
MIN_RSA_BITS = 1024
MAX_RSA_BITS = 8192

# An RSAPublicKey (PKCS #1) wrapped as SubjectPublicKeyInfo needs this AlgorithmIdentifier (RFC 8017 appendix C).
_RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")

_PADDING, _SHA256, _HASHED = PKCS1v15(), SHA256(), Prehashed(SHA256())


@dataclass(frozen=True, slots=True)
class Key:
    """What a key record says.

    ``type``: k= ("rsa", "ed25519" or a name this code does not know); ``bits``: of the RSA modulus, 256 for
    ed25519, 0 when there is no usable key; ``hashes``: h=, empty for any; ``services``: s=; ``flags``: t=;
    ``revoked``: p= is empty; ``notes``: n=; ``public``: the key, None when revoked or of an unknown type.
    """

    type: str = "rsa"
    bits: int = 0
    hashes: tuple[str, ...] = ()
    services: tuple[str, ...] = ("*",)
    flags: tuple[str, ...] = ()
    revoked: bool = False
    notes: str = ""
    public: PublicKey | None = None

    @property
    def testing(self) -> bool:
        """t=y: the domain is testing DKIM."""
        return "y" in self.flags

    @property
    def strict(self) -> bool:
        """t=s: the domain of i= must be d= itself."""
        return "s" in self.flags

    def is_for(self, service: str) -> bool:
        """True if s= allows this service ("email", "tlsrpt")."""
        return "*" in self.services or service in self.services


@lru_cache(maxsize=4096)
def parse_key(record: bytes) -> Key:
    """The key that a TXT record publishes.

    RFC 6376 section 3.6.1. Unknown tags, flags and services are kept or ignored as the RFC says; a key of unknown
    type has ``public`` None. Raises ``Malformed`` for a record that is no tag list, is of another version, has no
    p=, or whose p= holds no such key.
    """
    if len(record) > MAX_RECORD_BYTES:
        raise Malformed("the record is too long", MAX_RECORD_BYTES, record)
    try:
        listed = tags.parse(record.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("the record is not UTF-8", error.start, record) from None
    values = dict(listed)
    # RFC 6376 section 3.6.1: v= is optional, but must then be the first tag and exactly DKIM1.
    if "v" in values and (listed[0][0] != "v" or values["v"] != "DKIM1"):
        raise Malformed("v= is not DKIM1 in the first place", 0, record)
    if "p" not in values:
        raise Malformed("the record has no p=", 0, record)
    kind = values.get("k", "rsa")
    data = unfolded_base64(values["p"])
    public = _public(kind, data) if data else None
    return Key(
        type=kind,
        bits=_bits(public),
        hashes=_listed(values.get("h", "")),
        services=_listed(values.get("s", "*")),
        flags=_listed(values.get("t", "")),
        revoked=not data,
        notes=values.get("n", ""),
        public=public,
    )


def unfolded_base64(text: str) -> bytes:
    """The bytes of a base64 tag value, which may be folded anywhere; ``Malformed`` if it is not base64."""
    try:
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError:
        raise Malformed("not base64", 0, text.encode("utf-8", "replace")) from None


def _listed(value: str) -> tuple[str, ...]:
    return tuple(item for piece in value.split(":") if (item := piece.strip()))


def _public(kind: str, data: bytes) -> PublicKey | None:
    try:
        if kind == "ed25519":
            return Ed25519PublicKey.from_public_bytes(data)
        return _rsa(data) if kind == "rsa" else None
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed(f"p= holds no {kind} key", 0, data) from None


def _rsa(data: bytes) -> RSAPublicKey:
    """Records hold a SubjectPublicKeyInfo; RFC 6376 erratum 3017 also allows the bare RSAPublicKey."""
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # late: most mail has no key

    try:
        public = load_der_public_key(data)
    except ValueError:
        public = load_der_public_key(_der(0x30, _RSA_ENCRYPTION + _der(0x03, b"\0" + data)))
    if not isinstance(public, RSAPublicKey):
        raise ValueError("another kind of key")
    return public


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 128 + size)) + length.to_bytes(size, "big") + content


def _bits(public: PublicKey | None) -> int:
    if isinstance(public, RSAPublicKey):
        return public.key_size
    return 256 if public else 0


def is_authentic(public: PublicKey, signature: bytes, hashed: bytes) -> bool:
    """True if ``signature`` was made over this SHA-256 ``hashed`` with the private half of ``public``."""
    if not isinstance(public, Ed25519PublicKey):
        return _recovered(public, signature) == hashed
    try:
        # RFC 8463 section 3: what ed25519 signs is the hash.
        public.verify(signature, hashed)
    except InvalidSignature:
        return False
    return True


def recovered_hash(public: PublicKey, signature: bytes) -> bytes | None:
    """The SHA-256 that an RSA signature by this key vouches for (RFC 8017 section 8.2.2); None for any other."""
    return None if isinstance(public, Ed25519PublicKey) else _recovered(public, signature)


def _recovered(public: RSAPublicKey, signature: bytes) -> bytes | None:
    try:
        return public.recover_data_from_signature(signature, _PADDING, _SHA256)
    except InvalidSignature:
        return None


def parse_private_key(data: bytes) -> PrivateKey:
    """The signing key in a PEM file (PKCS #1 or #8, not encrypted), or in 32 bytes of base64 for ed25519.

    Raises ``Malformed`` for anything else.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        if b"-----BEGIN" not in data:
            return Ed25519PrivateKey.from_private_bytes(unfolded_base64(data.decode("ascii", "replace")))
        key = load_pem_private_key(data, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("not a private key that can be read") from None
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise Malformed("neither an RSA nor an ed25519 key")
    return key


def made(key: PrivateKey, hashed: bytes) -> bytes:
    """The signature over a SHA-256 that ``is_authentic`` accepts."""
    return key.sign(hashed, _PADDING, _HASHED) if isinstance(key, RSAPrivateKey) else key.sign(hashed)
