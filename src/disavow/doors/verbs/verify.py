"""Judge one message: genuine, forged or unproven, and prove it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import click

from ...errors import Malformed, Misconfigured
from ...judgement import envelope as envelopes
from ...judgement import paste, proof
from ...judgement.envelope import Envelope
from ...judgement.finding import Finding
from ...judgement.identity import Identity, identify
from ...judgement.mask import Mask, masking, plain
from ...judgement.paste import Reading
from ...judgement.stamp import stamp
from ...standards import authres
from ...standards.questions import Address
from ...world.ask import Exchange
from .. import contract, library, options
from ..library import Verified
from ..verification import dkim2_to_json, to_json, visible

EXITS = {"genuine": 0, "forged": 1, "unproven": 3}


class _IP(click.ParamType[Address]):
    name = "ip"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        try:
            return ip_address(value)
        except ValueError:
            self.fail(f"{value!r} is not an IP address", param, ctx)


class _Judged(NamedTuple):
    """A message of what was given, counted from 1, and what was found out about it."""

    number: int
    reading: Reading
    verified: Verified


@click.command()
@click.argument("message", type=click.File("rb"), default="-", metavar="[MESSAGE]")
@click.option("--received-by", metavar="HOST", default="", help="The server whose Received line I trust.")
@click.option("--ip", type=_IP(), help="The address that the mail came from.")
@click.option("--helo", metavar="NAME", help="What that computer called itself.")
@click.option("--mail-from", metavar="ADDRESS", help="The Return-Path; <> for an empty one.")
@click.option("--message", "number", type=click.IntRange(1), metavar="N", help="Judge only the Nth message found.")
@options.side
@options.dns
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/verification/1".')
@click.option("--auth-results", metavar="HOST", help="Print the Authentication-Results field that HOST would add.")
@click.option("--proof", "proof_to", metavar="FILE", help="Write the proof: every question with its answer.")
@click.option("--replay", metavar="FILE", help="Reach the verdict of this proof again; ask nobody.")
@click.option("--html", metavar="FILE", help="Write a proof sheet to hand to somebody, as one self-contained page.")
@click.option("--unmask", is_flag=True, help="Show third parties' addresses in full.")
@click.option("--experimental", is_flag=True, help="Also tell what DKIM2 fields, a draft, claim; the verdict stays.")
def command(
    message: BinaryIO,
    received_by: str,
    ip: Address | None,
    helo: str | None,
    mail_from: str | None,
    number: int | None,
    me: tuple[str, ...],
    server: tuple[str, ...],
    offline: bool,
    zone: str | None,
    resolver: str | None,
    as_json: bool,
    auth_results: str | None,
    proof_to: str | None,
    replay: str | None,
    html: str | None,
    unmask: bool,
    experimental: bool,
) -> None:
    """Is this mail genuine, forged, or can nobody tell?

    MESSAGE is a mail file (.eml, .msg) or a text with its header; without it, paste the header on standard input.
    Exit code 0: genuine, 1: forged, 3: unproven.
    """
    mine = identify(me, server)
    raw = _read(message)
    readings = _chosen(_readings(raw), number)
    mask = visible(plain if unmask else masking(mine))
    if replay:
        judged = [_replayed(replay, raw, readings, number)]
    else:
        world = options.resolver(offline, zone, resolver)
        found = [_envelope(one, mine, received_by, ip) for _, one in readings]
        found[0] = envelopes.given(found[0], ip, helo, mail_from)
        judged = [
            _Judged(place, reading, asyncio.run(library.verify_reading(reading, envelope, world)))
            for (place, reading), envelope in zip(readings, found, strict=True)
        ]
    if proof_to:
        _write(proof_to, proof.format(_proof(raw, judged[0])), "--proof")
    if html:
        from ..proof_sheet import sheet

        _write(html, sheet(proof.digest(raw), judged[0].reading, judged[0].verified, mask).encode("utf-8"), "--html")
    _print(judged, mask, as_json, auth_results, experimental)
    raise click.exceptions.Exit(_exit_code(judged))


def _exit_code(judged: Sequence[_Judged]) -> int:
    """That of the message given, of several side by side the worst; what a message carries does not change its own."""
    given = [one for one in judged if not one.reading.where] or judged
    answers = [one.verified.verdict.answer for one in given]
    return EXITS[min(answers, key=("forged", "unproven", "genuine").index)]


def _read(message: BinaryIO) -> bytes:
    if message is sys.stdin.buffer and sys.stdin.isatty():
        click.echo("Paste the whole header (or the whole mail), then press Ctrl-D.", err=True)
    return message.read()


def _readings(raw: bytes) -> tuple[Reading, ...]:
    """The messages in what was given; Outlook's .msg keeps no exact copy of them."""
    if not paste.is_outlook(raw):
        return paste.read(raw)
    from ...world.outlook import read

    note = Finding("paste-outlook")
    return tuple(reading._replace(exact=False, repairs=(note, *reading.repairs)) for reading in paste.read(read(raw)))


def _chosen(readings: Sequence[Reading], number: int | None) -> list[tuple[int, Reading]]:
    numbered = list(enumerate(readings, 1))
    if number is None:
        return numbered
    if number > len(numbered):
        raise Misconfigured("--message", f"only {len(numbered)} found", "leave it out to judge all")
    return numbered[number - 1 : number]


def _envelope(reading: Reading, mine: Identity, received_by: str, ip: Address | None) -> Envelope:
    return envelopes.read(reading.message, mine, received_by, ip)


def _proof(raw: bytes, judged: _Judged) -> proof.Proof:
    return proof.Proof(
        message=proof.digest(raw),
        number=judged.number,
        envelope=judged.verified.verification.envelope,
        exchanges=judged.verified.transcript,
        result=_result(judged),
    )


def _result(judged: _Judged) -> dict[str, Any]:
    """What a proof states: always masked alike, whoever writes it."""
    return to_json(*judged, visible(masking(Identity())))


def _replayed(path: str, raw: bytes, readings: Sequence[tuple[int, Reading]], number: int | None) -> _Judged:
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
    judged = _Judged(proven.number, reading, library.verify_replayed(reading, proven.envelope, transcript))
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


def _write(path: str, content: bytes, option: str) -> None:
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise Misconfigured(option, f"{path}: {error.strerror}") from None


def _print(judged: Sequence[_Judged], mask: Mask, as_json: bool, auth_results: str | None, experimental: bool) -> None:
    if auth_results:
        click.echo(_field(judged[0].verified, auth_results))
    elif as_json:
        first, *others = [
            {**to_json(*one, mask), **(dkim2_to_json(one.reading, mask) if experimental else {})} for one in judged
        ]
        click.echo(contract.encode({**first, "others": others}))
    else:
        from rich.console import Console

        from .. import verification_card

        console = Console(highlight=False)
        for one in judged:
            verification_card.show(console, *one, mask, alone=len(judged) == 1, experimental=experimental)
