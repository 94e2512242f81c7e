"""My own servers as DNS names them: my MX hosts, and whom my SPF record allows to send."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_network

from ..errors import Malformed
from ..standards import names, spf
from ..standards.questions import Dialogue, a, aaaa, mx, together, txt
from .identity import Identity, Network

MAX_RECORDS = 20
MAX_NAMES = 20


def locate(me: Identity) -> Dialogue[Identity]:
    """``me`` with the networks that DNS adds: ``servers`` from the owner's hosts, MX and his own SPF terms,
    ``shared`` from the records that his SPF record includes (providers whose machines others use as well)."""
    domains = dict.fromkeys((*me.domains, *(address.rpartition("@")[2] for address in me.addresses)))
    own: list[Network] = list(me.servers)
    shared: list[Network] = []
    for host in me.hosts:
        own += yield from _addresses_of((host,))
    for domain in domains:
        exchanges = yield from mx(domain)
        # A domain without MX is its own exchanger (RFC 5321 section 5.1).
        own += yield from _addresses_of(tuple(answer.exchange for answer in exchanges.values) or (domain,))
        mine, theirs = yield from _authorised(domain)
        own += mine
        shared += theirs
    return replace(me, servers=_distinct(own), shared=_distinct(shared))


def _addresses_of(hosts: Iterable[str], prefix4: int = 32, prefix6: int = 128) -> Dialogue[list[Network]]:
    known = [host for host in hosts if host][:MAX_NAMES]
    fours = yield from together(*(a(host) for host in known))
    sixes = yield from together(*(aaaa(host) for host in known))
    found = [ip_network((ip, prefix4), strict=False) for answer in fours for ip in answer.values]
    return [*found, *(ip_network((ip, prefix6), strict=False) for answer in sixes for ip in answer.values)]


def _authorised(domain: str) -> Dialogue[tuple[list[Network], list[Network]]]:
    """(networks that records of the domain and below it name, networks of the other records it includes)."""
    own: list[Network] = []
    shared: list[Network] = []
    waiting, seen = [domain], set[str]()
    while waiting and len(seen) < MAX_RECORDS:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        record = yield from _record(name)
        if record is None:
            continue
        networks, included = yield from _terms(record, name)
        (own if names.is_within(name, domain) else shared).extend(networks)
        waiting += included
    return own, shared


def _record(domain: str) -> Dialogue[spf.Record | None]:
    """The SPF record of the domain; None if it cannot be read or is not the only one (RFC 7208 section 4.5)."""
    answer = yield from txt(domain)
    records = [text for text in answer.values if spf.is_record(text)]
    try:
        return spf.parse(records[0]) if len(records) == 1 else None
    except Malformed:
        return None


def _terms(record: spf.Record, domain: str) -> Dialogue[tuple[list[Network], list[str]]]:
    """(networks of the record's ip4, ip6, a and mx terms, domains that it includes or redirects to)."""
    networks: list[Network] = []
    included: list[str] = []
    for term in record.terms:
        if isinstance(term, spf.Modifier):
            if term.name == "redirect":
                included.append(term.value)
            continue
        target = term.domain or domain
        if term.qualifier != "+" or "%" in target:
            continue
        if term.network:
            networks.append(term.network)
        elif term.name == "include":
            included.append(target)
        elif term.name == "a":
            networks += yield from _addresses_of((target,), term.prefix4, term.prefix6)
        elif term.name == "mx":
            exchanges = yield from mx(target)
            hosts = tuple(answer.exchange for answer in exchanges.values)
            networks += yield from _addresses_of(hosts, term.prefix4, term.prefix6)
    return networks, included


def _distinct(networks: Iterable[Network]) -> tuple[Network, ...]:
    """Without repetitions and without networks so large that they would call everybody mine."""
    return tuple(
        dict.fromkeys(network for network in networks if network.prefixlen >= (8 if network.version == 4 else 19))
    )
