from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import smtp
from disavow.standards.smtp import Reply


@pytest.mark.parametrize(
    ("text", "reply", "enhanced"),
    [
        ("550 5.1.1 <a@example.com>... User unknown", "550", "5.1.1"),
        ("host mx.example.com[192.0.2.7] said: 550-5.7.26 Unauthenticated (in reply to end of DATA)", "550", "5.7.26"),
        ("450 450 4.2.2 <a@example.com>... Mailbox full", "450", "4.2.2"),
        ("552 #5.2.2 over quota", "552", "5.2.2"),
        ("User unknown (#5.1.1)", "", "5.1.1"),
        ("Refused as said in 5.7.1.", "", "5.7.1"),
        ("SMTP error from remote mail server after RCPT TO:<a@example.com>: 554 no", "554", ""),
        ("554 Message refused", "554", ""),
        ("421", "421", ""),
        ("250 2.1.5 fine, then 550 5.7.1 not fine", "550", "5.7.1"),
        ("#< #5.1.1 SMTP; 550 unknown>", "550", "5.1.1"),
        ("connect to mx.example.com[203.0.113.225]:25: Connection timed out", "", ""),
        ("refused from 5.4.3.2", "", ""),
        ("queued by Exim 4.9.1 on 4.4.2020", "", ""),
        ("waited 550 seconds for port 587", "", ""),
        ("512 bytes too many", "", ""),
        ("error: 552 kb over quota", "", ""),
        ("DNS Error: 24275403", "", ""),
        ("at 5.1.1@example.com", "", ""),
        ("dated 2020-05-01 500/500", "", ""),
        ("", "", ""),
    ],
)
def test_codes_are_found_in_prose_and_nothing_else_is_taken_for_one(text: str, reply: str, enhanced: str) -> None:
    assert smtp.codes(text) == (reply, enhanced)


def test_a_reply_of_several_lines() -> None:
    reply = smtp.parse("550-5.7.1 We do not\r\n550 5.7.1 want this\r\n")
    assert reply == Reply(550, "5.7.1", ("We do not", "want this"))
    assert reply.text == "We do not\nwant this"
    assert smtp.parse("220 mx.example.com ESMTP") == Reply(220, "", ("mx.example.com ESMTP",))
    assert smtp.parse("250-a\n250-5.0.0 b\n250 c").lines == ("a", "5.0.0 b", "c")


@pytest.mark.parametrize("text", ["", "hello", "99 x", "250-a\n251 b", "690 x", "250-a\n\nb"])
def test_what_is_no_reply_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        smtp.parse(text)


LINE = st.from_regex(r"[A-Za-z][ -~]{0,30}", fullmatch=True)


@given(
    st.sampled_from([220, 250, 354, 421, 550]), st.sampled_from(["", "5.7.1"]), st.lists(LINE, min_size=1, max_size=5)
)
def test_what_is_formatted_parses_to_the_same(code: int, enhanced: str, lines: list[str]) -> None:
    reply = Reply(code, enhanced, tuple(lines))
    assert smtp.parse(smtp.format(reply)) == reply


@given(st.text() | st.from_regex(r"([245][0-9]{2}[ -]?|[245]\.\d\.\d{1,3}|[ #(]){0,9}"))
def test_any_text_is_answered(text: str) -> None:
    assert len(smtp.codes(text)) == 2
    with suppress(Malformed):
        smtp.parse(text)


@pytest.mark.parametrize("piece", ["550 ", "5.1.", "5.1.1 ", "550-550", "(", "said: ", "2", ": 550 kb "])
def test_ten_megabytes_are_no_matter(piece: str) -> None:
    smtp.codes(piece * (10_000_000 // len(piece)))


def test_meanings() -> None:
    assert smtp.meaning("5.1.1") == "refused for good: there is no such mailbox"
    assert smtp.meaning("4.7.23") == "not yet delivered, will be tried again: SPF refused the sender"
    assert smtp.meaning("5.2.99") == "refused for good: something about the recipient's mailbox"
    assert smtp.meaning("5.9.9") == "refused for good"
    assert smtp.meaning("2.01.005") == "delivered: the address is valid"
    assert smtp.meaning("550") == smtp.meaning("") == smtp.meaning("5.1.1 x") == ""
