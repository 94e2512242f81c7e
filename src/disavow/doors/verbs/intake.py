"""Read reports and status mails into the store: every row once, nothing lost without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click

from ...errors import DisavowError, Malformed
from ...judgement.identity import identify
from ...judgement.intake import history
from ...judgement.intake.learned import Entry, Lenience, Refused
from ...judgement.sighting import Sighting
from ...standards import names
from ...world import sources
from ...world.ask import World, ask
from ...world.sources import Item
from ...world.sources.places import imap
from ...world.stores import Batch, Store, usual_place
from .. import contract, options
from ..arrivals import Arrivals, Arrived
from ..kept import now
from ..tally import Tally, told

MAX_OBSERVED = 200  # domains: others may name any number in what they send


@click.command()
@click.argument("wheres", nargs=-1, required=True, metavar="WHERE…")
@options.identity
@options.dns
@click.option("--received-by", default="", metavar="HOST", help="The server of mine whose word on a sender counts.")
@click.option("--store", metavar="FILE", help="Keep the sightings here.  [default: in the user's data directory]")
@click.option("--mark", is_flag=True, help="Mark mails on an IMAP server as seen once they are stored.")
@click.option("--move-to", default="", metavar="MAILBOX", help="Move them to this mailbox once they are stored.")
@click.option("--why", is_flag=True, help="Show what was learned from each mail and report.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/intake/1".')
def command(
    wheres: tuple[str, ...],
    me: tuple[str, ...],
    server: tuple[str, ...],
    selector: tuple[str, ...],
    offline: bool,
    zone: str | None,
    resolver: str | None,
    received_by: str,
    store: str | None,
    mark: bool,
    move_to: str,
    why: bool,
    as_json: bool,
) -> None:
    """Read DMARC, TLS and failure reports, and status mails, into the store.

    WHERE is a report (.xml, .json), a mail, an mbox, a Maildir, a folder, imaps://user@host/INBOX or - for standard
    input, packed or not. The same report twice counts once; what is not clean is read as far as it can be, and said.
    """
    owner, world = identify(me, server, selector), options.resolver(offline, zone, resolver)
    tally = Tally()
    with Store(Path(store) if store else usual_place()) as kept:
        arrivals = Arrivals(owner, world, received_by, kept.history())
        with kept.batch() as batch:
            for item in _items(wheres, tally, mark or bool(move_to), move_to, batch):
                _take(arrivals.learn(item), batch, tally, why and not as_json)
        _observe(kept, (*owner.domains, *sorted(tally.domains)), world)
    if as_json:
        click.echo(contract.encode(tally.contract()))
    else:
        _show(tally)
    if not tally.kinds and tally.refused:
        raise Malformed(f"nothing could be read: {tally.refused[0].where} {tally.refused[0].why}")


def _items(wheres: Iterable[str], tally: Tally, acknowledge: bool, move_to: str, batch: Batch) -> Iterator[Item]:
    """Everything that is there; after each full batch, and at the end of a place, what was given is stored."""
    for where in wheres:
        done: list[imap.Position] = []
        try:
            for item in sources.read_reports(where):
                tally.item(item)
                yield item
                done.append(imap.position(item))
                if batch.is_full:
                    _store(batch, where, done if acknowledge else [], move_to)
                    done = []
        except DisavowError as error:
            tally.refused.append(Refused(where, str(error).removeprefix(f"{where} ")))
        _store(batch, where, done if acknowledge else [], move_to)


def _store(batch: Batch, where: str, done: list[imap.Position], move_to: str) -> None:
    """Commits; only then the server is told, so that what it forgets is not lost."""
    batch.commit()
    if done and imap.sniff(where):
        imap.acknowledge(where, done, move_to)


def _take(arrived: Iterable[Arrived], batch: Batch, tally: Tally, why: bool) -> None:
    """Puts what one item teaches into the batch and counts it."""
    for learned in arrived:
        if isinstance(learned, Sighting):
            batch.sighting(learned)
        elif isinstance(learned, Entry):
            added = batch.entry(learned)
            tally.entry(learned, added)
            if why:
                click.echo(_line(learned, added))
        elif isinstance(learned, Lenience):
            tally.leniencies.append(learned)
        elif isinstance(learned, Refused):
            tally.refused.append(learned)
        else:
            batch.artefact(learned)


def _observe(kept: Store, domains: Iterable[str], world: World) -> None:
    """Notes what the domains publish now, so that the reports about these days can be compared with it."""
    for domain in islice(dict.fromkeys(filter(_is_domain, domains)), MAX_OBSERVED):
        record, _ = ask(history.observe(domain), world)
        if record is not None:
            kept.remember([(history.name(domain), "TXT", record)], now())


def _is_domain(text: str) -> bool:
    try:
        return bool(names.parse(text))
    except Malformed:
        return False


def _line(entry: Entry, added: int) -> str:
    told = "known already" if added < 0 else f"{added} sighting{'' if added == 1 else 's'}"
    about = f" about {entry.domain}" if entry.domain else ""
    return f"{entry.begin:%Y-%m-%d}  {entry.kind:<9} {entry.standing.grade:<5} {entry.reporter}{about}: {told}"


def _show(tally: Tally) -> None:
    """The counts for people; then what was tolerated and what was refused."""
    click.echo(f"{tally.mails} mails, {tally.reports} reports with {tally.rows} rows about {tally.messages} messages")
    click.echo(f"{tally.sightings} new sightings; {tally.duplicates} reports or mails were known already")
    for lenience in tally.leniencies:
        line = f" line {lenience.line}" if lenience.line else ""
        click.echo(f"tolerated  {lenience.where}{line}: {told(lenience)}", err=True)
    for refused in tally.refused:
        click.echo(f"refused    {refused.where} {refused.why}", err=True)
