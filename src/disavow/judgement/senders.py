"""Whom a domain's SPF record authorises, and what reading it costs: the whole tree of includes (RFC 7208)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, TypeAlias

from ..errors import Malformed
from ..standards import spf
from ..standards.questions import Answer, Dialogue, a, lookup, mx, together, txt
from .public_addresses import Network

_RECORDS = 60  # read in one tree; eleven are already too many for any receiver
_TERMS = 60  # looked up in one record

Term: TypeAlias = spf.Mechanism | spf.Modifier


@dataclass(frozen=True, slots=True)
class Grant:
    """What one mechanism, but for include, authorises.

    ``target``: the name it asks for ("" for ip4, ip6, all, and where macros stand); ``networks``: what it covers;
    ``answer``: that of its question, None when it asks none; ``hosts``: how many names an mx lists.
    """

    term: spf.Mechanism
    target: str = ""
    networks: tuple[Network, ...] = ()
    answer: Answer[Any] | None = None
    hosts: int = 0

    @property
    def void(self) -> bool:
        """True if the lookup comes back empty, of which a record may cause two (section 4.6.4)."""
        return self.answer is not None and self.answer.status in ("nxdomain", "nodata")


@dataclass(frozen=True, slots=True)
class Branch:
    """An include or redirect: ``senders`` is None when ``loop`` or when the target holds macros."""

    term: Term
    target: str
    senders: Senders | None = None
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Senders:
    """The SPF record of ``domain``; ``record`` is None without exactly one that can be read, ``problem`` says why."""

    domain: str
    answer: Answer[bytes]
    texts: tuple[bytes, ...] = ()
    record: spf.Record | None = None
    problem: str = ""
    grants: tuple[Grant, ...] = ()
    branches: tuple[Branch, ...] = ()

    @property
    def all(self) -> spf.Mechanism | None:
        """The mechanism that ends the record, if it has one."""
        return next((term for term in self._mechanisms if term.name == "all"), None)

    @property
    def authorises(self) -> bool:
        """True unless nothing but failure can come out of it."""
        redirects = self.record is not None and self.record.modifier("redirect") is not None
        return redirects or any(term.qualifier in "+?" for term in self._mechanisms)

    @property
    def lookups(self) -> int:
        """What a sender that matches nothing costs a receiver, of the ten that section 4.6.4 allows."""
        below = sum(branch.senders.lookups for branch in self.branches if branch.senders)
        return below + len(self.branches) + sum(grant.term.asks for grant in self.grants)

    def walk(self) -> Iterator[Senders]:
        """This record and all below it."""
        yield self
        for branch in self.branches:
            if branch.senders:
                yield from branch.senders.walk()

    @property
    def _mechanisms(self) -> tuple[spf.Mechanism, ...]:
        return self.record.mechanisms if self.record else ()


def evaluated(record: spf.Record) -> tuple[Term, ...]:
    """The terms that can matter: mechanisms up to ``all``, and redirect where no ``all`` stands (section 5.1, 6.1)."""
    terms: list[Term] = []
    for term in record.mechanisms:
        terms.append(term)
        if term.name == "all":
            return tuple(terms)
    redirect = record.modifier("redirect")
    return (*terms, *([redirect] if redirect else []))


def survey(domain: str) -> Dialogue[Senders]:
    """The SPF record of ``domain`` and of all it includes, as deep as a budget of 60 records goes."""
    return (yield from _visit(domain, (domain,), iter(range(_RECORDS))))


def _visit(domain: str, path: tuple[str, ...], budget: Iterator[int]) -> Dialogue[Senders]:
    if next(budget, None) is None:
        return Senders(domain, Answer("temperror", why="too many records: not read"))
    answer = yield from txt(domain)
    texts = tuple(text for text in answer.values if spf.is_record(text))
    if len(texts) != 1:
        return Senders(domain, answer, texts, None, f"{len(texts)} records where one belongs" if texts else "")
    try:
        record = spf.parse(texts[0])
    except Malformed as malformed:
        return Senders(domain, answer, texts, None, malformed.what)
    terms = evaluated(record)[:_TERMS]
    below = [term for term in terms if term.name in ("include", "redirect")]
    others = [term for term in terms if isinstance(term, spf.Mechanism) and term.name != "include"]
    grants = yield from together(*(_grant(term, domain) for term in others))
    branches = yield from together(*(_branch(term, path, budget) for term in below))
    return Senders(domain, answer, texts, record, "", grants, branches)


def _branch(term: Term, path: tuple[str, ...], budget: Iterator[int]) -> Dialogue[Branch]:
    target = _name(term.value if isinstance(term, spf.Modifier) else term.domain)
    if "%" in target:
        return Branch(term, target)
    if target in path:
        return Branch(term, target, None, True)
    return Branch(term, target, (yield from _visit(target, (*path, target), budget)))


def _grant(term: spf.Mechanism, domain: str) -> Dialogue[Grant]:
    if term.network is not None:
        return Grant(term, "", (term.network,))
    target = _name(term.domain) or domain
    if "%" in target or term.name in ("all", "ptr"):
        return Grant(term)
    if term.name == "exists":
        return Grant(term, target, (), (yield from a(target)))
    if term.name == "mx":
        return (yield from _mx(term, target))
    answer, networks = yield from _addresses(term, target)
    return Grant(term, target, networks, answer)


def _mx(term: spf.Mechanism, target: str) -> Dialogue[Grant]:
    answer = yield from mx(target)
    hosts = [exchange for _, exchange in answer.values if exchange]
    found = yield from together(*(_addresses(term, host) for host in hosts[: spf.MAX_NAMES]))
    return Grant(term, target, tuple(network for _, networks in found for network in networks), answer, len(hosts))


def _addresses(term: spf.Mechanism, name: str) -> Dialogue[tuple[Answer[Any], tuple[Network, ...]]]:
    four, six = yield from together(lookup(name, "A"), lookup(name, "AAAA"))
    answer = next(
        (one for status in ("ok", "temperror", "nodata") for one in (four, six) if one.status == status), four
    )
    prefixes = [(address, term.prefix4) for address in four.values] + [
        (address, term.prefix6) for address in six.values
    ]
    return answer, tuple(ip_network((address, prefix), strict=False) for address, prefix in prefixes)


def _name(text: str) -> str:
    return text.rstrip(".").lower()
