"""Which addresses may be probed: those the owner named inside his own network, and those of a domain that says so.

Consent is a TXT record at ``_disavow-consent.DOMAIN``: ``v=DSV1; scan=TOKEN; until=2030-01-31``. The token belongs to
one installation and one domain, so a consent that everybody can read in the DNS is of no use to anybody else. What
may be probed are addresses, found once: whoever connects must not look the names up again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Literal, NamedTuple

from ..errors import Malformed
from ..standards import names
from ..standards import tags as tag_list
from ..standards.questions import Address, Answer, Dialogue, Lookup, mx, ptr, together, txt
from .fault import Fault, Faults, fault
from .posture import Host, hosts
from .public_addresses import Network, is_public
from .republish import txt_line

DAYS = 30  # for which a new record is written
MAX_DAYS = 366  # further ahead no consent counts: nobody remembers it
_TARGETS = 16
_REVERSE_NAMES = 10
SMTP = 25
_PORTS = (25, 587)  # of hosts that strangers can reach

# Only what lies behind the owner's own door. Not link-local (metadata services), not carriers' 100.64.0.0/10.
_INSIDE = tuple(
    ip_network(text) for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
# IPv6 in which an IPv4 address hides: mapped, compatible, NAT64, 6to4, Teredo.
_WRAPPED = tuple(
    ip_network(text) for text in ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
_TARGET = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::(\d{1,5}))?|([0-9.]{7,15})(?::(\d{1,5}))?|([0-9A-Fa-f:.]{2,45})")


class Target(NamedTuple):
    """An address and port as the owner named them."""

    address: Address
    port: int


@dataclass(frozen=True, slots=True)
class Permit:
    """One address that may be probed; ``host`` is the MX name it was found by, or the address as text."""

    host: str
    address: Address
    port: int
    basis: Literal["named", "published"]


@dataclass(frozen=True, slots=True)
class Consent:
    """What may be probed, and why the rest may not."""

    permits: tuple[Permit, ...] = ()
    refusals: Faults = ()


def parse(text: str) -> Target:
    """The target that ``text`` names: ``127.0.0.1``, ``10.0.0.1:2525``, ``::1`` or ``[::1]:2525``.

    Raises ``Malformed`` for anything else, host names and networks among it: only an address stays what it is.
    """
    match = _TARGET.fullmatch(text.strip())
    port = int(match[2] or match[4] or SMTP) if match else 0
    try:
        address = ip_address(match[1] or match[3] or match[5] if match else text)
    except ValueError:
        raise Malformed("not a single address", 0, text.encode("utf-8", "replace")) from None
    if not match or not 0 < port < 65_536:
        raise Malformed("not an address and port", 0, text.encode("utf-8", "replace"))
    return Target(address, port)


def record(domain: str, token: str, today: date) -> str:
    """The zone line by which the owner of ``domain`` consents, for thirty days."""
    until = today + timedelta(days=DAYS)
    return txt_line(_name(domain), tag_list.format((("v", "DSV1"), ("scan", token), ("until", until.isoformat()))))


def seek(domain: str, named: Iterable[str], token: str, today: date) -> Dialogue[Consent]:
    """What may be probed for ``domain``: of the targets ``named``, or else of all its mail servers.

    Nothing is permitted because a lookup failed. At most sixteen targets are considered.
    """
    texts = tuple(named)[:_TARGETS]
    targets, refusals = _read(texts)
    inside = tuple(
        Permit(str(one.address), one.address, one.port, "named") for one in targets if _is_inside(one.address)
    )
    outside = tuple(one for one in targets if not _is_inside(one.address))
    if texts and not outside:
        return Consent(inside, refusals)
    published = yield from _published(domain, token, today)
    if texts:
        published = _only(published, outside, domain)
    return Consent((*inside, *published.permits), (*refusals, *published.refusals))


def _read(texts: Iterable[str]) -> tuple[tuple[Target, ...], Faults]:
    targets: list[Target] = []
    refusals: list[Fault] = []
    for text in texts:
        try:
            target = parse(text)
        except Malformed:
            refusals.append(fault("probe-not-an-address", target=text[:100]))
            continue
        if _is_wrapped(target.address):
            refusals.append(fault("probe-wrapped-address", target=text[:100]))
        else:
            targets.append(target)
    return tuple(targets), tuple(refusals)


def _is_inside(address: Address) -> bool:
    return any(address.version == network.version and address in network for network in _INSIDE)


def _is_wrapped(address: Address) -> bool:
    """True for IPv6 that means an IPv4 address, or that names an interface: neither is what it seems to be."""
    if not isinstance(address, IPv6Address) or _is_inside(address):
        return False
    return bool(address.scope_id) or any(address in network for network in _WRAPPED)


def _only(published: Consent, wanted: tuple[Target, ...], domain: str) -> Consent:
    """The part of ``published`` that was named; a refusal for each target that is not in it."""
    known = {permit.address: permit for permit in published.permits}
    refusals = list(published.refusals)
    permits = []
    for address, port in wanted:
        if address in known and port in _PORTS:
            permits.append(Permit(known[address].host, address, port, "published"))
        else:
            refusals.append(fault("probe-not-consented", target=f"{address} port {port}", domain=domain))
    return Consent(tuple(permits), tuple(refusals))


# -- The domain's own word ----------------------------------------------------------------------------------------


def _name(domain: str) -> str:
    return f"_disavow-consent.{domain}"


def _published(domain: str, token: str, today: date) -> Dialogue[Consent]:
    answer = yield from txt(_name(domain))
    if why := _refusal(answer, domain, token, today):
        return Consent((), (why,))
    exchanges = yield from mx(domain)
    if exchanges.status == "temperror":
        return Consent((), (fault("mx-unknown", Lookup(domain, "MX"), domain=domain, why=exchanges.why),))
    found = yield from hosts(domain)
    pairs = [(host, address) for host in found for address in host.addresses][:_TARGETS]
    if not pairs:
        return Consent((), (fault("probe-no-servers", Lookup(domain, "MX"), domain=domain),))
    judged = yield from together(*(_judge(host, address) for host, address in pairs))
    permits = tuple(one for one in judged if isinstance(one, Permit))
    return Consent(permits, tuple(one for one in judged if isinstance(one, Fault)))


def _refusal(answer: Answer[bytes], domain: str, token: str, today: date) -> Fault | None:
    """Why the record at the domain is no consent for us; None if it is."""
    question = Lookup(_name(domain), "TXT")
    if answer.status == "temperror":
        return fault("probe-consent-unknown", question, domain=domain, why=answer.why)
    ends = [until for scan, until in _records(answer) if token and scan == token]
    if not ends:
        return fault("probe-no-consent", question, domain=domain, name=_name(domain))
    end = max(ends)
    if not today <= end <= today + timedelta(days=MAX_DAYS):
        return fault("probe-consent-expired", question, domain=domain, until=end.isoformat())
    return None


def _records(answer: Answer[bytes]) -> Iterator[tuple[str, date]]:
    for value in answer.values:
        try:
            found = tag_list.by_name(value[:500].decode("ascii"))
            if next(iter(found), "") == "v" and found["v"] == "DSV1":
                yield found["scan"], date.fromisoformat(found["until"])
        except (Malformed, UnicodeDecodeError, KeyError, ValueError):
            continue


def _judge(host: Host, address: Address) -> Dialogue[Permit | Fault]:
    """Whether a server that the domain names is its own to offer."""
    if not is_public(address) or _is_wrapped(address):
        return fault("probe-private-server", Lookup(host.name, "A"), host=host.name, address=address)
    question = Lookup(address.reverse_pointer, "PTR")
    reverse = yield from ptr(address)
    if reverse.status == "temperror":
        return fault("probe-owner-unknown", question, host=host.name, address=address, why=reverse.why)
    known_as = (host.name, *host.a.aliases, *host.aaaa.aliases, *reverse.values[:_REVERSE_NAMES])
    if provider := provider_of(address, known_as):
        return fault("probe-shared-provider", question, host=host.name, address=address, provider=provider)
    return Permit(host.name, address, SMTP, "published")


class _Provider(NamedTuple):
    name: str
    names: tuple[str, ...]
    networks: tuple[Network, ...]


@lru_cache(maxsize=1)
def _providers() -> tuple[_Provider, ...]:
    text = resources.files(__package__).joinpath("mail_providers.toml").read_text("utf-8")
    return tuple(
        _Provider(name, tuple(entry["names"]), tuple(map(ip_network, entry["networks"])))
        for name, entry in tomllib.loads(text).items()
    )


def provider_of(address: Address, known_as: Iterable[str]) -> str:
    """The big provider that would know this server for its own, by a name or by the network it stands in; or ""."""
    listed = tuple(known_as)
    for provider in _providers():
        for domain in provider.names:
            if any(names.is_within(name, domain) for name in listed):
                return domain
        for network in provider.networks:
            if address.version == network.version and address in network:
                return f"{provider.name} ({network})"
    return ""
