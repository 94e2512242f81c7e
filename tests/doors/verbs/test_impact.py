"""``disavow impact``, ``sources`` and ``digest``, from a store on disk to what is printed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from stores import NOW, believable, stored

from conftest import holds
from disavow.doors.cli import disavow
from disavow.errors import Misconfigured
from disavow.world.stores import Store
from disavow.world.stores.rows import sightings


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return stored(tmp_path / "store.duckdb", believable())


def run(*words: str) -> Result:
    return CliRunner().invoke(disavow, words, catch_exceptions=True, env={"COLUMNS": "200"})


def test_the_rows_of_one_domain_come_back_as_they_were(store: Path) -> None:
    with Store(store) as kept:
        found = list(sightings(kept, "example.org", None, None))
        late = list(sightings(kept, "example.org", NOW - timedelta(days=10), NOW - timedelta(days=5)))
    assert {one.header_from for one in found} == {"example.org"}
    assert sorted(found, key=str) == sorted((one for one in believable() if one.header_from == "example.org"), key=str)
    assert {(NOW - one.begin).days for one in late} == {6, 7, 8, 9, 10}


def test_impact_tells_the_league_the_change_and_who_fell_silent(store: Path) -> None:
    result = run("impact", "example.org", "--store", str(store))
    assert result.exit_code == 0, result.output
    assert "Who honours the policy" in result.output
    assert "the policy went from none to reject" in result.output
    assert "Deterrence: cannot tell yet" in result.output
    weeks = [line for line in result.output.splitlines() if line.startswith("│ 2")]
    changed = (NOW - timedelta(days=30)).date()
    at = next(number for number, line in enumerate(weeks) if f"{changed}: reject" in line)
    assert all(" 0% " in line for line in weeks[:at])
    assert all(" 100% " in line for line in weeks[at + 1 :])
    assert 0 < at < len(weeks) - 1
    assert "[bold]stopped.example[/] stopped reporting" in result.output


def test_impact_as_json(store: Path) -> None:
    found = json.loads(run("impact", "Example.ORG", "--store", str(store), "--json").output)
    holds(found, "impact-1")
    assert [one["after"] for one in found["effects"]] == ["reject"]
    assert found["effects"][0]["difference"]["size"] == pytest.approx(1, abs=0.03)
    assert found["replay"] is None
    asked = ("impact", "example.org", "--store", str(store), "--json", "--if", "p=reject; adkim=s")
    again = json.loads(run(*asked).output)
    holds(again, "impact-1")
    assert again["replay"]["sources"] == [{"address": "2001:db8::9", "messages": 5}]


def test_a_candidate_policy_is_replayed(store: Path) -> None:
    result = run("impact", "example.org", "--store", str(store), "--if", "p=reject; adkim=s")
    assert "legitimate mails would be refused" in result.output
    assert "2001:db8::9" in result.output
    assert isinstance(run("impact", "example.org", "--store", str(store), "--if", "rubbish").exception, Misconfigured)
    nothing = run("impact", "example.net", "--store", str(store), "--if", "p=reject")
    assert "nothing can be judged again under p=reject" in " ".join(nothing.output.split())


def test_a_date_of_my_own_is_compared_too(store: Path) -> None:
    day = (NOW - timedelta(days=50)).date().isoformat()
    assert f"Before and after {day}" in run("impact", "example.org", "--store", str(store), "--change", day).output


def test_sources_are_told_and_labels_remembered(store: Path) -> None:
    first = run("sources", "example.org", "--store", str(store))
    assert "192.0.2.1 forges" in first.output
    assert "198.51.100.7 is yours" in first.output
    assert "2001:db8::9 is a mailing list" in first.output
    run("sources", "example.org", "--store", str(store), "--label", "192.0.2.1=forwarder")
    told = json.loads(run("sources", "example.org", "--store", str(store), "--json").output)
    holds(told, "sources-1")
    by = {one["address"]: one for one in told["sources"]}
    assert (by["192.0.2.1"]["whose"], by["192.0.2.1"]["label"]) == ("forwarder", "forwarder")
    run("sources", "example.org", "--store", str(store), "--label", "192.0.2.1=")
    assert "192.0.2.1 forges" in run("sources", "example.org", "--store", str(store)).output


@pytest.mark.parametrize("label", ["somebody=mine", "192.0.2.1=friend", "192.0.2.1"])
def test_what_is_no_label_is_said(store: Path, label: str) -> None:
    result = run("sources", "example.org", "--store", str(store), "--label", label)
    assert isinstance(result.exception, Misconfigured)


def test_the_digest_is_plain_text(store: Path) -> None:
    result = run("digest", "example.org", "--store", str(store))
    assert result.exit_code == 0, result.output
    assert "forgeries in reports" in result.output
    assert "New: 2001:db8::9 sent 5 mails" in result.output
    told = json.loads(run("digest", "example.org", "--store", str(store), "--json").output)
    holds(told, "digest-1")
    assert told["new"] == [{"address": "2001:db8::9", "messages": 5}]


def test_no_alert_where_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "empty.duckdb"
    with Store(path):
        pass
    assert run("digest", "example.org", "--store", str(path), "--changes").output == ""
    assert "does not mean" in run("impact", "example.org", "--store", str(path)).output


def test_no_store_and_no_domain_are_said(tmp_path: Path) -> None:
    assert isinstance(run("impact", "example.org", "--store", str(tmp_path / "none")).exception, Misconfigured)
    assert isinstance(run("digest", "..", "--store", str(tmp_path / "none")).exception, Misconfigured)
