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
    questions: tuple[Dialogue[Answer[Any]], ...] = (a(name), aaaa(name), mx(name), txt(name))
    *hosts, text = yield from together(*questions)
    if text.status == "temperror" or any(map(spf.is_record, text.values)):
        return False
    # A name that is an alias cannot have a record of its own (RFC 1034 section 3.6.2).
    return any(answer.values for answer in hosts) and not any(answer.aliases for answer in hosts)
