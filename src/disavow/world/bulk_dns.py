"""DNS for many questions at once: one resolver, few sockets, hundreds of questions in flight (RFC 1035, RFC 6891)."""

from __future__ import annotations

import asyncio
import os
import struct
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..standards.questions import Answer, Lookup, Now, Question
from .dns_wire import Unreadable, query, read
from .resolver import is_loopback, split_host_port

SECONDS = (1.5, 3.0)  # waited for each attempt
IN_FLIGHT = 400  # asked at once: no more than a resolver keeps up with
_SWEEP = 0.05  # seconds between looks for questions that waited too long
_SOCKETS = 8  # each with a port of its own, so that answers are hard to forge
_KEPT = 50_000  # answers remembered: providers' records are asked for again and again


class BulkDns:
    """Answers lookups by UDP, by TCP what is truncated; the same question is asked once while it is remembered.

    ``server`` is "address:port" of a recursive resolver. The AD bit is believed only from a loopback resolver. Memory
    is bounded: the 50,000 answers used last are kept. Use as ``async with``.
    """

    def __init__(self, server: str, in_flight: int = IN_FLIGHT, seconds: tuple[float, ...] = SECONDS) -> None:
        self._host, self._port = split_host_port(server, 53)
        self._trusted = is_loopback(self._host)
        self._seconds = seconds
        self._free = asyncio.Semaphore(in_flight)
        self._known: OrderedDict[Lookup, asyncio.Future[Answer[Any]]] = OrderedDict()
        self._sockets: list[_Socket] = []
        self._random = _numbers()

    async def __aenter__(self) -> BulkDns:
        loop = asyncio.get_running_loop()
        for _ in range(_SOCKETS):
            _, protocol = await loop.create_datagram_endpoint(_Socket, remote_addr=(self._host, self._port))
            self._sockets.append(protocol)
        return self

    async def __aexit__(self, *failure: object) -> None:
        for socket in self._sockets:
            socket.close()

    async def ask(self, question: Question) -> Answer[Any]:
        """The answer to a Lookup or to Now; temperror for anything else."""
        if not isinstance(question, Lookup):
            now = isinstance(question, Now)
            return Answer("ok", (datetime.now(UTC),)) if now else Answer("temperror", why="not a DNS question")
        if known := self._known.get(question):
            self._known.move_to_end(question)
            return await asyncio.shield(known)
        future: asyncio.Future[Answer[Any]] = asyncio.get_running_loop().create_future()
        self._known[question] = future
        if len(self._known) > _KEPT:
            self._known.popitem(last=False)
        answer: Answer[Any] = Answer("temperror", why="given up")
        try:
            async with self._free:
                answer = await self._answer(question)
        finally:
            future.set_result(answer)
            if answer.status == "temperror":
                self._known.pop(question, None)
        return answer

    async def _answer(self, question: Lookup) -> Answer[Any]:
        try:
            packet = query(question, 0)
        except (ValueError, UnicodeError) as error:
            return Answer("nxdomain", why=f"not a DNS name: {error}")
        try:
            return read(await self._exchange(packet), question.type, self._trusted)
        except TimeoutError:
            return Answer("temperror", why="no answer in time")
        except (OSError, EOFError, Unreadable, ValueError) as error:
            return Answer("temperror", why=f"{type(error).__name__}: {error}"[:200])

    async def _exchange(self, packet: bytes) -> bytes:
        """The reply to ``packet``: tried again on another socket, then by TCP if it was cut."""
        for seconds in self._seconds:
            socket = self._sockets[next(self._random) % len(self._sockets)]
            try:
                reply = await socket.exchange(next(self._random), packet, seconds)
            except TimeoutError:
                continue
            return await self._by_tcp(packet) if reply[2] & 2 else reply
        raise TimeoutError

    async def _by_tcp(self, packet: bytes) -> bytes:
        async with asyncio.timeout(self._seconds[-1]):
            reader, writer = await asyncio.open_connection(self._host, self._port)
            try:
                packet = next(self._random).to_bytes(2, "big") + packet[2:]
                writer.write(struct.pack("!H", len(packet)) + packet)
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                reply = await reader.readexactly(length)
            finally:
                writer.close()
        if not _fits(reply, packet):
            raise Unreadable("the reply to another question")
        return reply


def _numbers() -> Iterator[int]:
    """Numbers from 0 to 65,535 that nobody can guess (RFC 5452 section 9.2), a thousand from each system call."""
    while True:
        yield from struct.unpack("!1024H", os.urandom(2048))


class _Socket(asyncio.DatagramProtocol):
    """One UDP port with its questions in flight, by their numbers."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[bytes, asyncio.Future[bytes], float]] = {}
        self._sweeping = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    async def exchange(self, number: int, packet: bytes, seconds: float) -> bytes:
        """The reply to ``packet``, sent under ``number`` or the next that is free."""
        while number in self._waiting:
            number = (number + 1) & 0xFFFF
        packet = number.to_bytes(2, "big") + packet[2:]
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bytes] = loop.create_future()
        self._waiting[number] = packet, future, loop.time() + seconds
        if not self._sweeping:
            self._sweep()
        try:
            self._transport.sendto(packet)
            return await future
        finally:
            del self._waiting[number]

    def _sweep(self) -> None:
        """Give up what waited too long; one timer for all questions, while there are any."""
        loop = asyncio.get_running_loop()
        for _, future, until in self._waiting.values():
            if until < loop.time() and not future.done():
                future.set_exception(TimeoutError())
        self._sweeping = bool(self._waiting)
        if self._sweeping:
            loop.call_later(_SWEEP, self._sweep)

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Only what answers a question of ours is taken: number and question must fit (RFC 5452 section 9.1)."""
        packet, future, _ = self._waiting.get(int.from_bytes(data[:2], "big"), (b"", None, 0.0))
        if future is not None and not future.done() and _fits(data, packet):
            future.set_result(data)

    def error_received(self, error: Exception) -> None:
        """A refused port: the questions in flight run into their time limits, and are asked again."""

    def close(self) -> None:
        self._transport.close()


def _fits(reply: bytes, packet: bytes) -> bool:
    """True if ``reply`` is one, and repeats the number and the question of ``packet``."""
    question = packet[12 : packet.index(b"\0", 12) + 5].lower()
    header = len(reply) >= 12 and reply[:2] == packet[:2] and bool(reply[2] & 0x80)
    return header and reply[12 : 12 + len(question)].lower() == question
