"""The real DNS, asked by way of a recursive resolver."""

from __future__ import annotations

from copy import copy
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver

from ..standards.questions import Answer, Lookup, Question
from .resolver import is_loopback, not_dns, split_host_port
from .zone_file import value

LOOKUP_SECONDS = 5.0


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
            return not_dns(question)
        if question not in self._known:
            try:
                self._known[question] = self._read(question, _for(self._sync, question).resolve(*_arguments(question)))
            except _FAILURES as failure:
                return _failed(failure)
        return self._known[question]

    async def ask(self, question: Question) -> Answer[Any]:
        """The same without blocking."""
        if not isinstance(question, Lookup):
            return not_dns(question)
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
        values = tuple(value(rdata) for rdata in answer.rrset) if answer.rrset else ()
        if not values:
            if why := _no_answer(answer.response):
                return Answer("temperror", why=why)
            nxdomain = answer.response.rcode() == dns.rcode.NXDOMAIN
            return Answer("nxdomain" if nxdomain else "nodata", (), "", authenticated, aliases)
        return Answer("ok", values, "", authenticated, aliases, answer.rrset.ttl if answer.rrset else 0)


_FAILURES = (dns.exception.DNSException, OSError, ValueError, UnicodeError)
_NO_NAME = (dns.name.LabelTooLong, dns.name.EmptyLabel, dns.name.NameTooLong, dns.name.BadEscape, UnicodeError)


def _no_answer(response: dns.message.Message) -> str:
    """Why a response without what was asked for does not prove that it is not there; "" when it does."""
    if not response.flags & (dns.flags.AA | dns.flags.RA):
        return "this server only refers to others: it is no resolver"
    if response.answer and all(rrset.name != response.question[0].name for rrset in response.answer):
        return "the reply is about another name"
    return ""


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


def system_resolver() -> str:
    """The address of the first resolver that this machine is told to ask."""
    return str(dns.resolver.Resolver().nameservers[0])


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
