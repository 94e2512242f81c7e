"""What the bounce says: reports first, then words; who, what happened, and which machines."""

from __future__ import annotations

import json
import random
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.backscatter import delivery, diagnostic, returned
from disavow.judgement.backscatter.notice import Delivery
from disavow.standards import mime
from disavow.standards.message import Message


def read(raw: bytes) -> Delivery:
    message = Message(raw)
    return delivery.read(message, tuple(part for _, part in mime.walk(message)))


def bounce(text: str, *headers: str, sender: str = "MAILER-DAEMON@mx.example.org") -> Delivery:
    header = "\n".join((f"From: {sender}", "To: owner@example.net", "Subject: Undelivered mail", *headers))
    return read(f"{header}\n\n{text}".encode())


REPORT = b"""From: MAILER-DAEMON@relay.example.org
To: owner@example.net
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut

<one@example.com>: host mx.example.com[192.0.2.25] said: 550 5.7.1 refused

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example.org
X-Postfix-Sender: rfc822; owner@example.net
Arrival-Date: Tue, 24 Nov 2020 15:30:34 +0800

Final-Recipient: rfc822; one@example.com
Action: failed
Status: 5.0.0
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.7.1 SPF check failed [token IP: 203.0.113.9]

Final-Recipient: rfc822; two@example.com
Original-Recipient: rfc822; asked@example.com
Action: delayed
Status: 4.4.1

--cut
Content-Type: text/rfc822-headers

From: owner@example.net
Subject: forged

--cut--
"""


def test_a_report_gives_every_recipient_and_both_machines() -> None:
    told = read(REPORT)
    assert (told.dialect, told.reporter) == ("rfc3464", "relay.example.org")
    first, second = told.recipients
    assert (first.address, first.action, first.status, first.reply) == ("one@example.com", "failed", "5.7.1", "550")
    assert (first.remote, first.remote_ip) == ("mx.example.com", ip_address("192.0.2.25"))
    assert first.client_ip == ip_address("203.0.113.9")
    assert (second.address, second.action, second.status) == ("asked@example.com", "delayed", "4.4.1")
    assert dict(told.fields)["x-postfix-sender"] == "rfc822; owner@example.net"


def test_the_report_inside_a_returned_message_is_not_the_bounces_own() -> None:
    inner = REPORT.replace(b"cut", b"inner").replace(b"one@example.com", b"other@example.com")
    outer = REPORT.replace(b"Content-Type: text/rfc822-headers\n", b"Content-Type: message/rfc822\n\n" + inner)
    assert [each.address for each in read(outer).recipients] == ["one@example.com", "asked@example.com"]


def test_what_a_report_leaves_out_is_taken_from_its_words() -> None:
    silent = REPORT.replace(b"Diagnostic-Code: smtp; 550 5.7.1 SPF check failed [token IP: 203.0.113.9]\n", b"")
    first = read(silent).recipients[0]
    assert (first.reply, first.status) == ("550", "5.7.1")
    assert "refused" in first.diagnostic


def test_a_report_written_into_a_text_is_read_like_a_part() -> None:
    told = bounce(
        "It failed.\n\nReporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; x@b.example\nStatus: 5.1.1\n"
    )
    assert [(each.address, each.status) for each in told.recipients] == [("x@b.example", "5.1.1")]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        (
            "Could not be delivered to:\n\n  * one@example.com\n  * two@example.com\n",
            ["one@example.com", "two@example.com"],
        ),
        ("Recipient: [SMTP:one@example.com]\nReason: 550 no such user\n", ["one@example.com"]),
        ("Unknown user: one@example.com\n\nOriginal message follows.\nUser: other@example.com\n", ["one@example.com"]),
        ("Sent <<< RCPT TO:<one@example.com>\nReceived >>> 550 5.1.1 unknown\n", ["one@example.com"]),
        ("Your mail to one@example.com could not be delivered.\nPlease ask help@example.org\n", ["one@example.com"]),
        ("Ihre Nachricht konnte nicht zugestellt werden an:\n\none@example.com\nPostfach voll\n", ["one@example.com"]),
        ("無法傳遞到下列收件者:\n\n　one@example.com\n", ["one@example.com"]),
        ('Your mail with the subject "Offer" to one@example.com was rejected.\n', ["one@example.com"]),
        ("Không thể gửi thư của bạn đến one@example.com\n", ["one@example.com"]),
        ("ไม่สามารถส่งอีเมลไปยัง one@example.com\n", ["one@example.com"]),
        ("Pesan ke one@example.com gagal terkirim.\n", ["one@example.com"]),
        ("El mensaje de correo para one@example.com no se pudo entregar.\n", ["one@example.com"]),
        ("Your mail from Monday to one@example.com was not delivered.\n", ["one@example.com"]),
        ("Message not delivered to:\n\n    lookalike\n", ["lookalike@mx.example.org"]),
        ("For help write to\n<postmaster@example.org>\n\n<one@example.com>\nmailbox full\n", ["one@example.com"]),
        ("one@example.com\n    (expanded from: <list@example.com>)\nfailed\n", ["one@example.com", "list@example.com"]),
    ],
)
def test_recipients_are_found_however_they_are_named(text: str, addresses: list[str]) -> None:
    assert [each.address for each in bounce(text).recipients] == addresses


def test_the_header_that_names_the_failed_recipients_decides() -> None:
    told = bounce("  one@example.com\n    550 no\n\n  spare@example.com\n", "X-Failed-Recipients: one@example.com")
    assert [each.address for each in told.recipients] == ["one@example.com"]


