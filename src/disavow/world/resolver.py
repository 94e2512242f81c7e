"""DNS: a real resolver, a zone file, or nobody (``--offline``), each answering the same questions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from copy import copy
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeAlias

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset
import dns.tokenizer
import dns.zonefile

from ..errors import Misconfigured
from ..standards.questions import Answer, Lookup, Mx, Now, Question, Tlsa

Resolver: TypeAlias = Callable[[Question], Answer[Any]]

LOOKUP_SECONDS = 5.0
MAX_ALIASES = 8


def offline(question: Question) -> Answer[Any]:
    """Nobody is asked: every answer is temperror, and says why; only the time is known."""
    return _not_dns(question, "offline: not asked")


def _not_dns(question: Question, why: str = "not a DNS question") -> Answer[Any]:
    """The time, which needs nobody; temperror for everything else."""
    return Answer("ok", (datetime.now(UTC),)) if isinstance(question, Now) else Answer("temperror", why=why)


class Dns:
    """Asks a recursive resolver; answers are kept for the life of the object.

    ``server`` is "host:port" or "host" (an address); without it the system's resolvers are asked. The AD bit is
    believed only from a loopback resolver.
    """

    def __init__(self, server: str = "", seconds: float = LOOKUP_SECONDS) -> None:
        self._sync = _configured(dns.resolver.Resolver, server, seconds)
        self._async = _configured(dns.asyncresolver.Resolver, server, seconds)
        self._trusted = all(is_loopback(str(nameserver)) for nameserver in self._sync.nameservers)
        self._known: dict[Lookup, Answer[Any]] = {}

    def __call__(self, question: Question) -> Answer[Any]:
        """The answer to a Lookup or to Now; temperror for anything else."""
        if not isinstance(question, Lookup):
            return _not_dns(question)
        if question not in self._known:
            try:
                self._known[question] = self._read(question, _for(self._sync, question).resolve(*_arguments(question)))
            except _FAILURES as failure:
                return _failed(failure)
        return self._known[question]

    async def ask(self, question: Question) -> Answer[Any]:
        """The same without blocking."""
        if not isinstance(question, Lookup):
            return _not_dns(question)
        if question not in self._known:
            try:
                answer = await _for(self._async, question).resolve(*_arguments(question))
                self._known[question] = self._read(question, answer)
            except _FAILURES as failure:
                return _failed(failure)
        return self._known[question]

    def _read(self, question: Lookup, answer: dns.resolver.Answer) -> Answer[Any]:
        aliases = tuple(
            str(rdata.target).removesuffix(".").lower()
            for rrset in answer.response.answer
            if rrset.rdtype == dns.rdatatype.CNAME and question.type != "CNAME"
            for rdata in rrset
        )
        authenticated = self._trusted and bool(answer.response.flags & dns.flags.AD)
        values = tuple(_value(rdata) for rdata in answer.rrset) if answer.rrset else ()
        if not values:
            nxdomain = answer.response.rcode() == dns.rcode.NXDOMAIN
            return Answer("nxdomain" if nxdomain else "nodata", (), "", authenticated, aliases)
        return Answer("ok", values, "", authenticated, aliases, answer.rrset.ttl if answer.rrset else 0)


_FAILURES = (dns.exception.DNSException, OSError, ValueError, UnicodeError)
_NO_NAME = (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong, dns.name.BadEscape, UnicodeError)


def _configured(kind: Any, server: str, seconds: float) -> Any:
    resolver = kind(configure=not server)
    if server:
        host, port = split_host_port(server, 53)
        resolver.nameservers, resolver.port = [host], port
    resolver.lifetime = seconds
    resolver.use_edns(0, dns.flags.DO, 1232)
    resolver.flags = dns.flags.RD | dns.flags.AD
    return resolver


def _for(resolver: Any, question: Lookup) -> Any:
    """``resolver``, or its twin that sets the CD bit (RFC 4035 section 3.2.2)."""
    if not question.unvalidated:
        return resolver
    twin = copy(resolver)
    twin.flags |= dns.flags.CD
    return twin


def split_host_port(server: str, port: int) -> tuple[str, int]:
    """("127.0.0.1", 5353) from "127.0.0.1:5353", "[::1]:5353", "::1" or "127.0.0.1"; the host must be an address."""
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+)(?::(\d+))?|([0-9A-Fa-f:.]+)", server.strip())
    host = match and (match[1] or match[3] or match[5])
    try:
        return str(ip_address(host or "")), int(match[2] or match[4] or port) if match else port
    except ValueError:
        raise Misconfigured("--resolver", f"{server!r} is not address:port", "for example 127.0.0.1:53") from None


def system_resolver() -> str:
    """The address of the first resolver that this machine is told to ask."""
    return str(dns.resolver.Resolver().nameservers[0])


def is_loopback(address: str) -> bool:
    """True if ``address`` is this machine's own."""
    try:
        return ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _arguments(question: Lookup) -> tuple[Any, ...]:
    # raise_on_no_answer=False: the CNAME chain and the AD bit matter for an empty answer too.
    return (question.name + ".", question.type, "IN", False, None, False)


