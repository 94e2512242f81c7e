"""The dashboard's questions to a store of many sightings; DISAVOW_BENCH_ROWS=50000000 for the size of the bar.

The sightings are of 600 days, in their order, as reports arrive: of 50 domains, by 300 receivers; half of them from 500
machines, the other half from two million.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from disavow.world.stores import Store, rollups, schema
from disavow.world.stores.overview import overview

ROWS = int(os.environ.get("DISAVOW_BENCH_ROWS", "1000000"))
BAR, BAR_DISTINCT = 1000, 2000  # milliseconds

_MACHINE = "(hash(i, 1) % CASE WHEN hash(i, 2) % 2 = 0 THEN 500 ELSE 2000000 END)"
# One column at a time; what is not named keeps its default.
_VALUES = {
    "begin": f"TIMESTAMP '2025-01-01' + INTERVAL 1 DAY * (i * 600 // {ROWS})",
    "end": f"TIMESTAMP '2025-01-02' + INTERVAL 1 DAY * (i * 600 // {ROWS})",
    "kind": "'aggregate'",
    "reporter": "'reporter ' || (hash(i) % 300)",
    "source_ip": f"concat_ws('.', 203, {_MACHINE} // 62500, {_MACHINE} // 250 % 250, {_MACHINE} % 250)",
    "header_from": "'d' || (hash(i, 4) % 50) || '.example.org'",
    "dmarc": "CASE WHEN hash(i, 5) % 3 = 0 THEN 'pass' ELSE 'fail' END",
    "disposition": "CASE WHEN hash(i, 6) % 4 = 0 THEN 'none' ELSE 'reject' END",
    "override": "CASE WHEN hash(i, 7) % 9 = 0 THEN 'local_policy' ELSE '' END",
    "count": "1 + hash(i, 8) % 50",
    "signal": "CASE WHEN hash(i, 9) % 30 = 0 THEN 'escaped' ELSE 'enforced' END",
    "trust": "'A'",
}
_QUERIES = {
    "a domain by day, 90 days": "SELECT date_trunc('day', \"begin\"), sum(count) FROM sightings"
    " WHERE header_from = 'd7.example.org' AND \"begin\" >= '2026-05-25' GROUP BY 1",
    "its largest sources, 90 days": "SELECT source_ip, sum(count) FROM sightings WHERE header_from = 'd7.example.org'"
    " AND \"begin\" >= '2026-05-25' GROUP BY 1 ORDER BY 2 DESC LIMIT 20",
    "its largest sources ever": "SELECT source_ip, messages FROM machines WHERE domain = 'd7.example.org'"
    " ORDER BY 2 DESC LIMIT 20",
    "reporters by disposition": "SELECT reporter, disposition, sum(messages) FROM outcomes GROUP BY ALL",
    "what escaped": "SELECT reporter, sum(messages) FROM outcomes WHERE signal = 'escaped' GROUP BY 1",
    "overrides": "SELECT override, reporter, sum(messages) FROM outcomes WHERE override <> '' GROUP BY ALL",
    "its months": "SELECT month, dmarc, sum(messages) FROM outcomes WHERE domain = 'd7.example.org' GROUP BY ALL",
    "one address": "SELECT domain, first, last, messages FROM machines WHERE source_ip = '203.7.7.7'",
    "one address, every sighting": "SELECT \"begin\", reporter, count FROM sightings WHERE source_ip = '203.7.7.7'",
}
_DISTINCT = "SELECT domain, count(*) FROM machines GROUP BY 1"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder, "s.duckdb")) as store:
        started = time.monotonic()
        columns = ", ".join(map(schema.quoted, _VALUES))
        store.query(f"INSERT INTO sightings ({columns}) SELECT {', '.join(_VALUES.values())} FROM range({ROWS}) t(i)")
        filled = time.monotonic()
        rollups.rebuild(store.connection)
        store.query("CHECKPOINT")
        size = store.path.stat().st_size >> 20
        seconds = f"filled in {filled - started:.0f} s, added up in {time.monotonic() - filled:.0f} s"
        print(f"{ROWS:,} sightings, {size} MB, {seconds}")
        for name, sql in _QUERIES.items():
            _row(name, partial(store.query, sql), BAR)
        _row("distinct addresses of each domain", partial(store.query, _DISTINCT), BAR_DISTINCT)
        _row("disavow overview", partial(overview, store, 20), BAR_DISTINCT)


def _row(name: str, question: Callable[[], object], bar: int) -> None:
    taken = min(_milliseconds(question) for _ in range(3))
    print(f"{name:<34} {taken:8.0f} ms   bar {bar} ms  {'met' if taken <= bar else 'MISSED'}", flush=True)


def _milliseconds(question: Callable[[], object]) -> float:
    started = time.monotonic()
    question()
    return (time.monotonic() - started) * 1000


if __name__ == "__main__":
    main()
