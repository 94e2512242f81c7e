"""Which addresses the Internet can reach, and how many of them a network holds."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

from ..standards.questions import Address

Network: TypeAlias = IPv4Network | IPv6Network

# Documentation networks (RFC 5737, RFC 3849) belong to nobody, but are not hidden behind anybody's router either.
_DOCUMENTATION = tuple(
    ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


@lru_cache(maxsize=8192)
def is_public(address: Address) -> bool:
    """True unless ``address`` is private, loopback, link-local or otherwise never routed to a stranger."""
    return address.is_global or any(
        address.version == network.version and address in network for network in _DOCUMENTATION
    )


def share(network: Network) -> float:
    """The part of the whole address space that ``network`` is: 2⁻ᵖ for a prefix of p bits."""
    return float(2.0**-network.prefixlen)
