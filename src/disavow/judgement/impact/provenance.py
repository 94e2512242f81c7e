"""Whose is each source of mail in my name: mine, misconfigured, a forwarder, a list, a forger, or undecided.

A failing row alone cannot tell a forgery from a mail of mine that somebody passed on. What else is known of the
address does: mail of mine that verified from it, my own signature broken on the way, the receiver's word that it is
a list or forwarder, mailboxes that returned forgeries from it. The weights are logarithms of how much more often a
sign is seen with forgers than with others; what the owner says of a source overrules them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Literal, TypeAlias

from ...standards.names import is_within
from ...standards.questions import Address
from ..finding import Finding
from ..sighting import Ours, Sighting
from .honour import is_failing, is_usable

Whose: TypeAlias = Literal["mine", "misconfigured", "forwarder", "list", "forger", "undecided"]

SURE = 0.9
_LISTS = ("mailing_list",)
_FORWARDS = ("trusted_forwarder", "forwarded", "local_policy")
_SAID: dict[str, Whose] = {"mine": "mine", "not-mine": "forger", "forwarder": "forwarder", "list": "list"}
_OURS: dict[Whose, Ours] = {
    "mine": "ours",
    "misconfigured": "ours",
    "forwarder": "ours",
    "list": "ours",
    "forger": "forged",
    "undecided": "cannot-tell",
}


@dataclass(frozen=True, slots=True)
class Source:
    """``messages`` came from ``address``, ``failing`` of them unverified; ``forged`` is the probability (0 to 1)
    that the failing ones are forgeries; ``excess`` of them are more than the owner sent at all.
    """

    address: Address
    whose: Whose
    messages: int
    failing: int
    forged: float
    reasons: tuple[Finding, ...]
    label: str = ""
    excess: int = 0


@dataclass(slots=True)
class _Seen:
    """What was counted of one address."""

    passed: int = 0
    failing: int = 0
    own: int = 0
    signed: int = 0
    listed: int = 0
    forwarded: int = 0
    returned: int = 0
    proved: int = 0
    neighbours: bool = field(default=False)


def sources(
    sightings: Iterable[Sighting], labels: Mapping[str, str] | None = None, sent: int | None = None
) -> tuple[Source, ...]:
    """Every address that trusted reports name, most mail first.

    ``labels`` is what the owner said, by address or network (mine, not-mine, forwarder, list); ``sent`` how many mails
    the owner sent in the same time: nobody can forward more than that.
    """
    seen = _count(sightings)
    networks = {_network(address) for address, one in seen.items() if one.passed}
    for address, one in seen.items():
        one.neighbours = _network(address) in networks
    said = _Labels(labels or {})
    # An owner who sends but never signs: that a mail is unsigned tells nothing then.
    signs = any(one.proved for one in seen.values()) or not networks
    found = [
        _source(address, one, signs, said.of(address), sent)
        for address, one in seen.items()
        if one.passed + one.failing
    ]
    return tuple(sorted(found, key=lambda one: (-one.messages, str(one.address))))


def decide(sightings: Iterable[Sighting], found: Iterable[Source]) -> tuple[Sighting, ...]:
    """The same sightings, with what their source tells about rows that cannot tell by themselves."""
    whose = {source.address: source for source in found}
    return tuple(_decided(one, whose.get(one.source_ip) if one.source_ip else None) for one in sightings)


def _decided(sighting: Sighting, source: Source | None) -> Sighting:
    if source is None or sighting.kind != "aggregate" or not is_failing(sighting):
        return sighting
    return sighting._replace(ours=_OURS[source.whose], confidence=max(source.forged, 1 - source.forged))


def _count(sightings: Iterable[Sighting]) -> dict[Address, _Seen]:
    seen: dict[Address, _Seen] = defaultdict(_Seen)
    for sighting in sightings:
        if sighting.source_ip is None:
            continue
        if is_usable(sighting):
            _add(seen[sighting.source_ip], sighting)
        elif sighting.kind != "aggregate" and sighting.ours == "forged":
            seen[sighting.source_ip].returned += sighting.count
    return seen


def _add(one: _Seen, sighting: Sighting) -> None:
    if not is_failing(sighting):
        one.passed += sighting.count
        one.proved += sighting.count * (sighting.dkim == "pass")
        return
    one.failing += sighting.count
    one.own += sighting.count * (sighting.ours == "ours")
    one.signed += sighting.count * _is_signed_by(sighting.header_from, sighting.dkim_domains)
    words = sighting.override.split(",")
    one.listed += sighting.count * any(word in _LISTS for word in words)
    one.forwarded += sighting.count * any(word in _FORWARDS for word in words)


def _is_signed_by(author: str, checked: str) -> bool:
    """True if a signature in the author's name was there, broken or not: a forger seldom bothers."""
    signers = [one.rpartition(":")[0] for one in checked.split()]
    return any(author and (is_within(signer, author) or is_within(author, signer)) for signer in signers if signer)


