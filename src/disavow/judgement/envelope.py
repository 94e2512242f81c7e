"""The envelope of a message: who handed it to us, as far as somebody we trust wrote that down.

Received lines are stacked: each server writes its own on top. Those that our side wrote are facts, the one at the
border names the client; everything below was there when the message came in, and may be invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from ..errors import Malformed
from ..standards import names, received
from ..standards.message import Message, unfold
from ..standards.questions import Address
from .identity import Identity

Source: TypeAlias = Literal["given", "received", "unknown"]


@dataclass(frozen=True, slots=True)
class Envelope:
    """``ip``, ``helo`` of the SMTP client and its ``mail_from`` ("" the null sender, None unknown).

    ``trusted`` counts the Received lines, from the top, that our side wrote; ``receiver`` is the host that wrote
    the lowest of them, ``at`` its time; ``hosts`` are the names under which our side writes.
    """

    ip: Address | None = None
    helo: str = ""
    mail_from: str | None = None
    source: Source = "unknown"
    trusted: int = 0
    receiver: str = ""
    at: datetime | None = None
    hosts: tuple[str, ...] = ()


class Hop(NamedTuple):
    """One Received line, and whether our side wrote it."""

    line: received.Hop
    trusted: bool


def read(message: Message, mine: Identity | None = None, received_by: str = "", ip: Address | None = None) -> Envelope:
    """The envelope that the trusted Received lines and the Return-Path above them tell; unknown parts stay unknown.

    A line is trusted if one of the owner's servers wrote it and only such lines stand above it; or if
    ``received_by`` names its writer; or if it names ``ip``, which the caller vouches for.
    """
    mine = mine or Identity()
    hosts = tuple(dict.fromkeys((*mine.hosts, *([_host(received_by)] if received_by else []))))
    lines = _lines(message)
    start = _start(lines, mine, hosts, _host(received_by), ip)
    if start is None:
        return Envelope(hosts=hosts)
    border = _border(lines, start, mine, hosts, ip)
    line = lines[border]
    client = line.from_ip
    known = (
        client is not None
        and not _is_inside(client, mine)
        and (client == ip or not _is_doubtful(lines, border, mine, hosts))
    )
    return Envelope(
        ip=client if known else None,
        helo=line.from_name if known else "",
        mail_from=_return_path(message, border) if known else None,
        source="received",
        trusted=border + 1,
        receiver=line.by,
        at=line.at,
        hosts=hosts or ((line.by,) if line.by else ()),
    )


def given(envelope: Envelope, ip: Address | None, helo: str | None, mail_from: str | None) -> Envelope:
    """``envelope`` with what the caller knows better; None leaves a part as it is."""
    if ip is None and helo is None and mail_from is None:
        return envelope
    return replace(
        envelope,
        ip=ip or envelope.ip,
        helo=envelope.helo if helo is None else helo,
        mail_from=envelope.mail_from if mail_from is None else mail_from.strip().removeprefix("<").removesuffix(">"),
        source="given",
    )


def hops(message: Message, envelope: Envelope) -> tuple[Hop, ...]:
    """Every Received line from the last server (topmost) to the first, each trusted or a claim."""
    return tuple(Hop(line, number < envelope.trusted) for number, line in enumerate(received.chain(message)))


def _start(
    lines: tuple[received.Hop, ...], mine: Identity, hosts: tuple[str, ...], received_by: str, ip: Address | None
) -> int | None:
    """The first line to believe: the topmost of the named server, else the topmost of all if it is mine."""
    if received_by:
        return _topmost(lines, lambda line: _is_named(line.by, (received_by,)))
    if lines and _wrote(lines[0], mine, hosts):
        return 0
    return _topmost(lines, lambda line: line.from_ip == ip) if ip else None


def _topmost(lines: tuple[received.Hop, ...], right: Callable[[received.Hop], bool]) -> int | None:
    return next((number for number, line in enumerate(lines) if right(line)), None)


def _border(
    lines: tuple[received.Hop, ...], start: int, mine: Identity, hosts: tuple[str, ...], ip: Address | None
) -> int:
    """The lowest line of our side: as long as a line was handed over from inside, the next one is ours too."""
    at = start
    while at + 1 < len(lines) and lines[at].from_ip != (ip or ()) and _wrote(lines[at + 1], mine, hosts):
        client = lines[at].from_ip
        # The looked-up name counts, the HELO does not: anybody can say it.
        if client and not _is_inside(client, mine) and not _is_named(lines[at].from_host, hosts):
            break
        at += 1
    return at


# Servers that write a looked-up name only if it points back to the address.
_LOOK_BACK = ("postfix", "exim", "sendmail")


def _lines(message: Message) -> tuple[received.Hop, ...]:
    """The hops, without looked-up names that nobody checked."""
    return tuple(
        line if line.dialect in _LOOK_BACK and b"may be forged" not in field.value else line._replace(from_host="")
        for field, line in zip(message.all("received"), received.chain(message), strict=False)
    )


def _wrote(line: received.Hop, mine: Identity, hosts: tuple[str, ...]) -> bool:
    return _is_named(line.by, hosts) or any(line.by == str(net.network_address) for net in mine.servers)


def _is_named(name: str, hosts: tuple[str, ...]) -> bool:
    return bool(name) and any(names.is_within(name.lower(), host) for host in hosts)


def _is_inside(address: Address, mine: Identity) -> bool:
    return mine.owns_server(address) or address.is_loopback or address.is_link_local or _is_private(address)


# RFC 1918 and RFC 4193; not ipaddress's is_private, which counts the documentation networks too.
_PRIVATE_4 = ((10 << 24, 8), ((172 << 24) + (16 << 16), 12), ((192 << 24) + (168 << 16), 16))


def _is_private(address: Address) -> bool:
    number = int(address)
    if address.version == 6:
        return number >> 121 == 0xFC >> 1
    return any(number >> (32 - bits) == network >> (32 - bits) for network, bits in _PRIVATE_4)


def _is_doubtful(lines: tuple[received.Hop, ...], border: int, mine: Identity, hosts: tuple[str, ...]) -> bool:
    """True if the client calls itself ours and the next line says the same: a relay of ours, or its impostor."""
    below = lines[border + 1 : border + 2]
    return _is_named(lines[border].from_name.rstrip("."), hosts) and any(_wrote(line, mine, hosts) for line in below)


def _return_path(message: Message, border: int) -> str | None:
    """The Return-Path, if it stands above the border: the last server puts it on top (RFC 5321 section 4.4)."""
    line = message.all("received")[border]
    for field in message.all("return-path"):
        if field.offset < line.offset:
            return unfold(field.value).decode("utf-8", "replace").strip("<> \t\r\n")
    return None


def _host(text: str) -> str:
    try:
        return names.parse(text) if text else ""
    except Malformed:
        return text.lower()
