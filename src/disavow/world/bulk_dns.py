"""DNS for many questions at once: one resolver, few sockets, hundreds of questions in flight (RFC 1035, RFC 6891)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..errors import Unreachable
from ..standards.questions import Answer, Lookup, Now, Question
from .ask import Deliver
from .dns_wire import Unreadable, query, question_of, read
from .resolver import is_loopback, split_host_port
from .silence import Silence

SECONDS = (1.5, 3.0)  # waited for each attempt
IN_FLIGHT = 400  # asked at once: no more than a resolver on this machine keeps up with
IN_FLIGHT_ELSEWHERE = 100  # one that others use too, and that may take many questions for an attack
_SWEEP = 0.05  # seconds between looks for questions that waited too long
_SOCKETS = 8  # each with a port of its own, so that answers are hard to forge
_STREAMS = 8  # TCP connections at once: resolvers allow few
_KEPT = 50_000  # answers remembered: providers' records are asked for again and again
_BYTES = 4_096  # read of one reply: more than three times what we say we take
_AT_ONCE = 256  # replies read before others get their turn


class BulkDns:
    """Answers lookups by UDP, by TCP what is truncated; the same question is asked once while it is remembered.

    ``server`` is "address:port" of a recursive resolver. The AD bit is believed only from a loopback resolver. Memory
    is bounded: the 50,000 answers used last are kept. A domain whose name servers stay silent is soon left alone for a
    while (``Silence``). Use as ``async with``.
    """

    def __init__(self, server: str, in_flight: int = 0, seconds: tuple[float, ...] = SECONDS) -> None:
        self._host, self._port = split_host_port(server, 53)
        self._trusted = is_loopback(self._host)
        self._seconds = seconds
        self._free = in_flight or (IN_FLIGHT if self._trusted else IN_FLIGHT_ELSEWHERE)
        self._queue: deque[_Asked] = deque()
        self._asked: dict[Lookup, _Asked] = {}
        self._known: OrderedDict[Lookup, Answer[Any]] = OrderedDict()
        # By attempt: each waits equally long, so that what was sent first is late first.
        self._sent: tuple[deque[tuple[float, _Asked]], ...] = tuple(deque() for _ in seconds)
        self._sockets: list[_Socket] = []
        self._random = _numbers()
        self._streams = asyncio.Semaphore(_STREAMS)
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> BulkDns:
        self._loop = asyncio.get_running_loop()
        self._silence = Silence(self._loop.time)
        try:
            self._sockets = [_Socket(self._host, self._port) for _ in range(_SOCKETS)]
        except OSError as error:
            raise Unreachable(f"the resolver {self._host}", str(error)) from None
        for one in self._sockets:
            self._loop.add_reader(one.port, self._receive, one)
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._sweeping:
            self._sweeping.cancel()
        for task in self._tasks:
            task.cancel()
        for one in self._sockets:
            self._loop.remove_reader(one.port)
            one.port.close()

    async def ask(self, question: Question) -> Answer[Any]:
        """The answer to a Lookup or to Now; temperror for anything else."""
        future: asyncio.Future[Answer[Any]] = self._loop.create_future()

        def deliver(_: Question, answer: Answer[Any]) -> None:
            if not future.done():
                future.set_result(answer)

        known = self.post(question, deliver)
        return await future if known is None else known

    def post(self, question: Question, deliver: Deliver) -> Answer[Any] | None:
        """The same without waiting: the answer if it is known, else None, and ``deliver`` gets it."""
        if not isinstance(question, Lookup):
            now = isinstance(question, Now)
            return Answer("ok", (datetime.now(UTC),)) if now else Answer("temperror", why="not a DNS question")
        if known := self._known.get(question):
            self._known.move_to_end(question)
            return known
        if asked := self._asked.get(question):
            asked.waiting.append(deliver)
            return None
        if why := self._silence.about(question.name):
            return Answer("temperror", why=why)
        try:
            asked = _Asked(question, query(question, 0), deliver)
        except (ValueError, UnicodeError) as error:
            return Answer("nxdomain", why=f"not a DNS name: {error}")
        self._asked[question] = asked
        self._queue.append(asked)
        self._send_next()
        return None

    def _send_next(self) -> None:
        while self._queue and self._free:
            self._free -= 1
            self._send(self._queue.popleft())

    def _send(self, asked: _Asked) -> None:
        """Off it goes, from any of our ports, under a number that is free there."""
        one = asked.socket = self._sockets[next(self._random) % len(self._sockets)]
        asked.number = one.send(next(self._random), asked)
        self._sent[asked.attempt].append((self._loop.time() + self._seconds[asked.attempt], asked))
        if not self._sweeping:
            self._sweeping = self._loop.call_later(_SWEEP, self._sweep)

    def _receive(self, one: _Socket) -> None:
        """Everything that has come: replies that lie here must not be taken for late."""
        for asked, reply in one.replies():
            self._silence.broke(asked.question.name)
            if reply[2] & 2:
                self._start(asked)
            else:
                self._settle(asked, self._read(asked, reply))

    def _read(self, asked: _Asked, reply: bytes) -> Answer[Any]:
        try:
            return read(reply, asked.question.type, self._trusted)
        except Unreadable as error:
            return Answer("temperror", why=f"Unreadable: {error}"[:200])

    def _settle(self, asked: _Asked, answer: Answer[Any]) -> None:
        """Whoever waits gets the answer; failures are not remembered."""
        self._free += 1
        question = asked.question
        del self._asked[question]
        if answer.status != "temperror":
            self._known[question] = answer
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        for deliver in asked.waiting:
            deliver(question, answer)
        self._send_next()

    def _sweep(self) -> None:
        """Send again, or give up, what waited too long; one timer for all questions, while there are any."""
        now = self._loop.time()
        for attempt, sent in enumerate(self._sent):
            while sent and sent[0][0] < now:
                _, asked = sent.popleft()
                if asked.attempt == attempt and asked.socket and asked.socket.forget(asked):
                    self._try_again(asked)
        again = any(self._sent)
        self._sweeping = self._loop.call_later(_SWEEP, self._sweep) if again else None

    def _try_again(self, asked: _Asked) -> None:
        asked.attempt += 1
        if asked.attempt < len(self._seconds):
            self._send(asked)
        else:
            self._silence.fell(asked.question.name)
            self._settle(asked, Answer("temperror", why="no answer in time"))

    def _start(self, asked: _Asked) -> None:
        task = self._loop.create_task(self._by_tcp(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _by_tcp(self, asked: _Asked) -> None:
        """What did not fit into a packet (RFC 1035 section 4.2.2)."""
        try:
            async with self._streams, asyncio.timeout(self._seconds[-1]):
                answer = self._read(asked, await self._exchange(asked))
        except TimeoutError:
            answer = Answer("temperror", why="no answer in time")
        except (OSError, EOFError) as error:
            answer = Answer("temperror", why=f"{type(error).__name__}: {error}"[:200])
        self._settle(asked, answer)

    async def _exchange(self, asked: _Asked) -> bytes:
        """The reply to the question by a connection of its own; one to another question is none."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        try:
            asked.number = next(self._random)
            packet = asked.numbered()
            writer.write(struct.pack("!H", len(packet)) + packet)
            (length,) = struct.unpack("!H", await reader.readexactly(2))
            reply = await reader.readexactly(length)
        finally:
            writer.close()
        if not asked.fits(reply):
            raise EOFError("the reply is to another question")
        return reply