def _failed(failure: Exception) -> Answer[Any]:
    if isinstance(failure, dns.resolver.NXDOMAIN):
        return Answer("nxdomain", aliases=_aliases_of(failure))
    if isinstance(failure, _NO_NAME):
        return Answer("nxdomain", why=f"not a DNS name: {failure}")
    return Answer("temperror", why=str(failure).splitlines()[0][:200] if str(failure) else type(failure).__name__)


def _aliases_of(failure: dns.resolver.NXDOMAIN) -> tuple[str, ...]:
    responses = (failure.kwargs.get("responses") or {}).values()
    return tuple(
        str(rdata.target).removesuffix(".").lower()
        for response in responses
        for rrset in response.answer
        if rrset.rdtype == dns.rdatatype.CNAME
        for rdata in rrset
    )


def _value(rdata: Any) -> Any:
    """An rdata as the typed value that the question's helper promises."""
    kind = dns.rdatatype.to_text(rdata.rdtype)
    if kind in ("TXT", "SPF"):
        return b"".join(rdata.strings)
    if kind in ("A", "AAAA"):
        return ip_address(rdata.address)
    if kind == "MX":
        return Mx(rdata.preference, str(rdata.exchange).removesuffix(".").lower())
    if kind in ("PTR", "NS", "CNAME", "DNAME"):
        return str(rdata.target).removesuffix(".").lower()
    if kind == "TLSA":
        return Tlsa(rdata.usage, rdata.selector, rdata.mtype, bytes(rdata.cert))
    return rdata.to_text()


class Zone:
    """Answers from master-file text (RFC 1035 section 5) with absolute names; asks nobody.

    What is not there is NXDOMAIN, or NODATA where names lie below it or other types exist; wildcards (RFC 4592)
    and CNAMEs are followed; a comment line ``; SERVFAIL name.`` makes every question for that name fail.
    """

    def __init__(self, text: str) -> None:
        self._failing = {
            match[1].removesuffix(".").lower() for match in re.finditer(r"(?mi)^\s*;\s*SERVFAIL\s+(\S+)", text)
        }
        self._rrsets: dict[str, dict[str, tuple[int, tuple[Any, ...]]]] = {}
        self._names: set[str] = set()
        for rrset in _rrsets(text):
            name = str(rrset.name).removesuffix(".").lower()
            kind = dns.rdatatype.to_text(rrset.rdtype)
            self._rrsets.setdefault(name, {})[kind] = (rrset.ttl, tuple(_value(rdata) for rdata in rrset))
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
            return _not_dns(question, "offline: not asked")
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


def _rrsets(text: str) -> Iterable[dns.rrset.RRset]:
    manager = dns.zonefile.RRSetsReaderManager(dns.name.root)
    try:
        with manager.writer(True) as records:  # type: ignore[no-untyped-call]
            tokens = dns.tokenizer.Tokenizer(text, "zone")
            # $INCLUDE would read files, $GENERATE is a bomb.
            allowed = ("$ORIGIN", "$TTL")
            dns.zonefile.Reader(tokens, dns.rdataclass.IN, records, allow_directives=allowed, default_ttl=3600).read()
    except (dns.exception.DNSException, ValueError) as error:
        raise Misconfigured("--zone", f"not a zone file: {error}") from None
    return manager.rrsets
