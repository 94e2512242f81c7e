"""Phishing dressed as a bounce is named so, with its trick; real bounces in prose never are."""

from __future__ import annotations

from pathlib import Path

import pytest

from disavow.judgement.backscatter import classify
from disavow.standards.message import Message

LINK = '<p>You have 5 pending messages.</p><a href="http://evil.example.net/x">Release them</a>'


def kind(body: str, subject: str, sender: str, content_type: str = "text/plain") -> tuple[str, str]:
    head = f"From: {sender}\nTo: me@example.org\nSubject: {subject}\nContent-Type: {content_type}; charset=utf-8\n\n"
    notice = classify.read(Message((head + body).encode()))
    return notice.kind, notice.detail


@pytest.mark.parametrize(
    ("body", "subject", "sender", "content_type", "trick"),
    [
        (LINK, "You have 5 pending messages", "Mail Server <a@example.net>", "text/html", "link"),
        (LINK, "Undelivered Mail Returned to Sender", "Mail Delivery System <a@example.net>", "text/html", "link"),
        (LINK, "Delivery failure", "postmaster@example.org", "text/html", "link"),
        (
            "Log in below or your mailbox will expire.",
            "Mailbox expires",
            "support@example.net",
            "text/plain",
            "request",
        ),
        (
            '<form action="/x"><input name="password"></form>',
            "Mail delivery failed",
            "a@example.net",
            "text/html",
            "form",
        ),
        (LINK.replace("http", "hxxp"), "5 Nachrichten blockiert", "Postmaster <a@example.net>", "text/html", "request"),
    ],
)
def test_a_fake_is_named_by_its_trick(body: str, subject: str, sender: str, content_type: str, trick: str) -> None:
    assert kind(body, subject, sender, content_type) == ("fake-bounce", trick)


@pytest.mark.parametrize(
    "body",
    [
        "The following recipient(s) could not be reached:\n\nkim@example.com\n   550 5.1.1 No such user\n",
        "Hi. This is the qmail-send program at example.com.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\n\n<kim@example.com>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
        "A message that you sent could not be delivered to one or more of its recipients.\n\n  kim@example.com\n"
        "    host mx.example.com [192.0.2.1]: 550 see http://help.example.net/why\n",
    ],
)
def test_real_bounces_in_prose_are_no_fakes(body: str) -> None:
    assert kind(body, "Mail delivery failed", "Mail Delivery System <mailer-daemon@example.com>")[0] == "dsn"


def test_people_who_talk_about_bounces_are_people() -> None:
    head = "From: kim@example.com\nSubject: Re: Undelivered mail\nIn-Reply-To: <1@example.org>\n\n"
    body = (
        "See http://www.example.net/ for the reason.\n\n> my mail was not delivered, what shall I do about it?\n> Sam\n"
    )
    assert classify.read(Message((head + body).encode())).kind == "human"


def test_the_suites_fakes_are_never_bounces_and_nearly_all_named(suites: Path) -> None:
    folder = suites / "bounces" / "fake-bounces" / "mail"
    kinds = [classify.read(Message(path.read_bytes())).kind for path in sorted(folder.iterdir())]
    assert not {"dsn", "reject-notice"} & set(kinds)
    assert kinds.count("fake-bounce") >= 0.9 * len(kinds)
