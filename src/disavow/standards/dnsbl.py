"""DNS blocklists: is an address listed, and does the list answer at all? (RFC 5782)"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import Literal

from .questions import Address, Answer, Dialogue, a, together, txt

_LISTED: dict[int, Address] = {
    4: IPv4Address("127.0.0.2"),
    6: IPv6Address("::ffff:7f00:2"),
}  # section 5: must be listed
_CLEAN: dict[int, Address] = {4: IPv4Address("127.0.0.1"), 6: IPv6Address("::ffff:7f00:1")}  # section 5: must not be
_CODES = IPv4Network("127.0.0.0/8")
_REFUSALS = IPv4Network("127.255.255.0/24")  # how large lists say "not through this resolver"


@dataclass(frozen=True, slots=True)
class Listing:
    """``status``: "listed", "clean", or "unknown" when the list did not answer, refused, or fails its own test."""

    status: Literal["listed", "clean", "unknown"]
    zone: str
    codes: tuple[str, ...] = ()
    reason: str = ""


def query_name(address: Address, zone: str) -> str:
    """The name under which ``zone`` answers for ``address`` (sections 2.1 and 2.4)."""
    return f"{address.reverse_pointer.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')}.{zone}"


def check(address: Address, zone: str) -> Dialogue[Listing]:
    """Whether ``zone`` lists ``address``.

    A list that fails the test of section 5 (127.0.0.2 listed, 127.0.0.1 not) proves nothing: "unknown".
    """
    asked, listed, clean = yield from together(
        a(query_name(address, zone)),
        a(query_name(_LISTED[address.version], zone)),
        a(query_name(_CLEAN[address.version], zone)),
    )
    if not _codes(listed) or clean.status != "nxdomain" or asked.status == "temperror" or _refused(asked):
        return Listing("unknown", zone, reason=asked.why or "the list does not answer its own test entries")
    if not (codes := _codes(asked)):
        return Listing("clean", zone)
    reasons = yield from txt(query_name(address, zone))
    return Listing("listed", zone, codes, b" ".join(reasons.values)[:500].decode("utf-8", "replace"))


def _codes(answer: Answer[IPv4Address]) -> tuple[str, ...]:
    """The codes that mean "listed": those in 127/8 that are no refusal."""
    return tuple(str(code) for code in answer.values if code in _CODES and code not in _REFUSALS)


def _refused(answer: Answer[IPv4Address]) -> bool:
    return bool(answer.values) and not _codes(answer)
