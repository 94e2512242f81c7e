"""Law 8: standards.toml tells the true state of every RFC."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "disavow"
LISTED: dict[str, list[dict[str, Any]]] = tomllib.loads((SOURCE / "standards" / "standards.toml").read_text("utf-8"))
STANDARDS, DRAFTS = LISTED["rfc"], LISTED["draft"]

# "RFC 6376, 8301 and 8463" cites three.
_CITATION = re.compile(r"RFCs?\s+(\d{3,5}(?:(?:,| and|, and| or)\s+\d{3,5}\b(?! section))*)")


def cited(path: Path) -> set[int]:
    text = path.read_text("utf-8")
    return {int(number) for match in _CITATION.findall(text) for number in re.findall(r"\d{3,5}", match)}


def test_every_rfc_that_the_code_cites_is_listed() -> None:
    listed = {entry["number"] for entry in STANDARDS}
    missing = {number: path.name for path in SOURCE.rglob("*.py") for number in cited(path) - listed}
    assert not missing, f"not in standards.toml: {missing}"


def test_every_draft_that_the_code_cites_is_listed() -> None:
    names = {entry["name"] for entry in DRAFTS}
    for path in SOURCE.rglob("*.py"):
        for name in re.findall(r"\bdraft-[a-z]+-[a-z0-9-]+", path.read_text("utf-8")):
            assert name in names, f"{path.name} cites {name}"


def test_each_stands_once_and_in_order() -> None:
    numbers = [entry["number"] for entry in STANDARDS]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("entry", STANDARDS + DRAFTS, ids=lambda entry: str(entry.get("number") or entry["name"]))
def test_each_entry_is_true(entry: dict[str, Any]) -> None:
    assert entry["state"] in ("yes", "partial", "no") and entry["title"]
    assert entry["files"] or entry["state"] == "no", "what is done is done somewhere"
    assert entry.get("note") or entry["state"] == "yes", "partial and no say what is missing"
    for name in entry["files"]:
        assert (SOURCE / name).is_file(), name
        mentioned = entry.get("name", "") in (SOURCE / name).read_text("utf-8")
        assert entry["number"] in cited(SOURCE / name) if "number" in entry else mentioned, f"{name} does not cite it"
