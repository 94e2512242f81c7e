"""Test my own mail servers: open relay, log-ins in the clear, mailbox names told; only with the owner's consent."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import Misconfigured
from ...judgement import consent
from ...standards import names
from ...words import LEVELS
from .. import kept, options, probe_report
from ..probe_report import Found, Probed, Server

if TYPE_CHECKING:
    from ...world.ask import AsyncWorld

_LOCAL = re.compile(r"[A-Za-z0-9._+-]{1,64}")


@click.command()
@click.argument("domain")
@options.dns
@click.option("--consent", "print_consent", is_flag=True, help="Print the record by which DOMAIN's owner says yes.")
@click.option("--i-own-this", is_flag=True, help="I am in charge of these servers. Without it nothing is probed.")
@click.option(
    *("--host", "named"),
    multiple=True,
    metavar="IP[:PORT]",
    help="Probe this address: one in my own network, or one of DOMAIN's mail servers (repeatable).",
)
@click.option("--foreign", metavar="ADDRESS", default="", help="An address of mine elsewhere, as the one to relay to.")
@click.option(
    "--send-to", metavar="ADDRESS", default="", help="Send one marked mail to this mailbox of mine, as itself."
)
@click.option("--blocklist", multiple=True, metavar="ZONE", help="Ask this DNS blocklist too (repeatable).")
@click.option("--helo", metavar="NAME", default="", help="What I call myself.  [default: this machine's name]")
@click.option("--ca-file", metavar="FILE", default="", help="Trust these certificate authorities besides the system's.")
@click.option("--log", metavar="FILE", help="Append every session here.  [default: in the user's data directory]")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/probe/1".')
@click.option(
    "--fail-on",
    type=click.Choice((*LEVELS[:4], "never")),
    default="high",
    show_default=True,
    help="Exit 1 if something of this level or worse is open.",
)
def command(
    domain: str,
    offline: bool,
    zone: str | None,
    resolver: str | None,
    print_consent: bool,
    i_own_this: bool,
    named: tuple[str, ...],
    as_json: bool,
    fail_on: str,
    **wishes: Any,
) -> None:
    """Probe the mail servers of DOMAIN: 31 ways to make them relay, VRFY, log-ins before encryption, certificates.

    Only addresses in my own network that I name, or mail servers of a domain that publishes the record which --consent
    prints. No mail is sent, except one to my own mailbox with --send-to. Every session is logged. Exit code 78:
    nothing may be probed.
    """
    name, folder = kept.name(domain), _folder()
    if print_consent:
        click.echo(consent.record(name, _token(name, folder), kept.now().date()))
        return
    if not i_own_this:
        remedy = f"if they are yours, add --i-own-this and say yes in the DNS: disavow probe --consent {name}"
        raise Misconfigured("probe", "only their owner may probe mail servers", remedy)
    wishes["log"] = Path(wishes["log"] or folder / "probe-log.ndjson")
    run = _Run(
        name, options.resolver(offline, zone, resolver).ask if not offline else _nobody, **_checked(name, wishes)
    )
    found = asyncio.run(run.all(named, _token(name, folder)))
    probe_report.tell(name, found, as_json)
    sys.exit(_status(found, fail_on))


def _folder() -> Path:
    from ...world.stores import usual_place

    return usual_place().parent


def _token(domain: str, folder: Path) -> str:
    """What this installation calls its consent for ``domain``: nobody else can make it, or use it."""
    from ...world.probe import secret

    return hmac.new(secret(folder / "probe-secret"), domain.encode(), hashlib.sha256).hexdigest()[:32]


async def _nobody(question: Any) -> Any:
    from ...world.resolver import offline

    return offline(question)


def _checked(domain: str, wishes: dict[str, Any]) -> dict[str, Any]:
    """The wishes with their names as the DNS has them; raises Misconfigured for what cannot be used."""
    foreign, mailbox, helo = wishes["foreign"], wishes["send_to"], wishes["helo"]
    return wishes | {
        "foreign": _address("--foreign", foreign, domain, inside=False) if foreign else "",
        "send_to": _address("--send-to", mailbox, domain, inside=True) if mailbox else "",
        "helo": kept.name(helo) if helo else "",
    }


def _address(option: str, text: str, domain: str, inside: bool) -> str:
    """A plain address, within ``domain`` or not."""
    local, _, host = text.rpartition("@")
    if not _LOCAL.fullmatch(local):
        raise Misconfigured(option, f"{text!r} is not a plain address", f"for example me@{domain}")
    host = kept.name(host)
    if names.is_within(host, domain) != inside:
        raise Misconfigured(option, f"{text} is {'not ' if inside else ''}within {domain}")
    return f"{local}@{host}"


class _Run:
    """One run: consent first, then each permitted address by a prober of its own."""

    def __init__(self, domain: str, dns: AsyncWorld, **wishes: Any) -> None:
        from ...world.probe import logging_to, own_name

        self._domain, self._dns, self._wishes = domain, dns, wishes
        self._log = logging_to(wishes["log"])
        self._helo = wishes["helo"] or own_name(socket.getfqdn())

    async def all(self, named: tuple[str, ...], token: str) -> Probed:
        """The refusals, and the findings for each address."""
        from ...judgement.examination import surroundings
        from ...world.ask import ask_async

        agreed, why = await ask_async(consent.seek(self._domain, named, token, kept.now().date()), self._dns)
        servers = [await self._one(permit) for permit in agreed.permits]
        lists = self._wishes["blocklist"]
        around = await ask_async(surroundings(self._domain, agreed.permits, lists), self._prober(agreed.permits))
        return Probed(Found(agreed.refusals, why), tuple(servers), Found(*around))

    async def _one(self, permit: consent.Permit) -> Server:
        from ...judgement.examination import examine, spoofed
        from ...world.ask import ask_async

        world = self._prober((permit,))
        faults, seen = await ask_async(examine(permit, self._domain, self._helo, self._wishes["foreign"]), world)
        if mailbox := self._wishes["send_to"]:
            mark = secrets.token_hex(6)
            more, also = await ask_async(spoofed(permit, mailbox, self._helo, mark), world)
            faults, seen = (*faults, *more), (*seen, *also)
        return Server(permit, Found(faults, seen))

    def _prober(self, permits: Iterable[consent.Permit]) -> AsyncWorld:
        from ...world.probe import Prober

        wishes = self._wishes
        return Prober(self._dns, permits, self._log, wishes["send_to"], wishes["ca_file"], self._helo).ask


def _status(found: Probed, fail_on: str) -> int:
    """1 if something of that level or worse is open, 78 if nothing could be probed."""
    if not found.servers:
        return Misconfigured.exit_code
    worse = LEVELS[: LEVELS.index(fail_on) + 1] if fail_on != "never" else ()
    return int(any(fault.level in worse for fault in found.faults))
