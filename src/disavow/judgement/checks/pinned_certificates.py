"""Do the TLSA records match what the servers show, and is their zone signed? (DANE, RFC 7672)"""

from __future__ import annotations

from ...errors import Malformed
from ...standards import dane
from ...standards.questions import Answer, Dialogue, Greet, Greeting, Lookup, Tlsa, greet, lookup, tlsa, together
from ..fault import Fault, Faults, fault
from ..posture import Host, Posture
from ..registration import registrable
from ..republish import line

_SERVERS = 5  # greeted
_PORT = 25


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the TLSA records of the mail servers; a server without any has none."""
    return sum((yield from together(*(_host(posture, host) for host in posture.hosts[:_SERVERS]))), ())


def _host(posture: Posture, host: Host) -> Dialogue[Faults]:
    name = dane.owner(host.name, _PORT)
    answer = yield from tlsa(name)
    question = Lookup(name, "TLSA")
    if answer.status == "temperror":
        return (fault("dane-unknown", question, host=host.name, why=answer.why),)
    if not answer.values:
        return ()
    if not answer.authenticated and (yield from _unsigned(host.name)):
        zone = registrable(host.name) or host.name
        return (fault("dane-unsigned", question, Lookup(zone, "DS"), host=host.name, zone=zone),)
    if not any(map(dane.usable, answer.values)):
        return (fault("dane-unusable", question, host=host.name),)
    return (yield from _compare(host, answer)) if posture.subject.servers else ()


def _unsigned(name: str) -> Dialogue[bool]:
    """True if no zone between ``name`` and the registered domain has a DS record: then no resolver can vouch."""
    top = registrable(name)
    labels = name.split(".")
    zones = [".".join(labels[start:]) for start in range(len(labels) - len(top.split(".")) + 1)] if top else [name]
    answers = yield from together(*(lookup(zone, "DS") for zone in zones[-4:]))
    return all(answer.status in ("nodata", "nxdomain") for answer in answers)


def _compare(host: Host, records: Answer[Tlsa]) -> Dialogue[Faults]:
    greeting = yield from greet(host.name, _PORT)
    if not greeting.values or not greeting.values[0].banner:
        why = greeting.why or greeting.values[0].failure
        return (fault("dane-unknown", Greet(host.name, _PORT), host=host.name, why=why),)
    shown = greeting.values[0]
    if any(dane.matches(record, shown.chain) for record in records.values):
        return ()
    return (_mismatch(host.name, shown),)


def _mismatch(host: str, shown: Greeting) -> Fault:
    name = dane.owner(host, _PORT)
    try:
        better = line(name, "TLSA", dane.format(dane.record_for(shown.chain[0]))) if shown.chain else ""
    except Malformed:
        better = ""
    return fault("dane-mismatch", Lookup(name, "TLSA"), Greet(host, _PORT), host=host, replacement=better)
