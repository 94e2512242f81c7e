"""Exim's main log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.sent import Entry
from disavow.world.logs import exim

NOW = datetime(2026, 11, 25, tzinfo=UTC)
QUEUE_ID = "1tABCD-000000001aB-2cDe"
STAMP = "2026-11-20 10:00:00 +0100 [12] "
IN = f'{STAMP}{QUEUE_ID} <= me@example.org U=me P=local S=400 id=1@example.org T="fake id=2@example.org"'


def read(*lines: str) -> list[Entry]:
    reader = exim.Reader()
    return [entry for line in lines for entry in reader.read(line)]


@pytest.mark.parametrize(
    "event",
    [
        '=> you@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1] C="250 ok"',
        "-> You@Example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1]",
        "** you@example.net R=dnslookup T=remote_smtp: 550 no such user x@example.com",
        "== you@example.net R=dnslookup T=remote_smtp defer (-44)",
    ],
)
def test_a_delivery_elsewhere_counts(event: str) -> None:
    assert read(IN, f"{STAMP}{QUEUE_ID} {event}") == [Entry("1@example.org", QUEUE_ID, "you@example.net")]


def test_an_alias_counts_under_both_names() -> None:
    line = f"{STAMP}{QUEUE_ID} => you@example.net <all@example.org> R=dnslookup T=remote_smtp H=mx [192.0.2.1]"
    assert [entry.recipient for entry in read(IN, line)] == ["you@example.net", "all@example.org"]


def test_a_delivery_in_the_house_does_not() -> None:
    assert read(IN, f"{STAMP}{QUEUE_ID} => me <me@example.org> R=local_user T=mail_spool") == []


def test_an_id_ends_with_its_message() -> None:
    line = f"{STAMP}{QUEUE_ID} => you@example.net R=d T=r H=mx [192.0.2.1]"
    assert read(IN, f"{STAMP}{QUEUE_ID} Completed", line)[0].message_id == ""


def test_times_have_their_zone() -> None:
    assert exim.when(IN, NOW) == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert exim.when("2026-99-20 10:00:00 x", NOW) is None


def test_older_short_ids_are_known() -> None:
    assert exim.recognises("2026-11-20 10:00:00 1tABCD-0000ab-2c <= <> R=1 U=x")
    assert not exim.recognises("2026-11-20 10:00:00 exim daemon started")


@given(st.text())
def test_any_line_is_read(line: str) -> None:
    exim.when(line, NOW)
    assert list(exim.Reader().read(line)) == []
