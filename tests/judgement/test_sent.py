"""The index of what was sent: what it proves, and what it leaves open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from disavow.judgement.backscatter.notice import Delivery, Notice, Recipient
from disavow.judgement.sent import Entry, Facts, Period, elsewhere, facts, for_forged, for_ours, index
from disavow.standards.message import Message

START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=20)
LOG = index([Entry("1@example.org", "4ABCDEF", "you@example.net")], [Period(START, END)])


def asked(name: str = "", recipient: str = "", day: int = 10) -> Facts:
    names = (name,) if name else ()
    return Facts(names, names, (recipient,) if recipient else (), START + timedelta(days=day))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (asked("1@example.org", "you@example.net"), [("ours-in-log", "decisive")]),
        (asked("4ABCDEF", "you@example.net"), [("ours-in-log", "decisive")]),
        (asked("1@example.org"), [("ours-id-in-log", "strong")]),
        (asked("1@example.org", "other@example.net"), []),
        (asked("2@example.org", "you@example.net"), []),
        (asked(), []),
    ],
)
def test_the_log_knows_what_was_sent(question: Facts, expected: list[tuple[str, str]]) -> None:
    assert [(each.tag, each.strength) for each in for_ours(LOG, question)] == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (asked("2@example.org", "other@example.net"), ["decisive"]),
        (asked("2@example.org", "you@example.net"), ["strong"]),  # I do write there
        (asked("2@example.org"), ["strong"]),
        (asked("2@example.org", "other@example.net", day=2), ["strong"]),  # it may have waited in the queue
        (asked("2@example.org", "other@example.net", day=21), []),
        (asked("2@example.org", "other@example.net", day=-1), []),
        (asked("1@example.org", "other@example.net"), []),
        (asked("", "other@example.net"), []),
    ],
)
def test_what_a_complete_log_does_not_know_was_not_sent(question: Facts, expected: list[str]) -> None:
    assert [each.strength for each in for_forged(LOG, question)] == expected


def test_a_time_at_the_beginning_of_all_times_is_no_failure() -> None:
    early = datetime(1, 1, 1, tzinfo=UTC)
    log = index([], [Period(early, END)])
    (evidence,) = for_forged(log, Facts(("2@x",), ("2@x",), ("a@example.net",), early))
    assert evidence.strength == "strong"


def test_elsewhere_is_a_known_message_to_an_unknown_recipient() -> None:
    assert elsewhere(LOG, asked("1@example.org", "other@example.net"))
    assert not elsewhere(LOG, asked("1@example.org", "you@example.net"))
    assert not elsewhere(LOG, asked("1@example.org"))
    assert not elsewhere(LOG, asked("2@example.org", "other@example.net"))


def test_periods_join_over_a_quiet_night_but_not_over_a_missing_day() -> None:
    hours = [Period(START + timedelta(hours=at), START + timedelta(hours=at + 1)) for at in (40, 0, 9)]
    assert index([], hours).periods == (Period(hours[1].first, hours[2].last), hours[0])


def test_facts_are_read_from_the_original_and_the_report() -> None:
    original = Message(b"Message-ID:\r\n <1@example.org>\r\nDate: Fri, 20 Nov 2026 13:00:00 +0100\r\n\r\n")
    delivery = Delivery(recipients=(Recipient("You@Example.net"),), fields=(("X-Postfix-Queue-ID", "4ABCDEF"),))
    found = facts(Notice("dsn", delivery=delivery), original, ())
    when = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert found == Facts(("1@example.org", "4ABCDEF"), ("1@example.org",), ("you@example.net",), when)


def test_a_queue_id_of_the_reporter_does_not_accuse_anybody() -> None:
    delivery = Delivery(fields=(("X-Postfix-Queue-ID", "4FOREIGN"),))
    original = Message(b"Date: Tue, 10 Nov 2026 13:00:00 +0100\r\n\r\n")
    assert not list(for_forged(LOG, facts(Notice("dsn", delivery=delivery), original, ())))


@pytest.mark.parametrize("date", [b"", b"Date: never\r\n", b"Date: Fri, 99 Nov 99999 99:00:00 +9999\r\n"])
def test_without_a_readable_date_there_is_no_time(date: bytes) -> None:
    assert facts(Notice("dsn"), Message(date + b"\r\n"), ()).when is None
