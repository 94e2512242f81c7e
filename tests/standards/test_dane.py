import contextlib
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dane
from disavow.standards.questions import Tlsa


def certificate(
    subject: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey
) -> bytes:
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
    builder = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(key.public_key())
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=90))
    return builder.sign(signer, hashes.SHA256()).public_bytes(Encoding.DER)


CA, LEAF = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
ROOT = certificate("ca", CA, "ca", CA)
SERVER = certificate("mail.example.org", LEAF, "ca", CA)
CHAIN = (SERVER, ROOT)


def test_the_recommended_record_matches_its_server() -> None:
    record = dane.record_for(SERVER)
    assert record[:3] == (3, 1, 1)
    assert dane.matches(record, CHAIN)
    assert not dane.matches(record, (ROOT,))


@pytest.mark.parametrize(
    "kind", [(0, bytes), (1, lambda d: hashlib.sha256(d).digest()), (2, lambda d: hashlib.sha512(d).digest())]
)
def test_a_whole_certificate_may_be_named(kind: tuple) -> None:
    number, digest = kind
    assert dane.matches(Tlsa(3, 0, number, digest(SERVER)), CHAIN)
    assert dane.matches(Tlsa(2, 0, number, digest(ROOT)), CHAIN)


def test_an_authority_must_have_issued_the_server_certificate() -> None:
    stranger = certificate("ca", LEAF, "ca", LEAF)
    assert not dane.matches(Tlsa(2, 0, 0, stranger), (SERVER, stranger))


def test_an_authority_is_not_compared_with_the_server_itself() -> None:
    assert not dane.matches(Tlsa(2, 0, 0, SERVER), CHAIN)


@pytest.mark.parametrize(
    "record", [Tlsa(1, 0, 0, SERVER), Tlsa(3, 2, 0, SERVER), Tlsa(3, 0, 9, SERVER), Tlsa(3, 1, 1, b"short")]
)
def test_records_that_smtp_cannot_use_match_nothing(record: Tlsa) -> None:
    assert not dane.usable(record)
    assert not dane.matches(record, CHAIN)


@given(st.binary(max_size=200))
def test_a_chain_of_rubbish_matches_nothing(rubbish: bytes) -> None:
    assert not dane.matches(dane.record_for(SERVER), (rubbish,))
    with pytest.raises(Malformed):
        dane.record_for(rubbish)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.binary(min_size=1, max_size=64))
def test_what_is_formatted_is_read_again(usage: int, selector: int, matching: int, data: bytes) -> None:
    record = Tlsa(usage, selector, matching, data)
    assert dane.parse(dane.format(record)) == record


@given(st.text())
def test_any_text_is_read_or_malformed(text: str) -> None:
    with contextlib.suppress(Malformed):
        dane.parse(text)


@pytest.mark.parametrize("text", ["3 1 1", "3 1 1 abc", "300 1 1 ab", "3 1 1 xy"])
def test_a_wrong_text_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        dane.parse(text)


def test_the_records_stand_under_the_port() -> None:
    assert dane.owner("mail.example.org") == "_25._tcp.mail.example.org"
