"""What came back: originals in every form in which reporters return them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.backscatter import delivery, inline, markup, returned
from disavow.judgement.backscatter.notice import Returned
from disavow.standards import mime
from disavow.standards.message import Message

ORIGINAL = (
    "Received: from pc.example ([203.0.113.9]) by relay.example.org; Tue, 24 Nov 2020 15:30:14 +0800\n"
    "From: Owner <owner@example.net>\nTo: one@example.com\nSubject: forged\nMessage-ID: <1@pc.example>\n"
    "Date: Tue, 24 Nov 2020 15:30:14 +0800\n"
)
BODY = "\nBuy this.\n"


def find(raw: bytes) -> tuple[Returned, ...]:
    message = Message(raw)
    parts = tuple(part for _, part in mime.walk(message))
    return returned.find(message, parts, delivery.read(message, parts))


def text(body: str, kind: str = "text/plain") -> tuple[Returned, ...]:
    header = (
        f"From: MAILER-DAEMON@example.org\nTo: owner@example.net\nSubject: failure notice\nContent-Type: {kind}\n\n"
    )
    return find((header + body).encode())


def parts(*bodies: str) -> tuple[Returned, ...]:
    return text("".join(f"--cut\n{body}\n" for body in bodies) + "--cut--\n", "multipart/report; boundary=cut")


def only(found: tuple[Returned, ...], form: str, body: str) -> Message:
    assert [(each.form, each.body) for each in found] == [(form, body)]
    assert found[0].message.first("message-id") == b"<1@pc.example>"
    assert found[0].message.first("subject") == b"forged"
    return found[0].message


@pytest.mark.parametrize("kind", ["message/rfc822", "MESSAGE/RFC822", "message/global"])
def test_a_whole_message_as_a_part(kind: str) -> None:
    only(parts("\nIt failed.\n", f"Content-Type: {kind}\n\n{ORIGINAL}{BODY}"), "message/rfc822", "whole")


def test_an_encoded_message_part() -> None:
    encoded = base64.encodebytes((ORIGINAL + BODY).encode()).decode()
    part = f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{encoded}"
    only(parts("\nIt failed.\n", part), "message/rfc822", "whole")


@pytest.mark.parametrize(
    "kind", ["text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers"]
)
def test_the_header_alone_as_a_part(kind: str) -> None:
    only(parts("\nIt failed.\n", f"Content-Type: {kind}\n\n{ORIGINAL}"), "text/rfc822-headers", "none")


def test_a_body_that_was_cut_is_not_whole() -> None:
    cut = ORIGINAL + "Content-Type: multipart/mixed; boundary=in\n\n--in\n\nhello\n"
    only(parts("\nIt failed.\n", f"Content-Type: message/rfc822\n\n{cut}"), "message/rfc822", "part")


def test_the_original_without_its_wrapper() -> None:
    only(parts("\nIt failed.\n", ORIGINAL + BODY), "inline", "whole")


def test_several_originals_in_one_mail() -> None:
    part = f"Content-Type: message/rfc822\n\n{ORIGINAL}{BODY}"
    assert len(parts("\nIt failed.\n", part, part)) == 2


def test_attachments_of_the_original_are_not_returned() -> None:
    inner = f"Content-Type: multipart/mixed; boundary=in\n\n--in\nContent-Type: message/rfc822\n\n{ORIGINAL}\n--in--\n"
    assert len(parts("\nIt failed.\n", f"Content-Type: message/rfc822\n\n{ORIGINAL}{inner}")) == 1


@pytest.mark.parametrize(
    ("marker", "form"),
    [
        ("--- Below this line is a copy of the message.\n\n", "marker"),
        ("------- Оригинал сообщения -------\n", "marker"),
        ("原始邮件标题：\n\n", "inline"),
        ("and this is what you wrote\n", "inline"),
    ],
)
def test_inline_with_and_without_a_marker_in_any_language(marker: str, form: str) -> None:
    only(text(f"<one@example.com>:\nno such user\n\n{marker}{ORIGINAL}{BODY}"), form, "whole")


@pytest.mark.parametrize(
    ("prefix", "form"), [("> ", "quoted"), (">", "quoted"), ("    ", "indented"), ("| ", "quoted")]
)
def test_quoted_and_indented(prefix: str, form: str) -> None:
    lines = "".join(f"{prefix}{line}\n" for line in (ORIGINAL + BODY).split("\n"))
    message = only(text(f"It could not be delivered.\n\n{lines}\nSee you\n"), form, "part")
    assert b"Buy this." in message.body
    assert b"See you" not in message.raw


def test_html() -> None:
    lines = "".join(f"<div>{line.replace('<', '&lt;')}</div>" for line in ORIGINAL.split("\n"))
    page = f"<html><style>p:hover {{ color: red }}</style><p>It failed.</p>{lines}</html>"
    only(text(page, "text/html"), "html", "none")


@pytest.mark.parametrize(
    "line",
    [
        "<b>From:</b> {a}<br><b>Subject:</b> x<br><b>To:</b> {b}<br><b>Date:</b> Tue, 24 Nov 2020 15:30:14 +0800<br>",
        "From&nbsp;: {a}<br>To&nbsp;: {b}<br>Subject&nbsp;: x<br>Date&nbsp;: Tue, 24 Nov 2020 15:30:14 +0800<br>",
        "<p>RETURN-PATH: {a}<p>MESSAGE-ID: 1@pc.example<p>",
    ],
)
def test_a_page_that_may_hold_a_header_is_made_plain_to_look(line: str) -> None:
    page = f"<p>Returned to you.</p><div>{line.format(a='owner@example.net', b='one@example.com')}</div>"
    assert inline.may_hold(page)
    assert [original.form for original in text(page, "text/html")] == ["html"]


def test_a_page_about_something_else_is_not() -> None:
    assert not inline.may_hold("<p>A subject for talk, from me to you</p>" * 1_000)


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_foreign_line_ends(end: str) -> None:
    raw = f"From: MAILER-DAEMON\nSubject: failure\n\nIt failed.\n\n{ORIGINAL}{BODY}".replace("\n", end)
    assert find(raw.encode())[0].message.first("subject") == b"forged"


def test_lost_folding_and_a_header_cut_in_the_middle() -> None:
    torn = ORIGINAL.replace("; Tue", "\nfor one; Tue", 1) + "X-Long: abc\nDEFGHIJKLMNOPQ\nabcdefgh\nX-Mailer: Fo"
    message = only(text(f"It failed.\n\n{torn}"), "inline", "none")
    assert message.first("x-mailer") == b"Fo"


def test_a_reporter_that_shortens_the_message_says_so() -> None:
    only(text(f"No more than 1K characters of the body are included.\n\n{ORIGINAL}{BODY}"), "inline", "part")


def test_undeclared_mime_ends_at_its_delimiter() -> None:
    part = f"Content-Type: message/rfc822\n\n{ORIGINAL}{BODY}"
    body = f"--undeclared/1\n\nIt failed.\n\n--undeclared/1\n{part}\n--undeclared/1--\nx\n"
    message = only(text(body), "inline", "whole")
    assert b"undeclared" not in message.raw


def test_a_bounce_of_a_bounce_brings_both() -> None:
    inner = f"Received: by a.example\nFrom: MAILER-DAEMON@a.example\nSubject: failure\n\nIt failed.\n\n{ORIGINAL}{BODY}"
    found = text(f"It failed.\n\n--- Original\n{inner}")
    assert [each.message.first("subject") for each in found] == [b"failure", b"forged"]


def test_a_wrapped_report_is_no_original() -> None:
    report = (
        "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=in\n\n--in\n\nIt failed.\n--in\n"
        f"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\n\n--in\n"
        f"Content-Type: text/rfc822-headers\n\n{ORIGINAL}\n--in--\n"
    )
    only(parts(f"Content-Type: message/rfc822\n\n{report}"), "text/rfc822-headers", "none")


def test_without_an_original_the_reports_fields_speak() -> None:
    status = "X-Postfix-Sender: rfc822; owner@example.net\nReporting-MTA: dns; a.example\n"
    status += "\nFinal-Recipient: rfc822; a@b.example\n"
    found = parts("\nIt failed.\n", f"Content-Type: message/delivery-status\n\n{status}")
    assert [(each.form, each.body) for each in found] == [("fields", "none")]
    assert b"owner@example.net" in (found[0].message.first("return-path") or b"")


def test_nothing_returned() -> None:
    assert find(b"From: a@example.org\nSubject: hi\n\nhello\n") == ()
    assert find(b"") == ()


def test_an_original_that_begins_late_is_found() -> None:
    assert text("It failed, and here is why.\n" * 6_000 + "\n" + ORIGINAL + BODY)


@given(st.binary(max_size=600))
def test_any_text_is_searched(body: bytes) -> None:
    block = inline.locate(body)
    assert block is None or 0 <= block.start < block.header_end <= block.end <= len(body)
    assert isinstance(find(b"Content-Type: multipart/report; boundary=b\n\n--b\n" + body), tuple)


@given(st.text(max_size=300))
def test_text_without_tags_is_its_own_markup(source: str) -> None:
    plain = source.replace("<", "").replace("&", "").replace("\xa0", " ")
    assert markup.text(plain) == plain


@pytest.mark.parametrize("piece", [b"To: x\n", b"\n", b"> ", b"-", b"From: a\nTo: b\nSubject: c\n\n", b"Received: x\n"])
def test_megabytes_of_anything_are_searched_once(piece: bytes) -> None:
    found = find(b"From: MAILER-DAEMON\nSubject: failure\n\n" + piece * (2_000_000 // len(piece)))
    assert len(found) <= returned.MAX_RETURNED


def test_originals_in_the_suites(suites: Path) -> None:
    joe = [find(path.read_bytes()) for path in (suites / "bounces/joe-job-2020/as-received").iterdir()]
    assert sum(bool(found) for found in joe) >= 470
    mails = [path for path in (suites / "bounces/sisimai/mail").iterdir() if path.is_file()]
    # 61 of the 629 have none.
    assert sum(bool(find(path.read_bytes())) for path in mails) >= 0.95 * (len(mails) - 61)
