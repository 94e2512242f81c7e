"""Is the zone signed, and do the signatures hold? (DNSSEC, RFC 4035)"""

from __future__ import annotations

from ...errors import Malformed
from ...standards import dnssec
from ...standards.questions import Answer, Dialogue, Lookup, lookup, together
from ..fault import Faults, fault
from ..posture import Posture

_RECORDS = 10  # compared


def check(posture: Posture) -> Dialogue[Faults]:
    """Whether the parent vouches for the zone's keys, and whether a checking resolver can read the zone."""
    domain = posture.domain
    ds = yield from lookup(domain, "DS")
    if ds.status == "temperror":
        return (fault("dnssec-unknown", Lookup(domain, "DS"), domain=domain, why=ds.why),)
    if not ds.values:
        signed = posture.mx.authenticated or posture.spf.answer.authenticated  # inside a signed zone
        return () if signed else (fault("dnssec-none", Lookup(domain, "DS"), domain=domain),)
    return (yield from _signed(domain, ds))


def _signed(domain: str, ds: Answer[str]) -> Dialogue[Faults]:
    keys, unchecked, *checked = yield from together(
        lookup(domain, "DNSKEY", unvalidated=True),
        lookup(domain, "SOA", unvalidated=True),
        lookup(domain, "SOA"),
        lookup(domain, "NS"),
    )
    asked = Lookup(domain, "DNSKEY", unvalidated=True)
    if keys.status == "temperror":
        return (fault("dnssec-unknown", asked, domain=domain, why=keys.why),)
    if not _vouched(domain, ds, keys):
        return (fault("dnssec-bogus", Lookup(domain, "DS"), asked, domain=domain, replacement=_unsigned(domain)),)
    if unchecked.status == "ok" and all(answer.status == "temperror" for answer in checked):
        # The keys are right, and yet a resolver that checks gets nothing: signatures expired or wrong.
        seen = (Lookup(domain, "SOA"), Lookup(domain, "NS"), Lookup(domain, "SOA", unvalidated=True))
        return (fault("dnssec-bogus", *seen, confidence=0.9, domain=domain, replacement=_unsigned(domain)),)
    return (fault("dnssec-good", Lookup(domain, "DS"), domain=domain),)


def _vouched(domain: str, ds: Answer[str], keys: Answer[str]) -> bool:
    """False only if none of the DS records, all of kinds we know, fits any key (RFC 4035 section 5.2)."""
    return any(
        _vouches(domain, record, key) is not False for record in ds.values[:_RECORDS] for key in keys.values[:_RECORDS]
    )


def _vouches(domain: str, ds: str, key: str) -> bool | None:
    try:
        return dnssec.vouches(dnssec.parse_ds(ds), domain, dnssec.parse_dnskey(key))
    except Malformed:
        return False


def _unsigned(domain: str) -> str:
    return f"; at your registrar: take the DS records of {domain} out, or give the one of the key that signs now"
