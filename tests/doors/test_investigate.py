"""``disavow investigate``: the main job on real floods, its contract, and how it fails."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, holds
from disavow.doors import demo
from disavow.world import workers

FLOOD = Path(demo.__file__).parent / "flood.mbox"
ZONE = Path(demo.__file__).parent / "example.zone"
ALIASES = Path(demo.__file__).parent / "aliases.csv"
OWNER = ("--me", "example.org")
LIST = ("--me", "osst-users@lists.sourceforge.net", "--offline")


def answer(run: Run, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("investigate", *arguments, "--json").out)
    holds(found, "investigation-1")
    return found


def test_the_joe_job_is_one_forger_and_nothing_is_called_ours(run: Run, suites: Path) -> None:
    for mailbox in (suites / "inbox" / "joe-job-2020.mbox.gz", suites / "bounces" / "joe-job-2020" / "as-received"):
        found = answer(run, str(mailbox), *LIST, "--unmask")
        assert (found["mails"], found["unreadable"]) == (472, [])
        assert found["kinds"]["dsn"] >= 470 and found["returned"] >= 470
        assert found["verdict"]["answer"] == "forged" and found["ours"]["ours"] == 0
        assert found["signals"]["enforced"] >= 440 and len(found["reporters"]) >= 10
        assert sum(source["count"] for source in found["sources"]) >= 460
        first, *others = found["campaigns"]
        reply_to = [each["value"] for each in first["features"]["reply-to"]]
        assert first["count"] >= 450 and len(reply_to) == 1
        assert all(reply_to[0] not in json.dumps(other) for other in others)


def test_the_enforcing_receivers_client_address_is_extracted(run: Run, suites: Path) -> None:
    lines = run("investigate", str(suites / "inbox" / "joe-job-2020.mbox.gz"), *LIST, "--ndjson").out.splitlines()
    mails = [json.loads(line) for line in lines]
    assert len(mails) == 472
    assert sum(any(each["client_ip"] for each in mail["recipients"]) for mail in mails) >= 460


def test_the_flooded_list_keeps_phish_and_spam_apart_and_finds_the_wrapped_backscatter(run: Run, suites: Path) -> None:
    found = answer(run, str(suites / "inbox" / "flooded-list.mbox.gz"), *LIST)
    assert found["mails"] == 1857 and not found["unreadable"]
    assert found["campaigns"][0]["count"] >= 440 and "reply-to" in found["campaigns"][0]["features"]
    assert found["ours"]["ours"] == 0
    assert found["kinds"].get("fake-bounce", 0) >= 25


def test_what_was_forged_in_other_names_is_not_called_forged_in_mine(run: Run, suites: Path) -> None:
    found = answer(run, str(suites / "bounces" / "sisimai" / "mail"), "--me", "nobody.example", "--offline")
    assert found["verdict"]["answer"] == "cannot-tell" and found["ours"]["forged"] == 0


def test_foreign_bounces_are_sorted_and_their_originals_found(run: Run, suites: Path) -> None:
    found = answer(run, str(suites / "bounces" / "sisimai" / "mail"), "--me", "example.org", "--offline")
    assert found["mails"] == 629
    assert found["status_mails"] >= 0.98 * 629


def test_the_contract_of_the_example_mailbox(run: Run) -> None:
    ended = run("investigate", str(FLOOD), *OWNER, "--zone", str(ZONE), "--aliases", str(ALIASES), "--json")
    found = json.loads(ended.out)
    holds(found, "investigation-1")
    assert ended.code == 1
    assert found["verdict"]["answer"] == "mixed" and found["ours"]["ours"] == 2
    assert [campaign["count"] for campaign in found["campaigns"][:2]] == [96, 34]
    assert all(campaign["through_my_servers"] == 0 for campaign in found["campaigns"][:2])
    assert {"192.0.2.10/32"} == set(found["identity"]["servers"])
    assert any(step["tag"] == "step-catch-all" and step["effect"] > 0.5 for step in found["next_steps"])
    assert {each["exists"] for each in found["forged_addresses"]} == {True, False}
    assert (
        next(each for each in found["forged_addresses"] if each["address"] == "ada@example.org")["leaked_from"]
        == "friends"
    )


def test_each_mail_is_a_line_with_its_evidence(run: Run) -> None:
    ended = run("investigate", str(FLOOD), *OWNER, "--zone", str(ZONE), "--ndjson")
    mails = [json.loads(line) for line in ended.out.splitlines()]
    assert len(mails) == 144
    for mail in mails:
        holds(mail, "mail-1")
    ours = [mail for mail in mails if mail["ours"] == "ours"]
    assert len(ours) == 2 and all(mail["dkim"] == "pass" for mail in ours)
    assert all(mail["evidence"] for mail in mails)


def test_other_peoples_addresses_are_hidden_unless_asked_for(run: Run) -> None:
    shown = run("investigate", str(FLOOD), *OWNER, "--offline", "--ndjson").out
    assert "@bigmail.example" in shown and "tom71@" not in shown and "desk.parcel@" not in shown
    assert "tom71@" in run("investigate", str(FLOOD), *OWNER, "--offline", "--ndjson", "--unmask").out


def test_who_i_am_is_guessed_and_said_to_be_a_guess(run: Run, suites: Path) -> None:
    found = answer(run, str(FLOOD), "--offline")
    assert found["identity"]["domains"] == ["example.org"] and found["identity"]["how"] == "guessed"
    assert found["verdict"]["confidence"] == "low"
    assert any("example.org" in text and "--me" in text for text in found["verdict"]["would_change"])
    guessed = answer(run, str(suites / "inbox" / "joe-job-2020.mbox.gz"), "--offline")
    assert guessed["identity"]["addresses"] == ["osst-users@lists.sourceforge.net"]


def test_a_server_of_mine_makes_it_mine_and_a_campaign_through_it_is_a_break_in(run: Run) -> None:
    found = answer(run, str(FLOOD), *OWNER, "--offline", "--server", "203.0.113.25")
    assert found["verdict"]["answer"] == "mixed"
    assert found["campaigns"][0]["through_my_servers"] > 0
    card = run("investigate", str(FLOOD), *OWNER, "--offline", "--server", "203.0.113.25").out
    assert "LOOK AT YOUR SERVER" in card


def test_standard_input_compressed_or_not() -> None:
    command = [sys.executable, "-m", "disavow", "investigate", "-", *OWNER, "--offline", "--json"]
    plain = subprocess.run(command, input=FLOOD.read_bytes(), capture_output=True, check=False)
    packed = subprocess.run(command, input=gzip.compress(FLOOD.read_bytes()), capture_output=True, check=False)
    assert json.loads(plain.stdout)["mails"] == 144
    assert plain.stdout == packed.stdout


def test_two_processes_give_the_answer_of_one(run: Run, suites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mailbox = str(suites / "inbox" / "joe-job-2020.mbox.gz")
    answers = []
    for processes in (1, 2):
        monkeypatch.setattr(workers, "available", lambda processes=processes: processes)
        answers.append(run("investigate", mailbox, *LIST, "--json") + run("investigate", mailbox, *LIST, "--ndjson"))
    assert answers[0] == answers[1]


def test_the_same_mails_give_the_same_answer_twice(run: Run) -> None:
    assert run("investigate", str(FLOOD), *OWNER, "--offline", "--json") == run(
        "investigate", str(FLOOD), *OWNER, "--offline", "--json"
    )


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(3000), b"%PDF-1.7\n" + b"x" * 5000])
def test_what_is_no_mail_is_refused_in_one_sentence(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)
    ended = run("investigate", str(path), *OWNER, "--offline")
    assert ended.code == 65 and not ended.out
    assert len(ended.err.strip().splitlines()) == 1 and str(path) in ended.err


def test_an_archive_without_a_mail_is_refused_in_one_sentence(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "photo.gz"
    path.write_bytes(gzip.compress(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20))
    ended = run("investigate", str(path), *OWNER, "--offline")
    assert ended.code == 65 and not ended.out
    assert len(ended.err.strip().splitlines()) == 1 and str(path) in ended.err


def test_a_missing_mailbox_is_named_and_the_others_are_still_read(run: Run, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.mbox")
    assert run("investigate", missing, *OWNER, "--offline").code == 65
    found = answer(run, missing, str(FLOOD), *OWNER, "--offline")
    assert found["mails"] == 144 and found["unreadable"][0]["where"] == missing


def test_options_that_cannot_be_used_say_so(run: Run, tmp_path: Path) -> None:
    for arguments in (("--me", "no such name"), ("--aliases", str(tmp_path / "x")), ("--zone", str(tmp_path / "x"))):
        ended = run("investigate", str(FLOOD), *arguments)
        assert ended.code == 78 and arguments[0] in ended.err


def test_the_page_is_written(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    run("investigate", str(FLOOD), *OWNER, "--zone", str(ZONE), "--html", str(target))
    assert "<!doctype html>" in target.read_text("utf-8")


def test_the_demo_shows_the_verdict_and_ends_well(run: Run) -> None:
    ended = run("demo")
    assert ended.code == 0 and "FORGED" in ended.out and "What to do now" in ended.out
