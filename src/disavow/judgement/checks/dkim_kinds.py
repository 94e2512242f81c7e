"""Can every receiver check at least one of the keys? (RFC 8463 section 5: many know RSA only)"""

from __future__ import annotations

from ...standards.questions import Dialogue, Lookup
from ..fault import Faults, fault, found
from ..posture import Posture
from ..republish import txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault if all keys in force that were found are Ed25519."""
    working = posture.dkim.working
    if not working or any(selector.key and selector.key.type == "rsa" for selector in working):
        return found(())
    better = txt_line(
        f"rsa1._domainkey.{posture.domain}", "v=DKIM1; k=rsa; p=(the public half of a new RSA key of 2048 bits)"
    )
    asked = (Lookup(selector.owner, "TXT") for selector in working)
    return found((fault("dkim-ed25519-only", *asked, confidence=0.8, domain=posture.domain, replacement=better),))
