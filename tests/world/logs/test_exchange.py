"""Exchange's message tracking log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.sent import Entry
from disavow.world.logs import exchange

NOW = datetime(2026, 11, 25, tzinfo=UTC)
FIELDS = "#Fields: date-time,client-ip,source,event-id,message-id,recipient-address,message-subject"
ROW = '2026-11-20T10:00:00.123Z,,SMTP,{},<1@example.org>,A@example.net;b@example.net,"re: a, b"'


def read(*lines: str) -> list[Entry]:
    reader = exchange.Reader()
    return [entry for line in lines for entry in reader.read(line)]


@pytest.mark.parametrize("fields", [FIELDS, "\ufeff" + FIELDS, FIELDS.removeprefix("#Fields: ")])
def test_each_recipient_of_a_sending_counts(fields: str) -> None:
    assert exchange.recognises(fields)
    expected = [Entry("1@example.org", "", "a@example.net"), Entry("1@example.org", "", "b@example.net")]
    assert read(fields, ROW.format("SENDEXTERNAL")) == expected


@pytest.mark.parametrize("event", ["RECEIVE", "DELIVER", "", "send it"])
def test_other_events_do_not(event: str) -> None:
    assert read(FIELDS, ROW.format(event)) == []


def test_nothing_is_read_before_the_columns_are_known() -> None:
    assert read(ROW.format("SEND")) == []


def test_a_short_row_and_a_row_of_nonsense_are_passed_over() -> None:
    assert read(FIELDS, "a,b", '"' * 9_999, "x" * 200_000, "\0") == []


def test_times_are_utc() -> None:
    assert exchange.when(ROW, NOW) == datetime(2026, 11, 20, 10, 0, 0, 123000, tzinfo=UTC)
    assert exchange.when("#Software", NOW) is None


@given(st.text())
def test_any_line_is_read(line: str) -> None:
    exchange.when(line, NOW)
    assert read(FIELDS, line) == []
