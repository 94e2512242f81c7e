"""The envelope is believed only as far as somebody trusted wrote it."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from disavow.judgement.envelope import Envelope, given, hops, read
from disavow.judgement.identity import Identity, identify
from disavow.standards.message import Message

OUTSIDE = "Received: from evil (evil.example [203.0.113.9]) by mx.example.net (Postfix) with SMTP id 1; {date}\n"
FAKE = "Received: from mail.example.org (mail.example.org [192.0.2.1]) by mx.example.net (Postfix) id 2; {date}\n"
STORE = "Received: from {client} by store.example.net (Postfix) with ESMTP id 3; {date}\n"
DATE = "Mon, 5 Oct 2026 16:20:05 +0200 (CEST)"
MINE = identify((), ("mx.example.net", "store.example.net"))


def message(*lines: str, return_path: str = "Return-Path: <a@example.org>\n", client: str = "") -> Message:
    text = return_path + "".join(lines) + "From: a@example.org\n\nHi\n"
    return Message(text.replace("{date}", DATE).replace("{client}", client).encode())


def test_the_topmost_line_of_my_server_names_the_client() -> None:
    envelope = read(message(OUTSIDE, FAKE), MINE)
    assert (str(envelope.ip), envelope.helo, envelope.mail_from) == ("203.0.113.9", "evil", "a@example.org")
    assert (envelope.trusted, envelope.receiver, envelope.source) == (1, "mx.example.net", "received")


@pytest.mark.parametrize(
    "client",
    [
        "mx.example.net (mx.example.net [10.0.0.5])",
        "mx.example.net (mx.example.net [198.51.100.5])",
        "localhost (localhost [127.0.0.1])",
        "[IPv6:fd00::1] (unknown [IPv6:fd00::1])",
    ],
)
def test_a_line_handed_over_from_inside_leads_to_the_next(client: str) -> None:
    envelope = read(message(STORE, OUTSIDE, FAKE, client=client), MINE)
    assert (str(envelope.ip), envelope.trusted) == ("203.0.113.9", 2)


def test_my_network_is_inside() -> None:
    mine = identify((), ("mx.example.net", "store.example.net", "198.51.100.0/24"))
    lines = message(STORE, OUTSIDE, client="x (unknown [198.51.100.5])")
    assert str(read(lines, mine).ip) == "203.0.113.9"


def test_a_stranger_who_calls_himself_mine_does_not_get_his_own_lines_believed() -> None:
    """HELO is a claim: whether this is my relay or an impostor cannot be told, so nothing is."""
    envelope = read(message(STORE, FAKE, client="mx.example.net (unknown [203.0.113.9])"), MINE)
    assert envelope.ip is None and envelope.mail_from is None and envelope.trusted == 1


def test_a_stranger_who_calls_himself_mine_and_writes_no_line_is_the_client() -> None:
    envelope = read(message(STORE, client="mx.example.net (unknown [203.0.113.9])"), MINE)
    assert str(envelope.ip) == "203.0.113.9"


def test_a_looked_up_name_that_may_be_forged_is_not_believed() -> None:
    lines = message(STORE, FAKE, client="mx.example.net (mx.example.net [203.0.113.9] (may be forged))")
    assert read(lines, MINE).trusted == 1


def test_lines_of_mine_below_a_stranger_are_not_believed() -> None:
    foreign = "Received: from x (x [203.0.113.9]) by relay.example (Postfix) id 1; {date}\n"
    assert read(message(foreign, FAKE), MINE) == Envelope(hosts=MINE.hosts)


def test_received_by_names_the_line_wherever_later_servers_wrote_above_it() -> None:
    above = "Received: by 10.1.2.3 with SMTP id x; {date}\n"
    envelope = read(message(above, OUTSIDE, FAKE), received_by="mx.example.net")
    assert (str(envelope.ip), envelope.trusted) == ("203.0.113.9", 2)


def test_a_known_address_names_its_line() -> None:
    envelope = read(message(OUTSIDE, FAKE), ip=ip_address("203.0.113.9"))
    assert (envelope.trusted, envelope.helo, envelope.mail_from) == (1, "evil", "a@example.org")


def test_a_return_path_below_the_border_is_the_senders() -> None:
    lines = message(OUTSIDE, "Return-Path: <a@example.org>\n", return_path="")
    envelope = read(lines, MINE)
    assert envelope.ip is not None and envelope.mail_from is None


def test_an_empty_return_path_is_the_null_sender() -> None:
    assert read(message(OUTSIDE, return_path="Return-Path: <>\n"), MINE).mail_from == ""


def test_nobody_is_trusted_by_default() -> None:
    assert read(message(OUTSIDE)) == Envelope()


def test_what_the_caller_knows_wins() -> None:
    envelope = given(read(message(OUTSIDE), MINE), ip_address("192.0.2.7"), None, "<>")
    assert (str(envelope.ip), envelope.helo, envelope.mail_from) == ("192.0.2.7", "evil", "")
    assert envelope.source == "given"
    assert given(Envelope(), None, None, None) == Envelope()


def test_hops_are_trusted_down_to_the_border() -> None:
    lines = message(OUTSIDE, FAKE)
    assert [hop.trusted for hop in hops(lines, read(lines, MINE))] == [True, False]


def test_a_submission_from_inside_has_no_client() -> None:
    local = "Received: by mx.example.net (Postfix, from userid 0) id 1; {date}\n"
    envelope = read(message(local), MINE)
    assert envelope.ip is None and envelope.trusted == 1


@given_any(st.lists(st.sampled_from([OUTSIDE, FAKE, STORE, "Received: x\n", "Received:\n", "Return-Path: <\n"])))
def test_any_lines_have_an_envelope(lines: list[str]) -> None:
    envelope = read(message(*lines, client="[10.0.0.1]"), Identity(hosts=("mx.example.net",)))
    assert 0 <= envelope.trusted <= len(lines)
