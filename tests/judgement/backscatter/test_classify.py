"""What kind of answer a mail is: structure, automatic answers of many languages, lists, people, and the suites."""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections import Counter, defaultdict
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.backscatter import classify, reasons
from disavow.judgement.backscatter.notice import STATUS_KINDS, Notice
from disavow.judgement.backscatter.signal import signal
from disavow.judgement.backscatter.wording import Text
from disavow.standards.message import Message

CORPUS = Path(__file__).parents[2] / "corpus" / "autoreplies.toml"
MAILS: list[dict[str, str]] = tomllib.loads(CORPUS.read_text("utf-8"))["mail"]


def notice(body: str, subject: str = "hello", header: str = "", sender: str = "Kim <kim@example.com>") -> Notice:
    head = f"From: {sender}\nTo: me@example.org\nSubject: {subject}\n{header}Content-Type: text/plain; charset=utf-8\n"
    return classify.read(Message(f"{head}\n{body}\n".encode()))


def told(body: str) -> bool:
    """True if the words of the body tell what is answered, and not only those of its subject."""
    return bool(reasons.said(Text(body), "autoreply"))


def structured(kind: str, fields: str, text: str = "hello", sender: str = "kim@example.com") -> Notice:
    raw = (
        f"From: {sender}\nSubject: report\nContent-Type: multipart/report; boundary=b\n\n--b\n\n{text}\n"
        f"--b\nContent-Type: {kind}\n\n{fields}\n--b\nContent-Type: text/rfc822-headers\n\n"
        "From: me@example.org\nTo: kim@example.com\nSubject: original\nMessage-ID: <1@example.org>\n--b--\n"
    )
    return classify.read(Message(raw.encode()))


DSN = "Reporting-MTA: dns; mx.example.com\n\nFinal-Recipient: rfc822; kim@example.com\nAction: {}\nStatus: {}\n"


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("message/delivery-status", DSN.format("failed", "5.1.1"), ("dsn", "failed", "user-unknown")),
        ("message/delivery-status", DSN.format("delayed", "4.4.7"), ("dsn", "delayed", "expired")),
        ("message/delivery-status", DSN.format("delivered", "2.0.0"), ("dsn", "delivered", "")),
        ("message/delivery-status", DSN.format("deliverable", "2.1.5"), ("dsn", "delivered", "")),
        ("message/feedback-report", "Feedback-Type: abuse\nVersion: 1\n", ("feedback", "abuse", "")),
        (
            "message/disposition-notification",
            "Final-Recipient: rfc822; kim@example.com\nDisposition: manual-action/MDN-sent-manually; displayed/error\n",
            ("mdn", "displayed", ""),
        ),
    ],
)
def test_structure_decides_first(kind: str, fields: str, expected: tuple[str, str, str]) -> None:
    read = structured(kind, fields, text="I am on vacation. Click here.")
    assert (read.kind, read.detail, read.reason) == expected
    assert len(read.returned) == 1
    assert read.evidence[0].strength == "decisive"


def test_a_challenge_outranks_a_report() -> None:
    dressed = structured("message/delivery-status", DSN.format("delayed", "4.7.0"), sender="notice@boxbe.example")
    assert (dressed.kind, signal(dressed)[0]) == ("challenge", "escaped")


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: f"{mail['kind']}-{mail['language']}")
def test_the_corpus_of_automatic_answers(mail: dict[str, str]) -> None:
    read = notice(mail["body"], mail["subject"], mail["header"] + "\n" if mail["header"] else "")
    kind, _, detail = mail["kind"].partition("/")
    assert (read.kind, read.detail if detail else "") == (kind, detail)
    assert read.evidence
    if detail:
        assert read.reason == detail


def test_the_language_of_an_automatic_answer_is_told() -> None:
    answers = [mail for mail in MAILS if mail["kind"].startswith("autoreply")]
    header = "Auto-Submitted: auto-replied\n"
    told = sum(notice(mail["body"], mail["subject"], header).language == mail["language"] for mail in answers)
    assert told >= 0.9 * len(answers)


