"""Say what the store holds: domains, the machines that send in their name, receivers and what they refused."""

from __future__ import annotations

import click
import msgspec

from ...world.stores.overview import Domain, Receiver, overview
from .. import kept

_DOMAINS = ("domain", "messages", "verified", "machines", "first seen", "last seen")
_RECEIVERS = ("receiver", "messages", "failed", "refused", "not believed")


@click.command()
@kept.option
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Show so many of each.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/overview/1".')
def command(store: str | None, limit: int, as_json: bool) -> None:
    """Tell what the store holds, over all domains and receivers; `impact` and `sources` tell more about one domain.

    "Not believed" are messages in reports whose sender nobody vouches for.
    """
    with kept.opened(store) as found:
        seen = overview(found, limit)
    if as_json:
        domains, receivers = ([one._asdict() for one in lines] for lines in (seen.domains, seen.receivers))
        told = {"schema": "disavow/overview/1", **seen._asdict(), "domains": domains, "receivers": receivers}
        click.echo(msgspec.json.encode(told, enc_hook=str))
        return
    click.echo(f"{seen.sightings:,} sightings from {seen.reports:,} reports and from mails; {seen.artefacts:,} kept")
    _show(_DOMAINS, seen.domains)
    _show(_RECEIVERS, seen.receivers)


def _show(names: tuple[str, ...], lines: tuple[Domain, ...] | tuple[Receiver, ...]) -> None:
    from rich import box
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    if not lines:
        return
    table = Table(*names, box=box.SIMPLE_HEAD)
    for column, value in zip(table.columns, lines[0], strict=True):
        column.justify = "right" if isinstance(value, int) else "left"
    for line in lines:
        table.add_row(*(f"{value:,}" if isinstance(value, int) else escape(_text(value)) for value in line))
    Console().print(table)


def _text(value: object) -> str:
    """A time as its day, a name as it is."""
    return value if isinstance(value, str) else f"{value:%Y-%m-%d}"
