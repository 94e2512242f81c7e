"""Write all sightings to a file: Parquet, CSV or NDJSON."""

from __future__ import annotations

from pathlib import Path

import click

from .. import kept


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--store", metavar="FILE", help="The store to export.  [default: in the user's data directory]")
@click.option("--parquet", "form", flag_value="parquet", help="Write Parquet, for Spark, DuckDB, pandas …")
@click.option("--csv", "form", flag_value="csv", help="Write CSV that no spreadsheet takes for formulas.")
@click.option("--ndjson", "form", flag_value="ndjson", help="Write one JSON object a line.")
def command(file: str, store: str | None, form: str | None) -> None:
    """Write every sighting in the store to FILE, one a row. Without an option its ending tells the format."""
    form = form or {".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson"}.get(Path(file).suffix.lower())
    if form is None:
        raise click.UsageError("name a format: --parquet, --csv or --ndjson")
    with kept.opened(store) as found:
        count = found.export(Path(file), form)
    click.echo(f"{count} sightings", err=True)