def _numbers() -> Iterator[int]:
    """Numbers from 0 to 65,535 that nobody can guess (RFC 5452 section 9.2), a thousand from each system call."""
    while True:
        yield from struct.unpack("!1024H", os.urandom(2048))


class _Asked:
    """One question on its way: its packet, who waits for the answer, and under what number it went where."""

    __slots__ = ("attempt", "number", "packet", "question", "socket", "waiting", "wanted")

    def __init__(self, question: Lookup, packet: bytes, deliver: Deliver) -> None:
        self.question, self.packet, self.waiting = question, packet, [deliver]
        self.wanted = question_of(packet)
        self.attempt, self.number = 0, 0
        self.socket: _Socket | None = None

    def numbered(self) -> bytes:
        return self.number.to_bytes(2, "big") + self.packet[2:]

    def fits(self, reply: bytes) -> bool:
        """True if ``reply`` is one, and repeats our number and question (RFC 5452 section 9.1)."""
        header = len(reply) >= 12 and reply[2] & 0x80 and reply[:2] == self.number.to_bytes(2, "big")
        return bool(header) and reply[12 : 12 + len(self.wanted)].lower() == self.wanted


class _Socket:
    """One UDP port with its questions in flight, by their numbers."""

    def __init__(self, host: str, port: int) -> None:
        self.port = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.port.setblocking(False)
        self.port.connect((host, port))
        self._waiting: dict[int, _Asked] = {}

    def send(self, number: int, asked: _Asked) -> int:
        """The number under which it went: ``number``, or the next that is free."""
        while number in self._waiting:
            number = (number + 1) & 0xFFFF
        self._waiting[number] = asked
        # What cannot be sent is as good as lost: the time limit will tell, and it is sent again.
        with contextlib.suppress(OSError):
            self.port.send(number.to_bytes(2, "big") + asked.packet[2:])
        return number

    def forget(self, asked: _Asked) -> bool:
        """True if it was still waiting here."""
        if self._waiting.get(asked.number) is not asked:
            return False
        del self._waiting[asked.number]
        return True

    def replies(self) -> Iterator[tuple[_Asked, bytes]]:
        """Each question of ours that is answered, with the reply; what answers none is not taken."""
        for _ in range(_AT_ONCE):
            try:
                reply = self.port.recv(_BYTES)
            except OSError:  # nothing left, or a refused port: then the time limit will tell
                return
            asked = self._waiting.get(int.from_bytes(reply[:2], "big"))
            if asked is not None and asked.fits(reply):
                del self._waiting[asked.number]
                yield asked, reply
