"""Logs: known by their lines, read with their rotated neighbours, hostile lines passed over."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from disavow.errors import Misconfigured
from disavow.world import logs

ONE = "2026-11-09T08:00:00+00:00 mx postfix/cleanup[8]: 4AAA111111: message-id=<1@example.org>\n"
TWO = (
    "2026-11-10T08:00:00+00:00 mx postfix/smtp[9]: 4AAA111111: to=<You@example.net>, orig_to=<all@example.org>, "
    "relay=mx.example.net[192.0.2.1]:25, status=deferred (said: 450 to=<liar@example.com>)\n"
)
NINTH, TENTH = (datetime(2026, 11, day, 8, tzinfo=UTC) for day in (9, 10))


def test_a_message_is_followed_through_rotated_files(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(TWO)
    (tmp_path / "mail.log.1.gz").write_bytes(gzip.compress(ONE.encode()))
    (tmp_path / "mail.log.bak").write_text("not rotated")
    os.utime(tmp_path / "mail.log.1.gz", (1, 1))
    sent = logs.read([str(tmp_path / "mail.log")])
    assert ("1@example.org", "you@example.net") in sent.sent
    assert sent.recipients == {"you@example.net", "all@example.org"}
    # a day between the two files is too long a silence to call the log complete
    assert [(each.first, each.last) for each in sent.periods] == [(NINTH, NINTH), (TENTH, TENTH)]


def test_a_log_tells_from_when_to_when_it_is_complete(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(ONE + TWO + "\x00garbage\n")
    sent = logs.read([str(tmp_path / "a")])
    assert sent.covers(NINTH, TENTH)
    assert not sent.covers(NINTH, datetime(2026, 11, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", b"\x1f\x8bnot gzip at all", gzip.compress(ONE.encode() * 99)[:60]],
    ids=["empty", "no-log", "no-gzip", "cut-gzip"],
)
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "log").write_bytes(content)
    with pytest.raises(Misconfigured):
        logs.read([str(tmp_path / "log")])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        logs.read([str(tmp_path / "none")])


def test_too_many_deliveries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_ENTRIES", 1)
    (tmp_path / "log").write_text(ONE + TWO)
    with pytest.raises(Misconfigured, match="more than"):
        logs.read([str(tmp_path / "log")])


def test_hostile_lines_are_passed_over(tmp_path: Path) -> None:
    hostile = b"\xff\xfe" * 50_000 + b"\n" + b"a postfix/" * 20_000 + b"\n" + b": " * 100_000 + b"\n"
    (tmp_path / "log").write_bytes(ONE.encode() + hostile + TWO.encode())
    assert ("1@example.org", "you@example.net") in logs.read([str(tmp_path / "log")]).sent
