"""Does the SPF record use ptr, which RFC 7208 section 5.5 advises against?"""

from __future__ import annotations

from ...standards.questions import Dialogue, Lookup
from ..fault import Faults, fault, found
from ..posture import Posture
from ..republish import spf_without, txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault if the domain's own record has ptr."""
    terms = [grant.term for grant in posture.spf.grants if grant.term.name == "ptr"]
    better = txt_line(posture.domain, spf_without(posture.spf, *terms))
    asked = Lookup(posture.domain, "TXT")
    return found((fault("spf-ptr", asked, domain=posture.domain, replacement=better),) if terms else ())