def _network(address: Address) -> tuple[int, int]:
    """The /24 or /48 that the address lies in, as a key."""
    return address.version, int(address) >> (8 if address.version == 4 else 80)


def _source(address: Address, one: _Seen, signs: bool, label: str, sent: int | None) -> Source:
    reasons = tuple(_reasons(one, signs))
    forged = 1 / (1 + math.exp(-sum(weight for weight, _ in reasons))) if one.failing else 0.0
    whose = _SAID.get(label) or _whose(one, forged)
    excess = max(one.failing - sent, 0) if sent is not None and whose in ("forwarder", "list") else 0
    findings = [finding for _, finding in reasons]
    if label:
        findings.insert(0, Finding("source-labelled", {"label": label}))
        forged = 1.0 if whose == "forger" else 0.0
    if excess:
        findings.append(Finding("source-excess", {"excess": excess, "sent": sent}))
    return Source(address, whose, one.passed + one.failing, one.failing, forged, tuple(findings), label, excess)


def _reasons(one: _Seen, signs: bool) -> Iterable[tuple[float, Finding]]:
    if one.own:
        yield -6.0, Finding("source-own-server", {"count": one.own})
    if one.passed:
        yield -4.0 * one.passed / (one.passed + one.failing), Finding("source-verified", {"count": one.passed})
    if one.returned:
        yield 4.0, Finding("source-returned", {"count": one.returned})
    if not one.failing:
        return
    if one.signed:
        yield -4.0 * one.signed / one.failing, Finding("source-signature-broken", {"count": one.signed})
    elif signs and not one.passed:
        yield 2.5, Finding("source-never-signed", {"count": one.failing})
    if one.listed or one.forwarded:
        yield (
            -3.0 * (one.listed + one.forwarded) / one.failing,
            Finding("source-excused", {"count": one.listed + one.forwarded}),
        )
    if one.neighbours and not one.passed:
        yield -2.0, Finding("source-neighbours")


def _whose(one: _Seen, forged: float) -> Whose:
    """The word for what the probability and the kind of evidence say."""
    if one.own and one.failing:
        return "misconfigured"
    if one.passed >= 9 * one.failing:
        return "mine"
    if forged >= SURE:
        return "forger"
    if forged > 1 - SURE:
        return "undecided"
    if one.listed:
        return "list"
    return "forwarder" if one.signed or one.forwarded else "misconfigured"


class _Labels:
    """The owner's words, by address or network."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._addresses: dict[object, str] = {}
        self._networks: list[tuple[IPv4Network | IPv6Network, str]] = []
        for source, label in labels.items():
            try:
                network = ip_network(source, strict=False)
            except ValueError:
                continue  # said of something else than a machine
            if network.num_addresses == 1:
                self._addresses[network.network_address] = label
            else:
                self._networks.append((network, label))

    def of(self, address: Address) -> str:
        if address in self._addresses:
            return self._addresses[address]
        inside = (label for net, label in self._networks if net.version == address.version and address in net)
        return next(inside, "")