def test_a_bounce_that_names_nobody_is_about_the_originals_only_addressee() -> None:
    told = bounce(
        "It could not be delivered.\n\nReceived: by x.example\nFrom: a@b.example\nTo: one@example.com\n\nHi\n"
    )
    assert [each.address for each in told.recipients] == ["one@example.com"]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Not yet delivered, will be retried.\n<one@example.com>: 451 later", "delayed"),
        ("Your message was successfully delivered to\n<one@example.com>\nunable to fail", "delivered"),
        ("<one@example.com>: 550 no such user", "failed"),
        ("<one@example.com>: your message has not been delivered", "failed"),
    ],
)
def test_words_tell_what_happened(text: str, action: str) -> None:
    assert [each.action for each in bounce(text).recipients] == [action]


@pytest.mark.parametrize(
    "raw",
    [
        b"From: friend@example.com\nSubject: lunch?\n\nWrite to me at friend@example.com or bob@example.com\n",
        b"From: shop@example.com\nSubject: Delivery on Monday\n\nYour parcel comes to owner@example.net\n",
        b"From: IT <it@example.com>\nTo: owner@example.net\nSubject: Mail delivery failure\n\n"
        b"Your messages could not be delivered: owner@example.net quota. Click https://example.com/?u=owner@example.net\n",
        b"",
        b"\n\n\n",
    ],
)
def test_what_is_no_bounce_has_no_recipients(raw: bytes) -> None:
    assert read(raw) == Delivery()


@pytest.mark.parametrize(
    ("text", "client"),
    [
        ("550 5.7.1 Client host [203.0.113.9] blocked using zen.example", "203.0.113.9"),
        ("550-5.7.1 [203.0.113.9      12] Our system has detected", "203.0.113.9"),
        ("554 The IP address (203.0.113.9) is blocked", "203.0.113.9"),
        ("550-203.0.113.9 is not allowed to send mail from example.net", "203.0.113.9"),
        ("550 SPF: https://spf.example/why?s=mfrom;ip=203.0.113.9;r=mx.example", "203.0.113.9"),
        ("host mx.example[192.0.2.1] said: 550 5.7.1 rejected, see IP: 203.0.113.9", "203.0.113.9"),
        ("550 refused (IP:203.0.113.9)", "203.0.113.9"),
        ("550 refused by host-192.0.2.1", None),
        ("550 5.7.1 ::ffff:203.0.113.9 is listed", "203.0.113.9"),
        ("550 5.7.1 2001:db8::9 has no PTR record", "2001:db8::9"),
        ("host mx.example[192.0.2.1] said: 550 5.1.1 unknown user", None),
        ("host mx.example [192.0.2.1]: 550 unknown", None),
        ("connect to mx.example[192.0.2.1]:25: Connection refused", None),
        ("Other MXes tried: 192.0.2.1 said 550 for RCPT TO response; 192.0.2.2 said 550", None),
        ("550 listed: 9.113.0.203.zen.example", None),
        ("550 5.7.1 rejected by 127.0.0.1", None),
    ],
)
def test_only_the_address_that_the_refusing_server_saw_is_the_client(text: str, client: str | None) -> None:
    found = diagnostic.client(text, but=diagnostic.remote(text).address)
    assert found == (ip_address(client) if client else None)


@given(st.binary(max_size=400), st.sampled_from([b"text/plain", b"text/html", b"multipart/report; boundary=b", b"x"]))
def test_any_bytes_are_read(body: bytes, kind: bytes) -> None:
    raw = b"From: MAILER-DAEMON\nSubject: Undeliverable\nContent-Type: " + kind + b"\n\n--b\n" + body
    assert isinstance(read(raw), Delivery)


def test_reading_stays_within_its_budgets() -> None:
    many = "".join(f"<user{number}@example.com>:\nfailed\n\n" for number in range(5_000))
    assert 0 < len(bounce(many).recipients) <= 500


def test_the_right_recipients_on_flufl(suites: Path) -> None:
    labels = json.loads((suites / "bounces/flufl/labels.json").read_text())
    right = 0
    for name, label in labels.items():
        told = read((suites / "bounces/flufl/mail" / name).read_bytes())
        right += {each.address.lower() for each in told.recipients} == {address.lower() for address in label["addrs"]}
    assert right >= 0.97 * len(labels)


def test_recipients_on_sisimai(suites: Path) -> None:
    # Complaints, auto-replies and list commands are no bounces: they report on no recipient.
    names = [
        path for path in (suites / "bounces/sisimai/mail").iterdir() if not path.name.startswith(("arf", "rfc3834"))
    ]
    found = sum(bool(read(path.read_bytes()).recipients) for path in names)
    assert found >= 0.99 * len(names)


def test_the_client_that_the_receiver_saw_in_the_joe_job(suites: Path) -> None:
    told = [read(path.read_bytes()) for path in (suites / "bounces/joe-job-2020/as-received").iterdir()]
    assert sum(any(each.client_ip for each in one.recipients) for one in told) >= 460
    assert len({one.reporter for one in told}) >= 10


def test_mutated_bounces_never_raise(suites: Path) -> None:
    chance = random.Random(20)
    for path in sorted((suites / "bounces/sisimai/mail").iterdir())[::4]:
        raw = bytearray(path.read_bytes()[:20_000])
        for _ in range(40):
            at = chance.randrange(len(raw))
            raw[at : at + chance.randrange(4)] = bytes(chance.choices(b"\r\n \t:<>@-=\xff\x00", k=chance.randrange(4)))
        message = Message(bytes(raw))
        parts = tuple(part for _, part in mime.walk(message))
        returned.find(message, parts, delivery.read(message, parts))
