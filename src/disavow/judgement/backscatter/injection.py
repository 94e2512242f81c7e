"""Where a returned message came into the reporter's hands: which of its Received lines can be believed.

The anchor is not us but the reporter. My own server saw his address; the lines that his servers stamped on the
original are his word; everything below the point where a stranger handed it to him is what the stranger claims. What
is claimed is kept for comparing forgeries, never for blame. A HELO is no address, and returned
Authentication-Results are no evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_network
from itertools import islice, pairwise
from typing import Literal, NamedTuple, TypeAlias

from ...standards import received
from ...standards.message import Message
from ...standards.questions import Address
from ...standards.received import Chain, Hop
from ..identity import Identity
from ..registration import registrable
from . import addressees, diagnostic
from .notice import Evidence, Notice, Returned

Confidence: TypeAlias = Literal["high", "low", "private", "none"]

# Inside somebody's network (RFC 1918, 6598, 3927, 4193, 4291); documentation networks are treated like any other.
_INSIDE = tuple(
    ip_network(network)
    for network in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)
# Nobody sends mail from here (RFC 1122 section 3.2.1.3, RFC 1112 section 4).
_IMPOSSIBLE = tuple(ip_network(network) for network in ("0.0.0.0/8", "224.0.0.0/3", "ff00::/8", "::/128"))
_FETCHED = ("pop", "imap", "fetchmail")
_CLIENT_FIELDS = ("x-originating-ip", "x-sender-ip", "x-client-ip", "x-source-ip")
_SKEW = timedelta(minutes=15)


class Injection(NamedTuple):
    """``reporter`` wrote the status mail, from ``reporter_ip`` as my own server saw it ("" and None if unknown).

    ``hops`` is the returned Received chain, the last server first; ``boundary`` the number of lines at its top that
    the reporter's servers stamped, the rest is claimed. ``injection_ip`` handed the message to the reporter:
    ``confidence`` "high" for a public address in a line of his, "private" for one inside his own network, "low" for
    an address from elsewhere in the header, "none" when there is none. ``client_ip`` is the sender that the refusing
    receiver names. ``source`` is the public address that the forgery came from: at the injection point, else as the
    receiver names it.
    """

    reporter: str = ""
    reporter_ip: Address | None = None
    hops: Chain = Chain()
    boundary: int = 0
    injection_ip: Address | None = None
    confidence: Confidence = "none"
    client_ip: Address | None = None
    source: Address | None = None

    @property
    def stamped(self) -> tuple[Hop, ...]:
        """The lines that the reporter's own servers wrote."""
        return tuple(islice(self.hops, self.boundary))

    @property
    def claimed(self) -> tuple[Hop, ...]:
        """The lines below the trust boundary: what the sender says, true or not."""
        return tuple(islice(self.hops, self.boundary, None))

    @property
    def inside_reporter(self) -> bool:
        """True if the message entered the reporter's servers from inside the reporter's own network."""
        return self.confidence == "private"

    @property
    def helo(self) -> str:
        """What the sender called itself at the injection point: a claim, for comparing forgeries."""
        return self.hops[self.boundary - 1].from_name if self.boundary else ""


def locate(message: Message, notice: Notice, mine: Identity) -> Injection:
    """The injection point of the original that ``notice`` brought back; an Injection without hops if none did.

    Of several originals the innermost that uses an address of ``mine`` counts, else the first.
    """
    handed = _handed_over(received.chain(message), notice.delivery.reporter, _is_list(message), mine)
    reporter_ip = handed.from_ip if handed else None
    client_ip = next((each.client_ip for each in notice.delivery.recipients if each.client_ip), None)
    reporter = notice.delivery.reporter or (handed.from_host or handed.from_name if handed else "")
    original = _mine(notice.returned, mine)
    if original is None:
        return Injection(reporter, reporter_ip, client_ip=client_ip, source=client_ip)
    names = tuple(filter(None, (notice.delivery.reporter, handed.from_host if handed else "", *_daemons(message))))
    hops = received.chain(original.message)
    boundary = _boundary(hops, names, reporter_ip)
    address, confidence = _entry(hops, boundary, original.message)
    source = address
    if address is None or is_inside(address):
        source = client_ip or (reporter_ip if confidence == "private" else None)
    return Injection(reporter, reporter_ip, hops, boundary, address, confidence, client_ip, source)


@lru_cache(maxsize=4096)
def is_inside(address: Address) -> bool:
    """True if ``address`` only means something inside one network (private, loopback, link-local, shared)."""
    return _within(address, _INSIDE)


def _within(address: Address, networks: Iterable[object]) -> bool:
    return any(address in network for network in networks)  # type: ignore[operator]


def _handed_over(hops: Chain, reporter: str, is_list: bool, mine: Identity) -> Hop | None:
    """The line in which my own server says who handed it the mail; through a list, the line naming the reporter.

    From the top: lines in which my servers pass the mail on among themselves, or fetch it, are passed by.
    """
    outside = (hop for hop in hops if hop.from_ip and not _is_mine(hop, mine) and not _is_fetched(hop))
    if is_list and reporter:
        return next((hop for hop in outside if related(reporter, (hop.from_host, hop.from_name))), None)
    return next(outside, None)


