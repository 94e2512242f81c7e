"""Say whose each source of mail in my name is: mine, misconfigured, a forwarder, a list, a forger."""

from __future__ import annotations

from ipaddress import ip_network

import click

from ...errors import Misconfigured
from ...judgement.impact.provenance import sources
from ...world.stores import Store
from .. import contract, impact_contract, kept


@click.command()
@click.argument("domain")
@kept.option
@kept.days
@click.option(
    *("--label", "labels"),
    multiple=True,
    metavar="IP|CIDR=WORD",
    help="Remember what I know of a source: mine, not-mine, forwarder, list; nothing after = forgets it (repeatable).",
)
@click.option("--sent", type=click.IntRange(0), help="How many mails I sent in that time: nobody forwards more.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show so many sources.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/sources/1".')
def command(
    domain: str,
    store: str | None,
    days: int,
    labels: tuple[str, ...],
    sent: int | None,
    limit: int,
    as_json: bool,
) -> None:
    """List the machines that stored reports name as senders of mail from DOMAIN, with the reasons."""
    from rich.console import Console

    from .. import impact_table

    name = kept.name(domain)
    with kept.opened(store) as found:
        for label in labels:
            _remember(found, label)
        seen = sources(kept.of(found, name, days, kept.now()), found.labels(), sent)
    if as_json:
        click.echo(contract.encode(impact_contract.sources(name, seen)))
    else:
        impact_table.show_sources(Console(), seen[:limit])


def _remember(store: Store, text: str) -> None:
    source, given, word = text.partition("=")
    if not given:
        raise Misconfigured("--label", f"{text!r} says nothing about it", "for example 192.0.2.1=mine")
    try:
        network = ip_network(source.strip(), strict=False)
    except ValueError:
        raise Misconfigured("--label", f"{source!r} is no address", "for example 192.0.2.1=mine") from None
    single = network.num_addresses == 1
    store.label(str(network.network_address) if single else str(network), word.strip())