def test_words_alone_suffice_where_a_mail_answers_another_and_quotes_nothing() -> None:
    # Where only the subject said it, nothing is left to go by.
    answers = [mail for mail in MAILS if mail["kind"].startswith("autoreply") and told(mail["body"])]
    assert len(answers) > 400
    found = sum(notice(m["body"], "Re: hi", "In-Reply-To: <1@example.org>\n").kind == "autoreply" for m in answers)
    assert found >= 0.9 * len(answers)


@pytest.mark.parametrize(
    ("subject", "header", "body", "kind"),
    [
        ("Re: offer", "In-Reply-To: <1@example.org>\n", "I received your email. Remove me from your list!", "human"),
        ("Re: stop", "In-Reply-To: <1@example.org>\n", "STOP sending me this!", "human"),
        ("order", "", "We have received your payment and will ship soon. Contact support for assistance.", "personal"),
        ("Urlaub", "", "Hallo Team, ich habe im August Urlaub. Tragt eure Urlaube bitte bis Freitag ein.", "personal"),
        ("Password", "Auto-Submitted: auto-generated\n", "Click the link to set a new password.", "automatic"),
        ("[SPAM] Vacation", "", "Win a vacation until Monday, contact us, thank you for your mail", "spam"),
        ("Lunch", "X-Spam-Flag: YES\n", "hello", "spam"),
        ("Re: lunch", "List-Id: <a.example.org>\nIn-Reply-To: <1@example.org>\n", "I am on vacation", "automatic"),
    ],
)
def test_what_only_looks_like_an_answer(subject: str, header: str, body: str, kind: str) -> None:
    assert notice(body, subject, header).kind == kind


@pytest.mark.parametrize(
    ("subject", "body", "detail"),
    [
        (
            "confirm 0123456789abcdef",
            "We have received a request for subscription of your address",
            "subscribe-confirm",
        ),
        ("Your message awaits", "The list moderator will review your post by a non-member.", "moderation"),
        ("Bye", "You have been unsubscribed from the list.", "unsubscribe-confirm"),
        ("Results", "The results of your email commands are provided below.", "command-result"),
    ],
)
def test_list_software_answers(subject: str, body: str, detail: str) -> None:
    read = notice(body, subject, sender="talk-request@lists.example.org")
    assert (read.kind, read.detail) == ("list", detail)


def test_calendars_and_aggregate_reports_are_no_answers() -> None:
    calendar = EmailMessage()
    calendar["From"], calendar["Subject"] = "kim@example.com", "Accepted: lunch"
    calendar.set_content("BEGIN:VCALENDAR", subtype="calendar")
    assert classify.read(Message(calendar.as_bytes())).detail == "calendar"
    report = EmailMessage()
    report["From"], report["Subject"] = "dmarc@example.com", "Report Domain: example.org Submitter: example.com"
    report.set_content("")
    report.add_attachment(b"x", "application", "gzip", filename="example.com!example.org!1700000000!1700086400.xml.gz")
    read = classify.read(Message(report.as_bytes()))
    assert (read.kind, read.detail) == ("report", "dmarc")


def test_complaints_in_other_dress() -> None:
    read = notice("Apple Mail sent this.", "unsubscribe", "Auto-Submitted: auto-replied\n")
    assert (read.kind, read.detail) == ("feedback", "opt-out")


def test_a_filters_own_words_are_a_notice_of_rejection() -> None:
    read = notice("A virus was found in your message.", "Virus alert", "Return-Path: <>\n", "postmaster@example.com")
    assert (read.kind, read.reason, signal(read)[0]) == ("reject-notice", "virus", "accepted")


OFFICE = "Auto-Submitted: auto-generated\nReturn-Path: {}\n"


def test_an_offices_notice_about_leave_is_no_absence() -> None:
    body = "Your vacation from 3 to 7 August was approved. This message is automatic, please do not reply."
    told = notice(body, "Your vacation", OFFICE.format("<leave@example.com>"), "Leave office <leave@example.com>")
    assert told.kind == "automatic"


def test_what_a_machine_sends_without_a_sender_answers() -> None:
    body = "On Tuesdays and Thursdays you find me in the archive, else ask the front desk."
    assert notice(body, "Kim", OFFICE.format("<>")).kind == "autoreply"
    assert notice(body, "Kim", OFFICE.format("<kim@example.com>")).kind == "automatic"


