"""Bounces that are no reports, each in the grammar of the program that wrote it; all text is ours."""

from __future__ import annotations

import json
from ipaddress import ip_address

import pytest

from disavow.judgement.backscatter import delivery, dialects
from disavow.judgement.backscatter.notice import Delivery, Recipient
from disavow.standards import mime
from disavow.standards.message import Message


def read(text: str, sender: str = "MAILER-DAEMON@mx.example.org", *headers: str) -> Delivery:
    header = "\n".join((f"From: {sender}", "To: owner@example.net", "Subject: Undelivered mail", *headers))
    message = Message(f"{header}\n\n{text}".encode())
    return delivery.read(message, tuple(part for _, part in mime.walk(message)))


def facts(recipient: Recipient) -> tuple[str, str, str]:
    return recipient.address, recipient.reply, recipient.status


def test_every_file_is_a_dialect_called_by_its_own_name() -> None:
    for dialect in dialects.known():
        assert dialect.__name__.endswith("." + dialect.NAME)  # type: ignore[attr-defined]


def test_postfix() -> None:
    told = read(
        "This is the mail system at host relay.example.org.\n\n"
        "<one@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1 no\n"
        "    such user (in reply to RCPT TO command)\n"
        "<two@example.com> (expanded from <list@example.org>): mail for example.com loops back\n    to myself\n"
    )
    assert (told.dialect, told.reporter) == ("postfix", "relay.example.org")
    assert facts(told.recipients[0]) == ("one@example.com", "550", "5.1.1")
    assert told.recipients[0].remote_ip == ip_address("192.0.2.25")
    assert told.recipients[1].diagnostic == "mail for example.com loops back to myself"


def test_qmail_and_its_kin() -> None:
    told = read(
        "Hi. This is the qmail-send program at mx.example.org.\n\n<one@example.com>:\n"
        "192.0.2.25 does not like recipient.\n"
        "Remote host said: 550 5.1.1 unknown\nGiving up on 192.0.2.25.\n\n<two@example.com>:\nmailbox full\n"
    )
    assert told.dialect == "qmail"
    assert [each.address for each in told.recipients] == ["one@example.com", "two@example.com"]
    assert told.recipients[0].remote_ip == ip_address("192.0.2.25")
    assert told.recipients[0].diagnostic.endswith("550 5.1.1 unknown")  # that it gives up is no cause
    assert told.recipients[1].diagnostic == "mailbox full"


def test_exim() -> None:
    told = read(
        "This message was created automatically by mail delivery software.\n\nThe following addresses failed:\n\n"
        "  one@example.com\n    host mx.example.com [192.0.2.25]\n    SMTP error from remote mail server:\n"
        "    550 5.7.1 no\n"
        "  two@example.com\n    Unrouteable address\n"
    )
    assert told.dialect == "exim"
    assert [facts(each) for each in told.recipients] == [
        ("one@example.com", "550", "5.7.1"),
        ("two@example.com", "", ""),
    ]
    assert told.recipients[0].remote == "mx.example.com"


def test_sendmail_reads_the_transcript() -> None:
    told = read(
        "   ----- The following addresses had permanent fatal errors -----\n<one@example.com>\n\n"
        "   ----- Transcript of session follows -----\n... while talking to mx.example.com.:\n"
        ">>> MAIL From:<owner@example.org>\n>>> RCPT To:<one@example.com>\n<<< 550 5.1.1 <one@example.com>... unknown\n"
    )
    assert told.dialect == "sendmail"
    assert [facts(each) for each in told.recipients] == [("one@example.com", "550", "5.1.1")]


@pytest.mark.parametrize(
    "text",
    [
        "Diagnostic information for administrators:\n\nGenerating server: a.example.com\n\none@example.com\n"
        "#550 5.1.10 RESOLVER.ADR.RecipientNotFound; no ##\n",
        "Diagnoseinformationen für Administratoren:\n\nGenerierender Server: a.example.com\n\none@example.com\n"
        "Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; no'\n",
        "管理者向けの診断情報:\n\n生成サーバー: a.example.com\n\none@example.com\nmx.example.com\n"
        "Remote Server returned '550 5.1.10 no such recipient'\n",
    ],
)
def test_exchange_in_any_language(text: str) -> None:
    told = read(f"one@example.com<mailto:one@example.com>\nSorry.\n\n{text}", "postmaster@example.com")
    assert told.dialect == "exchange"
    assert [facts(each) for each in told.recipients] == [("one@example.com", "550", "5.1.10")]


