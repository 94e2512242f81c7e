import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import mtasts

POLICY = b"version: STSv1\r\nmode: enforce\r\nmx: mail.example.org\r\nmx: *.mx.example.net\r\nmax_age: 604800\r\n"


def test_a_record_has_its_version_in_front_and_an_id() -> None:
    assert mtasts.parse_record(b"v=STSv1; id=20260101T000000;") == mtasts.Record("20260101T000000")


@pytest.mark.parametrize(
    "text", [b"v=STSv1", b"v=STSv1; id=", b"v=STSv1; id=a-b", b"id=1; v=STSv1;", b" v=STSv1; id=1"]
)
def test_a_wrong_record_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        mtasts.parse_record(text)


def test_a_policy_is_read() -> None:
    policy = mtasts.parse_policy(POLICY)
    assert policy == mtasts.Policy("enforce", 604800, ("mail.example.org", "*.mx.example.net"))
    assert mtasts.parse_policy(POLICY.replace(b"\r\n", b"\n")) == policy


def test_a_star_stands_for_one_label() -> None:
    policy = mtasts.parse_policy(POLICY)
    assert policy.covers("mail.example.org") and policy.covers("a.mx.example.net")
    assert not policy.covers("a.b.mx.example.net")
    assert not policy.covers("mx.example.net")


def test_mode_none_needs_no_hosts_and_unknown_keys_are_ignored() -> None:
    assert mtasts.parse_policy(b"version: STSv1\nmode: none\nmax_age: 60\nx: y\n").mode == "none"


def test_the_first_of_a_repeated_key_counts() -> None:
    assert mtasts.parse_policy(POLICY + b"mode: none\r\n").mode == "enforce"


@pytest.mark.parametrize(
    "change",
    [
        (b"STSv1", b"STSv2"),
        (b"enforce", b"enforced"),
        (b"604800", b"a week"),
        (b"604800", b"31557601"),
        (b"mx: mail.example.org\r\nmx: *.mx.example.net\r\n", b""),
        (b"mx: mail.example.org", b"mx: *"),
        (b"mode: enforce", b"<html>"),
    ],
)
def test_a_wrong_policy_is_malformed(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(Malformed):
        mtasts.parse_policy(POLICY.replace(*change))


def test_a_policy_is_at_most_64_kib() -> None:
    with pytest.raises(Malformed, match="64 KiB"):
        mtasts.parse_policy(POLICY + b"x: y\n" * 20_000)


@given(st.binary())
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    for parse in (mtasts.parse_policy, mtasts.parse_record):
        for prefix in (b"", b"v=STSv1;", POLICY):
            with contextlib.suppress(Malformed):
                parse(prefix + body)


@given(
    st.sampled_from(("enforce", "testing")), st.integers(0, mtasts.LONGEST_AGE), st.sampled_from(("a.test", "*.b.test"))
)
def test_what_is_formatted_is_read_again(mode: mtasts.Mode, age: int, host: str) -> None:
    policy = mtasts.Policy(mode, age, (host,))
    assert mtasts.parse_policy(mtasts.format_policy(policy)) == policy
    record = mtasts.Record(str(age))
    assert mtasts.parse_record(mtasts.format_record(record)) == record
