"""``disavow verify``: what goes in, what comes out, and how it ends."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import disavow
from conftest import Run, holds
from disavow.doors import library
from disavow.judgement import paste, proof
from disavow.judgement.envelope import Envelope
from disavow.standards import dkim2
from disavow.standards.questions import Answer, Now, Question, txt
from disavow.world.bulk import Stopwatch, ask_many, shared

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "examples"
SCHEMA = "verification-1"
ZONE = ("--zone", str(EXAMPLES / "example.zone"))
TRUST = ("--received-by", "mx.example.net")


def example(name: str) -> str:
    return str(EXAMPLES / f"{name}.eml")


@pytest.mark.parametrize(("name", "code"), [("genuine", 0), ("forged", 1), ("forwarded", 0), ("list-changed", 3)])
def test_the_exit_code_is_the_verdict(run: Run, name: str, code: int) -> None:
    assert run("verify", example(name), *TRUST, *ZONE).code == code


@pytest.mark.parametrize("name", ["genuine", "forged", "forwarded", "list-changed"])
def test_the_json_is_what_the_schema_says(run: Run, name: str) -> None:
    for options in ((*TRUST, *ZONE), (*TRUST, "--offline"), ZONE):
        shown = json.loads(run("verify", example(name), *options, "--json").out)
        holds(shown, SCHEMA)


def test_a_header_pasted_on_standard_input(run: Run) -> None:
    pasted = Path(example("forged")).read_bytes().replace(b"\n\t", b"\n").partition(b"\n\n")[0]
    ended = run("verify", *TRUST, *ZONE, stdin=pasted)
    assert ended.code == 1
    assert "Long header lines had been broken apart" in ended.out


def test_both_messages_of_a_paste_are_judged_and_the_worse_one_decides(run: Run) -> None:
    both = Path(example("genuine")).read_bytes() + b"\n" + Path(example("forged")).read_bytes()
    ended = run("verify", *TRUST, *ZONE, stdin=both)
    assert ended.code == 1
    assert "1. The message you gave: Meeting on Friday" in ended.out and "Your invoice is overdue" in ended.out
    shown = json.loads(run("verify", "--json", *TRUST, *ZONE, stdin=both).out)
    assert [one["verdict"]["answer"] for one in (shown, *shown["others"])] == ["genuine", "forged"]
    assert run("verify", "--message", "2", *TRUST, *ZONE, stdin=both).code == 1
    assert run("verify", "--message", "3", *TRUST, *ZONE, stdin=both).code == 78


def test_an_attached_mail_is_judged_beside_its_wrapping(run: Run) -> None:
    inner = Path(example("genuine")).read_bytes()
    outer = b"From: bob@example.net\nSubject: is this real?\nContent-Type: message/rfc822\n\n" + inner
    ended = run("verify", "--json", *TRUST, *ZONE, stdin=outer)
    shown = json.loads(ended.out)
    assert ended.code == 3
    assert run("verify", "--message", "2", *TRUST, *ZONE, stdin=outer).code == 0
    assert [one["verdict"]["answer"] for one in (shown, *shown["others"])] == ["unproven", "genuine"]
    assert shown["others"][0]["message"]["where"] == "attached"


def test_the_envelope_can_be_given(run: Run) -> None:
    given = ("--ip", "192.0.2.25", "--helo", "mail.example.org", "--mail-from", "<alice@example.org>")
    message = b"From: alice@example.org\n\nHi\n"
    ended = run("verify", "--json", *given, *ZONE, stdin=message)
    assert ended.code == 0 and json.loads(ended.out)["envelope"]["source"] == "given"
    assert run("verify", "--ip", "300.0.0.1", stdin=message).code == 2


def test_without_anybody_to_trust_it_says_so(run: Run) -> None:
    ended = run("verify", example("forged"), *ZONE)
    assert ended.code == 3
    assert "--received-by mx.example.net" in ended.out


def test_offline_says_what_could_not_be_checked(run: Run) -> None:
    ended = run("verify", example("forged"), *TRUST, "--offline")
    assert ended.code == 3
    assert "offline: not asked" in ended.out


def test_a_proof_is_replayed_without_asking(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "proof.json")
    first = run("verify", example("list-changed"), *TRUST, *ZONE, "--json", "--proof", path)
    monkeypatch.setattr("disavow.doors.options.resolver", None)
    again = run("verify", example("list-changed"), "--json", "--replay", path)
    assert again == first


@pytest.mark.parametrize(
    ("old", "new"), [(b"p=reject", b"p=none"), (b"203.0.113.77", b"192.0.2.25"), (b"forged", b"genuin"), (b"Z", b"Y")]
)
def test_a_changed_proof_is_noticed(run: Run, tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "proof.json"
    run("verify", example("forged"), *TRUST, *ZONE, "--proof", str(path))
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    ended = run("verify", example("forged"), "--replay", str(path))
    assert ended.code == 65 and "changed after it was written" in ended.err and not ended.out


def test_other_words_are_no_other_result_but_another_verdict_is(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    run("verify", example("forged"), *TRUST, *ZONE, "--proof", str(path))
    proven = proof.parse(path.read_bytes())
    verdict = proven.result["verdict"]
    for changed, code in (({"sentence": "Other words."}, 1), ({"answer": "genuine"}, 65)):
        path.write_bytes(proof.format(replace(proven, result={**proven.result, "verdict": {**verdict, **changed}})))
        assert run("verify", example("forged"), "--replay", str(path)).code == code


def test_every_changed_byte_of_the_message_is_noticed(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "proof.json")
    run("verify", example("forged"), *TRUST, *ZONE, "--proof", path)
    raw = Path(example("forged")).read_bytes()
    for at in range(0, len(raw), 97):
        ended = run("verify", "--replay", path, stdin=raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert ended.code == 65, at


def test_the_proof_sheet_is_one_page_that_asks_nobody(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    run("verify", example("forged"), *TRUST, *ZONE, "--html", str(page))
    text = page.read_text("utf-8")
    assert "<h1>Forged</h1>" in text and "Below this line: only claimed" in text
    assert "style-src 'sha256-" in text
    assert "unsafe-inline" not in text and "style=" not in text
    assert "prefers-color-scheme:dark" in text and "width=device-width" in text
    assert not re.search(r"(?i)\bsrc=|<script|<link|@import|url\(", text)
    assert "bob@example.net" not in text
    run("verify", example("forged"), *TRUST, *ZONE, "--html", str(page), "--unmask")
    assert "alice@example.org" in page.read_text("utf-8")


def test_a_hostile_mail_neither_steers_the_terminal_nor_the_page(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    raw = (
        b"Received: from \x1b[2J<script>x</script> ([203.0.113.9]) by mx.example.net; x\nFrom: a@example.org\n"
        b"Subject: =?utf-8?q?=1B]0;x=07?= <script>alert(1)</script> [bold red]\nMessage-ID: <\xe2\x80\xae@x>\n\nx\n"
    )
    ended = run("verify", "--html", str(page), *TRUST, *ZONE, stdin=raw + b"\n\n" + raw)
    assert "\x1b" not in ended.out and "\x07" not in ended.out and "\u202e" not in ended.out
    text = page.read_text("utf-8")
    assert "<script" not in text and "\x1b" not in text and "\u202e" not in text


def test_authentication_results(run: Run) -> None:
    out = run("verify", example("genuine"), *TRUST, *ZONE, "--auth-results", "mx.example.net").out
    assert out.startswith("Authentication-Results: mx.example.net;\n\tspf=pass smtp.mailfrom=alice@example.org;")
    assert "dmarc=pass header.from=example.org" in out


@pytest.mark.parametrize(("arguments", "code"), [(("nowhere.eml",), 2), (("--replay", "nowhere", "-"), 78)])
def test_what_cannot_be_opened(run: Run, arguments: tuple[str, ...], code: int) -> None:
    ended = run("verify", *arguments, stdin=b"From: a@example.org\n\n")
    assert ended.code == code and ended.err and "Traceback" not in ended.err


def test_what_is_no_mail_is_malformed(run: Run) -> None:
    ended = run("verify", stdin=b"hello\n")
    assert ended.code == 65 and "no mail header found" in ended.err


def test_a_broken_outlook_file_is_malformed(run: Run) -> None:
    ended = run("verify", stdin=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    assert ended.code == 65 and ".msg" in ended.err


CUSTODY = (
    b"DKIM2-Signature: i=2; m=1; t=1764072000; d=shop.example; mf=PGEtLXhAc2hvcC5leGFtcGxlPg==;\n"
    b" rt=PGJvYkBleGFtcGxlLm5ldD4=; s=s1:rsa-sha256:c2ln;\n"
    b"DKIM2-Signature: i=1; m=1; t=1764072000; d=example.org; mf=PGFsaWNlQGV4YW1wbGUub3JnPg==;\n"
    b" rt=PGNhcm9sQGV4YW1wbGUuY29tPg==; s=s1:rsa-sha256:c2ln;\n"
    b"Message-Instance: m=1; h=sha256:aA==:Yg==;\n"
)


def test_experimental_tells_the_way_that_dkim2_claims_and_changes_no_verdict(run: Run) -> None:
    raw = CUSTODY + Path(example("genuine")).read_bytes()
    plain, told = (run("verify", *TRUST, *ZONE, "--json", *more, stdin=raw) for more in ((), ("--experimental",)))
    shown = json.loads(told.out)
    holds(shown, SCHEMA)
    custody = shown.pop("dkim2")
    assert told.code == plain.code
    assert {**shown, "checked": ""} == {**json.loads(plain.out), "checked": ""}
    assert custody["draft"] == dkim2.DRAFT and custody["problem"] is None
    assert [hop["problem"] for hop in custody["hops"]] == [None, "custody-broken"]
    assert custody["hops"][0]["recipients"] == ["<ca…@example.com>"]
    card = " ".join(run("verify", *TRUST, *ZONE, "--experimental", stdin=raw).out.split())
    assert "the step before does not say that it sent the mail to shop.example" in card
    assert "the verdict does not rest on them" in card


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [(b"", "No computer on the way left DKIM2 fields"), (b"DKIM2-Signature: i=7\n", "they do not add up to a way")],
)
def test_experimental_says_if_there_is_nothing_to_tell(run: Run, fields: bytes, sentence: str) -> None:
    raw = fields + Path(example("genuine")).read_bytes()
    assert sentence in " ".join(run("verify", "--experimental", *TRUST, *ZONE, stdin=raw).out.split())


# -- The library --------------------------------------------------------------------------------------------------


def test_one_call_from_python() -> None:
    zone = disavow.Zone.read(ZONE[1])
    raw = Path(example("genuine")).read_bytes()
    result = disavow.verify(raw, resolver=zone)
    assert result.verdict.answer == "genuine"
    assert asyncio.run(disavow.verify_async(raw, resolver=zone)).verdict.answer == "genuine"


def test_many_messages_keep_their_order() -> None:
    zone = disavow.Zone.read(ZONE[1])
    raws = [Path(example(name)).read_bytes() for name in ("genuine", "forged", "genuine")] * 20
    answers = [one.verdict.answer for one in disavow.verify_many(((raw, None) for raw in raws), resolver=zone)]
    assert answers == ["genuine", "unproven", "genuine"] * 20


def test_many_messages_are_read_only_as_far_as_they_are_under_way() -> None:
    zone = disavow.Zone.read(ZONE[1])
    taken = 0

    def endless() -> Any:
        nonlocal taken
        while True:
            taken += 1
            yield Path(example("genuine")).read_bytes(), None

    results = disavow.verify_many(endless(), resolver=zone, in_flight=5)
    assert next(results).verdict.answer == "genuine" and taken <= 6
    results.close()


@pytest.mark.parametrize("way", ["at once", "asynchronously", "among others", "as a reading"])
def test_what_is_not_known_in_time_is_not_known(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(library, "SECONDS", 0)
    zone = disavow.Zone.read(ZONE[1])
    raw = Path(example("genuine")).read_bytes()
    verified = {
        "at once": lambda: disavow.verify(raw, resolver=zone),
        "asynchronously": lambda: asyncio.run(disavow.verify_async(raw, resolver=zone)),
        "among others": lambda: next(disavow.verify_many([(raw, None)], resolver=zone)),
        "as a reading": lambda: asyncio.run(library.verify_reading(paste.read(raw)[0], Envelope(), zone)),
    }[way]()
    assert verified.verdict.answer == "unproven"
    late = [one.answer.why for one in verified.transcript if one.answer.status == "temperror"]
    assert late and set(late) == {"not asked: 0 seconds are over"}
    assert [one for one in verified.transcript if isinstance(one.question, Now)]


def test_who_dawdles_over_a_result_takes_no_time_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("disavow.world.bulk.time.monotonic", lambda: clock[0])
    watch = Stopwatch()
    with watch:
        clock[0] += 2
        assert watch() == 2
    clock[0] += 3600
    with watch:
        clock[0] += 3
    assert watch() == 5


def test_hundreds_of_questions_are_in_flight_and_a_common_one_is_asked_once() -> None:
    under_way = most = asked = 0

    async def world(question: Question) -> Answer[Any]:
        nonlocal under_way, most, asked
        asked += 1
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.001)
        under_way -= 1
        return Answer("nxdomain")

    async def run() -> int:
        dialogues = [txt(f"{number % 300}.example.org") for number in range(600)]
        return len([one async for one in ask_many(dialogues, world, in_flight=600)])

    assert asyncio.run(run()) == 600
    assert most == 300 and asked == 300


def test_one_who_gives_up_takes_nothing_from_the_others() -> None:
    async def run() -> str:
        async def world(question: object) -> Any:
            await asyncio.sleep(0.01)
            return "answer"

        ask = shared(world)
        first, second = asyncio.ensure_future(ask("q")), asyncio.ensure_future(ask("q"))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        first.cancel()
        return str(await second)

    assert asyncio.run(run()) == "answer"


def test_importing_disavow_imports_nothing_else() -> None:
    code = "import sys, disavow; print(sorted(m for m in sys.modules if m.startswith(('disavow.', 'dns', 'rich'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in disavow.__all__:
        assert getattr(disavow, name)
    with pytest.raises(AttributeError):
        disavow.nothing  # noqa: B018
