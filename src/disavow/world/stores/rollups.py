"""What dashboards ask of millions of sightings, kept added up: each commit adds its own in the same transaction."""

from __future__ import annotations

from typing import NamedTuple

import duckdb


class Rollup(NamedTuple):
    """A table with one row for each of its ``keys``, and what is added up, or the earliest, or the latest of it.

    ``keys`` and ``values``: column → (SQL type, expression over sightings); ``values`` fold by the function that
    stands before the bracket of the expression. ``where`` is what counts; in ``order`` little
    need be read for an answer.
    """

    name: str
    keys: dict[str, tuple[str, str]]
    values: dict[str, tuple[str, str]]
    where: str = "TRUE"
    order: str = "domain"

    def ddl(self) -> str:
        """The statement that makes the empty table."""
        columns = ", ".join(f"{name} {kind}" for name, (kind, _) in (self.keys | self.values).items())
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({columns})"

    def select(self, source: str) -> str:
        """Its rows for the sightings in ``source``, a table or what stands for one."""
        columns = ", ".join(
            f"({expression})::{kind} AS {name}" for name, (kind, expression) in (self.keys | self.values).items()
        )
        return f"SELECT {columns} FROM {source} WHERE {self.where} GROUP BY ALL"

    def merge(self, source: str) -> str:
        """The statement that adds the sightings in ``source``."""
        same = " AND ".join(f"{self.name}.{key} = arrived.{key}" for key in self.keys)
        updates = ", ".join(f"{name} = {self._folded(name)}" for name in self.values)
        return (
            f"MERGE INTO {self.name} USING ({self.select(source)}) AS arrived ON {same}"
            f" WHEN MATCHED THEN UPDATE SET {updates} WHEN NOT MATCHED THEN INSERT"
        )

    def _folded(self, name: str) -> str:
        function = self.values[name][1].partition("(")[0]
        known, more = f"{self.name}.{name}", f"arrived.{name}"
        return {"min": f"least({known}, {more})", "max": f"greatest({known}, {more})"}.get(
            function, f"{known} + {more}"
        )


# Which receivers did what with mail in a domain's name, month by month.
OUTCOMES = Rollup(
    "outcomes",
    {
        "month": ("DATE", "date_trunc('month', \"begin\")"),
        "domain": ("VARCHAR", "header_from"),
        **{name: ("VARCHAR", name) for name in ("kind", "reporter", "disposition", "override", "signal", "dmarc")},
        "trust": ("VARCHAR", "trust"),
    },
    {"messages": ("BIGINT", 'sum("count")'), "sightings": ("BIGINT", "count(*)")},
)
# Which machines sent it, and since when: to count them, nothing need be told apart any more.
MACHINES = Rollup(
    "machines",
    {"domain": ("VARCHAR", "header_from"), "source_ip": ("VARCHAR", "source_ip")},
    {
        "first": ("TIMESTAMP", 'min("begin")'),
        "last": ("TIMESTAMP", 'max("end")'),
        "messages": ("BIGINT", 'sum("count")'),
        "passed": ("BIGINT", "coalesce(sum(\"count\") FILTER (dmarc = 'pass'), 0)"),
    },
    "source_ip IS NOT NULL",
    "domain, source_ip",
)
ROLLUPS = (OUTCOMES, MACHINES)


def rebuild(connection: duckdb.DuckDBPyConnection) -> None:
    """Adds everything up anew: after sightings were forgotten, and for a store that had no rollups yet."""
    for rollup in ROLLUPS:
        connection.execute(f"DELETE FROM {rollup.name}")
        connection.execute(f"INSERT INTO {rollup.name} {rollup.select('sightings')} ORDER BY {rollup.order}")
