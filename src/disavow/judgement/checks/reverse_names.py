"""Do the owner's mail servers have a reverse name that leads back to them? (RFC 1912 section 2.1)"""

from __future__ import annotations

from typing import Any

from ...standards.questions import Address, Answer, Dialogue, Lookup, a, aaaa, ptr, together
from ..fault import Faults, fault
from ..posture import Host, Posture
from ..public_addresses import is_public
from ..republish import line

_NAMES = 5  # reverse names followed


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the reverse names of those mail servers that are the owner's own; a provider's are the provider's."""
    pairs = [(host, address) for host in posture.hosts if posture.owns(host.name) for address in host.addresses]
    public = [_address(host, address) for host, address in pairs if is_public(address)]
    return sum((yield from together(*public)), ())


def _address(host: Host, address: Address) -> Dialogue[Faults]:
    answer = yield from ptr(address)
    question = Lookup(address.reverse_pointer, "PTR")
    args: dict[str, Any] = {"host": host.name, "address": address}
    if answer.status == "temperror":
        return (fault("reverse-unknown", question, why=answer.why, **args),)
    better = line(address.reverse_pointer, "PTR", f"{host.name}.")
    if not answer.values:
        return (fault("reverse-missing", question, replacement=better, **args),)
    forward = yield from together(*(_forward(name, address) for name in answer.values[:_NAMES]))
    if address in {found for answers in forward for found in answers.values}:
        return ()
    if silent := [answers for answers in forward if answers.status == "temperror"]:
        return (fault("reverse-unknown", question, why=silent[0].why, **args),)
    asked = Lookup(answer.values[0], "AAAA" if address.version == 6 else "A")
    return (fault("reverse-mismatch", question, asked, name=answer.values[0], replacement=better, **args),)


def _forward(name: str, address: Address) -> Dialogue[Answer[Any]]:
    return (yield from (aaaa(name) if address.version == 6 else a(name)))
