"""The store keeps each report once, all of it or nothing, and lets go of what it should."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import duckdb
import pytest

from disavow.errors import Misconfigured, Unreachable
from disavow.judgement.intake.learned import Entry
from disavow.judgement.sighting import Sighting
from disavow.world.stores import Artefact, Keeping, Store, schema, usual_place
from disavow.world.stores.rollups import ROLLUPS

DAY = datetime(2026, 11, 1, tzinfo=UTC)
SIGHTING = Sighting(
    DAY,
    DAY,
    "aggregate",
    source_ip=ip_address("203.0.113.9"),
    envelope_to="someone@example.com",
    subject="=1+1",
    count=3,
    trust="A",
    proof="token",
)


def fill(store: Store, content: str = "a", sightings: int = 2, day: datetime = DAY) -> int:
    batch = store.batch()
    for number in range(sightings):
        batch.sighting(Sighting(day, day, "aggregate", subject=str(number), envelope_to="x@example.com", proof="token"))
    added = batch.entry(Entry("aggregate", content, begin=day, end=day, rows=sightings, proof="token"))
    batch.artefact(Artefact("token", f"digest {content}", "here", 3, b"raw"))
    batch.commit()
    batch.close()
    return added


def count(store: Store, table: str) -> int:
    return int(store.query(f"SELECT count(*) FROM {table}")[0][0])


def test_a_sighting_comes_back_as_it_went_in(tmp_path: Path) -> None:
    with Store(tmp_path / "new" / "s.duckdb") as store, store.batch() as batch:
        batch.sighting(SIGHTING)
        batch.entry(Entry("aggregate", "a", proof="token"))
        batch.commit()
        names = ", ".join(map(schema.quoted, Sighting._fields))
        (row,) = store.query(f"SELECT {names} FROM sightings")
        found = dict(zip(Sighting._fields, row, strict=True))
        assert found.pop("begin") == found.pop("end") == DAY.replace(tzinfo=None)
        assert found.pop("source_ip") == "203.0.113.9"
        assert all(found[name] == getattr(SIGHTING, name) for name in found)


def test_the_same_entry_counts_once_even_when_it_outgrows_the_memory(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store:
        assert fill(store, "a", 5_000) == 5_000
        assert fill(store, "a", 5_000) == -1
        assert fill(store, "b", 1) == 1
        assert (count(store, "sightings"), count(store, "entries"), count(store, "artefacts")) == (5_001, 2, 2)
        assert store.query("SELECT DISTINCT proof FROM sightings ORDER BY 1") == [("digest a",), ("digest b",)]


def test_a_known_entry_between_new_ones_leaves_no_row(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store, store.batch() as batch:
        for content, rows in (("a", 3_000), ("a", 3_000), ("b", 10)):
            for number in range(rows):
                batch.sighting(Sighting(DAY, DAY, "aggregate", subject=f"{content}{number}"))
            batch.entry(Entry("aggregate", content))
        batch.commit()
        assert store.query("SELECT count(*), count(DISTINCT subject) FROM sightings") == [(3_010, 3_010)]


def test_what_is_not_committed_leaves_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store, store.batch() as batch:
        batch.sighting(SIGHTING)
        batch.entry(Entry("aggregate", "a"))
        batch.close()
        assert count(store, "sightings") == count(store, "entries") == 0
    assert [path.name for path in tmp_path.iterdir()] == ["s.duckdb"]


def test_a_second_process_is_told_who_holds_the_file(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    code = (
        "from disavow.world.stores import Store; from pathlib import Path;"
        f"store = Store(Path({str(path)!r})); print(1, flush=True); input()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline()
        with pytest.raises(Unreachable, match=f"PID {holder.pid}"):
            Store(path)
        holder.communicate(b"\n")


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_text("hello " * 3_000)
    with pytest.raises(Misconfigured):
        Store(path)
    assert path.read_text() == "hello " * 3_000


def test_a_store_of_a_newer_version_is_refused_and_an_older_one_gets_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    with Store(path) as store:
        fill(store)
        store.query("ALTER TABLE sightings DROP COLUMN policy")
    with Store(path) as store:
        assert store.query("SELECT DISTINCT policy FROM sightings") == [("",)]
        store.query("UPDATE store SET version = 99")
    with pytest.raises(Misconfigured, match="newer"):
        Store(path)


def test_forgetting_takes_addresses_sooner_than_sightings(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store:
        for number, content in enumerate("abc"):
            fill(store, content, day=DAY + timedelta(days=number))
        assert store.forget(DAY + timedelta(days=1), DAY + timedelta(days=2)) == (2, 2)
        assert (count(store, "sightings"), count(store, "entries"), count(store, "artefacts")) == (4, 2, 1)
        rows = store.query('SELECT DISTINCT "end", envelope_to FROM sightings ORDER BY 1')
        assert [address for _, address in rows] == ["example.com", "x@example.com"]


def test_exports_hold_every_sighting_and_no_formula(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store, store.batch() as batch:
        batch.sighting(SIGHTING)
        batch.entry(Entry("aggregate", "a"))
        batch.commit()
        files = {form: tmp_path / f"it's.{form}" for form in ("parquet", "csv", "ndjson")}
        assert [store.export(path, form) for form, path in files.items()] == [1, 1, 1]
    assert duckdb.sql(
        f"SELECT subject FROM read_parquet('{str(files['parquet']).replace(chr(39), chr(39) * 2)}')"
    ).fetchall() == [("=1+1",)]
    with files["csv"].open() as lines:
        assert next(csv.DictReader(lines))["subject"] == "'=1+1"
    assert json.loads(files["ndjson"].read_text())["count"] == 3


def test_labels_and_history_are_remembered(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store:
        store.label("203.0.113.9", "mine")
        store.label("203.0.113.9", "forwarder")
        assert store.labels() == {"203.0.113.9": "forwarder"}
        with pytest.raises(Misconfigured):
            store.label("203.0.113.9", "nonsense")
        for day in (1, 0):
            store.remember([("_dmarc.example.org", "TXT", "v=DMARC1; p=none")], DAY + timedelta(days=day))
        assert store.query("SELECT first, last FROM history") == [
            (DAY.replace(tzinfo=None), DAY.replace(tzinfo=None) + timedelta(days=1))
        ]


def test_an_artefact_is_kept_as_it_came() -> None:
    import zlib

    kept = Keeping([b"one", b"two"])
    assert b"".join(kept) == b"onetwo"
    artefact = kept.artefact("token", "here")
    assert zlib.decompress(artefact.content) == b"onetwo" and artefact.size == 6


def test_the_usual_place_follows_xdg(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert usual_place() == tmp_path / "disavow" / "store.duckdb"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert usual_place() == tmp_path / ".local" / "share" / "disavow" / "store.duckdb"


def rolled(store: Store) -> list[list[tuple[Any, ...]]]:
    return [store.query(f"FROM {rollup.name} ORDER BY ALL") for rollup in ROLLUPS]


def test_rollups_are_what_the_sightings_add_up_to_after_every_change(tmp_path: Path) -> None:
    with Store(tmp_path / "s.duckdb") as store:
        for content, day in (("a", 0), ("b", 1), ("b", 1), ("c", 40)):
            with store.batch() as batch:
                for number in range(5):
                    moment = DAY + timedelta(days=day)
                    address, dmarc = ip_address(f"203.0.113.{number + day % 2}"), ("pass", "fail")[number % 2]
                    batch.sighting(SIGHTING._replace(begin=moment, end=moment, source_ip=address, dmarc=dmarc))
                batch.sighting(SIGHTING._replace(source_ip=None))
                batch.entry(Entry("aggregate", content))
                batch.commit()
            assert rolled(store) == added_up(store)
        assert store.query("SELECT sum(sightings), sum(messages) FROM outcomes") == [(18, 54)]
        assert store.query("SELECT count(*), max(messages) FROM machines") == [(6, 9)]
        store.forget(DAY + timedelta(days=1), DAY)
        assert rolled(store) == added_up(store) and store.query("SELECT count(*) FROM machines") == [(6,)]


def added_up(store: Store) -> list[list[tuple[Any, ...]]]:
    return [store.query(f"FROM ({rollup.select('sightings')}) ORDER BY ALL") for rollup in ROLLUPS]


def test_a_store_without_rollups_gets_them(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    with Store(path) as store:
        fill(store)
        before = rolled(store)
        for rollup in ROLLUPS:
            store.query(f"DROP TABLE {rollup.name}")
        store.query("UPDATE store SET version = 1")
    with Store(path) as store:
        assert rolled(store) == before and before[0]
