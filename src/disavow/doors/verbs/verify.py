"""Judge one message: genuine, forged or unproven, and prove it."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from .. import options

if TYPE_CHECKING:
    from ...standards.questions import Address


class _IP(click.ParamType["Address"]):
    name = "ip"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        try:
            return ip_address(value)
        except ValueError:
            self.fail(f"{value!r} is not an IP address", param, ctx)


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
    # --help must be quick, and what a verdict takes is slow to import.
    from ...judgement.identity import identify
    from .. import judged

    mine = identify(me, server)
    given = judged.Given(mine, received_by, ip, helo, mail_from)
    raw = judged.read(message)
    readings = judged.chosen(raw, number)
    if replay:
        found = [judged.replayed(replay, raw, readings)]
    else:
        found = judged.verified(readings, given, options.resolver(offline, zone, resolver))
    mask = judged.masking(mine, unmask)
    if proof_to:
        judged.write_proof(proof_to, raw, found[0])
    if html:
        judged.write_sheet(html, raw, found[0], mask)
    judged.show(found, mask, as_json, auth_results, experimental)
    raise click.exceptions.Exit(judged.exit_code(found))
