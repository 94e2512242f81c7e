"""How many addresses of the Internet may send as this domain? (RFC 7208 section 11.4)"""

from __future__ import annotations

from collections.abc import Iterator

from ...standards.questions import Dialogue, Lookup
from ..fault import Fault, Faults, fault, found
from ..posture import Posture
from ..public_addresses import Network, is_public, share
from ..republish import spf_ended, spf_without, txt_line
from ..senders import Senders

# The largest networks that an owner, and that the largest providers, plausibly need.
_OWN = {4: 16, 6: 32}
_PROVIDER = {4: 12, 6: 24}
_WHOLE = 1 / 16  # of the Internet: no provider is so large


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of permitting too much: huge networks, records of others that permit everybody, private addresses."""
    return found(_faults(posture) if posture.spf.record else ())


def _faults(posture: Posture) -> Iterator[Fault]:
    yield from _private(posture)
    for node in posture.spf.walk():
        end = node.all
        if node is not posture.spf and node.record and end and end.qualifier == "+":
            yield fault(
                "spf-include-passes-all",
                Lookup(node.domain, "TXT"),
                domain=posture.domain,
                target=node.domain,
                replacement=txt_line(node.domain, spf_ended(node.record, "-all")),
            )
        yield from _huge(posture, node)


def _huge(posture: Posture, node: Senders) -> Iterator[Fault]:
    longest = _OWN if posture.owns(node.domain) else _PROVIDER
    passing = [grant for grant in node.grants if grant.term.qualifier == "+"]
    networks = [network for grant in passing for network in grant.networks]
    huge = [network for network in networks if network.prefixlen < longest[network.version] and not _hidden(network)]
    if not huge:
        return
    terms = [grant.term for grant in passing if set(grant.networks) & set(huge)]
    yield fault(
        "spf-huge-range" if node is posture.spf else "spf-include-huge-range",
        Lookup(node.domain, "TXT"),
        level="critical" if _total(huge) >= _WHOLE else "",
        domain=posture.domain,
        target=node.domain,
        networks=", ".join(map(str, huge[:4])),
        addresses=f"{sum(network.num_addresses for network in huge if network.version == 4):,}",
        replacement=txt_line(node.domain, spf_without(node, *terms)),
    )


def _total(networks: list[Network]) -> float:
    return max(sum(share(network) for network in networks if network.version == version) for version in (4, 6))


def _private(posture: Posture) -> Iterator[Fault]:
    terms = [
        grant.term
        for grant in posture.spf.grants
        if grant.term.network is not None
        and not is_public(grant.term.network.network_address)
        # 0.0.0.0/1 begins with an address that is not public, and is not private for that.
        and share(grant.term.network) < _WHOLE
    ]
    if terms:
        better = txt_line(posture.domain, spf_without(posture.spf, *terms))
        listed = ", ".join(term.text for term in terms)
        yield fault(
            "spf-private-address",
            Lookup(posture.domain, "TXT"),
            domain=posture.domain,
            terms=listed,
            replacement=better,
        )


def _hidden(network: Network) -> bool:
    """True for a private network; 0.0.0.0/1 begins with an address that is not public, and is not private for that."""
    return not is_public(network.network_address) and share(network) < _WHOLE
