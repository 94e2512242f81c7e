"""What the replies of a mail server mean for relaying."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from disavow.judgement import relay
from disavow.standards.questions import Answer, Say
from disavow.world.ask import ask

TARGET = relay.Target("owner.test", "203.0.113.5", 25, ip_address("203.0.113.5"), "mx.owner.test", "client.example")
Rule = Callable[[str, str, str], str]  # HELO, MAIL FROM, RCPT TO → reply


def server(rule: Rule, patience: int = 100) -> Callable[[Any], Answer[Any]]:
    """A mail server that answers RCPT by ``rule`` and hangs up after ``patience`` commands."""

    def answer(question: Any) -> Answer[Any]:
        assert isinstance(question, Say) and len(question.lines) <= 1 + 3 * relay.PER_SESSION
        helo, sender, replies = "", "", ["220 mx.owner.test ESMTP"]
        for line in question.lines[:patience]:
            verb, _, rest = line.partition(" ")
            if verb == "EHLO":
                helo = rest
            if verb == "MAIL":
                sender = rest[6:-1]
            replies.append(rule(helo, sender, rest[4:-1]) if verb == "RCPT" else "250 2.0.0 Ok")
        return Answer("ok", tuple(replies))

    return answer


def tags(rule: Rule, **server_args: int) -> set[str]:
    faults, _ = ask(relay.check(TARGET), server(rule, **server_args))
    return {fault.tag for fault in faults}


def strict(helo: str, sender: str, recipient: str) -> str:
    if recipient in ("postmaster@owner.test", "postmaster"):
        return "250 2.1.5 Ok"
    return "550 5.1.1 no such user" if recipient.endswith("@owner.test") else "554 5.7.1 Relay access denied"


def test_there_are_31_ways() -> None:
    assert len({probe.name for probe in relay.probes(TARGET)}) == 31


def test_a_strict_server_is_not_accused() -> None:
    assert tags(strict) == {"relay-none", "spoof-in"}


def test_a_server_that_takes_everything_is_open() -> None:
    assert tags(lambda helo, sender, recipient: "250 Ok") == {"relay-open", "spoof-in"}


@pytest.mark.parametrize(
    ("hole", "tag"),
    [
        (lambda helo, sender, recipient: sender.endswith("@owner.test"), "relay-by-sender"),
        (lambda helo, sender, recipient: sender == "", "relay-by-sender"),
        (lambda helo, sender, recipient: sender.endswith("@[203.0.113.5]"), "relay-by-sender"),
        (lambda helo, sender, recipient: helo == "localhost", "relay-by-helo"),
        (lambda helo, sender, recipient: helo == "owner.test", "relay-by-helo"),
        (lambda helo, sender, recipient: recipient.endswith(".com"), "relay-by-ending"),
        (lambda helo, sender, recipient: recipient.endswith(".org"), "relay-by-ending"),
        (lambda helo, sender, recipient: recipient.endswith(".test") and "@owner" not in recipient, "relay-by-ending"),
        (lambda helo, sender, recipient: "owner.test@" in recipient, "relay-by-pattern"),
        (lambda helo, sender, recipient: "@owner.test." in recipient, "relay-by-pattern"),
        (lambda helo, sender, recipient: "%" in recipient, "relay-by-route"),
        (lambda helo, sender, recipient: recipient.startswith("@owner.test:"), "relay-by-route"),
        (lambda helo, sender, recipient: "!" in recipient and recipient.endswith("@mx.owner.test"), "relay-by-route"),
    ],
)
def test_each_hole_is_named_by_its_cause(hole: Callable[[str, str, str], bool], tag: str) -> None:
    def rule(helo: str, sender: str, recipient: str) -> str:
        return "250 Ok" if hole(helo, sender, recipient) else strict(helo, sender, recipient)

    named = {one for one in tags(rule) if one.startswith("relay-")}
    assert tag in named and "relay-none" not in named and "relay-open" not in named


def test_a_server_that_takes_any_name_is_not_accused_of_following_routes() -> None:
    def catch_all(helo: str, sender: str, recipient: str) -> str:
        if recipient.count("@") == 1 and recipient.endswith("@owner.test") and not recipient.startswith("@"):
            return "250 Ok"
        return strict(helo, sender, recipient)

    assert tags(catch_all) & {"relay-by-route", "relay-unclear"} == {"relay-unclear"}


@pytest.mark.parametrize(
    "reply",
    [
        "450 4.2.0 Greylisted",
        "421 4.7.0 Too many connections",
        "550 5.1.10 Recipient domain has a null MX",
        "554 5.7.1 Service unavailable; Client host blocked using a list",
        "504 5.5.2 <client>: Helo command rejected: need fully-qualified hostname",
        "nonsense",
    ],
)
def test_a_refusal_about_something_else_is_not_called_clean(reply: str) -> None:
    found = tags(lambda helo, sender, recipient: reply)
    assert "relay-untested" in found and "relay-none" not in found


def test_a_server_that_hangs_up_early_is_called_again() -> None:
    assert tags(strict, patience=7) == {"relay-none", "spoof-in"}


def test_a_server_that_does_not_answer_is_unknown() -> None:
    faults, transcript = ask(relay.check(TARGET), lambda question: Answer("temperror", why="no answer in time"))
    assert {fault.tag for fault in faults} == {"relay-untested"}
    assert len(transcript) <= 8


def test_acceptance_seen_from_inside_the_network_is_said_to_be_so() -> None:
    inside = relay.Target("owner.test", "10.0.0.5", 25, ip_address("10.0.0.5"), "mx.owner.test", "client.example")
    faults, _ = ask(relay.check(inside), server(lambda helo, sender, recipient: "250 Ok"))
    assert "relay-from-inside" in {fault.tag for fault in faults}


def test_no_probe_sends_a_mail_or_asks_anything_of_a_foreign_mailbox_but_reserved_ones() -> None:
    _, transcript = ask(relay.check(TARGET), server(strict))
    lines = [line for exchange in transcript for line in exchange.question.lines]
    assert {line.split(" ")[0] for line in lines} == {"EHLO", "MAIL", "RCPT", "RSET"}
    assert len(transcript) <= 12
