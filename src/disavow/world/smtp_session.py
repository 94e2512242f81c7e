"""SMTP from a client's side: what a server greets with, and what it replies (RFC 5321, RFC 3207)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from asyncio import StreamReader, StreamWriter
from typing import Any, NamedTuple, Protocol

from ..standards.questions import Address, Answer, Greet, Greeting, Question, Say
from .courtesy import OFTEN, Visit, always
from .dial import AsyncResolver, Dial, Place, dial, distrust, find, trust

SECONDS = 20.0
_REPLY_LINES = 100
_LINE_BYTES = 2_000


class Reply(NamedTuple):
    """``code`` 0 for something that is no reply; ``lines`` without their codes."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The reply on one string, code first, lines joined by newline."""
        return "\n".join(f"{self.code} {line}" for line in self.lines)


class Session:
    """One connection: commands out, replies in."""

    def __init__(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def reply(self) -> Reply:
        """The next reply; EOFError when the server hangs up, ValueError when what it says is none."""
        lines: list[str] = []
        while len(lines) < _REPLY_LINES:
            line = (await self._reader.readline()).rstrip(b"\r\n")[:_LINE_BYTES].decode("utf-8", "replace")
            if not line:
                raise EOFError("the server hung up")
            lines.append(line[4:])
            if not line[:3].isascii() or not line[:3].isdigit():
                raise ValueError(f"not a reply: {line[:60]!r}")
            if line[3:4] != "-":
                return Reply(int(line[:3]), tuple(lines))
        raise ValueError("a reply of more than a hundred lines")

    async def command(self, line: str) -> Reply:
        """The reply to ``line``."""
        self._writer.write(line.encode("utf-8", "surrogateescape") + b"\r\n")
        await self._writer.drain()
        return await self.reply()

    async def start_tls(self, context: ssl.SSLContext, host: str) -> ssl.SSLObject:
        """TLS from here on; raises what ``ssl`` raises."""
        await self._writer.start_tls(context, server_hostname=host)
        secured: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        return secured

    def close(self) -> None:
        """No goodbye but QUIT, and no waiting for its reply."""
        with contextlib.suppress(OSError, RuntimeError):
            self._writer.write(b"QUIT\r\n")
            self._writer.close()


class Find(Protocol):
    """Where a host is: what ``dial.find`` does unless the caller is told otherwise."""

    async def __call__(self, resolve: AsyncResolver, host: str) -> Place:
        """The addresses that may be connected to."""


class Caller:
    """Answers ``Greet`` and ``Say``: hosts are looked up by ``resolve``; what is said is up to the question.

    ``ca_file``: authorities trusted besides the system's; ``helo``: the name we give; ``find``: who says where a host
    is, by default only at its public addresses; ``visit``: who lets us in (``Courtesy``).
    """

    def __init__(
        self,
        resolve: AsyncResolver,
        ca_file: str = "",
        connect: Dial = dial,
        helo: str = "",
        seconds: float = SECONDS,
        find: Find = find,
        visit: Visit = always,
    ) -> None:
        self._resolve, self._dial, self._seconds, self._find = resolve, connect, seconds, find
        self._visit = visit
        self._trusting, self._helo = trust(ca_file), helo or socket.gethostname()

    async def ask(self, question: Question) -> Answer[Any]:
        """The greeting or the replies; temperror when nobody answers in time."""
        if not isinstance(question, Greet | Say):
            return Answer("temperror", why="not an SMTP question")
        place = await self._find(self._resolve, question.host)
        if not place.addresses:
            return place.none
        async with self._visit(place.addresses[0]) as welcome:
            if not welcome:
                return Answer("temperror", why=OFTEN)
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._first(place.addresses, question)
            except TimeoutError:
                return Answer("temperror", why="no answer in time")

    async def _first(self, addresses: tuple[Address, ...], question: Greet | Say) -> Answer[Any]:
        """The answer of the first address that accepts a connection."""
        refused = ""
        for address in addresses:
            try:
                if isinstance(question, Greet):
                    return Answer("ok", (await self._greet(address, question),))
                return Answer("ok", await self._say(address, question))
            except ConnectionRefusedError:
                refused = "connection refused"
            except (OSError, EOFError, ValueError) as error:
                return Answer("temperror", why=(str(error) or type(error).__name__)[:200])
        return Answer("ok", (Greeting("", failure=refused),)) if isinstance(question, Greet) else _refused(refused)

    async def _greet(self, address: Address, question: Greet) -> Greeting:
        greeting = await self._look(address, question, self._trusting)
        if not greeting.problem:
            return greeting
        # The certificate cannot be trusted: come once more, to see it.
        return (await self._look(address, question, distrust()))._replace(problem=greeting.problem)

    async def _look(self, address: Address, question: Greet, context: ssl.SSLContext) -> Greeting:
        session = Session(*await self._dial(address, question.port))
        try:
            banner = await session.reply()
            before = (await session.command(f"EHLO {self._helo}")).lines[1:]
            seen = Greeting(banner.text, before)
            if not any(line.upper().split()[:1] == ["STARTTLS"] for line in before):
                return seen
            return await self._secure(session, question.host, context, seen)
        finally:
            session.close()

    async def _secure(self, session: Session, host: str, context: ssl.SSLContext, seen: Greeting) -> Greeting:
        """``seen`` with what TLS shows."""
        reply = await session.command("STARTTLS")
        if reply.code != 220:
            return seen._replace(failure=reply.text[:200])
        try:
            secured = await session.start_tls(context, host)
        except ssl.SSLCertVerificationError as error:
            return seen._replace(problem=error.verify_message or str(error))
        except (ssl.SSLError, ConnectionError) as error:
            return seen._replace(failure=(getattr(error, "reason", "") or str(error))[:200])
        after = (await session.command(f"EHLO {self._helo}")).lines[1:]
        return seen._replace(after=after, version=secured.version() or "", chain=_chain(secured))

    async def _say(self, address: Address, question: Say) -> tuple[str, ...]:
        session = Session(*await self._dial(address, question.port))
        replies = []
        try:
            replies.append(await session.reply())
            for line in question.lines:
                replies.append(await session.command(line))
                if line == "DATA" and replies[-1].code != 354:
                    break  # the text would be taken for commands
                if line == "STARTTLS" and replies[-1].code == 220:
                    await session.start_tls(distrust(), question.host)
        except (EOFError, ConnectionError):
            if not replies:
                raise
        finally:
            session.close()
        return tuple(reply.text for reply in replies)


def _refused(why: str) -> Answer[Any]:
    return Answer("temperror", why=why)


def _chain(secured: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates as sent; only the server's where this Python does not give the others."""
    inner = getattr(secured, "_sslobj", None)  # public as get_unverified_chain from Python 3.13
    if inner is not None and hasattr(inner, "get_unverified_chain"):
        return tuple(certificate.public_bytes(2) for certificate in inner.get_unverified_chain() or ())
    certificate = secured.getpeercert(binary_form=True)
    return (certificate,) if certificate else ()
