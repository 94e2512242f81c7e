"""What happens to senders that the SPF record does not list? (RFC 7208 sections 5.1 and 6.1)"""

from __future__ import annotations

from collections.abc import Iterator

from ...standards import spf
from ...standards.questions import Dialogue, Lookup
from ..fault import Fault, Faults, fault, found
from ..posture import Posture
from ..republish import spf_ended, txt_line


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the end of the record: ``all`` in its kinds, or none."""
    record = posture.spf.record
    return found(_faults(posture, record) if record else ())


def _faults(posture: Posture, record: spf.Record) -> Iterator[Fault]:
    asked, domain = Lookup(posture.domain, "TXT"), posture.domain
    end = posture.spf.all
    better = txt_line(domain, spf_ended(record, "~all" if posture.sends else "-all"))
    if end is None and not record.modifier("redirect"):
        yield fault("spf-no-all", asked, domain=domain, replacement=better)
    elif end is not None and end.qualifier == "+":
        yield fault("spf-all-pass", asked, domain=domain, replacement=better)
    elif end is not None and end.qualifier == "?":
        yield fault("spf-neutral", asked, domain=domain, replacement=better)
    if end is not None:
        yield from _unread(posture, record, end)


def _unread(posture: Posture, record: spf.Record, end: spf.Mechanism) -> Iterator[Fault]:
    """What stands in the record and is never looked at."""
    asked, domain = Lookup(posture.domain, "TXT"), posture.domain
    if dead := record.mechanisms[record.mechanisms.index(end) + 1 :]:
        better = txt_line(domain, spf_ended(record, end.text))
        yield fault("spf-after-all", asked, domain=domain, term=dead[0].text, replacement=better)
    if redirect := record.modifier("redirect"):
        kept = [term for term in record.terms if term is not redirect]
        better = txt_line(domain, " ".join(["v=spf1", *(term.text for term in kept)]))
        yield fault("spf-redirect-ignored", asked, domain=domain, term=redirect.text, replacement=better)