def test_a_mail_systems_refusal_is_no_automatic_answer() -> None:
    body = "Sorry, there is nobody here by that name. Your message was not delivered."
    told = notice(body, "Could not deliver: hello", "Return-Path: <>\n", "Mail System <postmaster@example.com>")
    assert told.kind == "dsn"


def test_nothing_is_unknown() -> None:
    assert classify.read(Message(b"")).kind == "unknown"


@given(st.binary(max_size=400))
def test_any_bytes_are_some_kind_of_mail(raw: bytes) -> None:
    assert classify.read(Message(raw)).kind
    assert classify.read(Message(b"From: mailer-daemon@example.org\nSubject: Undeliverable\n" + raw)).kind


@pytest.mark.parametrize(
    "unit",
    [
        b"a",
        b" ",
        b"<",
        b">",
        b"\n",
        b"@",
        b"550 ",
        b"5.1.1 ",
        b"From: ",
        b"> ",
        b"=?",
        b"--b\n",
        b"http://a/ ",
        b"user unknown ",
    ],
)
@pytest.mark.parametrize("content_type", [b"text/plain", b"text/html"])
def test_no_repetition_is_too_much(unit: bytes, content_type: bytes) -> None:
    head = b"From: mailer-daemon@example.org\nSubject: Undeliverable\nContent-Type: " + content_type
    assert classify.read(Message(head + b"; boundary=b\n\n" + unit * (300_000 // len(unit)))).kind


# The suites: real mails, read in place.


def read_folder(folder: Path) -> dict[str, Notice]:
    return {path.name: classify.read(Message(path.read_bytes())) for path in sorted(folder.iterdir())}


def agrees(read: Notice, label: dict[str, Any], families: dict[str, set[str]]) -> bool:
    """A label agrees when p5-sisimai's name for the reason belongs to the family of ours."""
    wanted = label["reason"]
    if wanted in ("feedback", "vacation"):
        return read.kind == {"feedback": "feedback", "vacation": "autoreply"}[wanted]
    if wanted == "delivered":
        return read.detail in ("delivered", "relayed", "expanded")
    if not read.reason:
        return wanted in ("undefined", "onhold")
    return wanted in families[reasons.load()[read.reason].family]


def test_sisimai_reasons_agree_by_family(suites: Path) -> None:
    labels = json.loads((suites / "bounces" / "sisimai" / "labels.json").read_text())
    read = read_folder(suites / "bounces" / "sisimai" / "mail")
    families: dict[str, set[str]] = defaultdict(set)
    for reason in reasons.load().values():
        families[reason.family].update(reason.sisimai)
    decoded = [name for name in labels if read[name].kind in STATUS_KINDS]
    right = [name for name, given in labels.items() if any(agrees(read[name], label, families) for label in given)]
    assert len(decoded) >= 0.99 * len(labels)
    assert len(right) >= 0.95 * len(labels)


def test_sisimai_non_bounces_are_none(suites: Path) -> None:
    assert {read.kind for read in read_folder(suites / "bounces" / "sisimai" / "not").values()}.isdisjoint({"dsn"})


def test_the_joe_job_is_read_as_what_it_is(suites: Path) -> None:
    read = read_folder(suites / "bounces" / "joe-job-2020" / "as-received")
    assert sum(each.kind == "dsn" for each in read.values()) >= 470
    assert sum(signal(each)[0] == "enforced" and each.reason == "auth-spf" for each in read.values()) >= 440


def test_the_flooded_mailbox_is_sorted(suites: Path) -> None:
    raw = gzip.decompress((suites / "inbox" / "flooded-list.mbox.gz").read_bytes())
    at = [match.start() for match in re.finditer(rb"^From ", raw, re.M)]
    kinds = Counter(classify.read(Message(raw[begin:end])).kind for begin, end in zip(at, [*at[1:], None], strict=True))
    assert kinds["dsn"] >= 440
    assert sum(count for kind, count in kinds.items() if kind in STATUS_KINDS - {"dsn"}) <= 10
    assert kinds["dsn"] <= 480
