"""The real DNS, asked by way of a recursive resolver."""

from __future__ import annotations

import time
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
from .silence import Silence
from .zone_file import value

LOOKUP_SECONDS = 5.0


class Dns:
    """Asks a recursive resolver; answers are kept for the life of the object.

    ``server`` is "host:port" or "host" (an address); without it the system's resolvers are asked. The AD bit is
    believed only from a loopback resolver. A domain whose name servers stay silent is soon left alone for a while.
    """

    def __init__(self, server: str = "", seconds: float = LOOKUP_SECONDS) -> None:
        self._sync = _configured(dns.resolver.Resolver, server, seconds)
        self._async = _configured(dns.asyncresolver.Resolver, server, seconds)
        self._trusted = all(is_loopback(str(nameserver)) for nameserver in self._sync.nameservers)
        self._known: dict[Lookup, Answer[Any]] = {}
        self._silence = Silence(time.monotonic)

    def __call__(self, question: Question) -> Answer[Any]:
        """The answer to a Lookup or to Now; temperror for anything else."""
        if not isinstance(question, Lookup):
            return not_dns(question)
        answer = self._remembered(question)
        if answer is None:
            try:
                found = _for(self._sync, question).resolve(*_arguments(question))
                answer = self._keep(question, found)
            except _FAILURES as failure:
                answer = self._failed(question, failure)
        return answer

    async def ask(self, question: Question) -> Answer[Any]:
        """The same without blocking."""
        if not isinstance(question, Lookup):
            return not_dns(question)
        answer = self._remembered(question)
        if answer is None:
            try:
                found = await _for(self._async, question).resolve(*_arguments(question))
                answer = self._keep(question, found)
            except _FAILURES as failure:
                answer = self._failed(question, failure)
        return answer

    def _remembered(self, question: Lookup) -> Answer[Any] | None:
        """What is known, or why it is of no use to ask."""
        if question in self._known:
            return self._known[question]
        why = self._silence.about(question.name)
        return Answer("temperror", why=why) if why else None

    def _keep(self, question: Lookup, found: dns.resolver.Answer) -> Answer[Any]:
        self._silence.broke(question.name)
        answer = self._read(question, found)
        if answer.status != "temperror":
            self._known[question] = answer
        return answer

    def _failed(self, question: Lookup, failure: Exception) -> Answer[Any]:
        if isinstance(failure, dns.resolver.LifetimeTimeout):
            self._silence.fell(question.name)
        else:
            self._silence.broke(question.name)
        return _failed(failure)

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
