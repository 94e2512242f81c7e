"""The dashboard's questions to a store of many sightings; DISAVOW_BENCH_ROWS=50000000 for the size of the bar."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from disavow.world.stores import Store, schema

ROWS = int(os.environ.get("DISAVOW_BENCH_ROWS", "1000000"))
BAR = 1000  # milliseconds

# One column at a time; what is not named keeps its default.
_VALUES = {
    "begin": "TIMESTAMP '2025-01-01' + INTERVAL 1 DAY * (i % 600)",
    "end": "TIMESTAMP '2025-01-02' + INTERVAL 1 DAY * (i % 600)",
    "kind": "'aggregate'",
    "reporter": "'reporter ' || (hash(i) % 300)",
    "source_ip": "'203.' || (hash(i, 1) % 40) || '.' || (hash(i, 2) % 250) || '.' || (hash(i, 3) % 250)",
    "header_from": "'d' || (hash(i, 4) % 50) || '.example.org'",
    "dmarc": "CASE WHEN hash(i, 5) % 3 = 0 THEN 'pass' ELSE 'fail' END",
    "disposition": "CASE WHEN hash(i, 6) % 4 = 0 THEN 'none' ELSE 'reject' END",
    "override": "CASE WHEN hash(i, 7) % 9 = 0 THEN 'local_policy' ELSE '' END",
    "count": "1 + hash(i, 8) % 50",
    "signal": "CASE WHEN hash(i, 9) % 30 = 0 THEN 'escaped' ELSE 'enforced' END",
    "trust": "'A'",
}
_QUERIES = {
    "a domain by day": "SELECT date_trunc('day', \"begin\"), sum(count) FROM sightings"
    " WHERE header_from = 'd7.example.org' AND \"begin\" >= '2026-05-01' GROUP BY 1",
    "its largest sources": "SELECT source_ip, sum(count) FROM sightings WHERE header_from = 'd7.example.org'"
    " AND \"begin\" >= '2026-05-01' GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "reporters by disposition": "SELECT reporter, disposition, sum(count) FROM sightings GROUP BY ALL",
    "what escaped": "SELECT reporter, sum(count) FROM sightings WHERE signal = 'escaped' GROUP BY 1",
    "overrides": "SELECT override, reporter, sum(count) FROM sightings WHERE override <> '' GROUP BY ALL",
    "one address": "SELECT \"begin\", reporter, count FROM sightings WHERE source_ip = '203.7.7.7'",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "s.duckdb")) as store:
        started = time.monotonic()
        columns = ", ".join(map(schema.quoted, _VALUES))
        store.query(f"INSERT INTO sightings ({columns}) SELECT {', '.join(_VALUES.values())} FROM range({ROWS}) t(i)")
        store.query("CHECKPOINT")
        size = store.path.stat().st_size >> 20
        print(f"{ROWS:,} sightings, {size} MB, filled in {time.monotonic() - started:.0f} s")
        for name, sql in _QUERIES.items():
            taken = min(_milliseconds(store, sql) for _ in range(3))
            print(f"{name:<30} {taken:8.0f} ms   bar {BAR} ms  {'met' if taken <= BAR else 'MISSED'}")


def _milliseconds(store: Store, sql: str) -> float:
    started = time.monotonic()
    store.query(sql)
    return (time.monotonic() - started) * 1000


if __name__ == "__main__":
    main()
