"""What a probe found, for people and as the JSON contract "disavow/probe/1"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import click
import msgspec

from ..judgement.consent import Permit
from ..judgement.fault import Fault, Faults
from ..words import LEVELS, say
from ..world.ask import Transcript
from .audit_contract import findings

SCHEMA = "disavow/probe/1"


class Found(NamedTuple):
    """Faults, and the transcript that proves them."""

    faults: Faults
    seen: Transcript


class Server(NamedTuple):
    """What one address showed."""

    permit: Permit
    found: Found


@dataclass(frozen=True, slots=True)
class Probed:
    """``refused`` why something was not probed; ``around`` what the DNS says about the servers."""

    refused: Found
    servers: tuple[Server, ...]
    around: Found

    @property
    def faults(self) -> Faults:
        """All that was found, in no order."""
        return (*(fault for server in self.servers for fault in server.found.faults), *self.around.faults)


def tell(domain: str, probed: Probed, as_json: bool) -> None:
    """Prints what was found; what was not probed goes to standard error."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(_contract(domain, probed))))
        return
    for fault in probed.refused.faults:
        click.echo(_sentence(fault), err=True)
    for permit, found in probed.servers:
        _section(f"{permit.host} ({permit.address} port {permit.port})", found.faults)
    if probed.around.faults:
        _section(f"The DNS about the servers of {domain}", probed.around.faults)


def _section(title: str, faults: Faults) -> None:
    click.echo(title)
    for fault in _worst_first(faults):
        click.echo(f"  {fault.level:<9}{_sentence(fault)}")


def _worst_first(faults: Faults) -> Faults:
    return tuple(sorted(faults, key=lambda one: (LEVELS.index(one.level), -one.confidence)))


def _sentence(fault: Fault) -> str:
    """Its sentence, with nothing in it that a terminal would obey: servers may say anything."""
    text = say(fault.tag, fault.finding.args)
    return "".join(character if character.isprintable() else " " for character in text)


def _contract(domain: str, probed: Probed) -> dict[str, Any]:
    servers = [
        {
            "host": permit.host,
            "address": str(permit.address),
            "port": permit.port,
            "basis": permit.basis,
            "findings": findings(_worst_first(found.faults), found.seen),
        }
        for permit, found in probed.servers
    ]
    return {
        "schema": SCHEMA,
        "domain": domain,
        "refused": findings(*probed.refused),
        "servers": servers,
        "around": findings(*probed.around),
    }
