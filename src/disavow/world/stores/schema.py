"""The tables of a store. Sightings follow from their dataclass: a new field there is a new column here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_origin, get_type_hints

from ...judgement.sighting import Sighting
from .rollups import ROLLUPS

# 1: sightings, entries, artefacts, history, labels. 2: the rollups.
VERSION = 2
_TYPES = {"datetime": "TIMESTAMP", "int": "BIGINT", "float": "DOUBLE"}


def columns() -> Mapping[str, str]:
    """Column and SQL type of every field of a sighting; times are UTC, addresses and words text."""
    return {name: "VARCHAR" if get_origin(hint) is Literal else _type(hint) for name, hint in _hints().items()}


def _hints() -> dict[str, Any]:
    return get_type_hints(Sighting)


def _type(hint: Any) -> str:
    return _TYPES.get(getattr(hint, "__name__", ""), "VARCHAR")


def default(name: str) -> Any:
    """What a column holds for sightings that were stored before it existed."""
    return Sighting._field_defaults.get(name)


def quoted(name: str) -> str:
    """A column's name in SQL: "begin" and "end" are words of it."""
    return '"' + name.replace('"', '""') + '"'


def ddl() -> tuple[str, ...]:
    """The statements that make an empty store."""
    sightings = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns().items())
    return (
        "CREATE TABLE IF NOT EXISTS store (version INTEGER)",
        f"CREATE TABLE IF NOT EXISTS sightings ({sightings})",
        "CREATE TABLE IF NOT EXISTS entries (key VARCHAR PRIMARY KEY, kind VARCHAR, reporter VARCHAR, domain VARCHAR,"
        ' report_id VARCHAR, "begin" TIMESTAMP, "end" TIMESTAMP, "rows" BIGINT, messages BIGINT, trust VARCHAR,'
        " because VARCHAR, proof VARCHAR)",
        "CREATE TABLE IF NOT EXISTS artefacts (digest VARCHAR PRIMARY KEY, place VARCHAR, size BIGINT, content BLOB)",
        "CREATE TABLE IF NOT EXISTS history (name VARCHAR, type VARCHAR, answer VARCHAR, first TIMESTAMP,"
        " last TIMESTAMP, PRIMARY KEY (name, type, answer))",
        "CREATE TABLE IF NOT EXISTS labels (source VARCHAR PRIMARY KEY, label VARCHAR)",
        *(rollup.ddl() for rollup in ROLLUPS),
    )
