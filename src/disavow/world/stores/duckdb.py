"""The store: a DuckDB file with every sighting, what proves it, and what its owner said about it.

One process holds it; a second is told who does. What is committed survives a kill; what is not leaves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from ...errors import Misconfigured, Unreachable
from ...judgement.intake import history
from ...judgement.intake.history import Observed
from . import rollups, schema
from .batch import MEMORY, Batch

LABELS = ("mine", "not-mine", "forwarder", "list")
_HOLDER = re.compile(r"held in (.{0,300}?\(PID \d+\))")
_FORMATS = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "ndjson": "FORMAT json"}


class Store:
    """An open store. Use it as a context: the file is free again afterwards."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file; raises Unreachable if another process holds it, Misconfigured if it is no store."""
        self.path = path
        self.connection = _connect(path)
        try:
            self._migrate()
        except duckdb.Error as error:
            self.close()
            raise Misconfigured(str(path), f"is no store of Disavow: {_first_line(error)}", "name another") from None
        except Misconfigured:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Sets the file free."""
        self.connection.close()

    def batch(self) -> Batch:
        """An empty batch: all of it is stored at its ``commit``, or nothing."""
        return Batch(self.connection, self.path.with_name(f"{self.path.name}.spool"))

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows that ``sql`` gives."""
        rows: list[tuple[Any, ...]] = self.connection.execute(sql, list(parameters)).fetchall()
        return rows

    def _migrate(self) -> None:
        """Brings a store of an earlier version up to this one, in one transaction."""
        self.connection.begin()
        for statement in schema.ddl():
            self.connection.execute(statement)
        found = self.query("SELECT max(version) FROM store")[0][0]
        if found is not None and found > schema.VERSION:
            self.connection.rollback()
            raise Misconfigured(str(self.path), "was written by a newer Disavow", "update Disavow")
        self._add_columns()
        if found is not None and found < 2:
            rollups.rebuild(self.connection)
        if found != schema.VERSION:
            self.connection.execute("DELETE FROM store")
            self.connection.execute("INSERT INTO store VALUES (?)", [schema.VERSION])
        self.connection.commit()

    def _add_columns(self) -> None:
        known = {name for name, *_ in self.query("DESCRIBE sightings")}
        for name, kind in schema.columns().items():
            if name not in known:
                column = schema.quoted(name)
                self.connection.execute(f"ALTER TABLE sightings ADD COLUMN {column} {kind}")
                self.connection.execute(f"UPDATE sightings SET {column} = ?", [schema.default(name)])

    def export(self, path: Path, form: str) -> int:
        """Writes all sightings to ``path`` as "parquet", "csv" or "ndjson" and tells how many."""
        names = ", ".join(_exported(name, kind, form) for name, kind in schema.columns().items())
        target = str(path).replace("'", "''")
        self.connection.execute(f"COPY (SELECT {names} FROM sightings ORDER BY ALL) TO '{target}' ({_FORMATS[form]})")
        return int(self.query("SELECT count(*) FROM sightings")[0][0])

    def forget(self, before: datetime, addresses_before: datetime) -> tuple[int, int]:
        """(sightings forgotten, sightings that lost the addresses of third parties); both limits are of ``end``.

        Forgotten with the sightings: entries and artefacts. Without addresses a sighting keeps domains, machines and
        counts; the artefacts, which hold whole mails, go with the addresses.
        """
        early, later = _plain(before), _plain(max(before, addresses_before))
        gone = self.query('SELECT count(*) FROM sightings WHERE "end" < ?', [early])[0][0]
        bare = self.query(f'SELECT count(*) FROM sightings WHERE "end" >= ? AND "end" < ? AND {_TELLS}', [early, later])
        self.connection.begin()
        for table in ("sightings", "entries"):
            self.connection.execute(f'DELETE FROM {table} WHERE "end" < ?', [early])
        self.connection.execute(f'UPDATE sightings SET {_BARED} WHERE "end" < ? AND {_TELLS}', [later])
        self.connection.execute(
            'DELETE FROM artefacts WHERE NOT EXISTS (FROM entries WHERE proof = digest AND "end" >= ?)', [later]
        )
        rollups.rebuild(self.connection)
        self.connection.commit()
        self.connection.execute("CHECKPOINT")
        return int(gone), int(bare[0][0])

    def remember(self, facts: Iterable[tuple[str, str, str]], at: datetime) -> None:
        """Notes what the DNS said at a time: (name, type, answer); an answer that stays the same is one line."""
        for name, kind, answer in facts:
            self.connection.execute(
                "INSERT INTO history VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET first = least(first, excluded.first), last = greatest(last, excluded.last)",
                [name, kind, answer, _plain(at), _plain(at)],
            )

    def history(self) -> dict[str, tuple[Observed, ...]]:
        """The DMARC records that were seen, by domain, oldest first."""
        found: dict[str, list[Observed]] = {}
        for name, answer, *times in self.query(
            "SELECT name, answer, first, last FROM history WHERE type = 'TXT' AND prefix(name, ?) ORDER BY first",
            [history.name("")],
        ):
            first, last = (moment.replace(tzinfo=UTC) for moment in times)
            found.setdefault(name.removeprefix(history.name("")), []).append(Observed(answer, first, last))
        return {domain: tuple(seen) for domain, seen in found.items()}

    def label(self, source: str, label: str) -> None:
        """Remembers what the owner says about a source, one of ``LABELS``; "" forgets it."""
        if label and label not in LABELS:
            raise Misconfigured("label", f"{label!r} is none", f"one of {', '.join(LABELS)}")
        self.connection.execute("DELETE FROM labels WHERE source = ?", [source])
        if label:
            self.connection.execute("INSERT INTO labels VALUES (?, ?)", [source, label])

    def labels(self) -> dict[str, str]:
        """What the owner has said, by source."""
        return dict(self.query("SELECT source, label FROM labels ORDER BY source"))


