"""Many arrivals stored in one transaction: all of each, or nothing of it."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import duckdb
import msgspec

from ...errors import Unreachable
from ...judgement.intake.learned import Entry
from ...judgement.sighting import Sighting
from . import schema
from .rollups import ROLLUPS

MEMORY = "512MB"
HELD = 500
ROWS = 20_000
ENTRIES = 1_000
BYTES = 64 << 20
_LINE = 1 << 20
# Usual reports take one processor and little memory to store; answering questions, and a monstrous one, take more.
FRUGAL = "80MB"
_MONSTROUS = 150 << 20
_encoder = msgspec.json.Encoder(enc_hook=str)


class Artefact(NamedTuple):
    """What arrived, kept once. ``proof`` is how its sightings name it: ``digest``, or a token.

    ``content`` is compressed (zlib), or will be when it is kept: what is known already is not worth the time.
    """

    proof: str
    digest: str
    where: str
    size: int
    content: bytes
    packed: bool = True


class Keeping:
    """``chunks`` passed on, compressed and hashed as they go by."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash, self._packer = hashlib.sha256(), zlib.compressobj(1)
        self._packed: list[bytes] = []
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            self._packed.append(self._packer.compress(chunk))
            self._size += len(chunk)
            yield chunk

    def artefact(self, proof: str, where: str) -> Artefact:
        """What went by, once it all has."""
        content = b"".join((*self._packed, self._packer.flush()))
        return Artefact(proof, self._hash.hexdigest(), where, self._size, content)


class Batch:
    """Sightings wait in a file beside the store until their commit, so that a report of any length fits.

    An entry closes the sightings given since the last one; those of an entry that is known already are dropped.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, spool: Path) -> None:
        self._connection = connection
        self._connection.execute(f"SET threads = 1; SET memory_limit = '{FRUGAL}'")
        self._path = spool
        self._file = spool.open("w+b")
        spool.chmod(0o600)
        self._held: list[Sighting] = []
        self._mark = self._rows = self._waiting = self._bytes = 0
        self._entries: dict[str, Entry] = {}
        self._artefacts: dict[str, Artefact] = {}
        self._proofs: dict[str, str] = {}
        self._new: set[str] = set()

    def __enter__(self) -> Batch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_full(self) -> bool:
        """True when it is time to commit."""
        return self._rows >= ROWS or len(self._entries) >= ENTRIES or self._bytes >= BYTES

    def sighting(self, sighting: Sighting) -> None:
        """Adds a sighting of the entry that is to follow."""
        self._held.append(sighting)
        self._waiting += 1
        if len(self._held) >= HELD:
            self._spill()

    def entry(self, entry: Entry) -> int:
        """How many sightings it adds; -1 if it was known, and nothing is added."""
        waiting, self._waiting = self._waiting, 0
        key = entry.key
        if key in self._entries or self._is_stored(key):
            self._held.clear()
            self._file.seek(self._mark)
            self._file.truncate()
            return -1
        self._entries[key] = entry
        self._new.add(entry.proof)
        self._spill()
        self._mark = self._file.tell()
        self._rows += waiting
        return waiting

    def artefact(self, artefact: Artefact) -> None:
        """Adds what the entries since the last artefact were read from; kept only if one of them is new."""
        if artefact.proof != artefact.digest:
            self._proofs[artefact.proof] = artefact.digest
        if artefact.proof in self._new:
            content = artefact.content if artefact.packed else zlib.compress(artefact.content, 1)
            self._artefacts[artefact.digest] = artefact._replace(content=content, packed=True)
            self._bytes += len(content)

    def commit(self) -> None:
        """Stores everything in one transaction; the batch is empty afterwards.

        Raises Unreachable, and stores nothing, where the store cannot take it (a full disk).
        """
        self._file.flush()
        if self._entries:
            self._connection.execute(f"SET memory_limit = '{MEMORY if self._mark > _MONSTROUS else FRUGAL}'")
            self._connection.begin()
            try:
                self._insert_all()
                self._connection.commit()
            except duckdb.Error as error:
                self._connection.rollback()
                raise Unreachable(str(self._path.with_suffix("")), str(error).partition("\n")[0]) from error
        self._file.seek(0)
        self._file.truncate()
        self._held.clear()
        self._mark = self._rows = self._waiting = self._bytes = 0
        self._entries, self._artefacts, self._proofs, self._new = {}, {}, {}, set()

    def close(self) -> None:
        """Lets go of what was not committed."""
        self._connection.execute(f"RESET threads; SET memory_limit = '{MEMORY}'")
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _insert_all(self) -> None:
        self._insert("entries", [_entry_row(key, one, self._digest(one)) for key, one in self._entries.items()])
        for one in self._kept():
            row = [one.digest, one.where, one.size, one.content]
            self._connection.execute("INSERT INTO artefacts VALUES (?, ?, ?, ?)", row)
        self._insert_sightings()

    def _spill(self) -> None:
        self._file.write(_encoder.encode_lines([sighting._asdict() for sighting in self._held]))
        self._held.clear()

    def _is_stored(self, key: str) -> bool:
        return self._connection.execute("SELECT 1 FROM entries WHERE key = ?", [key]).fetchone() is not None

    def _kept(self) -> Iterator[Artefact]:
        for one in self._artefacts.values():
            known = self._connection.execute("SELECT 1 FROM artefacts WHERE digest = ?", [one.digest]).fetchone()
            if known is None:
                yield one

    def _digest(self, entry: Entry) -> str:
        return self._proofs.get(entry.proof, entry.proof)

    def _insert_sightings(self) -> None:
        if not self._mark:
            return
        names = ", ".join(map(schema.quoted, schema.columns()))
        values = names.replace('"proof"', "coalesce(digest, proof)")
        self._connection.execute(
            f"INSERT INTO sightings ({names}) SELECT {values} FROM {self._spooled()}"
            " LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS token, unnest(?::VARCHAR[]) AS digest) ON token = proof",
            [list(self._proofs), list(self._proofs.values())],
        )
        for rollup in ROLLUPS:
            self._connection.execute(rollup.merge(self._spooled()))

    def _spooled(self) -> str:
        """The file of waiting sightings, as a table."""
        columns = "{" + ", ".join(f"{schema.quoted(name)}: '{kind}'" for name, kind in schema.columns().items()) + "}"
        path = str(self._path).replace("'", "''")
        return f"read_ndjson('{path}', columns = {columns}, maximum_object_size = {_LINE}, compression = 'none')"

    def _insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            columns = list(map(list, zip(*rows, strict=True)))
            self._connection.execute(f"INSERT INTO {table} SELECT {', '.join('unnest(?)' for _ in columns)}", columns)


def _entry_row(key: str, entry: Entry, proof: str) -> tuple[Any, ...]:
    return (
        key,
        entry.kind,
        entry.reporter,
        entry.domain,
        entry.report_id,
        _plain(entry.begin),
        _plain(entry.end),
        entry.rows,
        entry.messages,
        entry.standing.grade,
        entry.standing.why,
        proof,
    )


def _plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
