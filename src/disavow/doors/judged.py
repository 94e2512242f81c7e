"""The messages in what was given to ``disavow verify``, judged, and told in the shape that was asked for."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import click

from ..errors import Malformed, Misconfigured
from ..judgement import envelope as envelopes
from ..judgement import mask as masks
from ..judgement import paste, proof
from ..judgement.finding import Finding
from ..judgement.identity import Identity
from ..judgement.mask import Mask, visible
from ..judgement.paste import Reading
from ..judgement.stamp import stamp
from ..standards import authres
from ..standards.questions import Address
from ..world.ask import Exchange
from . import contract, library
from .library import Resolver, Verified
from .verification import dkim2_to_json, to_json

EXITS = {"genuine": 0, "forged": 1, "unproven": 3}


class Judged(NamedTuple):
    """A message of what was given, counted from 1, and what was found out about it."""

    number: int
    reading: Reading
    verified: Verified


class Given(NamedTuple):
    """What the caller says of the envelope: whom he trusts, and what he knows of the first message himself."""

    mine: Identity
    received_by: str = ""
    ip: Address | None = None
    helo: str | None = None
    mail_from: str | None = None


def masking(mine: Identity, unmask: bool = False) -> Mask:
    """What hides third parties, and whatever could steer a terminal."""
    return visible(masks.plain if unmask else masks.masking(mine))


def exit_code(judged: Sequence[Judged]) -> int:
    """That of the message given, of several side by side the worst; what a message carries does not change its own."""
    given = [one for one in judged if not one.reading.where] or judged
    answers = [one.verified.verdict.answer for one in given]
    return EXITS[min(answers, key=("forged", "unproven", "genuine").index)]


def read(message: BinaryIO) -> bytes:
    """The bytes that were given; who types them is told how to end."""
    if message is sys.stdin.buffer and sys.stdin.isatty():
        click.echo("Paste the whole header (or the whole mail), then press Ctrl-D.", err=True)
    return message.read()


def _readings(raw: bytes) -> tuple[Reading, ...]:
    """The messages in what was given; Outlook's .msg keeps no exact copy of them."""
    if not paste.is_outlook(raw):
        return paste.read(raw)
    from ..world import outlook

    note = Finding("paste-outlook")
    readings = paste.read(outlook.read(raw))
    return tuple(reading._replace(exact=False, repairs=(note, *reading.repairs)) for reading in readings)


def chosen(raw: bytes, number: int | None) -> list[tuple[int, Reading]]:
    """The messages found, counted from 1, or only that ``number``; ``Misconfigured`` if there are not so many."""
    numbered = list(enumerate(_readings(raw), 1))
    if number is None:
        return numbered
    if number > len(numbered):
        raise Misconfigured("--message", f"only {len(numbered)} found", "leave it out to judge all")
    return numbered[number - 1 : number]


def verified(readings: Sequence[tuple[int, Reading]], given: Given, world: Resolver) -> list[Judged]:
    """Each message judged by its own envelope; what is given of an envelope is about the first."""
    found = [envelopes.read(reading.message, given.mine, given.received_by, given.ip) for _, reading in readings]
    found[0] = envelopes.given(found[0], given.ip, given.helo, given.mail_from)
    return [
        Judged(number, reading, asyncio.run(library.verify_reading(reading, envelope, world)))
        for (number, reading), envelope in zip(readings, found, strict=True)
    ]


def _proof(raw: bytes, judged: Judged) -> proof.Proof:
    return proof.Proof(
        message=proof.digest(raw),
        number=judged.number,
        envelope=judged.verified.verification.envelope,
        exchanges=judged.verified.transcript,
        result=_result(judged),
    )


def _result(judged: Judged) -> dict[str, Any]:
    """What a proof states: always masked alike, whoever writes it."""
    return to_json(*judged, masking(Identity()))


def replayed(path: str, raw: bytes, readings: Sequence[tuple[int, Reading]]) -> Judged:
    """The verdict again from a proof; ``Malformed`` if message, proof or result are not what they were."""
    try:
        proven = proof.parse(Path(path).read_bytes())
    except OSError as error:
        raise Misconfigured("--replay", f"{path}: {error.strerror}") from None
    if proven.message != proof.digest(raw):
        raise Malformed("this is not the message that the proof is about, or it was changed", 0, raw)
    reading = dict(readings).get(proven.number)
    if reading is None:
        raise Malformed(f"the proof is about message {proven.number}", 0, raw)
    transcript = tuple(Exchange(*exchange) for exchange in proven.exchanges)
    judged = Judged(proven.number, reading, library.verify_replayed(reading, proven.envelope, transcript))
    if not _agrees(proven.result, _result(judged)):
        raise Malformed("the proof leads to another result here than it states", 0, raw)
    return judged


# Wording may be improved from one version to the next, and fields added; what was found may not change.
_WORDING = ("sentence", "because", "findings")


def _agrees(stated: Any, found: Any) -> bool:
    """True if everything that a proof states was found again, in whatever words."""
    if isinstance(stated, Mapping) and isinstance(found, Mapping):
        return all(name in found and _agrees(stated[name], found[name]) for name in stated if name not in _WORDING)
    if isinstance(stated, list) and isinstance(found, list):
        return len(stated) == len(found) and all(map(_agrees, stated, found))
    return bool(stated == found)


def _field(verified: Verified, host: str) -> str:
    """One Authentication-Results field, folded before each result."""
    value = authres.format(stamp(verified.verification, host))
    return "Authentication-Results: " + re.sub(r"; (?=[a-z]+=)", ";\n\t", value)


def write_proof(path: str, raw: bytes, judged: Judged) -> None:
    """Every question with its answer, and what they led to."""
    try:
        Path(path).write_bytes(proof.format(_proof(raw, judged)))
    except OSError as error:
        raise Misconfigured("--proof", f"{path}: {error.strerror}") from None


def write_sheet(path: str, raw: bytes, judged: Judged, mask: Mask) -> None:
    """The proof sheet, one page to hand to somebody."""
    from .paper import write
    from .proof_sheet import sheet

    write(path, sheet(proof.digest(raw), judged.reading, judged.verified, mask))


def show(judged: Sequence[Judged], mask: Mask, as_json: bool, auth_results: str | None, experimental: bool) -> None:
    """On standard output: the field, the object, or the card."""
    if auth_results:
        click.echo(_field(judged[0].verified, auth_results))
    elif as_json:
        first, *others = [
            {**to_json(*one, mask), **(dkim2_to_json(one.reading, mask) if experimental else {})} for one in judged
        ]
        click.echo(contract.encode({**first, "others": others}))
    else:
        from rich.console import Console

        from . import verification_card

        console = Console(highlight=False)
        for one in judged:
            verification_card.show(console, *one, mask, alone=len(judged) == 1, experimental=experimental)
