"""What a store holds, at a glance: answered from its rollups, however many sightings there are."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from .duckdb import Store

_TRUSTED = "trust IN ('A', 'B', 'owner')"
_FAILED = "dmarc = 'fail'"


class Domain(NamedTuple):
    """``messages`` in the name of ``domain``, ``passed`` of them verified, from ``machines`` different addresses."""

    domain: str
    messages: int
    passed: int
    machines: int
    first: datetime
    last: datetime


class Receiver(NamedTuple):
    """What ``reporter`` told in trusted reports about ``messages``: how many failed, and were refused or set aside.

    ``untrusted`` messages stand in reports in its name that nobody vouches for.
    """

    reporter: str
    messages: int
    failed: int
    refused: int
    untrusted: int


class Overview(NamedTuple):
    """Counts of everything, then the ``domains`` and the ``receivers`` with most mail first."""

    sightings: int
    reports: int
    artefacts: int
    domains: tuple[Domain, ...]
    receivers: tuple[Receiver, ...]


def overview(store: Store, limit: int) -> Overview:
    """What there is, with up to ``limit`` domains and receivers; times are UTC."""
    (counts,) = store.query(
        "SELECT (SELECT count(*) FROM sightings), (SELECT count(*) FROM entries WHERE kind <> 'mail'),"
        " (SELECT count(*) FROM artefacts)"
    )
    domains = store.query(
        "SELECT domain, sum(messages)::BIGINT, sum(passed)::BIGINT, count(*), min(first), max(last) FROM machines"
        " WHERE domain <> '' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?",
        [limit],
    )
    sums = ", ".join(
        f"coalesce(sum(messages) FILTER ({which}), 0)::BIGINT"
        for which in (
            _TRUSTED,
            f"{_TRUSTED} AND {_FAILED}",
            f"{_TRUSTED} AND {_FAILED} AND disposition IN ('reject', 'quarantine')",
            f"NOT {_TRUSTED}",
        )
    )
    receivers = store.query(
        f"SELECT reporter, {sums} FROM outcomes WHERE kind = 'aggregate' GROUP BY 1"
        " ORDER BY sum(messages) DESC, 1 LIMIT ?",
        [limit],
    )
    sightings, reports, artefacts = counts
    found = tuple(map(Domain._make, domains)), tuple(map(Receiver._make, receivers))
    return Overview(sightings, reports, artefacts, *found)
