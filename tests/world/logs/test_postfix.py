"""Postfix: deliveries to other servers, under the Message-ID of their queue id."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.sent import Entry
from disavow.world.logs import postfix

LATEST = datetime(2026, 1, 3, tzinfo=UTC)
ID = "Jan  2 10:00:00 mx postfix/cleanup[8]: 4AAA111111: message-id=<1@example.org>"
TO = "Jan  2 10:00:00 mx postfix/{}[8]: 4AAA111111: to=<you@example.net>, relay=somewhere, status=sent (250 ok)"


def read(*lines: str) -> list[Entry]:
    reader = postfix.Reader()
    return [entry for line in lines for entry in reader.read(line)]


@pytest.mark.parametrize("service", ["smtp", "relay/smtp", "out-mx/smtp"])
def test_a_delivery_elsewhere_counts(service: str) -> None:
    assert read(ID, TO.format(service)) == [Entry("1@example.org", "4AAA111111", "you@example.net")]


@pytest.mark.parametrize("service", ["local", "virtual", "lmtp", "pipe"])
def test_a_delivery_in_the_house_does_not(service: str) -> None:
    assert read(ID, TO.format(service)) == []


def test_an_id_ends_with_its_message() -> None:
    gone = "Jan  2 10:00:01 mx postfix/qmgr[8]: 4AAA111111: removed"
    assert read(ID, gone, TO.format("smtp"))[0].message_id == ""


def test_the_oldest_in_the_queue_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postfix, "MAX_QUEUED", 1)
    other = ID.replace("4AAA111111", "4BBB111111")
    assert read(ID, other, TO.format("smtp"))[0].message_id == ""


@pytest.mark.parametrize(
    ("line", "year"),
    [("Jan  2 10:00:00 mx x", 2026), ("Dec 31 10:00:00 mx x", 2025), ("2024-02-29T10:00:00.123456Z mx x", 2024)],
)
def test_the_year_is_the_last_that_fits(line: str, year: int) -> None:
    when = postfix.when(line, LATEST)
    assert when is not None
    assert when.year == year


@pytest.mark.parametrize("line", ["", "Foo 99 10:00:00", "Feb 30 10:00:00 mx", "9999-99-99T99:99:99Z"])
def test_other_lines_have_no_time(line: str) -> None:
    assert postfix.when(line, LATEST) is None


@given(st.text())
def test_any_line_is_read(line: str) -> None:
    postfix.when(line, LATEST)
    assert list(postfix.Reader().read(line)) == [] or postfix.recognises(line)
