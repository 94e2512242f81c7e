"""``disavow verify``: what goes in, what comes out, and how it ends."""

from __future__ import annotations

import asyncio
import io
import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import disavow
from disavow.doors import cli
from disavow.judgement import proof
from disavow.world.bulk import ask_many, shared

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "docs" / "examples"
SCHEMA = ROOT / "docs" / "reference" / "schemas" / "verification-1.json"
ZONE = ("--zone", str(EXAMPLES / "example.zone"))
TRUST = ("--received-by", "mx.example.net")


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Door:
    """The command line within this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.monkeypatch, self.capsys = monkeypatch, capsys
        monkeypatch.setattr(signal, "signal", lambda *_: None)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("COLUMNS", "100")

    def verify(self, *arguments: str, stdin: bytes = b"") -> Ended:
        self.monkeypatch.setattr(sys, "argv", ["disavow", "verify", *arguments])
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = self.capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, err)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Door:
    return Door(monkeypatch, capsys)


def example(name: str) -> str:
    return str(EXAMPLES / f"{name}.eml")


@pytest.mark.parametrize(("name", "code"), [("genuine", 0), ("forged", 1), ("forwarded", 0), ("list-changed", 3)])
def test_the_exit_code_is_the_verdict(door: Door, name: str, code: int) -> None:
    assert door.verify(example(name), *TRUST, *ZONE).code == code


@pytest.mark.parametrize("name", ["genuine", "forged", "forwarded", "list-changed"])
def test_the_json_is_what_the_schema_says(door: Door, name: str) -> None:
    for options in ((*TRUST, *ZONE), (*TRUST, "--offline"), ZONE):
        shown = json.loads(door.verify(example(name), *options, "--json").out)
        schema = json.loads(SCHEMA.read_text("utf-8"))
        assert list(departures(shown, schema, schema)) == []


def departures(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """Where ``value`` is not what the JSON Schema says, for the keywords that our schemas use."""
    known = {"type", "const", "enum", "pattern", "minimum", "format", "required", "properties", "additionalProperties"}
    unknown = set(schema) - known - {"items", "anyOf", "$ref", "$defs", "$schema", "title", "description"}
    assert not unknown, unknown
    found: list[str] = []
    if reference := schema.get("$ref"):
        target = root if reference == "#" else root["$defs"][reference.rpartition("/")[2]]
        return departures(value, target, root, at)
    if "anyOf" in schema:
        tried = [departures(value, one, root, at) for one in schema["anyOf"]]
        return [] if [] in tried else min(tried, key=len)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(type(value) is kinds[kind] for kind in wanted):
        return [f"{at}: {value!r} is no {wanted}"]
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        found.append(f"{at}: {value!r}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{at}: {value!r} has another shape")
    if isinstance(value, dict):
        found += [f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value]
        properties = schema.get("properties", {})
        for name, inner in value.items():
            if name in properties:
                found += departures(inner, properties[name], root, f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{at}: {name} is not foreseen")
    if isinstance(value, list):
        found += [
            line
            for number, inner in enumerate(value)
            for line in departures(inner, schema.get("items", {}), root, f"{at}[{number}]")
        ]
    return found


def test_the_schema_check_finds_departures() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert departures({}, schema, schema)
    assert departures({"verdict": {"answer": "perhaps"}}, {"properties": schema["properties"]}, schema)


def test_a_header_pasted_on_standard_input(door: Door) -> None:
    pasted = Path(example("forged")).read_bytes().replace(b"\n\t", b"\n").partition(b"\n\n")[0]
    ended = door.verify(*TRUST, *ZONE, stdin=pasted)
    assert ended.code == 1
    assert "Long header lines had been broken apart" in ended.out


def test_both_messages_of_a_paste_are_judged_and_the_worse_one_decides(door: Door) -> None:
    both = Path(example("genuine")).read_bytes() + b"\n" + Path(example("forged")).read_bytes()
    ended = door.verify(*TRUST, *ZONE, stdin=both)
    assert ended.code == 1
    assert "1. The message you gave: Meeting on Friday" in ended.out and "Your invoice is overdue" in ended.out
    shown = json.loads(door.verify("--json", *TRUST, *ZONE, stdin=both).out)
    assert [one["verdict"]["answer"] for one in (shown, *shown["others"])] == ["genuine", "forged"]
    assert door.verify("--message", "2", *TRUST, *ZONE, stdin=both).code == 1
    assert door.verify("--message", "3", *TRUST, *ZONE, stdin=both).code == 78


def test_an_attached_mail_is_judged_beside_its_wrapping(door: Door) -> None:
    inner = Path(example("genuine")).read_bytes()
    outer = b"From: bob@example.net\nSubject: is this real?\nContent-Type: message/rfc822\n\n" + inner
    ended = door.verify("--json", *TRUST, *ZONE, stdin=outer)
    shown = json.loads(ended.out)
    assert ended.code == 3
    assert door.verify("--message", "2", *TRUST, *ZONE, stdin=outer).code == 0
    assert [one["verdict"]["answer"] for one in (shown, *shown["others"])] == ["unproven", "genuine"]
    assert shown["others"][0]["message"]["where"] == "attached"


def test_the_envelope_can_be_given(door: Door) -> None:
    given = ("--ip", "192.0.2.25", "--helo", "mail.example.org", "--mail-from", "<alice@example.org>")
    message = b"From: alice@example.org\n\nHi\n"
    ended = door.verify("--json", *given, *ZONE, stdin=message)
    assert ended.code == 0 and json.loads(ended.out)["envelope"]["source"] == "given"
    assert door.verify("--ip", "300.0.0.1", stdin=message).code == 2


def test_without_anybody_to_trust_it_says_so(door: Door) -> None:
    ended = door.verify(example("forged"), *ZONE)
    assert ended.code == 3
    assert "--received-by mx.example.net" in ended.out


def test_offline_says_what_could_not_be_checked(door: Door) -> None:
    ended = door.verify(example("forged"), *TRUST, "--offline")
    assert ended.code == 3
    assert "offline: not asked" in ended.out


def test_a_proof_is_replayed_without_asking(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "proof.json")
    first = door.verify(example("list-changed"), *TRUST, *ZONE, "--json", "--proof", path)
    monkeypatch.setattr("disavow.doors.options.resolver", None)
    again = door.verify(example("list-changed"), "--json", "--replay", path)
    assert again == first


@pytest.mark.parametrize(
    ("old", "new"), [(b"p=reject", b"p=none"), (b"203.0.113.77", b"192.0.2.25"), (b"forged", b"genuin"), (b"Z", b"Y")]
)
def test_a_changed_proof_is_noticed(door: Door, tmp_path: Path, old: bytes, new: bytes) -> None:
    path = tmp_path / "proof.json"
    door.verify(example("forged"), *TRUST, *ZONE, "--proof", str(path))
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    ended = door.verify(example("forged"), "--replay", str(path))
    assert ended.code == 65 and "changed after it was written" in ended.err and not ended.out


def test_other_words_are_no_other_result_but_another_verdict_is(door: Door, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    door.verify(example("forged"), *TRUST, *ZONE, "--proof", str(path))
    proven = proof.parse(path.read_bytes())
    verdict = proven.result["verdict"]
    for changed, code in (({"sentence": "Other words."}, 1), ({"answer": "genuine"}, 65)):
        path.write_bytes(proof.format(replace(proven, result={**proven.result, "verdict": {**verdict, **changed}})))
        assert door.verify(example("forged"), "--replay", str(path)).code == code


def test_every_changed_byte_of_the_message_is_noticed(door: Door, tmp_path: Path) -> None:
    path = str(tmp_path / "proof.json")
    door.verify(example("forged"), *TRUST, *ZONE, "--proof", path)
    raw = Path(example("forged")).read_bytes()
    for at in range(0, len(raw), 97):
        ended = door.verify("--replay", path, stdin=raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert ended.code == 65, at


def test_the_proof_sheet_is_one_page_that_asks_nobody(door: Door, tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    door.verify(example("forged"), *TRUST, *ZONE, "--html", str(page))
    text = page.read_text("utf-8")
    assert "<h1>Forged</h1>" in text and "Below this line: only claimed" in text
    assert "prefers-color-scheme:dark" in text and "width=device-width" in text
    assert not re.search(r"(?i)\bsrc=|<script|<link|@import|url\(", text)
    assert "bob@example.net" not in text
    door.verify(example("forged"), *TRUST, *ZONE, "--html", str(page), "--unmask")
    assert "alice@example.org" in page.read_text("utf-8")


def test_a_hostile_mail_neither_steers_the_terminal_nor_the_page(door: Door, tmp_path: Path) -> None:
    page = tmp_path / "sheet.html"
    raw = (
        b"Received: from \x1b[2J<script>x</script> ([203.0.113.9]) by mx.example.net; x\nFrom: a@example.org\n"
        b"Subject: =?utf-8?q?=1B]0;x=07?= <script>alert(1)</script> [bold red]\nMessage-ID: <\xe2\x80\xae@x>\n\nx\n"
    )
    ended = door.verify("--html", str(page), *TRUST, *ZONE, stdin=raw + b"\n\n" + raw)
    assert "\x1b" not in ended.out and "\x07" not in ended.out and "\u202e" not in ended.out
    text = page.read_text("utf-8")
    assert "<script" not in text and "\x1b" not in text and "\u202e" not in text


def test_authentication_results(door: Door) -> None:
    out = door.verify(example("genuine"), *TRUST, *ZONE, "--auth-results", "mx.example.net").out
    assert out.startswith("Authentication-Results: mx.example.net;\n\tspf=pass smtp.mailfrom=alice@example.org;")
    assert "dmarc=pass header.from=example.org" in out


@pytest.mark.parametrize(("arguments", "code"), [(("nowhere.eml",), 2), (("--replay", "nowhere", "-"), 78)])
def test_what_cannot_be_opened(door: Door, arguments: tuple[str, ...], code: int) -> None:
    ended = door.verify(*arguments, stdin=b"From: a@example.org\n\n")
    assert ended.code == code and ended.err and "Traceback" not in ended.err


def test_what_is_no_mail_is_malformed(door: Door) -> None:
    ended = door.verify(stdin=b"hello\n")
    assert ended.code == 65 and "no mail header found" in ended.err


def test_a_broken_outlook_file_is_malformed(door: Door) -> None:
    ended = door.verify(stdin=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    assert ended.code == 65 and ".msg" in ended.err


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


def test_hundreds_of_questions_are_in_flight_and_a_common_one_is_asked_once() -> None:
    from disavow.standards.questions import Answer, Question, txt

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