_PRIVATE = ("subject", "message_id")
_MAILBOXES = ("envelope_from", "envelope_to")
_BARED = ", ".join(
    (*(f"{name} = ''" for name in _PRIVATE), *(f"{name} = regexp_replace({name}, '^.*@', '')" for name in _MAILBOXES))
)
_TELLS = (
    "(" + " OR ".join((*(f"{name} <> ''" for name in _PRIVATE), *(f"{name} LIKE '%@%'" for name in _MAILBOXES))) + ")"
)


def _exported(name: str, kind: str, form: str) -> str:
    """The column as it is exported. A spreadsheet takes text that begins with = + - @ for a formula: ' disarms it."""
    column = schema.quoted(name)
    if form != "csv" or kind != "VARCHAR":
        return column
    return f"CASE WHEN regexp_matches({column}, '^[=+\\-@\\t\\r]') THEN '''' || {column} ELSE {column} END AS {column}"


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        return duckdb.connect(str(path), config={"memory_limit": MEMORY, "preserve_insertion_order": False})
    except duckdb.IOException as error:
        if held := _HOLDER.search(str(error)):
            raise Unreachable(str(path), f"the store is in use by {held[1]}") from None
        raise Misconfigured(str(path), f"cannot be opened: {_first_line(error)}", "name another with --store") from None
    except (duckdb.Error, OSError) as error:
        raise Misconfigured(str(path), f"cannot be opened: {_first_line(error)}", "name another with --store") from None


def _make(path: Path) -> None:
    """An empty store under its name only once it is whole: a kill between leaves no broken file there."""
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    duckdb.connect(str(aside)).close()
    aside.chmod(0o600)  # it will hold other people's mail
    aside.replace(path)


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _plain(moment: datetime) -> datetime:
    """UTC without saying so, as the store keeps it."""
    return moment.astimezone(UTC).replace(tzinfo=None)
