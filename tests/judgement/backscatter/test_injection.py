"""Which Received lines of a returned message can be believed, and who is behind them."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from disavow.judgement import identity
from disavow.judgement.backscatter import delivery, injection, returned
from disavow.judgement.backscatter.notice import Delivery, Notice, Recipient, Returned
from disavow.standards import mime
from disavow.standards.message import Message

ME = identity.identify(["example.net"], ["198.51.100.0/24", "mx.example.net"])
OUTER = b"""Received: from inner.example.net (inner.example.net [198.51.100.2]) by box.example.net with LMTP
Received: from [10.0.0.1] (helo=mx) by inner.example.net with esmtp
Received: from relay.reporter.com (relay.reporter.com [203.0.113.25]) by mx.example.net with ESMTP
Received: from liar.example ([192.0.2.66]) by relay.reporter.com
From: MAILER-DAEMON@relay.reporter.com
To: owner@example.net

gone
"""
DELIVERY = Delivery(
    "rfc3464",
    "relay.reporter.com",
    (Recipient("one@example.com"), Recipient("two@example.com", client_ip=ip_address("203.0.113.25"))),
)


def locate(*lines: str, extra: str = "", outer: bytes = OUTER, told: Delivery = DELIVERY) -> injection.Injection:
    header = (
        "".join(f"Received: {line}\n" for line in lines) + extra + "From: owner@example.net\nTo: one@example.com\n\n"
    )
    original = Returned(Message(header.encode()), "text/rfc822-headers", "none")
    return injection.locate(Message(outer), Notice("dsn", delivery=told, returned=(original,)), ME)


def test_my_own_server_says_who_reported() -> None:
    place = locate("from x (x.example [192.0.2.9]) by relay.reporter.com; Tue, 24 Nov 2020 08:00:00 +0000")
    assert (place.reporter, place.reporter_ip) == ("relay.reporter.com", ip_address("203.0.113.25"))
    assert place.client_ip == ip_address("203.0.113.25")


def test_the_last_line_of_the_reporter_names_the_source() -> None:
    place = locate(
        "from filter.reporter.com (localhost [127.0.0.1]) by relay.reporter.com",
        "from relay.reporter.com ([127.0.0.1]) by filter.reporter.com (amavisd-new)",
        "from SPAMMER-PC (unknown [192.0.2.9]) by relay.reporter.com",
        "from bank.example (bank.example [198.18.0.1]) by SPAMMER-PC.example",
    )
    assert (place.boundary, place.injection_ip, place.confidence) == (3, ip_address("192.0.2.9"), "high")
    assert (place.source, place.helo) == (ip_address("192.0.2.9"), "SPAMMER-PC")
    assert [hop.from_host for hop in place.claimed] == ["bank.example"]
    assert not place.inside_reporter


def test_a_private_client_is_inside_the_reporters_network() -> None:
    place = locate("from HC-VM-PC ([172.30.100.47]) by relay.reporter.com with SMTP")
    assert (place.confidence, place.inside_reporter) == ("private", True)
    assert place.source == ip_address("203.0.113.25")  # as the refusing receiver saw the reporter


def test_a_local_script_is_inside_too() -> None:
    place = locate("by relay.reporter.com (Postfix, from userid 33)")
    assert (place.injection_ip, place.inside_reporter) == (None, True)


def test_a_helo_is_never_the_source_and_never_makes_a_host_the_reporters() -> None:
    place = locate(
        "from relay2.reporter.com (unknown [192.0.2.9]) by relay.reporter.com",
        "from victim (victim.example [198.18.0.1]) by relay2.reporter.com",
    )
    assert (place.boundary, place.source) == (1, ip_address("192.0.2.9"))


def test_without_trace_a_client_field_is_a_faint_hint() -> None:
    place = locate(extra="X-Originating-IP: [192.0.2.9]\n")
    assert (place.injection_ip, place.confidence, place.boundary) == (ip_address("192.0.2.9"), "low", 0)


def test_returned_authentication_results_are_no_evidence() -> None:
    line = "from x (unknown [192.0.2.9]) by relay.reporter.com"
    fooled = "Authentication-Results: relay.reporter.com; spf=pass smtp.mailfrom=example.net\n"
    assert locate(line, extra=fooled) == locate(line)


def test_contradictions_are_flagged() -> None:
    place = locate(
        "from a.example (a.example [192.0.2.9]) by relay.reporter.com; Tue, 24 Nov 2020 08:00:00 +0000",
        "from b.example (b.example [224.0.0.9]) by mx.example.net; Wed, 25 Nov 2020 08:00:00 +0000",
    )
    assert {flag.tag for flag in injection.contradictions(place, ME)} == {
        *("mail-hop-gap", "mail-hop-time", "mail-hop-impossible", "mail-hop-mine"),
    }
    assert {flag.quote for flag in injection.contradictions(place, ME)} == {
        "from b.example 224.0.0.9 by mx.example.net",
    }


def test_an_honest_chain_has_no_flags() -> None:
    place = locate(
        "from a.example (a.example [192.0.2.9]) by relay.reporter.com; Tue, 24 Nov 2020 08:00:02 +0000",
        "from b.example (b.example [192.0.2.10]) by a.example; Tue, 24 Nov 2020 08:00:00 +0000",
    )
    assert not tuple(injection.contradictions(place, ME))


def test_through_a_list_the_line_that_names_the_reporter_counts() -> None:
    line = b"Received: from list.example ([192.0.2.3]) by mx.example.net\n"
    outer = OUTER.replace(b"Received: from relay", line + b"Received: from relay", 1)
    listed = outer.replace(b"From:", b"List-Id: <x.example>\nFrom:")
    assert locate(outer=outer).reporter_ip == ip_address("192.0.2.3")
    assert locate(outer=listed).reporter_ip == ip_address("203.0.113.25")


def test_fetched_mail_is_looked_through() -> None:
    outer = b"Received: from pop.example ([192.0.2.3]) by localhost with POP3 (fetchmail-6.4)\n" + OUTER
    assert locate(outer=outer).reporter_ip == ip_address("203.0.113.25")


def test_nothing_returned_leaves_what_the_receiver_said() -> None:
    place = injection.locate(Message(OUTER), Notice("dsn", delivery=DELIVERY), ME)
    assert (len(place.hops), place.confidence, place.source) == (0, "none", ip_address("203.0.113.25"))
    assert injection.locate(Message(b""), Notice("unknown"), ME) == injection.Injection()


def test_the_joe_job(suites: Path) -> None:
    me = identity.identify(["osst-users@lists.sourceforge.net"])
    agreed = sources = 0
    for path in (suites / "bounces/joe-job-2020/as-received").iterdir():
        message = Message(path.read_bytes())
        parts = tuple(part for _, part in mime.walk(message))
        told = delivery.read(message, parts)
        notice = Notice("dsn", delivery=told, returned=returned.find(message, parts, told))
        place = injection.locate(message, notice, me)
        agreed += place.client_ip is not None and place.client_ip == place.reporter_ip
        sources += place.source is not None
    assert agreed >= 460
    assert sources >= 465
