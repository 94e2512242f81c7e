"""Do the domain's name servers exist, and are there two? (RFC 1034 section 4.1, RFC 2182)"""

from __future__ import annotations

from typing import Any

from ...standards.questions import Answer, Dialogue, Lookup, a, aaaa, ns, together
from ..fault import Faults, fault
from ..posture import Posture
from ..registration import unregistered
from ..republish import line

_SERVERS = 16  # followed


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the delegation; nothing for a name inside somebody's zone, which has none of its own."""
    domain = posture.domain
    answer = yield from ns(domain)
    question = Lookup(domain, "NS")
    if answer.status == "temperror":
        return (fault("ns-unknown", question, domain=domain, why=answer.why),)
    faults = sum((yield from together(*(_server(domain, name) for name in answer.values[:_SERVERS]))), ())
    if len(answer.values) == 1:
        better = line(domain, "NS", f"ns2.{domain}.")
        faults += (fault("ns-single", question, domain=domain, server=answer.values[0], replacement=better),)
    return faults


def _server(domain: str, name: str) -> Dialogue[Faults]:
    questions: tuple[Dialogue[Answer[Any]], ...] = (a(name), aaaa(name))
    answers = yield from together(*questions)
    statuses = {answer.status for answer in answers}
    if statuses & {"ok", "temperror"}:
        return ()
    seen = (Lookup(domain, "NS"), Lookup(name, "A"))
    stranger = (yield from unregistered(name, domain)) if "nxdomain" in statuses else ""
    better = f"remove: {line(domain, 'NS', name + '.')}"
    if stranger:
        return (fault("ns-takeover", *seen, domain=domain, server=name, stranger=stranger, replacement=better),)
    return (fault("ns-dead", *seen, domain=domain, server=name, replacement=better),)
