import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import tlsrpt_record


def test_a_record_names_where_reports_go() -> None:
    record = tlsrpt_record.parse(b"v=TLSRPTv1; rua=mailto:tls@example.org, https://example.net/in;")
    assert record.rua == ("mailto:tls@example.org", "https://example.net/in")


@pytest.mark.parametrize(
    "text",
    [
        b"v=TLSRPTv1;",
        b"v=TLSRPTv1; rua=",
        b"v=TLSRPTv1; rua=tls@example.org",
        b"rua=mailto:a@b.test",
        b"v=TLSRPTv1; rua=mailto:",
    ],
)
def test_a_wrong_record_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        tlsrpt_record.parse(text)


@given(st.binary())
def test_any_bytes_are_read_or_malformed(text: bytes) -> None:
    for prefix in (b"", b"v=TLSRPTv1; rua="):
        with contextlib.suppress(Malformed):
            tlsrpt_record.parse(prefix + text)


@given(st.lists(st.sampled_from(("mailto:a@example.org", "https://example.net/in")), min_size=1, max_size=5))
def test_what_is_formatted_is_read_again(rua: list[str]) -> None:
    record = tlsrpt_record.Record(tuple(rua))
    assert tlsrpt_record.parse(tlsrpt_record.format(record)) == record


def test_the_record_stands_under_smtp_tls() -> None:
    assert tlsrpt_record.owner("example.org") == "_smtp._tls.example.org"
