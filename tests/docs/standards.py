"""The public page of the standards, from standards.toml: ``python -m tests.docs.standards``."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "disavow" / "standards" / "standards.toml"
PAGE = ROOT / "docs" / "reference" / "standards.md"
HEAD = """# Standards

What Disavow does of each standard it touches. *yes*: what a reader or judge of mail needs; *partial*: see the note;
*no*: named, not done. Where a public test suite and an RFC disagree, the RFC decides (`decisions/`).

| standard | done | where | note |
|---|---|---|---|
"""


def page() -> str:
    """The page as it should stand."""
    table = tomllib.loads(SOURCE.read_text("utf-8"))
    rows = [_row(f"RFC {entry['number']}", entry) for entry in table["rfc"]]
    rows += [_row(entry["name"], entry) for entry in table.get("draft", [])]
    return HEAD + "".join(rows)


def _row(name: str, entry: dict[str, Any]) -> str:
    where = ", ".join(f"`{file}`" for file in entry["files"])
    return f"| {name} {entry.get('title', '')} | {entry['state']} | {where} | {entry.get('note', '')} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
