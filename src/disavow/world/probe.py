"""SMTP sessions with servers whose owner consented: to permitted addresses only, slowly, each one written down."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import Malformed, Misconfigured
from ..judgement.consent import Permit
from ..standards import names
from ..standards.questions import Address, Answer, Greet, Question, Say
from .ask import AsyncWorld
from .dial import AsyncResolver, Dial, Place, dial
from .smtp_session import Caller

PAUSE = 0.3  # seconds between connections to one address
_SESSIONS = 40  # with one address in one run
_VERBS = {"EHLO", "HELO", "MAIL", "RCPT", "RSET", "VRFY", "EXPN", "STARTTLS", "NOOP"}

Log = Callable[[dict[str, Any]], None]


class Prober:
    """Answers ``Greet`` and ``Say`` for permitted addresses, and every other question by ``dns``.

    A host is where its permit says: it is never looked up again, so that no change of the DNS leads elsewhere.
    ``mailbox``: the owner's own, the only recipient that a mail is ever sent to. ``log`` gets every session.
    """

    def __init__(
        self,
        dns: AsyncWorld,
        permits: Iterable[Permit],
        log: Log,
        mailbox: str = "",
        ca_file: str = "",
        helo: str = "",
        connect: Dial = dial,
        pause: float = PAUSE,
    ) -> None:
        self._permits = tuple(permits)
        self._dns, self._log, self._mailbox, self._pause, self._connect = dns, log, mailbox, pause, connect
        self._locks = {permit.address: asyncio.Lock() for permit in self._permits}
        self._sessions = dict.fromkeys(self._locks, 0)
        self._caller = Caller(dns, ca_file, self._dial, helo, find=self._find)

    async def ask(self, question: Question) -> Answer[Any]:
        """The answer; temperror, and no connection, for what is not permitted."""
        if not isinstance(question, Greet | Say):
            return await self._dns(question)
        if why := self._forbidden(question):
            return Answer("temperror", why=why)
        address = self._places(question.host)[0]
        async with self._locks[address]:
            answer = await self._caller.ask(question)
            await asyncio.sleep(self._pause)
        self._log(_entry(question, address, answer))
        return answer

    def _forbidden(self, question: Greet | Say) -> str:
        """Why the question is not asked, "" if it is."""
        permitted = {(name, permit.port) for permit in self._permits for name in (permit.host, str(permit.address))}
        if (question.host, question.port) not in permitted:
            return f"not asked: nobody consented to probe {question.host} port {question.port}"
        if isinstance(question, Say) and not _is_harmless(question.lines, self._mailbox):
            return "not asked: a probe sends no mail"
        return ""

    def _places(self, host: str) -> tuple[Address, ...]:
        return tuple(permit.address for permit in self._permits if host in (permit.host, str(permit.address)))

    async def _find(self, resolve: AsyncResolver, host: str) -> Place:
        """Where the permit says; ``resolve`` is not asked."""
        return Place(self._places(host), Answer("temperror", why="not permitted"))

    async def _dial(self, address: Address, port: int) -> tuple[StreamReader, StreamWriter]:
        if (address, port) not in {(permit.address, permit.port) for permit in self._permits}:
            raise OSError(f"nobody consented to probe {address} port {port}")
        if self._sessions[address] >= _SESSIONS:
            raise OSError("enough connections for one run")
        self._sessions[address] += 1
        return await self._connect(address, port)


def _is_harmless(lines: tuple[str, ...], mailbox: str) -> bool:
    """True if no mail can come of it, or one to ``mailbox`` alone."""
    if "DATA" in lines and mailbox:
        start = lines.index("DATA")
        recipients = [line for line in lines[:start] if line.upper().startswith("RCPT")]
        if recipients != [f"RCPT TO:<{mailbox}>"] or len(lines) != start + 2:
            return False
        lines = lines[:start]
    return all(line[:8].split(" ")[0].upper() in _VERBS and not set(line) & {"\r", "\n", "\0"} for line in lines)


def _entry(question: Greet | Say, address: Address, answer: Answer[Any]) -> dict[str, Any]:
    """The session as it stands in the log."""
    said = question.lines if isinstance(question, Say) else ("EHLO", "STARTTLS", "EHLO")
    replies = [str(reply) for reply in answer.values] if isinstance(question, Say) else []
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "at": at,
        "address": str(address),
        "port": question.port,
        "said": said,
        "replies": replies,
        "why": answer.why,
    }


def logging_to(path: Path) -> Log:
    """A log that appends each session to a file of JSON lines; raises Misconfigured if it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("a").close()
    except OSError as error:
        raise Misconfigured("--log", str(error)) from None

    def log(entry: dict[str, Any]) -> None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    return log


def secret(path: Path) -> bytes:
    """This installation's secret, from which its tokens come; made on first use, readable by the user alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    except OSError as error:
        raise Misconfigured(str(path), str(error)) from None
    kept = path.read_bytes().strip()
    if len(kept) < 32:
        raise Misconfigured(str(path), "this is no secret", "remove the file, and print and publish a new consent")
    return kept


def own_name(hostname: str) -> str:
    """A name for EHLO that servers accept: ``hostname`` if it is a full one."""
    try:
        name = names.parse(hostname)
    except Malformed:
        return "disavow-probe.example.net"
    return name if "." in name else "disavow-probe.example.net"
