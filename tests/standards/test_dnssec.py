import contextlib

import dns.dnssec
import dns.name
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dnssec

PUBLIC = ec.generate_private_key(ec.SECP256R1()).public_key()
THEIRS = dns.dnssec.make_dnskey(PUBLIC, dns.dnssec.Algorithm.ECDSAP256SHA256, flags=257)
KEY = dnssec.parse_dnskey(THEIRS.to_text())


@pytest.mark.parametrize("digest", ["SHA256", "SHA384"])
def test_a_record_made_elsewhere_vouches_for_its_key(digest: str) -> None:
    ds = dnssec.parse_ds(dns.dnssec.make_ds(dns.name.from_text("example.org."), THEIRS, digest).to_text())
    assert dnssec.vouches(ds, "example.org", KEY) is True
    assert dnssec.vouches(ds, "example.com", KEY) is False
    assert ds.key_tag == dnssec.key_tag(KEY)


def test_our_record_is_the_one_that_others_make() -> None:
    theirs = dns.dnssec.make_ds(dns.name.from_text("example.org."), THEIRS, "SHA256").to_text()
    assert dnssec.ds_for("example.org", KEY) == dnssec.parse_ds(theirs)


def test_an_unknown_digest_proves_nothing() -> None:
    assert dnssec.vouches(dnssec.Ds(1, 13, 9, b""), "example.org", KEY) is None


@given(st.integers(0, 65535), st.integers(0, 255), st.integers(0, 255), st.binary(min_size=1, max_size=64))
def test_what_is_formatted_is_read_again(tag: int, algorithm: int, kind: int, data: bytes) -> None:
    ds = dnssec.Ds(tag, algorithm, kind, data)
    assert dnssec.parse_ds(dnssec.format_ds(ds)) == ds
    key = dnssec.Dnskey(tag, kind, algorithm, data)
    assert dnssec.parse_dnskey(dnssec.format_dnskey(key)) == key


@given(st.text())
def test_any_text_is_read_or_malformed(text: str) -> None:
    for parse in (dnssec.parse_ds, dnssec.parse_dnskey):
        for prefix in ("", "1 2 3 "):
            with contextlib.suppress(Malformed):
                parse(prefix + text)
