"""Mail as people hand it over: every shape is read, every repair is named."""

from __future__ import annotations

import base64
import html
from contextlib import suppress
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.judgement import paste

HEADER = b"""Return-Path: <alice@example.org>
Received: from mail.example.org (mail.example.org [192.0.2.1])
\tby mx.example.net (Postfix) with ESMTPS id 4ABC
\tfor <bob@example.net>; Mon, 5 Oct 2026 16:20:05 +0200 (CEST)
DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=one; h=From:To:
\tSubject:Date; bh=AAAA; b=BBBB
From: Alice <alice@example.org>
To: bob@example.net
Subject: the plan
Date: Mon, 05 Oct 2026 16:20:00 +0200
Message-ID: <1@example.org>
"""
MAIL = HEADER + b"\nHello Bob,\nsee you.\n"
LOST_FOLDING = HEADER.replace(b"\n\t", b"\n")


def tags(reading: paste.Reading) -> set[str]:
    return {finding.tag for finding in reading.repairs}


def same_fields(reading: paste.Reading) -> bool:
    expected = [(field.name, b" ".join(field.value.split())) for field in paste.Message(MAIL).fields]
    return [(field.name, b" ".join(field.value.split())) for field in reading.message.fields] == expected


def test_a_file_is_left_alone() -> None:
    (reading,) = paste.read(MAIL)
    assert reading.message.raw == MAIL and reading.exact and not reading.repairs


