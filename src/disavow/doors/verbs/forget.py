"""Forget old sightings, and sooner than them the addresses and mails of third parties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from .. import kept

ADDRESSES_DAYS = 90
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--before", type=_DAY, required=True, metavar="DATE", help="Forget what ended before this day (UTC).")
@click.option(
    "--addresses-before",
    type=_DAY,
    metavar="DATE",
    help=f"Forget third parties' addresses and mails before this day.  [default: {ADDRESSES_DAYS} days ago]",
)
@click.option("--store", metavar="FILE", help="The store to forget in.  [default: in the user's data directory]")
def command(before: datetime, addresses_before: datetime | None, store: str | None) -> None:
    """Forget what is older than a day. Domains, machines and counts stay until then; people's addresses less long."""
    sooner = addresses_before.replace(tzinfo=UTC) if addresses_before else _today() - timedelta(ADDRESSES_DAYS)
    with kept.opened(store) as found:
        gone, bared = found.forget(before.replace(tzinfo=UTC), sooner)
    click.echo(f"{gone} sightings forgotten; {bared} more lost the addresses of third parties")


def _today() -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
