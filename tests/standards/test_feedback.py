from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import feedback, mime
from disavow.standards.feedback import Report
from disavow.standards.fields import Typed
from disavow.standards.message import Message

ABUSE = Report(
    "abuse",
    "Disavow/1",
    "1",
    original_envelope_id="E1",
    original_mail_from="a@example.org",
    original_rcpt_to=("b@example.com", "c@example.com"),
    arrival_date=datetime(2026, 11, 1, 12, tzinfo=UTC),
    reporting_mta=Typed("dns", "mx.example.com"),
    source_ip=ip_address("2001:db8::7"),
    source_port=4711,
    incidents=3,
    authentication_results=("mx.example.com; spf=fail smtp.mailfrom=a@example.org",),
    reported_domain=("example.org", "example.net"),
    reported_uri=("http://example.org/", "mailto:x@example.org"),
    extensions=(("Removal-Recipient", "b@example.com"),),
)
DMARC = replace(
    ABUSE,
    feedback_type="auth-failure",
    incidents=1,
    auth_failure="dmarc",
    delivery_result="reject",
    identity_alignment=("dkim", "spf"),
    dkim_domain="example.org",
    dkim_identity="@example.org",
    dkim_selector="s1",
    dkim_selector_dns='"v=DKIM1; p="',
    dkim_canonicalized_header=b"from:a@example.org\r\n" * 9,
    dkim_canonicalized_body=b"\x00\xff",
    spf_dns=("txt : example.org : v=spf1 -all",),
)


@pytest.mark.parametrize("report", [ABUSE, DMARC, Report("x", "y", "1")])
def test_what_is_formatted_parses_to_the_same(report: Report) -> None:
    assert feedback.parse(feedback.format(report)) == report


@pytest.mark.parametrize(
    "report",
    [
        replace(ABUSE, user_agent=""),
        replace(ABUSE, feedback_type=""),
        replace(DMARC, auth_failure=""),
        replace(DMARC, authentication_results=()),
        replace(DMARC, identity_alignment=()),
        replace(DMARC, dkim_selector=""),
    ],
)
def test_what_the_rfcs_require_is_required(report: Report) -> None:
    with pytest.raises(Malformed):
        feedback.format(report)


@pytest.mark.parametrize(
    ("line", "flaw"),
    [
        (b"Source-IP: 192.0.2.777", "bad-ip"),
        (b"Incidents: many", "bad-number"),
        (b"Source-Port: 70000", "bad-number"),
        (b"Arrival-Date: soon", "bad-date"),
        (b"Version: 1\nVersion: 2", "repeated-field"),
        (b"no field", "junk-line"),
        (b"Reporting-MTA: mx.example.com", "untyped"),
        (b"Reported-Domain: a\n" * 1_001, "too-many-fields"),
        (b"", "no-version"),
    ],
)
def test_what_is_tolerated_is_named(line: bytes, flaw: str) -> None:
    assert flaw in feedback.parse(b"Feedback-Type: abuse\nUser-Agent: x\n" + line).flaws


def test_forms_of_the_wild() -> None:
    report = feedback.parse(
        b"Feedback-Type: Auth-Failure (x)\n\nSource-IP: 192.0.2.7 "
        b"(mail.example.org)\r\nReceived-Date: Sun, 1 Nov 2026 12:00:00 GMT\n"
    )
    assert (
        report.feedback_type == "auth-failure"
        and str(report.source_ip) == "192.0.2.7"
        and report.arrival_date == ABUSE.arrival_date
    )
    assert report.incidents == 1


@pytest.mark.parametrize("body", [b"", b"Subject: x\n", b"hello"])
def test_what_is_no_report_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        feedback.parse(body)


PIECES = [
    b"Feedback-Type:",
    b"Source-IP: ",
    b"Identity-Alignment: ,",
    b"\n",
    b" ",
    b"\xff",
    b"DKIM-Canonicalized-Body: =",
    b"<",
    b"9",
]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_any_bytes_are_a_report_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(feedback.parse(body), Report)


def test_the_reports_of_the_suites_are_read(suites: Path) -> None:
    count = 0
    for path in sorted((suites / "reports" / "samples").glob("*/failure-eml/*.eml")):
        for _, entity in mime.walk(Message(path.read_bytes())):
            if mime.content_type(entity).type == "message/feedback-report":
                report = feedback.parse(mime.decoded(entity))
                assert report.feedback_type in ("abuse", "auth-failure")
                assert report.source_ip is not None or b"Source-IP" not in entity.raw
                assert report.auth_failure or report.feedback_type == "abuse" or "no-auth-failure" in report.flaws
                count += 1
    assert count >= 6
