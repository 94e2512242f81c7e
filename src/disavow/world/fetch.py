"""HTTPS for the small files that standards name: no redirects, 64 KiB, ten seconds in all (RFC 8461 section 3.3)."""

from __future__ import annotations

import asyncio
import http.client
import io
import ssl
from asyncio import StreamReader
from typing import Any
from urllib.parse import urlsplit

from ..standards.questions import Address, Answer, Fetch, Question, Response
from .courtesy import OFTEN, Visit, always
from .dial import AsyncResolver, Dial, dial, find, trust

SECONDS = 10.0
BODY_BYTES = 65_536
_ANSWER_BYTES = 2 * BODY_BYTES  # with the header and the sizes of chunks


class Fetcher:
    """Answers ``Fetch``: the host is looked up by ``resolve``, its certificate verified.

    ``ca_file``: authorities trusted besides the system's; ``port``: where HTTPS is spoken if the URL does not say;
    ``visit``: who lets us in (``Courtesy``).
    A certificate that cannot be trusted is an answer (``Response.problem``); no connection is a temperror.
    """

    def __init__(
        self,
        resolve: AsyncResolver,
        ca_file: str = "",
        port: int = 443,
        connect: Dial = dial,
        seconds: float = SECONDS,
        visit: Visit = always,
    ) -> None:
        self._visit = visit
        self._resolve, self._port, self._dial, self._seconds = resolve, port, connect, seconds
        self._context = trust(ca_file)

    async def ask(self, question: Question) -> Answer[Any]:
        """The response, whatever its status; "nxdomain" or "nodata" for a host without an address."""
        url = urlsplit(question.url) if isinstance(question, Fetch) else None
        if url is None or url.scheme != "https" or not url.hostname:
            return Answer("temperror", why="not an https address")
        place = await find(self._resolve, url.hostname)
        if not place.addresses:
            return place.none
        async with self._visit(place.addresses[0]) as welcome:
            if not welcome:
                return Answer("temperror", why=OFTEN)
            try:
                async with asyncio.timeout(self._seconds):
                    target = url.path + (f"?{url.query}" if url.query else "")
                    return await self._first(place.addresses, url.hostname, url.port or self._port, target or "/")
            except TimeoutError:
                return Answer("temperror", why="no answer in time")

    async def _first(self, addresses: tuple[Address, ...], host: str, port: int, target: str) -> Answer[Any]:
        """The answer of the first address that accepts a connection."""
        why = ""
        for address in addresses:
            try:
                return Answer("ok", (await self._get(address, host, port, target),))
            except ssl.SSLCertVerificationError as error:
                return Answer("ok", (Response(0, (), b"", error.verify_message or str(error)),))
            except (OSError, ssl.SSLError, EOFError, http.client.HTTPException, ValueError) as error:
                why = str(error) or type(error).__name__
        return Answer("temperror", why=why[:200])

    async def _get(self, address: Address, host: str, port: int, target: str) -> Response:
        reader, writer = await self._dial(address, port)
        try:
            await writer.start_tls(self._context, server_hostname=host)
            writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode())
            return _response(await _read(reader))
        finally:
            writer.transport.abort()  # all is read; a peer that does not say goodbye shall not keep us


async def _read(reader: StreamReader) -> bytes:
    """All that comes until the end, or as much as an answer may have."""
    data = b""
    while len(data) < _ANSWER_BYTES and (piece := await reader.read(_ANSWER_BYTES - len(data))):
        data += piece
    return data


def _response(data: bytes) -> Response:
    """The standard library's reading of the bytes: the header, and a body that may come in chunks."""
    response = http.client.HTTPResponse(_Bytes(data), method="GET")  # type: ignore[arg-type]
    response.begin()
    headers = tuple((name.lower(), value) for name, value in response.getheaders())
    try:
        body = response.read(BODY_BYTES + 1)
    except http.client.IncompleteRead as cut:
        body = cut.partial
    return Response(response.status, headers, body[: BODY_BYTES + 1])


class _Bytes:
    """Bytes in the place of a socket, which is all that ``HTTPResponse`` wants."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)
