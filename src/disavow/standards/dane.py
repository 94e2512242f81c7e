"""DANE: the DNS says which certificate a mail server shows (RFC 6698, RFC 7672 for SMTP)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..errors import Malformed
from .questions import Tlsa

_TEXT = re.compile(r"\s*(\d{1,3})\s+(\d{1,3})\s+(\d{1,3})\s+([0-9A-Fa-f\s]+)\Z")
_CHAIN = 10  # certificates looked at


def parse(text: str) -> Tlsa:
    """A record from its text, ``3 1 1 ab12…``; raises ``Malformed``."""
    found = _TEXT.match(text)
    digits = "".join(found[4].split()) if found else ""
    if not found or len(digits) % 2 or not digits or max(int(found[i]) for i in (1, 2, 3)) > 255:
        raise Malformed("not the text of a TLSA record", 0, text.encode("utf-8", "replace"))
    return Tlsa(int(found[1]), int(found[2]), int(found[3]), bytes.fromhex(digits))


def format(record: Tlsa) -> str:
    """The record's text, as in a zone file."""
    return f"{record.usage} {record.selector} {record.matching_type} {record.data.hex()}"


def owner(host: str, port: int = 25) -> str:
    """The name at which the TLSA records of ``host`` stand (RFC 6698 section 3)."""
    return f"_{port}._tcp.{host}"


def usable(record: Tlsa) -> bool:
    """True if SMTP senders use it: DANE-TA or DANE-EE with known selector and digest (RFC 7672 section 3.1)."""
    lengths = {1: 32, 2: 64}
    return (
        record.usage in (2, 3)
        and record.selector in (0, 1)
        and (record.matching_type == 0 or lengths.get(record.matching_type) == len(record.data))
    )


def record_for(certificate: bytes) -> Tlsa:
    """The record recommended for a server's DER certificate: 3 1 1, its key by SHA-256 (RFC 7672 section 3.1.1).

    Raises ``Malformed`` if it is no certificate.
    """
    return Tlsa(3, 1, 1, _association(_certificate(certificate), 1, 1))


def matches(record: Tlsa, chain: Sequence[bytes]) -> bool:
    """True if ``record`` vouches for ``chain`` (DER certificates, the server's first).

    DANE-EE compares the server's certificate only; DANE-TA wants a certificate of the chain that is an issuer, over
    the server's by unbroken signatures (RFC 7672 sections 3.1.1, 3.1.2). A chain that holds no certificate matches
    nothing.
    """
    if not usable(record):
        return False
    try:
        certificates = [_certificate(der) for der in chain[:_CHAIN]]
    except Malformed:
        return False
    if record.usage == 3:
        return bool(certificates) and _vouches(record, certificates[0])
    return any(_vouches(record, certificate) for certificate in _issuers(certificates))


def _vouches(record: Tlsa, certificate: x509.Certificate) -> bool:
    return _association(certificate, record.selector, record.matching_type) == record.data


def _association(certificate: x509.Certificate, selector: int, matching_type: int) -> bytes:
    """What a record with these parameters holds for ``certificate`` (RFC 6698 section 2.1)."""
    if selector:
        data = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        data = certificate.public_bytes(Encoding.DER)
    if not matching_type:
        return data
    return hashlib.new({1: "sha256", 2: "sha512"}[matching_type], data).digest()


def _issuers(certificates: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates after the first, up to the first that did not issue the one before it."""
    issuers: list[x509.Certificate] = []
    for issued, issuer in pairwise(certificates):
        try:
            issued.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            break
        issuers.append(issuer)
    return issuers


def _certificate(der: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion) as error:
        raise Malformed(f"not a certificate that can be used: {error}", 0, der) from None
    return certificate