def test_exchange_of_old_hides_an_address_in_x400() -> None:
    told = read(
        "Your message\n\n  To: x\n  Subject: y\n\ndid not reach the following recipient(s):\n\n"
        "c=US;a= ;p=Corp;dda:SMTP=one@example.com; on Fri, 4 Oct 2002 17:12\n    The recipient name is not recognized\n"
        "two@example.com on Fri, 4 Oct 2002 17:12\n    Mailbox full\n    MSEXCH:IMS:Corp:Site:HOST 0 (000C05A6)\n"
    )
    assert [each.address for each in told.recipients] == ["one@example.com", "two@example.com"]
    assert told.recipients[0].diagnostic == "The recipient name is not recognized"


def test_domino_gives_all_the_same_reason() -> None:
    told = read(
        "Your message\n\n  Subject: Hi\n\nwas not delivered to:\n\n  one@example.com\n  two@example.com\n\nbecause:\n\n"
        "  User one not listed in Domino Directory\n"
    )
    assert told.dialect == "domino"
    assert [each.address for each in told.recipients] == ["one@example.com", "two@example.com"]
    assert {each.diagnostic for each in told.recipients} == {"User one not listed in Domino Directory"}


def test_google_quotes_the_other_server() -> None:
    told = read(
        "Delivery to the following recipient failed permanently:\n\n     one@example.com\n\n"
        "Technical details of permanent failure:\nGoogle tried to deliver your message, but it was rejected by "
        "the server for the recipient domain example.com by mx.example.com. [192.0.2.25].\n\n"
        "The error that the other server returned was:\n550 5.7.1 SPF fail for 203.0.113.9\n",
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "X-Failed-Recipients: one@example.com",
    )
    assert [facts(each) for each in told.recipients] == [("one@example.com", "550", "5.7.1")]
    assert told.recipients[0].remote_ip == ip_address("192.0.2.25")
    assert told.recipients[0].client_ip == ip_address("203.0.113.9")


BOUNCE = {
    "notificationType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bouncedRecipients": [
            {"emailAddress": "one@example.com", "status": "5.1.1", "diagnosticCode": "smtp; 550 no", "action": "failed"}
        ],
        "reportingMTA": "dsn; a.example.org",
    },
}


@pytest.mark.parametrize("enveloped", [False, True])
def test_amazon_ses_sends_json(enveloped: bool) -> None:
    text = json.dumps({"Type": "Notification", "Message": json.dumps(BOUNCE)} if enveloped else BOUNCE)
    told = read(text, "no-reply@sns.amazonaws.com")
    assert (told.dialect, told.reporter) == ("ses", "a.example.org")
    assert [facts(each) for each in told.recipients] == [("one@example.com", "550", "5.1.1")]


@pytest.mark.parametrize("text", ['{"notificationType":', '{"notificationType": "Bounce", "bounce": 3}', "{" * 9_000])
def test_json_that_is_none_is_no_bounce(text: str) -> None:
    assert read(text, "no-reply@sns.amazonaws.com") == Delivery()


def test_groupwise_lists_names_that_are_no_addresses() -> None:
    told = read(
        "The message that you sent was undeliverable to the following:\n"
        "\tkim (mailbox full)\n\tone@example.com (user not found)\n",
        "Mailer-Daemon@gw.example.com",
        "X-Mailer: Novell GroupWise Internet Agent 8.0.3",
    )
    assert told.dialect == "groupwise"
    assert [(each.address, each.diagnostic) for each in told.recipients] == [
        ("kim@example.com", "mailbox full"),
        ("one@example.com", "user not found"),
    ]


def test_words_whose_spaces_a_log_wrote_as_underscores() -> None:
    told = read(
        "Hi. This is the qmail-send program at mx.example.org.\n\n<one@example.com>:\n"
        "192.0.2.25_does_not_like_recipient./Remote_host_said:_550_5.1.1_no_such_user/Giving_up_on_192.0.2.25./\n"
    )
    assert facts(told.recipients[0]) == ("one@example.com", "550", "5.1.1")