def _is_mine(hop: Hop, mine: Identity) -> bool:
    address = hop.from_ip
    return address is not None and (is_inside(address) or mine.owns_server(address) or hop.from_host in mine.hosts)


def _is_fetched(hop: Hop) -> bool:
    return any(word in hop.with_.lower() for word in _FETCHED)


def _is_list(message: Message) -> bool:
    return bool(message.all("list-id") or message.all("list-post"))


def _daemons(message: Message) -> list[str]:
    """The domains that the status mail is from."""
    addresses = addressees.within(message.first("from") or b"")
    return [address.rpartition("@")[2].lower() for address in addresses[:2]]


def _mine(returned: tuple[Returned, ...], mine: Identity) -> Returned | None:
    if len(returned) == 1:
        return returned[0]
    for original in reversed(returned):
        names = [value for name in ("from", "return-path", "sender") for value in original.message.values(name)[:3]]
        if any(mine.owns_address(address) for value in names for address in addressees.within(value)):
            return original
    return returned[0] if returned else None


def _boundary(hops: Chain, names: tuple[str, ...], reporter_ip: Address | None) -> int:
    """How many lines at the top are the reporter's own: until one in which he takes the message from a stranger."""
    peers: tuple[str, ...] = ()
    for number, hop in enumerate(hops):
        if number and not _is_stamped(hop, names, peers):
            return number
        names = (*names, hop.by) if hop.by else names
        if not _from_inside(hop, names, reporter_ip):
            return number + 1
        peers = (hop.from_host, hop.from_name)
    return len(hops)


def _is_stamped(hop: Hop, names: tuple[str, ...], peers: tuple[str, ...]) -> bool:
    """True if the line's ``by`` is the reporter's: related to his names, or the very host that the line above names."""
    address = diagnostic.literal(hop.by.strip("[]"))
    if not hop.by or "." not in hop.by or (address and is_inside(address)):
        return True
    return related(hop.by, names) or hop.by in peers


def _from_inside(hop: Hop, names: tuple[str, ...], reporter_ip: Address | None) -> bool:
    """True if the reporter took the message from himself: locally, from his network, or from a host that is his.

    Only the name that he looked up counts; the one that the client gave itself does not.
    """
    address = hop.from_ip
    if address is None:
        return not hop.from_name or hop.from_name.lower() == "localhost"
    if is_inside(address) or address == reporter_ip:
        return True
    return bool(hop.from_host) and related(hop.from_host, names)


def related(host: str, names: Iterable[str]) -> bool:
    """True if ``host`` is one of ``names`` or registered by the same owner as one of them."""
    host = host.lower()
    owner = registrable(host)
    return any(name and (host == name.lower() or (owner and owner == registrable(name.lower()))) for name in names)


def _entry(hops: Chain, boundary: int, original: Message) -> tuple[Address | None, Confidence]:
    """Who handed the message to the reporter, and how well that is known."""
    if boundary:
        address = hops[boundary - 1].from_ip
        if address is None:
            unnamed = not hops[boundary - 1].from_name
            return None, "private" if unnamed else "none"
        return address, "private" if is_inside(address) else "high"
    for name in _CLIENT_FIELDS:
        address = diagnostic.literal((original.first(name) or b"").decode("latin-1").strip("[]<> "))
        if address:
            return address, "low"
    return None, "none"


def contradictions(place: Injection, mine: Identity) -> Iterator[Evidence]:
    """Lines that cannot all be true: from the last believed line downwards for places, everywhere for times.

    They tell that the sender invented lines, not who he is.
    """
    hops, boundary = tuple(place.hops), place.boundary
    for number, (upper, lower) in enumerate(pairwise(hops), 1):
        if number >= boundary and not _continues(upper, lower):
            yield _contradiction("mail-hop-gap", lower)
        if upper.at and lower.at and upper.at + _SKEW < lower.at:
            yield _contradiction("mail-hop-time", lower)
    for hop in place.claimed:
        if hop.from_ip and _within(hop.from_ip, _IMPOSSIBLE):
            yield _contradiction("mail-hop-impossible", hop)
        if hop.by in mine.hosts or (hop.by and mine.owns_domain(hop.by)):
            yield _contradiction("mail-hop-mine", hop)


def _contradiction(tag: str, hop: Hop) -> Evidence:
    """The line in short, as it names itself."""
    client = " ".join(filter(None, (hop.from_host or hop.from_name, str(hop.from_ip or ""))))
    return Evidence(tag, f"from {client or '?'} by {hop.by or '?'}"[:200], "weak")


def _continues(upper: Hop, lower: Hop) -> bool:
    """True if the server that wrote ``lower`` may be the client that ``upper`` names (or if nobody can say)."""
    if not lower.by or not (upper.from_host or upper.from_name):
        return True
    if "." not in lower.by or upper.from_name.strip("[]") == str(upper.from_ip):
        return True
    return related(lower.by, (upper.from_host, upper.from_name))
