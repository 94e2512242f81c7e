"""How strict is the DMARC policy, for the domain, its subdomains and names that do not exist? (RFC 9989 section 4.7)"""

from __future__ import annotations

from collections.abc import Iterator

from ...standards import dmarc
from ...standards.questions import Dialogue, Lookup
from ..fault import Fault, Faults, fault, found
from ..posture import Posture
from ..republish import dmarc_with, txt_line

STRICTNESS = {"none": 0, "quarantine": 1, "reject": 2}


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the policy in force, wherever it is published."""
    policy = posture.dmarc.policy
    return found(_faults(posture, policy) if policy and policy.record.p else ())


def _faults(posture: Posture, policy: dmarc.Found) -> Iterator[Fault]:
    yield from _itself(posture, policy)
    if posture.policy != "none":
        yield from _weakened(posture, policy)
        if posture.dmarc.place == "author":
            yield from _below(policy)


def _itself(posture: Posture, policy: dmarc.Found) -> Iterator[Fault]:
    name = f"_dmarc.{policy.domain}"
    asked = Lookup(name, "TXT")
    tag = "sp" if posture.dmarc.place != "author" and policy.record.sp else "p"
    if posture.policy == "none":
        # Straight to reject only where no mail can be lost; else one step, rehearsed with t=y (section 4.7).
        steps = {tag: "quarantine", "t": "y"} if posture.sends else {tag: "reject"}
        better = txt_line(name, dmarc_with(policy.record, **steps))
        yield fault("dmarc-policy-none", asked, domain=posture.domain, replacement=better)
    elif posture.policy == "quarantine":
        better = txt_line(name, dmarc_with(policy.record, **{tag: "reject"}))
        yield fault("dmarc-policy-quarantine", asked, domain=posture.domain, replacement=better)


def _weakened(posture: Posture, policy: dmarc.Found) -> Iterator[Fault]:
    name = f"_dmarc.{policy.domain}"
    asked, domain = Lookup(name, "TXT"), posture.domain
    if policy.record.t:
        better = txt_line(name, dmarc_with(policy.record, t=None))
        yield fault("dmarc-testing", asked, domain=domain, policy=posture.policy, replacement=better)
    if policy.record.pct < 100:
        better = txt_line(name, dmarc_with(policy.record, pct=None))
        yield fault("dmarc-pct", asked, domain=domain, percent=policy.record.pct, replacement=better)


def _below(policy: dmarc.Found) -> Iterator[Fault]:
    """Section 4.7: sp for subdomains, p where it is missing; np for names that do not exist, sp where it is missing."""
    record, name = policy.record, f"_dmarc.{policy.domain}"
    asked = Lookup(name, "TXT")
    p, sp, np = record.p or "none", record.sp, record.np
    if sp and STRICTNESS[sp] < STRICTNESS[p]:
        better = txt_line(name, dmarc_with(record, sp=p))
        yield fault("dmarc-subdomains-open", asked, domain=policy.domain, policy=p, sp=sp, replacement=better)
    if np and STRICTNESS[np] < STRICTNESS[sp or p]:
        better = txt_line(name, dmarc_with(record, np="reject"))
        yield fault("dmarc-nonexistent-open", asked, domain=policy.domain, np=np, replacement=better)
