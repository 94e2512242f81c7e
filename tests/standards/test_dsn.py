from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dsn, mime
from disavow.standards.dsn import Recipient, Report, Typed
from disavow.standards.message import Message

STRICT = b"""\
Original-Envelope-Id: QQ314159\r
Reporting-MTA: dns; mx.example.com\r
Received-From-MTA: dns; mail.example.org\r
Arrival-Date: Mon, 16 Nov 2020 11:40:00 +0800\r
X-Queue-ID: 4711\r
\r
Original-Recipient: rfc822;a@example.net\r
Final-Recipient: RFC822; <b@example.net>\r
Action: Failed (permanently)\r
Status: 5.7.23 (SPF)\r
Remote-MTA: dns; mx.example.net (192.0.2.7)\r
Diagnostic-Code: smtp;\r
 550 5.7.23 SPF refused;\r
\t  see http://example.net/\r
Last-Attempt-Date: Mon, 16 Nov 2020 11:41:00 +0800\r
X-Note: =?utf-8?q?gr=C3=BCn?=\r
"""


def test_every_field_of_the_rfc_is_read() -> None:
    assert dsn.parse(STRICT) == Report(
        reporting_mta=Typed("dns", "mx.example.com"),
        received_from_mta=Typed("dns", "mail.example.org"),
        arrival_date=datetime(2020, 11, 16, 3, 40, tzinfo=UTC),
        original_envelope_id="QQ314159",
        extensions=(("X-Queue-ID", "4711"),),
        recipients=(
            Recipient(
                final_recipient=Typed("rfc822", "b@example.net"),
                original_recipient=Typed("rfc822", "a@example.net"),
                action="failed",
                status="5.7.23",
                remote_mta=Typed("dns", "mx.example.net (192.0.2.7)"),
                diagnostic=Typed("smtp", "550 5.7.23 SPF refused; see http://example.net/"),
                last_attempt=datetime(2020, 11, 16, 3, 41, tzinfo=UTC),
                extensions=(("X-Note", "grün"),),
            ),
        ),
    )


def test_the_address_is_the_one_that_was_written_to() -> None:
    (recipient,) = dsn.parse(STRICT).recipients
    assert recipient.address == "a@example.net"
    assert recipient._replace(original_recipient=dsn.NONE).address == "b@example.net"


@pytest.mark.parametrize("ends", [b"\n", b"\r", b"\r\n"])
def test_line_ends_do_not_matter(ends: bytes) -> None:
    assert dsn.parse(STRICT.replace(b"\r\n", ends)) == dsn.parse(STRICT)


def test_order_does_not_matter() -> None:
    message, _, recipient = STRICT.partition(b"\r\n\r\n")
    assert dsn.parse(recipient + b"\r\n" + message).recipients == dsn.parse(STRICT).recipients
    assert dsn.parse(recipient + b"\r\n" + message).reporting_mta.text == "mx.example.com"


@pytest.mark.parametrize(
    ("body", "addresses", "flaw"),
    [
        (
            b"Reporting-MTA: dns; x\nFinal-Recipient: rfc822; a@x\nAction: failed\nFinal-Recipient: rfc822; b@x\n",
            "a@x b@x",
            "no-blank-line",
        ),
        (b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x\n\nStatus: 5.1.1\n", "a@x", "stray-blank-line"),
        (b"Reporting-MTA: dns; x\n\nFinal-Recipient: a@x\n", "a@x", "untyped"),
        (b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x\nStatus: none\n", "a@x", "bad-status"),
        (b"Reporting-MTA: dns; x\nArrival-Date: soon\n\nFinal-Recipient: rfc822; a@x\n", "a@x", "bad-date"),
        (
            b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x\nDiagnostic-Code: smtp; 550\nno such user\n",
            "a@x",
            "junk-line",
        ),
        (b"Final-Recipient: rfc822; a@x\n", "a@x", "no-reporting-mta"),
        (b"Reporting-MTA: dns; x\n", "", "no-recipient"),
    ],
)
def test_what_is_tolerated_is_named(body: bytes, addresses: str, flaw: str) -> None:
    report = dsn.parse(body)
    assert " ".join(recipient.address for recipient in report.recipients) == addresses
    assert flaw in report.flaws


def test_fields_after_a_stray_blank_line_belong_to_the_recipient_before() -> None:
    (recipient,) = dsn.parse(b"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@x\n\nStatus: 5.1.1\n").recipients
    assert recipient.status == "5.1.1"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("utf-8; \\x{3C0}@example.com", "π@example.com"),
        ("utf-8; π@example.com", "π@example.com"),
        ("utf-8; a\\x{D800}@example.com", "a\ufffd@example.com"),
        ("rfc822; a+2Bb+40example.com", "a+b@example.com"),
        ("rfc822; a+40@example.com", "a+40@example.com"),
    ],
)
def test_international_and_encoded_addresses(written: str, meant: str) -> None:
    report = dsn.parse(b"Final-Recipient: " + written.encode() + b"\n")
    assert report.recipients[0].final_recipient.text == meant


