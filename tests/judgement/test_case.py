"""One mail of the flood, examined: what it is about, whose it is, and when it came."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.case import Case, examine
from disavow.judgement.identity import identify
from disavow.world.ask import ask
from disavow.world.resolver import Zone

ME = identify(["example.org"])
ZONE = Zone('example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n')
BOUNCE = """\
Return-Path: <>
Received: from mx.example.net (mx.example.net [203.0.113.9])
 by mx.example.org (Postfix) with ESMTP id A1; Tue, 3 Nov 2026 06:17:00 +0000
Date: Mon, 2 Nov 2026 01:00:00 +0000
From: MAILER-DAEMON@example.net
To: ada@example.org
Subject: Undelivered Mail
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; x@example.com
Action: failed
Status: 5.7.23
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.7.23 SPF check failed: {client} may not send for {domain}

--b
Content-Type: message/rfc822

Received: from pc (unknown [{client}]) by mx.example.net with SMTP; Tue, 3 Nov 2026 06:14:00 +0000
Return-Path: <ada@{domain}>
From: <ada@{domain}>
Reply-To: trap@example.com
To: <x@example.com>
Subject: Hello
Message-ID: <1@pc>

Buy.

--b--
"""


def case(text: str) -> Case:
    return ask(examine(text.encode(), "mail 1", ME), ZONE)[0]


def about(domain: str, client: str = "198.51.100.7") -> Case:
    return case(BOUNCE.replace("{domain}", domain).replace("{client}", client))


def test_a_refused_forgery_is_forged_enforced_and_fingerprinted() -> None:
    found = about("example.org")
    assert (found.notice.kind, found.ours, found.signal) == ("dsn", "forged", "enforced")
    assert str(found.source) == "198.51.100.7" and str(found.reporter_ip) == "203.0.113.9"
    assert found.forged_address == "ada@example.org" and dict(found.claims)["reply-to"] == "trap@example.com"
    assert found.fingerprint and dict(found.fingerprint.features)["reply-to"] == "trap@example.com"
    assert found.spf == "fail"


def test_the_time_is_the_one_my_own_server_wrote() -> None:
    assert about("example.org").when == datetime(2026, 11, 3, 6, 17, tzinfo=UTC)


def test_without_a_readable_time_a_mail_is_from_1970_and_still_counted() -> None:
    assert case("From: a@example.net\nDate: soon\n\nHello").when == datetime(1970, 1, 1, tzinfo=UTC)


def test_a_bounce_about_somebody_elses_mail_is_no_forgery_of_mine() -> None:
    text = BOUNCE.replace("To: ada@example.org", "To: ada@example.net").replace("{client}", "198.51.100.7")
    found = case(text.replace("{domain}", "example.net"))
    assert (found.ours, found.fingerprint) == ("cannot-tell", None)


def test_a_bounce_that_came_to_me_is_about_my_name_whatever_the_original_says() -> None:
    found = about("example.net")
    assert (found.ours, found.forged_address) == ("forged", "ada@example.org")


def test_a_mail_that_answers_nothing_says_nothing_about_me() -> None:
    found = case("From: friend@example.net\nTo: ada@example.org\nSubject: Tea\n\nOn Sunday?")
    assert not found.is_status and (found.ours, found.signal) == ("cannot-tell", "none")


def test_lines_that_contradict_each_other_are_told_as_evidence() -> None:
    invented = "Received: from pc by mx.example.org; Wed, 4 Nov 2026 06:14:00 +0000\nReturn-Path: <ada@{domain}>"
    text = BOUNCE.replace("Return-Path: <ada@{domain}>", invented).replace("{domain}", "example.org")
    found = {piece.tag for piece in case(text.replace("{client}", "198.51.100.7")).evidence}
    assert {"mail-hop-mine", "mail-hop-time"} <= found
    assert not any(piece.tag.startswith("mail-hop") for piece in about("example.org").evidence)


def test_the_sighting_carries_what_was_found() -> None:
    found = about("example.org")
    fact = found.sighting("digest")
    assert (fact.kind, fact.ours, fact.signal, fact.proof) == ("dsn", "forged", "enforced", "digest")
    assert (fact.header_from, fact.envelope_from, fact.subject) == ("example.org", "ada@example.org", "Hello")
    assert fact.begin == fact.end == found.when and fact.count == 1


@given(st.binary(max_size=600))
def test_no_bytes_stop_it(raw: bytes) -> None:
    assert ask(examine(raw, "mail 1", ME), ZONE)[0].where == "mail 1"


@pytest.mark.parametrize("cut", range(0, len(BOUNCE), 97))
def test_a_truncated_bounce_is_still_a_case(cut: int) -> None:
    found = case(BOUNCE.replace("{domain}", "example.org").replace("{client}", "198.51.100.7")[:cut])
    assert found.ours in ("forged", "cannot-tell")
