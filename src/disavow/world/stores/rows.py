"""The sightings of one domain, read from a store; rows that differ only in their message are one with their sum."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from ...judgement.sighting import Sighting
from . import schema
from .duckdb import Store

# What identifies a single message is left out, so that millions of rows become thousands.
_SINGLE = frozenset(("subject", "message_id", "helo", "envelope_to", "proof", "confidence", "count"))
_FETCHED = 10_000


def sightings(store: Store, domain: str, since: datetime | None, until: datetime | None) -> Iterator[Sighting]:
    """Those in the name of ``domain`` or of one below, that began between two aware times; None is unlimited."""
    names = [name for name in schema.columns() if name not in _SINGLE]
    columns = ", ".join(map(schema.quoted, names))
    found = store.connection.execute(
        f'SELECT {columns}, sum("count")::BIGINT FROM sightings'
        " WHERE (header_from IN (?, '') OR suffix(header_from, ?))"
        " AND (header_from <> '' OR regexp_replace(envelope_from, '^.*@', '') = ?"
        " OR suffix(regexp_replace(envelope_from, '^.*@', ''), ?))"
        ' AND ("begin" >= ? OR ? IS NULL) AND ("begin" < ? OR ? IS NULL) GROUP BY ALL ORDER BY ALL',
        [domain, f".{domain}", domain, f".{domain}", *_twice(since), *_twice(until)],
    )
    while rows := found.fetchmany(_FETCHED):
        for row in rows:
            yield _sighting(dict(zip((*names, "count"), row, strict=True)))


def _twice(moment: datetime | None) -> list[datetime | None]:
    return [moment.astimezone(UTC).replace(tzinfo=None) if moment else None] * 2


def _sighting(row: dict[str, Any]) -> Sighting:
    row["begin"], row["end"] = (row[name].replace(tzinfo=UTC) for name in ("begin", "end"))
    row["source_ip"] = ip_address(row["source_ip"]) if row["source_ip"] else None
    return Sighting(**row)
