"""Do subdomains publish policies of their own that are weaker than the domain's? (RFC 9989 section 4.10.1)"""

from __future__ import annotations

from ...standards import dmarc
from ...standards.questions import Answer, Dialogue, Lookup, together, txt
from ..fault import Fault, Faults, fault
from ..posture import Posture
from ..republish import dmarc_with, txt_line
from .dmarc_policy import STRICTNESS


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault for each known or usual subdomain whose own record undoes the domain's policy."""
    policy = posture.dmarc.policy
    if policy is None or policy.record.p is None or posture.policy == "none":
        return ()
    strict = policy.record.sp or policy.record.p
    answers = yield from together(*(txt(f"_dmarc.{name}") for name in posture.neighbours))
    named = zip(posture.neighbours, answers, strict=True)
    return tuple(hole for name, answer in named if (hole := _hole(posture, name, answer, strict)))


def _hole(posture: Posture, name: str, answer: Answer[bytes], strict: dmarc.Policy) -> Fault | None:
    records = [text for text in answer.values if dmarc.is_record(text)]
    if len(records) != 1:  # section 4.10 step 2: then the parent's record applies
        return None
    record = dmarc.parse(records[0])
    own = record.p or "none"
    if STRICTNESS[own] >= STRICTNESS[strict]:
        return None
    better = txt_line(f"_dmarc.{name}", dmarc_with(record, p=strict))
    asked = (Lookup(f"_dmarc.{name}", "TXT"), Lookup(f"_dmarc.{posture.domain}", "TXT"))
    return fault("dmarc-subdomain-hole", *asked, domain=posture.domain, subdomain=name, policy=own, replacement=better)
