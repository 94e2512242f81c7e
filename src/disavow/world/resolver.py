"""Who answers questions: a zone file or nobody (``--offline``); for the real DNS see ``recursive``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeAlias

from ..errors import Misconfigured
from ..standards.questions import Answer, Lookup, Now, Question

Resolver: TypeAlias = Callable[[Question], Answer[Any]]

MAX_ALIASES = 8


def offline(question: Question) -> Answer[Any]:
    """Nobody is asked: every answer is temperror, and says why; only the time is known."""
    return not_dns(question, "offline: not asked")


def not_dns(question: Question, why: str = "not a DNS question") -> Answer[Any]:
    """The time, which needs nobody; temperror for everything else."""
    return Answer("ok", (datetime.now(UTC),)) if isinstance(question, Now) else Answer("temperror", why=why)


class Zone:
    """Answers from master-file text (RFC 1035 section 5) with absolute names; asks nobody.

    What is not there is NXDOMAIN, or NODATA where names lie below it or other types exist; wildcards (RFC 4592)
    and CNAMEs are followed; a comment line ``; SERVFAIL name.`` makes every question for that name fail.
    """

    def __init__(self, text: str) -> None:
        from .zone_file import read  # late: whoever is offline needs no dnspython

        self._failing = {
            match[1].removesuffix(".").lower() for match in re.finditer(r"(?mi)^\s*;\s*SERVFAIL\s+(\S+)", text)
        }
        self._rrsets: dict[str, dict[str, tuple[int, tuple[Any, ...]]]] = {}
        self._names: set[str] = set()
        for name, kind, ttl, values in read(text):
            self._rrsets.setdefault(name, {})[kind] = (ttl, values)
            labels = name.split(".")
            self._names.update(".".join(labels[start:]) for start in range(len(labels)))

    @classmethod
    def read(cls, path: str) -> Zone:
        """The zone in a file; ``Misconfigured`` when it cannot be read."""
        try:
            return cls(Path(path).read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured("--zone", f"{path}: {error}") from None

    def __call__(self, question: Question) -> Answer[Any]:
        """The answer to a Lookup or to Now; temperror for anything else."""
        if not isinstance(question, Lookup):
            return not_dns(question, "offline: not asked")
        name = question.name.removesuffix(".").lower()
        aliases: list[str] = []
        for _ in range(MAX_ALIASES):
            if name in self._failing:
                return Answer("temperror", (), "SERVFAIL", False, tuple(aliases))
            types = self._types(name)
            if types is None:
                return Answer("nxdomain", aliases=tuple(aliases))
            if question.type in types:
                ttl, values = types[question.type]
                return Answer("ok", values, "", False, tuple(aliases), ttl)
            if "CNAME" not in types:
                return Answer("nodata", aliases=tuple(aliases))
            name = types["CNAME"][1][0]
            aliases.append(name)
        return Answer("temperror", (), "alias loop", False, tuple(aliases))

    async def ask(self, question: Question) -> Answer[Any]:
        """The same for asynchronous callers."""
        return self(question)

    def _types(self, name: str) -> dict[str, tuple[int, tuple[Any, ...]]] | None:
        """What exists at ``name``: {} for an empty non-terminal, None for a name that does not exist."""
        if name in self._names:
            return self._rrsets.get(name, {})
        labels = name.split(".")
        for start in range(1, len(labels) + 1):
            encloser = ".".join(labels[start:])
            if encloser in self._names or start == len(labels):
                return self._rrsets.get(f"*.{encloser}" if encloser else "*")
        return None


def split_host_port(server: str, port: int) -> tuple[str, int]:
    """("127.0.0.1", 5353) from "127.0.0.1:5353", "[::1]:5353", "::1" or "127.0.0.1"; the host must be an address."""
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([0-9A-Fa-f:.]+)", server.strip())
    host = match and (match[1] or match[3] or match[5])
    try:
        return str(ip_address(host or "")), int(match[2] or match[4] or port) if match else port
    except ValueError:
        raise Misconfigured("--resolver", f"{server!r} is not address:port", "for example 127.0.0.1:53") from None


def is_loopback(address: str) -> bool:
    """True if ``address`` is this machine's own."""
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
