"""The verb sort: says where each mail belongs, moves only when told to, and moves nothing twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from disavow.doors.verbs.sort import command
from disavow.errors import Malformed, Misconfigured

REPORT = """\
Return-Path: <>
Delivered-To: alice@example.org
Received: from mx.example.net (mx.example.net [198.51.100.25]) by mx.example.org; Mon, 9 Nov 2026 09:00:00 +0000
From: Mail Delivery System <mailer-daemon@mx.example.net>
To: alice@example.org
Date: Mon, 9 Nov 2026 09:00:00 +0000
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

From: alice@example.org
To: {recipient}
Date: Mon, 9 Nov 2026 08:00:00 +0000
Message-ID: <{name}@example.org>
Subject: hello

--b--
"""
PERSONAL = "From: Bob <bob@example.net>\nTo: alice@example.org\nSubject: Lunch\n\nShall we meet at noon?\n"
LOG = """\
2026-11-01T00:00:00+00:00 mx postfix/master[1]: daemon started
2026-11-09T08:00:00+00:00 mx postfix/cleanup[8]: 4AAA111111: message-id=<lunch@example.org>
2026-11-09T08:00:01+00:00 mx postfix/smtp[9]: 4AAA111111: to=<bob@example.net>, relay=mx[198.51.100.25]:25
2026-11-12T00:00:00+00:00 mx postfix/master[1]: reload
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    mails = {
        "cur/1:2,S": REPORT.format(recipient="stranger@example.com", name="pills"),
        "cur/2:2,RS": REPORT.format(recipient="bob@example.net", name="lunch"),
        "new/3": REPORT.format(recipient="carol@example.com", name="lunch"),
        "new/4": PERSONAL,
    }
    for name, text in mails.items():
        (tmp_path / "mail" / name).write_text(text)
    (tmp_path / "log").write_text(LOG)
    return tmp_path / "mail"


def run(home: Path, *arguments: str) -> Result:
    log = str(home.parent / "log")
    return CliRunner().invoke(command, [str(home), "--me", "example.org", "--log", log, "--offline", *arguments])


def tree(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): path.read_text()
        for path in home.rglob("*")
        if path.is_file() and path.name != "maildirfolder"
    }


MOVED = {".Disavow.forged/cur/1:2,S", ".Disavow.mine/cur/2:2,RS", ".Disavow.unsure/new/3", "new/4"}


def test_without_move_nothing_happens(home: Path) -> None:
    before = tree(home)
    result = run(home)
    assert result.exit_code == 0, result.output
    assert "1 forged, 1 mine, 1 unsure; 1 stay. Nothing was moved" in result.output
    assert tree(home) == before
    assert not (home / ".Disavow.forged").exists()


def test_with_move_status_mails_are_filed_and_the_rest_stays(home: Path) -> None:
    before = tree(home)
    result = run(home, "--move")
    assert result.exit_code == 0, result.output
    assert set(tree(home)) == MOVED
    assert sorted(tree(home).values()) == sorted(before.values())


def test_a_second_run_moves_nothing(home: Path) -> None:
    run(home, "--move")
    result = run(home, "--move")
    assert "0 forged, 0 mine, 0 unsure; 1 stay." in result.output
    assert set(tree(home)) == MOVED


def test_a_name_that_is_taken_is_told_and_nothing_lost(home: Path) -> None:
    (home / ".Disavow.forged" / "cur").mkdir(parents=True)
    (home / ".Disavow.forged" / "cur" / "1:2,S").write_text("other")
    result = run(home, "--move")
    assert result.exit_code == 1
    assert "has its name" in result.output
    assert tree(home)["cur/1:2,S"].startswith("Return-Path")


def test_each_mail_is_an_object(home: Path) -> None:
    rows = [json.loads(line) for line in run(home, "--ndjson", "--move").output.splitlines()]
    assert [(row["mail"], row["folder"], row["moved"]) for row in rows] == [
        ("new/3", ".Disavow.unsure", True),
        ("new/4", "stays", False),
        ("cur/1:2,S", ".Disavow.forged", True),
        ("cur/2:2,RS", ".Disavow.mine", True),
    ]


def test_a_folder_that_is_no_maildir_and_a_missing_owner_are_refused(home: Path) -> None:
    arguments = [str(home / "cur"), "--me", "example.org", "--offline"]
    assert isinstance(CliRunner().invoke(command, arguments).exception, Malformed)
    assert isinstance(CliRunner().invoke(command, [str(home)]).exception, Misconfigured)
