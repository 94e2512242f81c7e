from __future__ import annotations

import pytest

from disavow.judgement.backscatter import cause
from disavow.judgement.backscatter.letter import Letter
from disavow.judgement.backscatter.notice import Delivery, Recipient
from disavow.standards.message import Message

NOTHING = Letter(Message(b"Subject: x\n\n"), (Message(b"Subject: x\n\n"),))


def reason(diagnostic: str, status: str = "5.0.0", reply: str = "") -> str:
    recipient = Recipient("kim@example.org", "failed", status, reply, diagnostic)
    return cause.assign(Delivery("rfc3464", "", (recipient,)), NOTHING)[1]


@pytest.mark.parametrize(
    ("diagnostic", "expected"),
    [
        ("550 5.1.1 <kim@example.org>: Recipient address rejected", "user-unknown"),
        ("550 Unknown user kim@example.org", "user-unknown"),
        ("550-5.7.26 This mail is unauthenticated. 550 5.7.26 SPF check for example.org did not pass", "auth-spf"),
        ("550 5.7.26 unauthenticated mail is prohibited", "auth"),
        ("550 5.7.1 message refused by the DMARC policy of example.org", "auth-dmarc"),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example", "ip-blocklisted"),
        ("550 5.7.25 no PTR record for 192.0.2.1", "no-ptr"),
        ("552 5.2.2 over quota", "mailbox-full"),
        ("552 mailbox of kim is full", "mailbox-full"),
        ("554 virus found in message", "virus"),
        ("554 relay access denied", "relay-denied"),
        ("550 5.7.1 Relaying denied. IP name lookup failed [192.0.2.1]", "relay-denied"),
        ("550 5.7.1 Blocked: spam score 18 for mail from 192.0.2.1", "spam-content"),
        ("550 5.2.1 mailbox disabled, not accepting messages", "disabled"),
        (
            "550-Verification failed for <kim@example.net> 550 5.1.1 no such user 550 Sender verify failed",
            "sender-rejected",
        ),
        ("554 MI:SPF mx7,AbC 1700000000", "auth-spf"),
        ("451 4.7.1 Greylisted, please come back later", "greylist"),
        ("552 message exceeds the maximum message size", "too-big"),
        ("connect to mx.example.org[192.0.2.1]:25: Connection timed out", "expired"),
        ("554 5.4.6 too many hops", "loop"),
        ("Empfaenger unbekannt", "user-unknown"),
        ("Почтовый ящик переполнен", "mailbox-full"),
        ("收件人不存在", "user-unknown"),
    ],
)
def test_codes_settle_and_words_tell(diagnostic: str, expected: str) -> None:
    assert reason(diagnostic) == expected


def test_the_receivers_own_code_outranks_the_reporters() -> None:
    assert reason("550 5.7.1 IP address is blacklisted", status="5.1.1") == "ip-blocklisted"
    assert reason("550 5.2.2 see elsewhere", status="5.1.1") == "mailbox-full"


def test_an_enhanced_code_outranks_a_phrase() -> None:
    assert reason("550 5.1.1 your message looks like spam") == "user-unknown"


def test_what_people_call_their_mailboxes_says_nothing() -> None:
    assert reason("552 <virus@spam-blocklist.example>: over quota") == "mailbox-full"


def test_a_reply_code_is_the_last_hint() -> None:
    assert reason("553 xyzzy") == "user-unknown"
    assert reason("xyzzy") == ""


def test_the_most_telling_reason_names_the_whole() -> None:
    refused = Recipient("a@example.org", "failed", "5.0.0", "", "550 SPF check failed")
    others = [Recipient(f"{n}@example.org", "failed", "5.1.1") for n in range(60)]
    delivery, telling, evidence = cause.assign(Delivery("rfc3464", "", (*others[:5], refused, *others[5:])), NOTHING)
    assert telling == "auth-spf"
    assert evidence is not None and "SPF check failed" in evidence.quote
    assert [each.reason for each in delivery.recipients[:6]] == ["user-unknown"] * 5 + ["auth-spf"]
    assert len(delivery.recipients) == 61


def test_a_recipient_that_was_reached_has_no_reason() -> None:
    reached = Recipient("kim@example.org", "delivered", "2.1.5", "", "250 mailbox full of joy")
    assert cause.assign(Delivery("rfc3464", "", (reached,)), NOTHING)[1:] == ("", None)


def test_the_words_of_what_came_back_are_not_the_reporters() -> None:
    raw = (
        b"From: MAILER-DAEMON@example.net\nSubject: failure notice\n\nNo such user here: <kim@example.net>\n\n"
        b"--- Below this line is a copy of the message.\n\nReceived: from a.example (HELO a.example) by b.example\n"
        b"From: me@example.org\nTo: kim@example.net\nSubject: your mailbox is full of viruses\n\nspam score 12\n"
    )
    letter = Letter(Message(raw), (Message(raw),))
    silent = Delivery("prose", "", (Recipient("kim@example.net", "failed", "", "", ""),))
    assert cause.assign(silent, letter)[1] == "user-unknown"
