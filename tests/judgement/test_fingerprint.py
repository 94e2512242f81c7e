"""What is kept of a forged mail so that it is known again among others, each fact by itself."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.backscatter.notice import Returned
from disavow.judgement.fingerprint import Fingerprint, message_id_shape, network, script, subject_key, take
from disavow.judgement.identity import identify
from disavow.standards.message import Message

ME = identify(["example.org"])


def taken(header: str, body: str = "", helo: str = "", source: str = "198.51.100.7") -> Fingerprint:
    message = Message(f"{header}\n\n{body}".encode())
    return take(Returned(message, "message/rfc822", "whole" if body else "none"), helo, ip_address(source), ME)


def features(header: str, body: str = "", helo: str = "") -> dict[str, str]:
    return dict(taken(header, body, helo).features)


def test_a_subject_is_shown_on_one_line_whatever_stood_between_its_words() -> None:
    assert taken("Subject: Overdue\n\tinvoice  \t 4711").subject == "Overdue invoice 4711"


def test_a_reply_address_counts_where_it_is_neither_the_author_nor_mine() -> None:
    assert features("From: a@example.net\nReply-To: Prize <WIN@example.com>")["reply-to"] == "win@example.com"
    assert "reply-to" not in features("From: a@example.net\nReply-To: a@example.net")
    assert "reply-to" not in features("From: a@example.net\nReply-To: me@example.org")


@pytest.mark.parametrize("helo", ["localhost", "[192.0.2.1]", "mail.example.org", "2001:db8::1", ""])
def test_a_name_that_anybody_uses_is_no_feature(helo: str) -> None:
    assert "helo" not in features("Subject: x", helo=helo)


def test_the_name_a_client_gives_itself_is_one() -> None:
    assert features("Subject: x", helo="WIN-77.example.net")["helo"] == "win-77.example.net"


def test_message_ids_made_by_one_program_have_one_shape() -> None:
    shapes = {message_id_shape(f"<20260101{n:04}.abc{n:04}@example.org>", ME) for n in range(20)}
    assert shapes == {"912.a394@mine"}
    assert message_id_shape("<20260101.1@example.net>", ME) == "98.91@other"
    assert message_id_shape("no at sign", ME) == ""


def test_subjects_that_differ_in_numbers_tags_and_case_are_one() -> None:
    assert subject_key("Re: [list] Your invoice 4711") == subject_key("AW: YOUR INVOICE 12") == "yourinvoice"
    assert subject_key("Hello") == ""  # too short to mean anything
    assert subject_key("付款通知单") == "付款通知单"


def test_only_hosts_that_are_not_mine_nor_everyones_are_kept_of_a_body() -> None:
    body = "https://www.example.org/ https://shop.example.com/a http://www.w3.org/1999/ HTTPS://Shop.example.com"
    assert [value for name, value in taken("Subject: x", body).features if name == "url"] == ["shop.example.com"]


def test_without_a_body_no_links_are_looked_for() -> None:
    assert not [name for name, _ in taken("Subject: x").features if name == "url"]


def test_recipients_are_counted_once() -> None:
    found = taken("To: a@example.net, B@example.net\nCc: <b@example.net>").recipients
    assert found == ("a@example.net", "b@example.net")


def test_a_network_is_what_one_customer_has() -> None:
    assert network(ip_address("203.0.113.77")) == "203.0.113.0/24"
    assert network(ip_address("2001:db8:1:2::3")) == "2001:db8:1::/48"


def test_writing_systems_are_named() -> None:
    assert [script(text) for text in ("Hello", "Здравствуйте", "こんにちは", "您好", "שלום")] == [
        "",
        "Cyrillic",
        "Japanese",
        "Chinese",
        "Hebrew",
    ]


@given(st.binary(max_size=400), st.text(max_size=40))
def test_any_bytes_have_a_fingerprint(raw: bytes, helo: str) -> None:
    found = take(Returned(Message(raw), "inline", "whole"), helo, None, ME)
    assert all(name and value for name, value in found.features)
    assert "\n" not in found.subject
    assert "\t" not in found.subject
