"""May anybody put the domain's hosts and subdomains into a Return-Path? (RFC 7208 section 10.1.2)"""

from __future__ import annotations

from typing import Any

from ...standards import spf
from ...standards.questions import Answer, Dialogue, Lookup, a, aaaa, mx, together, txt
from ..fault import Faults, fault
from ..posture import Posture
from ..republish import txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault that names the hosts without an SPF record of their own: SPF, unlike DMARC, is not inherited."""
    names = posture.neighbours
    open_names = [
        name for name, is_open in zip(names, (yield from together(*map(_open, names))), strict=True) if is_open
    ]
    if not open_names:
        return ()
    servers = {host.name for host in posture.hosts}
    better = [txt_line(name, "v=spf1 a -all" if name in servers else "v=spf1 -all") for name in open_names]
    asked = (Lookup(name, "TXT") for name in open_names)
    return (
        fault(
            "spf-host-unlocked",
            *asked,
            domain=posture.domain,
            hosts=", ".join(open_names),
            replacement="\n".join(better),
        ),
    )


def _open(name: str) -> Dialogue[bool]:
    """True if the name has an address or takes mail, and says nothing about who may send for it."""
    text = yield from txt(name)
    # A name that is an alias cannot have a record of its own (RFC 1034 section 3.6.2).
    if text.status in ("temperror", "nxdomain") or text.aliases or any(map(spf.is_record, text.values)):
        return False
    # One answer is enough, and most hosts have an IPv4 address: so one after the other.
    hosts: tuple[Dialogue[Answer[Any]], ...] = (a(name), aaaa(name), mx(name))
    for host in hosts:
        answer = yield from host
        if answer.values:
            return not answer.aliases
    return False
