"""The store that verbs read from: what it holds of a domain, and how they are told which store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from ..errors import Malformed, Misconfigured
from ..judgement.sighting import Sighting
from ..standards import names
from ..world.stores import Store, usual_place
from ..world.stores.rows import sightings

option = click.option("--store", metavar="FILE", help="The store to read.  [default: in the user's data directory]")
days = click.option(
    "--days", type=click.IntRange(1, 3650), default=365, show_default=True, help="How far back to look."
)


def opened(store: str | None) -> Store:
    """The store there is; raises Misconfigured if there is none."""
    path = Path(store) if store else usual_place()
    if not path.exists():
        raise Misconfigured(str(path), "there is no store", "make one with disavow intake")
    return Store(path)


def name(domain: str) -> str:
    """The domain as reports name it; raises Misconfigured for a text that is none."""
    try:
        return names.parse(domain)
    except Malformed:
        raise Misconfigured("DOMAIN", f"{domain!r} is no domain", "for example example.org") from None


def of(store: Store, domain: str, days: int, now: datetime) -> tuple[Sighting, ...]:
    """What the store holds in the name of ``domain`` since so many days."""
    return tuple(sightings(store, domain, now - timedelta(days=days), None))


def now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)
