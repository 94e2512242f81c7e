"""File the status mails of a Maildir: forged, mine, unsure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from ...errors import Malformed, Misconfigured
from ...judgement.case import examine
from ...judgement.identity import Identity
from ...world import maildir
from ...world.ask import World, ask
from .. import contract, options

FOLDERS = {"forged": ".Disavow.forged", "ours": ".Disavow.mine", "cannot-tell": ".Disavow.unsure"}
STAYS = "stays"


class Filed(NamedTuple):
    """One mail: where it lies in the Maildir, its kind, the folder it belongs in ("stays": none), and how sure that is.

    ``problem`` tells why it could not be read or moved, "" when all is well.
    """

    mail: str
    kind: str
    folder: str
    confidence: float
    problem: str = ""


@click.command()
@click.argument("folder", metavar="MAILDIR")
@options.owner
@click.option("--move", is_flag=True, help="Move the mails; without it only say where each would go.")
@click.option("--ndjson", is_flag=True, help="One JSON object per mail.")
def command(
    folder: str,
    owner: options.Owner,
    move: bool,
    ndjson: bool,
) -> None:
    """Which answers are about mail I sent? Files them in .Disavow.forged, .Disavow.mine and .Disavow.unsure.

    Only status mails move (bounces, automatic and human answers to mail in my name); ordinary mail stays. Nothing is
    deleted or overwritten, flags are kept, and without --move nothing happens at all.
    """
    if not owner.me:
        raise Misconfigured("--me", "whose mail is it?", "for example --me example.org")
    world = owner.world()
    me = owner.located(owner.given(), world)
    counts: Counter[str] = Counter()
    problems = 0
    for filed in _sorted(Path(folder), me, world, move):
        counts[filed.folder] += 1
        problems += bool(filed.problem)
        if ndjson or filed.folder != STAYS or filed.problem:
            click.echo(contract.encode({"moved": _moved(filed, move), **filed._asdict()}) if ndjson else _line(filed))
    if not ndjson:
        click.echo(_summary(counts, move))
    raise click.exceptions.Exit(1 if problems else 0)


def _sorted(folder: Path, me: Identity, world: World, move: bool) -> Iterator[Filed]:
    """Every mail of the inbox, filed (with ``move``) or judged only."""
    for letter in list(maildir.letters(folder)):
        try:
            filed = _judged(letter, me, world)
        except Malformed as error:
            yield Filed(_name(letter), "unknown", STAYS, 0.0, str(error))
            continue
        yield _filed(letter, filed) if move and filed.folder != STAYS else filed


def _judged(letter: Path, me: Identity, world: World) -> Filed:
    case, _ = ask(examine(maildir.open_letter(letter), _name(letter), me), world)
    folder = FOLDERS[case.ours] if case.is_status else STAYS
    return Filed(_name(letter), case.notice.kind, folder, case.confidence if case.is_status else 0.0)


def _filed(letter: Path, filed: Filed) -> Filed:
    try:
        maildir.move(letter, filed.folder)
    except Malformed as error:
        return filed._replace(problem=str(error))
    return filed


def _name(letter: Path) -> str:
    return f"{letter.parent.name}/{letter.name}"


def _moved(filed: Filed, move: bool) -> bool:
    return move and filed.folder != STAYS and not filed.problem


def _line(filed: Filed) -> str:
    return f"{filed.mail}: {filed.problem}" if filed.problem else f"{filed.mail} → {filed.folder} ({filed.kind})"


def _summary(counts: Counter[str], move: bool) -> str:
    filed = ", ".join(f"{counts[name]} {name.rpartition('.')[2]}" for name in FOLDERS.values())
    return f"{filed}; {counts[STAYS]} stay." + ("" if move else " Nothing was moved: add --move to do it.")
