"""The judgement with my own tags, seals and logs beside signatures and addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from disavow.judgement import seal
from disavow.judgement.backscatter.injection import Injection
from disavow.judgement.backscatter.notice import Delivery, Evidence, Notice, Recipient, Returned
from disavow.judgement.identity import identify
from disavow.judgement.ours import Judgement, Records, _replayed, judge
from disavow.judgement.sent import Entry, Period, index
from disavow.judgement.tagged import Arrived, Tags
from disavow.standards import batv
from disavow.standards.message import Message
from disavow.world.ask import ask
from disavow.world.resolver import offline

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
ME = identify(["example.org"])
TAGS = Tags({0: b"a secret"}, NOW - timedelta(days=30))
LOG = index(
    [Entry("1@example.org", "", "you@example.net")], [Period(NOW - timedelta(days=30), NOW + timedelta(days=1))]
)
HEADER = b"From: me@example.org\nDate: Fri, 20 Nov 2026 11:00:00 +0000\nMessage-ID: <%s>\n\n"


def notice(recipient: str = "you@example.net") -> Notice:
    return Notice("dsn", delivery=Delivery(recipients=(Recipient(recipient),)))


def returned(name: bytes) -> Returned:
    return Returned(Message(HEADER % name), "message/rfc822", "none")


def judged(original: Returned | None, recipient: str = "you@example.net", to: str = "me@example.org") -> Judgement:
    me = replace(ME, tags=TAGS, sent=LOG)
    return ask(judge(notice(recipient), original, Injection(), me, Arrived((to,), NOW)), offline)[0]


def tags(judgement: Judgement) -> set[str]:
    return {each.tag for each in judgement.evidence}


def test_a_tag_decides_even_when_nothing_came_back() -> None:
    judgement = judged(None, to=batv.format("me@example.org", b"a secret", DAY))
    assert (judgement.ours, tags(judgement)) == ("ours", {"ours-tagged"})


def test_a_report_to_an_untagged_address_is_about_a_forgery() -> None:
    judgement = judged(None)
    assert judgement.ours == "forged"
    assert "forged-untagged" in tags(judgement)


def test_without_records_nothing_returned_tells_nothing() -> None:
    judgement = ask(judge(notice(), None, Injection(), ME), offline)[0]
    assert (judgement.ours, tags(judgement)) == ("cannot-tell", {"ours-nothing-returned"})


def test_the_log_decides_for_mine() -> None:
    judgement = judged(returned(b"1@example.org"))
    assert (judgement.ours, tags(judgement)) == ("ours", {"ours-in-log"})


def test_the_complete_log_decides_for_forged() -> None:
    judgement = judged(returned(b"2@example.org"), "stranger@example.net")
    assert judgement.ours == "forged"
    assert Evidence("forged-not-in-log", "2@example.org", "decisive") in judgement.evidence


def test_a_known_message_to_somebody_else_is_left_open() -> None:
    judgement = judged(returned(b"1@example.org"), "stranger@example.net")
    assert judgement.ours == "cannot-tell"
    assert "ours-in-log-elsewhere" in tags(judgement)


def test_my_seal_decides() -> None:
    value = seal.format(Message(HEADER % b"9@example.org"), "you@example.net", b"a secret")
    message = Message(f"Disavow-Seal: {value}\n".encode() + HEADER % b"9@example.org")
    judgement = judged(Returned(message, "message/rfc822", "none"))
    assert (judgement.ours, tags(judgement)) == ("ours", {"ours-sealed"})


def test_a_signature_against_the_log_is_named_as_what_it_may_be() -> None:
    signed = (Evidence("ours-signed", "", "decisive"),)
    missing = Records(against=(Evidence("forged-not-in-log"),))
    assert [each.tag for each in _replayed(Records(elsewhere=True), signed)] == ["ours-signed-elsewhere"]
    assert [each.tag for each in _replayed(missing, signed)] == ["ours-signed-not-logged"]
    assert not list(_replayed(Records(), signed))
    # What my own server handed over was sent, whatever the log says.
    assert not list(_replayed(missing, (*signed, Evidence("ours-server"))))
