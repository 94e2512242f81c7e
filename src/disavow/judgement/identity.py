"""Who "me" is: my domains and addresses, my servers, my DKIM selectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..errors import Malformed, Misconfigured
from ..standards import names
from ..standards.questions import Address

if TYPE_CHECKING:  # both know the kinds of mail, which know me
    from .sent import Sent
    from .tagged import Tags

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Identity:
    """``addresses`` in lower case; ``domains`` and ``hosts`` as A-labels; ``servers`` networks of my own hosts;
    ``shared`` networks of providers that may send for me and for others.

    ``tags`` are the secrets of the envelope senders that I tag, ``sent`` is what my servers' logs say I sent; None
    where the owner gave none. ``how`` says whether the owner gave the rest or Disavow guessed it from the most
    frequent forged identity.
    """

    domains: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    servers: tuple[Network, ...] = ()
    shared: tuple[Network, ...] = ()
    hosts: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    how: Literal["given", "guessed"] = "given"
    tags: Tags | None = None
    sent: Sent | None = None

    def owns_address(self, address: str) -> bool:
        """True if ``address`` is one of mine: named itself, or at one of my domains (or below) when I gave domains."""
        address = address.lower()
        if address in self.addresses:
            return True
        return self.owns_domain(address.rpartition("@")[2])

    def owns_domain(self, domain: str) -> bool:
        """True if ``domain`` is one of mine or below one."""
        return any(names.is_within(domain, mine) for mine in self.domains)

    def owns_server(self, address: Address) -> bool:
        """True if ``address`` lies in a network that the owner calls his."""
        return _lies_in(address, self.servers)

    def shares_server(self, address: Address) -> bool:
        """True if ``address`` belongs to a provider that may send for me, and does for others."""
        return _lies_in(address, self.shared)


def _lies_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def identify(me: Iterable[str], servers: Iterable[str] = (), selectors: Iterable[str] = ()) -> Identity:
    """The identity a person gave: ``me`` domains or addresses, ``servers`` IP, CIDR or host names.

    An address stands for itself alone: its domain may be shared (a list host, a freemail provider). Raises
    ``Misconfigured`` for a text that is none of these.
    """
    domains: list[str] = []
    addresses: list[str] = []
    for item in me:
        local, at, domain = item.strip().rpartition("@")
        name = _name("--me", domain)
        if at and local:
            addresses.append(f"{local.lower()}@{name}")
        else:
            domains.append(name)
    networks: list[Network] = []
    hosts: list[str] = []
    for server in servers:
        try:
            networks.append(ip_network(server.strip(), strict=False))
        except ValueError:
            hosts.append(_name("--server", server))
    return Identity(tuple(domains), tuple(addresses), tuple(networks), hosts=tuple(hosts), selectors=tuple(selectors))


def _name(option: str, text: str) -> str:
    try:
        return names.parse(text)
    except Malformed:
        raise Misconfigured(option, f"{text!r} is neither a domain nor an address", "for example example.org") from None