@pytest.mark.parametrize("body", [b"", b"\n\n", b"Subject: x\n", b"hello world", b"\0"])
def test_what_is_no_report_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        dsn.parse(body)


def test_format_refuses_what_the_rfc_does_not_allow() -> None:
    recipient = Recipient(final_recipient=Typed("rfc822", "a@x"), action="failed", status="5.0.0")
    with pytest.raises(Malformed):
        dsn.format(Report(recipients=(recipient,)))
    with pytest.raises(Malformed):
        dsn.format(Report(Typed("dns", "x"), (recipient._replace(status=""),)))
    assert (
        max(
            map(
                len,
                dsn.format(
                    Report(Typed("dns", "x"), (recipient._replace(diagnostic=Typed("smtp", "word " * 99)),))
                ).split(b"\r\n"),
            )
        )
        < 79
    )


ATOM = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9.]{0,20}", fullmatch=True)
ADDRESS = st.builds("{}@{}.example".format, ATOM, ATOM)
TEXT = st.lists(ATOM, min_size=1, max_size=40).map(" ".join)
DATE = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(
    lambda d: d.replace(microsecond=0, tzinfo=UTC)
)
TYPED = st.builds(Typed, st.sampled_from(["dns", "smtp", "x-unix"]), TEXT)
RECIPIENT = st.builds(
    Recipient,
    final_recipient=st.builds(Typed, st.just("rfc822"), ADDRESS)
    | st.builds(Typed, st.just("utf-8"), ADDRESS.map("ü\\ {}".format)),
    original_recipient=st.just(dsn.NONE) | st.builds(Typed, st.just("rfc822"), ADDRESS),
    action=st.sampled_from(["failed", "delayed", "delivered", "relayed", "expanded"]),
    status=st.sampled_from(["5.1.1", "4.4.7", "2.0.0"]),
    remote_mta=st.just(dsn.NONE) | TYPED,
    diagnostic=st.just(dsn.NONE) | TYPED,
    last_attempt=DATE,
    will_retry_until=DATE,
    final_log_id=st.just("") | TEXT,
    extensions=st.just(()) | st.tuples(st.tuples(st.just("X-More"), TEXT)),
)


@given(
    st.builds(
        Report,
        reporting_mta=TYPED,
        recipients=st.lists(RECIPIENT, min_size=1, max_size=3).map(tuple),
        received_from_mta=st.just(dsn.NONE) | TYPED,
        arrival_date=DATE,
        original_envelope_id=st.just("") | ATOM,
        extensions=st.just(()) | st.tuples(st.tuples(st.just("X-Queue"), TEXT)),
        dsn_gateway=st.just(dsn.NONE),
        flaws=st.just(()),
    )
)
def test_what_is_formatted_parses_to_the_same(report: Report) -> None:
    assert dsn.parse(dsn.format(report)) == report


PIECES = [
    b"Final-Recipient:",
    b"Status: ",
    b"Reporting-MTA: x;",
    b"\n",
    b"\n\n",
    b" ",
    b"\xff",
    b"=?utf-8?q?=ff?=",
    b"rfc822; <",
    b"5.1.1",
]


@given(st.binary(max_size=300) | st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_any_bytes_are_a_report_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(dsn.parse(body), Report)


@pytest.mark.parametrize("piece", [b"Final-Recipient: a\n", b"a:\n\n", b" ", b"x\n", b"Status: 5.", b"=?a?q?"])
def test_ten_megabytes_are_read_within_the_budget(piece: bytes) -> None:
    with suppress(Malformed):
        assert "too-big" in dsn.parse(piece * (10_000_000 // len(piece))).flaws


def test_the_reports_of_the_suites_tell_who_and_what(suites: Path) -> None:
    """Of hundreds of real delivery reports nearly all name a recipient, an action and a status."""
    recipients: list[Recipient] = []
    reports = 0
    for path in sorted((suites / "bounces").rglob("*")):
        for _, entity in mime.walk(Message(path.read_bytes())) if path.is_file() else ():
            if mime.content_type(entity).type in ("message/delivery-status", "message/global-delivery-status"):
                body = mime.decoded(entity)
                if body.count(b"\n") > 2:
                    recipients += dsn.parse(body).recipients
                    reports += 1
    assert reports > 800 and len(recipients) >= reports
    assert sum(bool(recipient.address) for recipient in recipients) / len(recipients) > 0.99
    assert sum(bool(recipient.action and recipient.status) for recipient in recipients) / len(recipients) > 0.97
