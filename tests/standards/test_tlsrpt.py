from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import mime, tlsrpt
from disavow.standards.message import Message
from disavow.standards.tlsrpt import Failure, Policy, Report

FAILURE = Failure(
    *("certificate-expired", 7, ip_address("192.0.2.7"), "mx.example.org", "helo", ip_address("2001:db8::7")),
    *("https://example.com/", "reason"),
)
REPORT = Report(
    "Reporter",
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC),
    "tls@example.com",
    "4711",
    (
        Policy("sts", "example.org", 42, 7, ("version: STSv1", "mode: enforce"), ("mx.example.org",), (FAILURE,)),
        Policy("no-policy-found", "example.net"),
    ),
)
JSON = tlsrpt.format(REPORT)


def test_what_is_formatted_parses_to_the_same_and_has_the_names_of_the_rfc() -> None:
    assert tlsrpt.parse(JSON) == REPORT
    assert tlsrpt.parse(b"\xef\xbb\xbf" + JSON) == tlsrpt.parse(JSON.decode().encode("utf-16")) == REPORT
    policy = json.loads(JSON)["policies"][0]
    assert policy["failure-details"][0] == {
        "result-type": "certificate-expired",
        "failed-session-count": 7,
        "sending-mta-ip": "192.0.2.7",
        "receiving-mx-hostname": "mx.example.org",
        "receiving-mx-helo": "helo",
        "receiving-ip": "2001:db8::7",
        "additional-information": "https://example.com/",
        "failure-reason-code": "reason",
    }
    assert policy["summary"] == {"total-successful-session-count": 42, "total-failure-session-count": 7}


def changed(old: str, new: str) -> bytes:
    text = JSON.decode()
    assert old in text
    return text.replace(old, new, 1).encode()


@pytest.mark.parametrize(
    ("data", "flaw"),
    [
        (changed('"contact-info":"tls@example.com",', ""), "missing-contact-info"),
        (changed("2026-11-01T00:00:00Z", "soon"), "bad-date"),
        (changed("192.0.2.7", "192.0.2.777"), "bad-ip"),
        (changed('"total-failure-session-count":7', '"total-failure-session-count":-7'), "bad-count"),
        (changed('["version: STSv1","mode: enforce"]', '"version: STSv1"'), "not-a-list"),
        (changed('"sts"', '"psychic"'), "unknown-type"),
        (b'{"organization-name": "x", "policies": []}', "no-policies"),
    ],
)
def test_what_is_tolerated_is_named(data: bytes, flaw: str) -> None:
    assert flaw in tlsrpt.parse(data).flaws


def test_names_and_numbers_are_brought_into_one_form() -> None:
    data = changed('"example.org"', '"Example.ORG."').replace(b'count":42', b'count":"42"').replace(b'"sts"', b'"STS"')
    assert tlsrpt.parse(data) == REPORT


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"{", b'{"a": 1}', b"\xff", b'"x"', b"[" * 1_000_000, b"9" * 10_000_000]
)
def test_what_is_no_report_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        tlsrpt.parse(data)


@pytest.mark.parametrize(
    "report", [replace(REPORT, contact_info=""), replace(REPORT, policies=(Policy("x", "example.org"),))]
)
def test_format_refuses_what_the_rfc_does_not_allow(report: Report) -> None:
    with pytest.raises(Malformed):
        tlsrpt.format(report)


ANYTHING = st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)
KEYS = [
    "policies",
    "policy",
    "summary",
    "failure-details",
    "date-range",
    "policy-string",
    "sending-mta-ip",
    "report-id",
]


@given(
    st.binary(max_size=100)
    | st.dictionaries(st.sampled_from(KEYS), ANYTHING | st.dictionaries(st.sampled_from(KEYS), ANYTHING)).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_bytes_are_a_report_or_malformed(data: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(tlsrpt.parse(data), Report)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=9)
COUNT = st.integers(0, 10**12)
IP = st.none() | st.ip_addresses()
FAILURES = st.builds(Failure, TEXT.map(str.lower), COUNT, IP, st.just(""), TEXT, IP, TEXT, TEXT)


@given(
    st.lists(
        st.builds(
            Policy,
            st.sampled_from(tlsrpt.POLICY_TYPES),
            st.just("example.org"),
            COUNT,
            COUNT,
            st.just(()),
            st.just(()),
            st.lists(FAILURES, max_size=2).map(tuple),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    TEXT,
)
def test_any_strict_report_comes_back(policies: tuple[Policy, ...], name: str) -> None:
    report = replace(REPORT, policies=policies, organization_name=name)
    assert tlsrpt.parse(tlsrpt.format(report)) == report


def test_the_reports_of_the_suites_are_read_whole(suites: Path) -> None:
    files = sorted((suites / "reports" / "samples").glob("*/tls-json/*.json"))
    assert len(files) > 10
    for path in files:
        raw = json.loads(path.read_bytes())
        report = tlsrpt.parse(path.read_bytes())
        assert len(report.policies) == len(raw["policies"])
        wanted = sum(int(policy["summary"].get("total-failure-session-count", 0)) for policy in raw["policies"])
        assert sum(policy.failed for policy in report.policies) == wanted
        assert report.report_id and report.begin and report.end
        details = sum(len(policy.get("failure-details", ())) for policy in raw["policies"])
        assert sum(len(policy.failures) for policy in report.policies) == details


def test_a_mailed_report_is_read(suites: Path) -> None:
    types = [
        mime.content_type(part).type
        for path in (suites / "reports" / "samples").glob("*/tls-eml/*.eml")
        for _, part in mime.walk(Message(path.read_bytes()))
    ]
    assert any("tlsrpt" in kind for kind in types)
