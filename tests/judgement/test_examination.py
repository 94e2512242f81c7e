"""One permitted server: what it shows, what it keeps to itself, and what is said when it does not answer."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import pytest

from disavow.judgement.consent import Permit
from disavow.judgement.examination import examine, spoofed, surroundings
from disavow.standards.questions import Answer, Greet, Greeting, Say
from disavow.world.ask import ask
from disavow.world.resolver import Zone

PERMIT = Permit("mx.owner.test", ip_address("203.0.113.5"), 25, "published")
SECURE = Greeting("220 mx.owner.test ESMTP", ("PIPELINING", "STARTTLS"), ("AUTH PLAIN",), "TLSv1.3", (b"DER",))
World = Callable[[Any], Answer[Any]]


def server(greeting: Greeting | None, **replies: str) -> World:
    """A server that answers each command by its verb, 250 where nothing is said; relaying is refused."""

    def answer(question: Any) -> Answer[Any]:
        if isinstance(question, Greet):
            return Answer("ok", (greeting,)) if greeting else Answer("temperror", why="no route")
        assert isinstance(question, Say) and question.host == "203.0.113.5"
        told = [replies.get(line.split()[0], "250 2.0.0 Ok") for line in question.lines]
        relayed = [
            "554 5.7.1 Relay access denied" if line.startswith("RCPT") else reply
            for line, reply in zip(question.lines, told, strict=True)
        ]
        return Answer("ok", (greeting.banner if greeting else "", *relayed))

    return answer


def tags(world: World) -> set[str]:
    return {fault.tag for fault in ask(examine(PERMIT, "owner.test", "client.example"), world)[0]}


def test_a_server_that_nobody_reaches_is_unknown_and_not_asked_further() -> None:
    assert tags(server(None)) == {"server-unknown"}


def test_a_server_that_refuses_everybody_is_not_asked_further() -> None:
    assert tags(server(Greeting("", failure="554 go away"))) == {"server-refuses"}


def test_a_server_that_shows_nothing_has_good_news_only() -> None:
    assert tags(server(SECURE, VRFY="252 send some mail", EXPN="502 no")) == {"relay-none"}


@pytest.mark.parametrize(
    ("verify", "expand", "told"),
    [
        ("502 no", "250 <ada@owner.test>", {"expn-tells"}),
        ("252 perhaps", "550 no", set()),
        ("250 everything exists", "502 no", set()),
    ],
)
def test_only_a_difference_between_names_tells_names(verify: str, expand: str, told: set[str]) -> None:
    found = tags(server(SECURE, VRFY=verify, EXPN=expand))
    assert found & {"vrfy-tells", "expn-tells"} == told


@pytest.mark.parametrize("called", ["220 203.0.113.5 ESMTP", "220 \x1b[2J ESMTP", "220"])
def test_a_server_without_a_usable_name_is_called_by_the_one_it_was_found_by(called: str) -> None:
    faults, _ = ask(examine(PERMIT, "owner.test", "client.example"), server(SECURE._replace(banner=called)))
    (relaying,) = (fault for fault in faults if fault.tag == "relay-none")
    assert relaying.finding.args["host"] == "mx.owner.test"


def test_a_server_that_falls_silent_is_not_said_to_be_clean() -> None:
    def silent(question: Any) -> Answer[Any]:
        return Answer("ok", (SECURE,)) if isinstance(question, Greet) else Answer("temperror", why="reset")

    assert tags(silent) == {"relay-untested"}


def sent(*replies: str, why: str = "") -> list[str]:
    def answer(question: Any) -> Answer[Any]:
        assert isinstance(question, Say) and question.lines[2] == "RCPT TO:<ada@owner.test>"
        assert "Subject: Disavow test mark7" in question.lines[-1] and question.lines[-1].endswith("\r\n.")
        return Answer("ok" if replies else "temperror", replies, why=why)

    faults, _ = ask(spoofed(PERMIT, "ada@owner.test", "client.example", "mark7"), answer)
    return [fault.tag for fault in faults]


def test_whether_a_mail_in_my_own_name_is_taken() -> None:
    taken = ("220 hello", "250 hello", "250 ok", "250 ok", "354 go on", "250 queued")
    assert sent(*taken) == ["spoof-received"]
    assert sent(*taken[:-1], "550 5.7.1 DMARC") == ["spoof-refused"]
    assert sent(*taken[:2], "550 5.7.1 not you") == ["spoof-refused"]
    assert sent(*taken[:3], "450 later") == ["spoof-unknown"]
    assert sent(*taken[:4]) == ["spoof-unknown"], "an accepted recipient is no accepted mail"
    assert sent(why="timeout") == ["spoof-unknown"]


def test_dns_is_asked_only_about_hosts_that_the_domain_named() -> None:
    zone = Zone("owner.test. MX 5 mx.owner.test.\nmx.owner.test. A 203.0.113.5\n")
    named = Permit("127.0.0.1", ip_address("127.0.0.1"), 25, "named")
    assert ask(surroundings("owner.test", (named,), ()), zone) == ((), ())
    faults, asked = ask(surroundings("owner.test", (PERMIT,), ("list.example",)), zone)
    assert {fault.tag for fault in faults} and any("list.example" in str(question) for question, *_ in asked)
