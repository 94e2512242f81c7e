"""Can receivers read the SPF record to its end? (RFC 7208 section 4.6.4: ten lookups, two of them void)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...standards import spf
from ...standards.questions import Dialogue, Lookup
from ..fault import Fault, Faults, fault, found
from ..posture import Posture
from ..republish import spf_without, txt_line
from ..senders import Branch, Senders


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults that make receivers give up (permerror): then the record protects nobody."""
    return found(_faults(posture) if posture.spf.record else ())


def _faults(posture: Posture) -> Iterator[Fault]:
    for node in posture.spf.walk():
        for branch in node.branches:
            yield from _branch(posture, node, branch)
        yield from _mx(posture, node)
    yield from _counts(posture)


def _branch(posture: Posture, node: Senders, branch: Branch) -> Iterator[Fault]:
    """RFC 7208 section 5.2: an include of nothing, or of something broken, is an error of the whole."""
    asked = (Lookup(node.domain, "TXT"), Lookup(branch.target, "TXT"))
    args: dict[str, Any] = {"domain": posture.domain, "term": branch.term.text, "target": branch.target}
    better = txt_line(node.domain, spf_without(node, branch.term))
    if branch.loop:
        yield fault("spf-loop", *asked, replacement=better, **args)
    elif branch.senders is None or branch.senders.record:
        return
    elif branch.senders.answer.status == "temperror":
        yield fault("spf-include-unknown", *asked, why=branch.senders.answer.why, **args)
    elif branch.senders.texts:
        yield fault("spf-include-broken", *asked, why=branch.senders.problem, replacement=better, **args)
    else:
        yield fault("spf-include-without-record", *asked, replacement=better, **args)


def _mx(posture: Posture, node: Senders) -> Iterator[Fault]:
    for grant in node.grants:
        if grant.hosts > spf.MAX_NAMES:
            better = txt_line(node.domain, spf_without(node, grant.term))
            asked = (Lookup(node.domain, "TXT"), Lookup(grant.target, "MX"))
            yield fault("spf-mx-too-many", *asked, domain=posture.domain, count=grant.hosts, replacement=better)


def _counts(posture: Posture) -> Iterator[Fault]:
    root, domain = posture.spf, posture.domain
    asked = tuple(Lookup(node.domain, "TXT") for node in root.walk())
    if root.lookups > spf.MAX_LOOKUPS:
        dearest = max(root.branches, key=_cost, default=None)
        better = txt_line(domain, spf_without(root, dearest.term)) if dearest else ""
        term = dearest.term.text if dearest else ""
        yield fault("spf-too-many-lookups", *asked, domain=domain, count=root.lookups, term=term, replacement=better)
    voids = [(node, grant) for node in root.walk() for grant in node.grants if grant.void]
    if len(voids) > spf.MAX_VOIDS:
        terms = ", ".join(dict.fromkeys(grant.term.text for _, grant in voids))
        better = txt_line(domain, spf_without(root, *(grant.term for node, grant in voids if node is root)))
        yield fault("spf-too-many-voids", *asked, domain=domain, count=len(voids), terms=terms, replacement=better)


def _cost(branch: Branch) -> int:
    return branch.senders.lookups if branch.senders else 0
