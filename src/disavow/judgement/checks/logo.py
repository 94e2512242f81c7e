"""Is the BIMI record, where there is one, right? A domain without a logo has no fault."""

from __future__ import annotations

from ...errors import Malformed
from ...standards import bimi
from ...standards.questions import Dialogue, Lookup, txt
from ..fault import Faults, fault
from ..posture import Posture
from ..republish import txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the BIMI record, and of the DMARC policy without which no provider shows the logo."""
    name = bimi.owner(posture.domain)
    answer = yield from txt(name)
    question = Lookup(name, "TXT")
    if answer.status == "temperror":
        return (fault("bimi-unknown", question, domain=posture.domain, why=answer.why),)
    records = [text for text in answer.values if bimi.is_record(text)]
    if not records:
        return ()
    if wrong := _wrong(records):
        better = txt_line(name, f"v=BIMI1; l=https://{posture.domain}/logo.svg")
        return (fault("bimi-malformed", question, domain=posture.domain, why=wrong, replacement=better),)
    if bimi.parse(records[0]).location and posture.policy == "none":
        return (fault("bimi-without-policy", question, domain=posture.domain),)
    return ()


def _wrong(records: list[bytes]) -> str:
    if len(records) > 1:
        return f"{len(records)} records where one belongs"
    try:
        bimi.parse(records[0])
    except Malformed as malformed:
        return malformed.what
    return ""
