"""What the DKIM2 fields of a mail claim about its way, in findings. A draft still: it is told, and decides nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..standards import dkim2
from .finding import Finding

MAX_NAMED = 3
_PROBLEMS = {
    "custody-broken": "custody-broken",
    "sender-of-another-domain": "custody-sender-elsewhere",
    "instance-missing": "custody-state-missing",
}


def told(chain: dkim2.Chain) -> Iterator[Finding]:
    """The claimed steps in order, what does not fit in each, and that none of it was checked."""
    if chain.problem:
        yield Finding("custody-unreadable", {"problem": chain.problem})
    elif not chain.hops:
        yield Finding("custody-none", {"draft": dkim2.DRAFT})
        return
    for hop in chain.hops:
        yield from _step(hop)
    yield Finding("custody-claimed", {"draft": dkim2.DRAFT})


def _step(hop: dkim2.Hop) -> Iterator[Finding]:
    signature = hop.signature
    facts = {"number": signature.number, "domain": signature.domain, "to": _addressees(signature)}
    yield Finding("custody-step", facts)
    if hop.changed:
        yield Finding("custody-changed" if hop.can_undo else "custody-changed-for-good", facts)
    if hop.problem:
        yield Finding(_PROBLEMS[hop.problem], facts)


def _addressees(signature: dkim2.Signature) -> str:
    if signature.next_domain is not None:
        return signature.next_domain
    named = ", ".join(recipient.strip("<>") for recipient in signature.recipients[:MAX_NAMED])
    more = len(signature.recipients) - MAX_NAMED
    return f"{named} and {more} more" if more > 0 else named or "nobody"
