from __future__ import annotations

import pytest

from disavow.judgement.backscatter.letter import MAX_TEXT, Letter, plain, unquoted
from disavow.standards import mime
from disavow.standards.message import Message


def letter(raw: bytes) -> Letter:
    message = Message(raw)
    return Letter(message, tuple(part for _, part in mime.walk(message)))


MULTIPART = b"""From: "Kim" <Kim@Example.ORG>
Subject: =?utf-8?q?caf=C3=A9?=
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/html

<html><style>p {}</style><p>Dear&nbsp;you,<br>hello <b>there</b></p></html>
--b
Content-Type: text/plain

_______ list footer
--b
Content-Type: message/rfc822

Subject: inner

<a href="http://www.example.com/">inner</a>
--b--
"""


def test_a_letter_is_what_the_person_sees_who_opens_it() -> None:
    seen = letter(MULTIPART)
    assert (seen.subject, seen.address) == ("café", "kim@example.org")
    assert seen.is_html_only
    assert seen.body.split() == ["Dear", "you,", "hello", "there"]
    assert "inner" not in seen.html


def test_an_empty_message_is_an_empty_letter() -> None:
    seen = letter(b"")
    assert (seen.subject, seen.author, seen.address, seen.body, seen.html, seen.language) == ("",) * 6
    assert not seen.quotes


@pytest.mark.parametrize(
    "quoted",
    [
        "On Mon, 2 Nov 2020, Sam wrote:\nold",
        "Am 2.11.2020 um 10:00 schrieb Sam:\nold",
        "-----Original Message-----\nold",
        "From: Sam <sam@example.org>\nold",
        "> old",
    ],
)
def test_the_quoted_original_is_left_out(quoted: str) -> None:
    assert unquoted(f"new\n\n{quoted}") == "new"


def test_html_without_an_end_ends() -> None:
    assert plain("a<style>b") == "a"
    assert plain("a<!-- b --> c &amp; d") == "a c & d"


@pytest.mark.parametrize("unit", ["<", "<style>", "<!--", "&amp;", "> ", "On x wrote:\n", "é", "=?", "a\n"])
def test_a_huge_letter_is_read_from_its_beginning(unit: str) -> None:
    raw = b"Content-Type: text/html; charset=utf-8\n\n" + (unit * (2_000_000 // len(unit))).encode()
    assert len(letter(raw).body) <= MAX_TEXT
