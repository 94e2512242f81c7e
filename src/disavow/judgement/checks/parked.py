"""Does a domain that neither sends nor takes mail say so? (RFC 7505, RFC 7208 section 10.1.2)"""

from __future__ import annotations

from ...standards.questions import Dialogue, Lookup
from ..fault import Faults, fault, found
from ..posture import Posture
from ..republish import line, txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault if anybody may use the unused domain, a good finding if nobody may; nothing for one that is used."""
    spf, domain = posture.spf, posture.domain
    certain = "temperror" not in (posture.mx.status, spf.answer.status) and not posture.dmarc.temperror
    if posture.takes_mail or posture.sends or not certain:
        return found(())
    asked = (Lookup(domain, "MX"), Lookup(domain, "TXT"), Lookup(f"_dmarc.{domain}", "TXT"))
    if spf.record is None and posture.policy == "none":
        return found((fault("parked-open", *asked, domain=domain, replacement=locked(domain)),))
    locked_now = spf.record is not None and posture.policy == "reject"
    return found((fault("parked-locked", *asked, domain=domain),) if locked_now else ())


def locked(domain: str) -> str:
    """The records of a domain that never sends or takes mail: no ramp is needed, for there is no mail to lose."""
    return "\n".join(
        (
            line(domain, "MX", 0, "."),
            txt_line(domain, "v=spf1 -all"),
            txt_line(f"*._domainkey.{domain}", "v=DKIM1; p="),
            txt_line(f"_dmarc.{domain}", "v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s"),
        )
    )