@pytest.mark.parametrize(
    ("raw", "tag"),
    [
        (LOST_FOLDING, "paste-unfolded"),
        (b"".join(b"> " + line for line in MAIL.splitlines(True)), "paste-quoted"),
        (b"".join(b">> > " + line for line in MAIL.splitlines(True)), "paste-quoted"),
        (b"".join(b"    " + line for line in MAIL.splitlines(True)), "paste-indented"),
        (b"Microsoft Mail Internet Headers Version 2.0\n" + MAIL, "paste-junk"),
        (b"Hi, here is what you asked for -\nthe header\n\n" + MAIL, "paste-junk"),
        (b"\n\r\n  \n" + MAIL, "paste-blank-lines"),
        (HEADER.replace(b"\n\t", b" ").replace(b"\n", b"\n\n"), "paste-double-spaced"),
        (b"\xff\xfe" + MAIL.decode().encode("utf-16-le"), "paste-unicode"),
        (b"\xef\xbb\xbf" + MAIL, "paste-unicode"),
        (base64.encodebytes(MAIL), "paste-base64"),
        (b"<html><body><pre>" + html.escape(MAIL.decode()).encode() + b"</pre></body></html>", "paste-html"),
        (b"<div>" + html.escape(MAIL.decode()).replace("\n", "<br>\n").encode() + b"</div>", "paste-html"),
        (b"<p>" + MAIL.replace(b"\n", b"</p>\n<p>").replace(b"<p>\t", b"<p>&nbsp; "), "paste-html"),
        (MAIL.replace(b"\n", b"\r"), "paste-bare-cr"),
        (LOST_FOLDING.replace(b"\n", b"\r"), "paste-unfolded"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_paste_is_repaired_and_the_repair_named(raw: bytes, tag: str) -> None:
    (reading,) = paste.read(raw)
    assert same_fields(reading), reading.message.fields
    assert tag in tags(reading)


@pytest.mark.parametrize("raw", [MAIL.replace(b"\n", b"\r\n"), MAIL.replace(b"\n", b"\r"), MAIL, b"\n" + MAIL])
def test_line_ends_do_not_make_it_inexact(raw: bytes) -> None:
    (reading,) = paste.read(raw)
    assert reading.exact and same_fields(reading)


def test_lost_folding_is_no_longer_exact() -> None:
    (reading,) = paste.read(LOST_FOLDING)
    assert not reading.exact


def test_a_wrapped_time_and_a_wrapped_list_of_fields_begin_no_field() -> None:
    raw = LOST_FOLDING.replace(b" 16:20:05", b"\n16:20:05")
    (reading,) = paste.read(raw)
    assert same_fields(reading)


def test_a_forward_as_attachment_gives_both() -> None:
    outer = (
        b"From: bob@example.net\nSubject: Fwd\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        b"--b\nContent-Type: text/plain\n\nlook\n--b\nContent-Type: message/rfc822\n\n" + MAIL + b"\n--b--\n"
    )
    first, second = paste.read(outer)
    assert (first.where, second.where) == ("", "attached")
    assert second.message.raw == MAIL and second.exact


def test_a_pasted_part_is_only_wrapping() -> None:
    raw = b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(MAIL)
    (reading,) = paste.read(raw)
    assert reading.message.raw == MAIL


def test_a_bounce_gives_the_returned_header() -> None:
    raw = (
        b"From: MAILER-DAEMON@mx.example.net\nSubject: failed\n"
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        b"--b\n\nno such user\n--b\nContent-Type: text/rfc822-headers\n\n" + HEADER + b"\n--b--\n"
    )
    _, second = paste.read(raw)
    assert second.where == "returned" and same_fields(second)


def test_two_messages_in_one_paste() -> None:
    second = MAIL.replace(b"the plan", b"the other plan")
    for raw in (MAIL + second, MAIL + b"\n" + second, HEADER + b"\n" + second, MAIL + b"\n\n" + second):
        subjects = [reading.message.first("subject") for reading in paste.read(raw)]
        assert subjects == [b"the plan", b"the other plan"]


def test_a_signature_says_where_a_text_ends() -> None:
    """A signed text may show another header without being two messages."""
    body = b"Look at this:\nhere\n" + MAIL
    digest = base64.b64encode(sha256(body.replace(b"\n", b"\r\n")).digest())
    outer = HEADER.replace(b"bh=AAAA", b"bh=" + digest) + b"\n" + body
    first, second = paste.read(outer)
    assert first.message.raw == outer and second.where == "below"


def test_an_mbox_gives_each_message_exactly() -> None:
    line = b"From alice@example.org Mon Oct  5 16:20:05 2026\n"
    readings = paste.read(line + MAIL + b"\n" + line + MAIL)
    assert [reading.exact for reading in readings] == [True, True]
    assert all(same_fields(reading) for reading in readings)


def test_a_copy_below_a_marker_leaves_the_outer_whole() -> None:
    bounce = (
        b"From: MAILER-DAEMON@mx.example.net\nSubject: failure\n\nSorry.\n--- Below this line is a copy.\n\n" + MAIL
    )
    first, second = paste.read(bounce)
    assert first.message.raw == bounce and second.where == "below" and same_fields(second)


@pytest.mark.parametrize("kind", [b"text/plain", b"multipart/alternative; boundary=b"])
def test_a_quoted_copy_inside_a_text_is_found(kind: bytes) -> None:
    quoted = b"He wrote:\n" + b"".join(b"> " + line for line in MAIL.splitlines(True)) + b"\nBob\n"
    part = b"--b\n\n" + quoted + b"--b--\n" if b"multipart" in kind else quoted
    raw = b"From: bob@example.net\nSubject: Fwd\nContent-Type: " + kind + b"\n\n" + part
    first, second = paste.read(raw)
    assert first.exact and (second.where, second.exact) == ("below", False) and same_fields(second)


def test_the_text_of_an_attached_message_is_its_own() -> None:
    """A copy inside an attached message is found when that message is given itself."""
    inner = HEADER + b"\nAs I said:\n\n" + MAIL
    outer = b"From: bob@example.net\nSubject: Fwd\nContent-Type: message/rfc822\n\n" + inner
    assert [reading.where for reading in paste.read(outer)] == ["", "attached"]


def test_a_forward_as_text_is_said() -> None:
    raw = (
        b"Received: from a by mx.example.net; Mon, 5 Oct 2026 16:20:05 +0200\nFrom: bob@example.net\n\nsee\n"
        b"------ Forwarded message ------\nFrom: Alice <alice@example.org>\nDate: Mon\nSubject: x\nTo: bob\n\nHi\n"
    )
    (reading,) = paste.read(raw)
    assert tags(reading) == {"paste-forwarded-as-text"} and reading.exact


@pytest.mark.parametrize("raw", [b"", b"hello", b"\n\n\n", b"<html></html>", b"\x00" * 100, b"http://example.org/\n"])
def test_without_a_header_it_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        paste.read(raw)


@given(
    st.binary(max_size=400)
    | st.lists(st.sampled_from([*MAIL.splitlines(True), b"> ", b"\n", b"<br>", b"&lt;"])).map(b"".join)
)
def test_any_bytes_are_read_or_malformed(raw: bytes) -> None:
    with suppress(Malformed):
        assert paste.read(raw)


@pytest.mark.parametrize(
    "piece",
    [
        b">",
        b"<",
        b"\n",
        b"From x\n",
        b"a",
        b" ",
        b"Received: x\n\n",
        b"<pre>",
        b"\r",
        b"A:\n",
        b"> > ",
        b"From a 1:00:00\n\n",
    ],
    ids=repr,
)
def test_megabytes_of_anything_are_only_linear_work(piece: bytes) -> None:
    raw = piece * (2_000_000 // len(piece))
    for text in (raw, b"x\n" + raw, b"<p>" + raw, HEADER + b"\n" + raw):
        with suppress(Malformed):
            paste.read(text)
