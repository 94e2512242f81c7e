"""Does the domain ask to hear about failed encryption? (TLS-RPT, RFC 8460)"""

from __future__ import annotations

from ...errors import Malformed
from ...standards import tlsrpt_record
from ...standards.questions import Dialogue, Lookup, txt
from ..fault import Faults, fault
from ..posture import Posture
from ..republish import txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the TLS-RPT record; nothing for a domain that takes no mail."""
    if not posture.takes_mail:
        return ()
    name = tlsrpt_record.owner(posture.domain)
    answer = yield from txt(name)
    if answer.status == "temperror":
        return (fault("tls-rpt-unknown", Lookup(name, "TXT"), domain=posture.domain, why=answer.why),)
    records = [text for text in answer.values if tlsrpt_record.is_record(text)]
    wrong = _wrong(records) if records else ""
    better = txt_line(name, f"v=TLSRPTv1; rua=mailto:tls-reports@{posture.domain}")
    if not records:
        return (fault("tls-rpt-none", Lookup(name, "TXT"), domain=posture.domain, replacement=better),)
    if wrong:
        return (fault("tls-rpt-malformed", Lookup(name, "TXT"), domain=posture.domain, why=wrong, replacement=better),)
    return ()


def _wrong(records: list[bytes]) -> str:
    if len(records) > 1:  # RFC 8460 section 3: then there is no TLSRPT at all
        return f"{len(records)} records where one belongs"
    try:
        tlsrpt_record.parse(records[0])
    except Malformed as malformed:
        return malformed.what
    return ""
