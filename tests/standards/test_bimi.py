import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import bimi


def test_a_record_names_a_logo_and_its_evidence() -> None:
    record = bimi.parse(b"v=BIMI1; l=https://example.org/logo.svg; a=https://example.org/logo.pem")
    assert record == bimi.Record("https://example.org/logo.svg", "https://example.org/logo.pem")


def test_an_empty_location_declines() -> None:
    assert bimi.parse(b"v=BIMI1; l=;") == bimi.Record("")


@pytest.mark.parametrize(
    "text", [b"v=BIMI1", b"v=BIMI1; l=http://example.org/a.svg", b"l=https://a.test/; v=BIMI1", b"v=BIMI2; l="]
)
def test_a_wrong_record_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        bimi.parse(text)


@given(st.binary())
def test_any_bytes_are_read_or_malformed(text: bytes) -> None:
    for prefix in (b"", b"v=BIMI1;"):
        with contextlib.suppress(Malformed):
            bimi.parse(prefix + text)


@given(st.sampled_from(("", "https://a.test/x.svg")), st.sampled_from(("", "https://a.test/x.pem")))
def test_what_is_formatted_is_read_again(location: str, evidence: str) -> None:
    record = bimi.Record(location, evidence)
    assert bimi.parse(bimi.format(record)) == record


def test_only_records_that_claim_to_be_bimi_count() -> None:
    assert bimi.is_record(b"v=BIMI1; l=") and not bimi.is_record(b"v=spf1 -all")
    assert bimi.owner("example.org") == "default._bimi.example.org"
