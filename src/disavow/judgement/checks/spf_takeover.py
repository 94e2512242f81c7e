"""Does the SPF record trust a name that anybody could register?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...standards.questions import Dialogue, Lookup, together
from ..fault import Faults, fault
from ..posture import Posture
from ..registration import unregistered
from ..republish import spf_without, txt_line
from ..senders import Senders, Term


class _Target(NamedTuple):
    node: Senders
    term: Term
    name: str
    type: str


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault for each include, redirect, a, mx or exists that leads into an unregistered domain."""
    targets = tuple(target for node in posture.spf.walk() for target in _missing(node))
    strangers = yield from together(*(unregistered(target.name, posture.domain) for target in targets))
    return tuple(
        fault(
            "spf-takeover",
            Lookup(target.node.domain, "TXT"),
            Lookup(target.name, target.type),
            Lookup(stranger, "NS"),
            domain=posture.domain,
            term=target.term.text,
            stranger=stranger,
            replacement=txt_line(target.node.domain, spf_without(target.node, target.term)),
        )
        for target, stranger in zip(targets, strangers, strict=True)
        if stranger
    )


def _missing(node: Senders) -> Iterator[_Target]:
    for branch in node.branches:
        if branch.senders and branch.senders.answer.status == "nxdomain":
            yield _Target(node, branch.term, branch.target, "TXT")
    for grant in node.grants:
        if grant.answer is not None and grant.answer.status == "nxdomain":
            yield _Target(node, grant.term, grant.target, "MX" if grant.term.name == "mx" else "A")
