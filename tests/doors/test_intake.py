"""``disavow intake``, ``export`` and ``forget``: the contract, hostile reports, and a kill at any moment."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from html import escape
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from conftest import Run, holds
from disavow.standards import aggregate
from disavow.standards.aggregate import Header, Policy, Report, Row, Spf

BEGIN, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def report(number: int = 1, rows: int = 3) -> bytes:
    header = Header("Reporter", "dmarc@example.com", f"id-{number}", BEGIN, END, Policy("example.org", "reject"))
    lines = (row(ip_address(f"203.0.113.{at % 250}")) for at in range(rows))
    return aggregate.format(Report(header, tuple(lines)))


def row(address: Any) -> Row:
    spf = (Spf("example.net", "mfrom", "pass"),)
    return Row(address, 2, "reject", "fail", "fail", header_from="example.org", spf_results=spf)


def mail(*attachments: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "dmarc@example.com", "me@example.org", "Report"
    message["Date"] = "Mon, 02 Nov 2026 03:00:00 +0000"
    message.set_content("A report.")
    for name, data in attachments:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def intake(run: Run, store: Path, *wheres: Path | str) -> dict[str, Any]:
    ended = run("intake", "--offline", "--json", "--store", str(store), *map(str, wheres))
    found: dict[str, Any] = json.loads(ended.out)
    holds(found, "intake-1")
    return found


def counts(found: dict[str, Any]) -> tuple[int, ...]:
    names = ("mails", "reports", "rows", "messages", "sightings", "duplicates")
    return tuple(found[name] for name in names)


def test_one_report_in_every_wrapping_counts_once(run: Run, tmp_path: Path) -> None:
    data, store = report(), tmp_path / "s.duckdb"
    packed = gzip.compress(data)
    wrappings = {
        "a.xml": data,
        "b.gz": packed,
        "c": gzip.compress(packed),
        "d.zip": zipped(**{"folder/": b"", "folder/r.xml": data}),
        "e.eml": mail(("r.xml.gz", packed)),
        "f.eml": mail(("", zipped(r=data))),
        "g.eml": mail(("r.xml", data.decode().encode("utf-16"))),
    }
    for name, content in wrappings.items():
        (tmp_path / name).write_bytes(content)
    found = intake(run, store, *(tmp_path / name for name in wrappings))
    assert counts(found)[:5] == (3, 7, 21, 42, 6) and found["duplicates"] == 5  # UTF-16 is other content
    assert found["refused"] == []


def test_many_reports_of_one_mail_all_count(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.eml"
    path.write_bytes(mail(("a.zip", zipped(a=report(1), b=report(2), c=report(3, 5))), ("d.xml", report(4))))
    assert counts(intake(run, tmp_path / "s", path)) == (1, 4, 14, 28, 14, 0)
    assert counts(intake(run, tmp_path / "s", path)) == (1, 4, 14, 28, 0, 4)


def test_a_bounce_is_a_sighting_and_a_personal_mail_is_none(run: Run, tmp_path: Path) -> None:
    from disavow.doors import demo

    found = intake(run, tmp_path / "s", Path(demo.__file__).parent / "flood.mbox")
    assert found["mails"] > found["sightings"] > 0 and found["reports"] == found["rows"] == 0


def test_what_cannot_be_read_is_refused_by_name_and_the_rest_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.xml").write_bytes(report())
    (tmp_path / "folder" / "b.xml").write_bytes(b"<html>no</html>")
    (tmp_path / "folder" / "c.zip").write_bytes(zipped(r=report(2))[:60])
    found = intake(run, tmp_path / "s", tmp_path / "folder", tmp_path / "nothing")
    assert found["reports"] == 1
    assert {"b.xml", "nothing"} <= {Path(one["where"]).name for one in found["refused"]} and len(found["refused"]) >= 3
    alone = run("intake", "--offline", "--store", str(tmp_path / "s"), str(tmp_path / "folder" / "b.xml"))
    assert alone.code == 65 and "b.xml" in alone.err


HEAD = b'<?xml version="1.0"?>\n<feedback>'


@pytest.mark.parametrize(
    ("hostile", "finding"),
    [
        (lambda: gzip.compress(HEAD + b"<a/>" * 10_000_000), ""),
        (lambda: gzip.compress(HEAD + bytes(120 << 20)), "times its size"),
        (lambda: zipped(a=HEAD + bytes(120 << 20)), "times its size"),
        (lambda: gzip.compress(HEAD + b"<a>" * 200_000), ""),
        (lambda: b'<!DOCTYPE feedback [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feedback>&b;</feedback>', "doctype"),
        (lambda: b'<!DOCTYPE feedback SYSTEM "file:///etc/passwd"><feedback/>', "doctype"),
        (lambda: b"<!DOCTYPE feedback [<!ATTLIST a b CDATA 'x'>]>" + HEAD + b"<a/>" * 100_000, "doctype"),
        (lambda: gzip.compress(HEAD + b"<a " + b" ".join(b'a%d=""' % n for n in range(500_000)) + b"/>"), ""),
        (lambda: gzip.compress(HEAD + b"<record>" + b"x" * (60 << 20)), ""),
        (lambda: gzip.compress(HEAD + b"<record><row>" * 2_000_000), ""),
        (lambda: gzip.compress(HEAD + b"</record>" * 3_000_000), ""),
        (lambda: gzip.compress(HEAD + b"<report_metadata>&" * 1_000_000), ""),
        (lambda: zipped(**{f"{number}": b"x" for number in range(20_000)}), ""),
        (lambda: b"{" + b'"a":[' * 1_000_000, ""),
    ],
    ids=(
        *("elements", "gzip-bomb", "zip-bomb", "nesting", "entities", "external", "attribute-list", "attributes"),
        *("text", "records-in-records", "ends-without-beginnings", "broken", "members", "json-nesting"),
    ),
)
def test_hostile_reports_are_refused_within_their_budget(
    run: Run, tmp_path: Path, hostile: Callable[[], bytes], finding: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "r").write_bytes(hostile())
    found = intake_in_vain(run, tmp_path)
    assert any(finding in refused["why"] for refused in found["refused"])


def intake_in_vain(run: Run, folder: Path) -> dict[str, Any]:
    ended = run("intake", "--offline", "--json", "--store", str(folder / "s"), str(folder / "in"))
    assert ended.code == 65
    found: dict[str, Any] = json.loads(ended.out)
    return found


EVIL = "=cmd|'/c calc'!A1\x1b[2J<script>alert(1)</script>\u202e\r\n\"'"


def test_no_name_in_a_report_is_markup_a_formula_or_a_terminal_code_anywhere(run: Run, tmp_path: Path) -> None:
    """Every field that a stranger names, in every output."""
    xml = report().decode()
    for element in ("org_name", "email", "report_id", "domain", "header_from", "result", "disposition"):
        xml = re.sub(f"<{element}>[^<]*</", f"<{element}>{escape(EVIL)}</", xml)
    extra = f"<envelope_from>{escape(EVIL)}</envelope_from><envelope_to>{escape(EVIL)}</envelope_to></identifiers>"
    hostile = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\u009b", xml.replace("</identifiers>", extra))
    (tmp_path / "evil\x1b[2J.eml").write_bytes(mail((EVIL.replace("\r\n", " "), hostile.encode())))
    (tmp_path / "r.zip").write_bytes(zipped(**{EVIL: hostile.replace("id-1", "id-2").encode()}))
    store = ("--store", str(tmp_path / "s"))
    told = [run("intake", "--offline", "--why", *store, str(path)) for path in sorted(tmp_path.iterdir())]
    told += [
        run("sources", *store, "example.org"),
        run("impact", *store, "example.org"),
        run("digest", *store, "x.org"),
    ]
    for ended in told:
        assert ended.code == 0 and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", ended.out + ended.err)
    assert run("export", *store, str(tmp_path / "out.csv")).code == 0
    with (tmp_path / "out.csv").open(newline="") as lines:
        cells = [cell for line in csv.reader(lines) for cell in line]
    assert any(cell.startswith("'=cmd") for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    page = tmp_path / "impact.html"
    run("impact", *store, "--html", str(page), "example.org")
    assert not page.exists() or "<script>alert" not in page.read_text()


def test_impossible_counts_are_flagged_and_count_nothing(run: Run, tmp_path: Path) -> None:
    counts_in = ("-5", "1" + "0" * 40, "1.5", "", "0x10", "\u0661")
    row = "<record><row><source_ip>192.0.2.1</source_ip><count>{}</count></row></record>"
    xml = "<feedback><report_metadata><org_name>x</org_name></report_metadata>"
    (tmp_path / "r.xml").write_text(xml + "".join(map(row.format, counts_in)) + "</feedback>")
    found = intake(run, tmp_path / "s", tmp_path / "r.xml")
    assert found["rows"] == 6 and found["messages"] <= 1
    assert sum(one["tag"] == "bad-count" for one in found["leniencies"]) >= 5


def test_people_are_told_what_was_learned_tolerated_and_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "r.xml"
    path.write_bytes(report().replace(b"203.0.113.1<", b"nonsense<"))
    ended = run("intake", "--offline", "--why", "--store", str(tmp_path / "s"), str(path))
    assert "aggregate owner Reporter about example.org: 3 sightings" in ended.out and '"nonsense"' in ended.err
    again = run("intake", "--offline", "--why", "--store", str(tmp_path / "s"), str(path))
    assert "known already" in again.out


def test_the_dns_is_remembered_and_a_report_that_says_otherwise_is_named(run: Run, tmp_path: Path) -> None:
    from disavow.world.stores import Store

    (tmp_path / "r.xml").write_bytes(report())
    (tmp_path / "zone").write_text('_dmarc.example.org. TXT "v=DMARC1; p=none"\n')
    arguments = ("intake", "--zone", str(tmp_path / "zone"), "--json", "--store", str(tmp_path / "s"))
    first = json.loads(run(*arguments, str(tmp_path / "r.xml")).out)
    assert first["leniencies"] == []
    with Store(tmp_path / "s") as store:
        assert [one.record for one in store.history()["example.org"]] == ["v=DMARC1; p=none"]
        store.remember([("_dmarc.example.org", "TXT", "v=DMARC1; p=none")], BEGIN - timedelta(days=3))
        store.remember([("_dmarc.example.org", "TXT", "v=DMARC1; p=none")], END)
    (tmp_path / "s.xml").write_bytes(report(2))
    (tolerated,) = json.loads(run(*arguments, str(tmp_path / "s.xml")).out)["leniencies"]
    assert (tolerated["tag"], tolerated["text"]) == ("other-policy", "p=reject / v=DMARC1; p=none")


def test_a_sender_has_a_quota_and_a_report_a_time(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        (tmp_path / f"{number}.eml").write_bytes(mail(("r.xml", report(number))))
    (tmp_path / "r.xml").write_bytes(report(4))
    monkeypatch.setattr("disavow.doors.arrivals.MAX_ROWS", 6)
    found = intake(run, tmp_path / "s", *(tmp_path / f"{number}.eml" for number in range(3)), tmp_path / "r.xml")
    assert found["rows"] == 9 and "6 rows from strangers" in found["refused"][0]["why"]
    monkeypatch.setattr("disavow.doors.arrivals.MAX_SECONDS", -1)
    late = intake(run, tmp_path / "t", tmp_path / "0.eml", tmp_path / "r.xml")
    assert [one["tag"] for one in late["leniencies"]].count("out-of-time") == 2


def test_the_overview_adds_up_what_trusted_reports_tell(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_bytes(report())
    (tmp_path / "r.eml").write_bytes(mail(("r.xml", report(2))))
    intake(run, tmp_path / "s", tmp_path / "r.xml", tmp_path / "r.eml")
    found = json.loads(run("overview", "--store", str(tmp_path / "s"), "--json").out)
    holds(found, "overview-1")
    assert (found["sightings"], found["reports"]) == (6, 2)
    (domain,), (receiver,) = found["domains"], found["receivers"]
    assert (domain["domain"], domain["messages"], domain["passed"], domain["machines"]) == ("example.org", 12, 0, 3)
    told = {"messages": 6, "failed": 6, "refused": 6, "untrusted": 6}
    assert receiver == {"reporter": "Reporter", **told}
    shown = run("overview", "--store", str(tmp_path / "s")).out
    assert "6 sightings from 2 reports" in shown and "2026-11-01" in shown and "Reporter" in shown


def test_sightings_are_exported_and_forgotten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.xml").write_bytes(report())
    store = ("--store", str(tmp_path / "s"))
    intake(run, tmp_path / "s", tmp_path / "r.xml")
    assert run("export", *store, str(tmp_path / "out.csv")).code == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4
    assert run("export", *store, str(tmp_path / "out")).code == 2
    assert "3 sightings forgotten" in run("forget", *store, "--before", "2026-12-01").out
    assert run("export", "--store", str(tmp_path / "none"), str(tmp_path / "out.csv")).code == 78


KILLS = 50
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from disavow.doors.arrivals import Arrivals
from disavow.doors.tally import Tally
from disavow.doors.verbs import intake
from disavow.judgement.identity import Identity
from disavow.world.resolver import offline
from disavow.world.stores import Store, batch

batch.ENTRIES = 4
folder, kills = Path(sys.argv[1]), int(sys.argv[2])
wheres = (str(folder / "in"),)

def take_in(path):
    tally = Tally()
    with Store(path) as store, store.batch() as waiting:
        for item in intake._items(wheres, tally, False, "", waiting):
            intake._take(Arrivals(Identity(), offline).learn(item), waiting, tally, False)

def forked(path):
    child = os.fork()
    if not child:
        take_in(path)
        os._exit(0)
    return child

started = time.monotonic()
os.waitpid(forked(folder / "calm"), 0)
whole = time.monotonic() - started
chance = random.Random(7)
for number in range(kills):
    child = forked(folder / f"{number}")
    time.sleep(chance.uniform(0, whole))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.waitpid(forked(folder / f"{number}"), 0)
"""


def test_a_kill_at_any_moment_loses_nothing_and_leaves_nothing_half(tmp_path: Path) -> None:
    from disavow.world.stores import Store

    (tmp_path / "in").mkdir()
    for number in range(12):
        (tmp_path / "in" / f"{number:02}.eml").write_bytes(mail(("r.xml.gz", gzip.compress(report(number, 10)))))
    subprocess.run([sys.executable, "-c", KILLER, str(tmp_path), str(KILLS)], check=True)
    calm = contents(Store(tmp_path / "calm"))
    assert len(calm["sightings"]) == 120 and len(calm["artefacts"]) == 12
    for number in range(KILLS):
        assert contents(Store(tmp_path / f"{number}")) == calm, number


def contents(store: Any) -> dict[str, list[tuple[Any, ...]]]:
    with store:
        tables = ("sightings", "entries", "artefacts", "labels", "history", "outcomes", "machines")
        return {table: store.query(f"FROM {table} ORDER BY ALL") for table in tables}
