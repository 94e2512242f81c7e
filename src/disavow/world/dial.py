"""Connections to hosts of the Internet: to public addresses only, each found by our own resolver."""

from __future__ import annotations

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, TypeAlias

from ..judgement.public_addresses import is_public
from ..standards.questions import Address, Answer, Lookup

AsyncResolver: TypeAlias = Callable[[Lookup], Awaitable[Answer[Any]]]
Dial: TypeAlias = Callable[[Address, int], Awaitable[tuple[StreamReader, StreamWriter]]]

ADDRESSES = 4  # tried in turn
LINE_BYTES = 65_536


class Place(NamedTuple):
    """Where a host is: its public addresses, or the answer that says why it has none."""

    addresses: tuple[Address, ...]
    none: Answer[Any]


async def dial(address: Address, port: int) -> tuple[StreamReader, StreamWriter]:
    """A plain TCP connection."""
    return await asyncio.open_connection(str(address), port, limit=LINE_BYTES)


async def find(resolve: AsyncResolver, host: str) -> Place:
    """The addresses of ``host``.

    Private ones are left out: whoever writes a zone must not steer our connections into our own network.
    """
    answers = await asyncio.gather(resolve(Lookup(host, "A")), resolve(Lookup(host, "AAAA")))
    found = tuple(address for answer in answers for address in answer.values)
    public = tuple(address for address in found if is_public(address))[:ADDRESSES]
    if found and not public:
        return Place((), Answer("temperror", why="only private addresses: not connected to"))
    silent = next((answer for answer in answers if answer.status == "temperror"), answers[0])
    return Place(public, Answer(silent.status, why=silent.why))


def trust(ca_file: str = "") -> ssl.SSLContext:
    """A context that verifies certificates by the system's authorities, and those of ``ca_file`` besides."""
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def distrust() -> ssl.SSLContext:
    """A context that takes any certificate: to look at one that cannot be trusted, never to rely on it."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
