"""Are the owner's servers on a blocklist? A list that refuses to answer is "unknown", not "clean" (RFC 5782)."""

from __future__ import annotations

from ...standards import dnsbl
from ...standards.questions import Address, Dialogue, Lookup, together
from ..fault import Faults, fault
from ..posture import Posture
from ..public_addresses import is_public

_ADDRESSES = 16  # asked about


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault for each of the owner's own mail server addresses that a list of ``subject.blocklists`` holds."""
    own = (host.addresses for host in posture.hosts if posture.owns(host.name))
    addresses = [address for addresses in own for address in addresses if is_public(address)][:_ADDRESSES]
    asked = (_listing(address, zone) for zone in posture.subject.blocklists for address in addresses)
    return sum((yield from together(*asked)), ())


def _listing(address: Address, zone: str) -> Dialogue[Faults]:
    listing = yield from dnsbl.check(address, zone)
    question = Lookup(dnsbl.query_name(address, zone), "A")
    if listing.status == "listed":
        said = listing.reason or " ".join(listing.codes)
        return (fault("blocklisted", question, address=address, zone=zone, reason=said),)
    if listing.status == "unknown":
        return (fault("blocklist-unknown", question, address=address, zone=zone, why=listing.reason),)
    return ()
