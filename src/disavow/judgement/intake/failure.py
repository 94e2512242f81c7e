"""Failure reports and complaints with a report part (RFC 5965, 6591, 9991): one sighting each."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Malformed
from ...standards import address, feedback, mime
from ...standards.message import Message
from ..sighting import Sighting, Signal
from .learned import LONG_AGO, Entry, Learned, Lenience, Origin, clean

# RFC 6591 section 3.2.2: what became of the mail. "spam" was delivered, if not to the inbox.
_SIGNALS: dict[str, Signal] = {
    "delivered": "escaped",
    "spam": "accepted",
    "policy": "enforced",
    "reject": "enforced",
    "smg-policy-action": "enforced",
}


def sniff(part: Message) -> bool:
    """True for the machine-readable part of such a report."""
    return mime.content_type(part).type == "message/feedback-report"


def read(part: Message, original: Message | None, origin: Origin, content: str) -> Iterator[Learned]:
    """The sighting of the report in ``part`` about ``original``, and its entry; nothing where the part is none."""
    try:
        report = feedback.parse(mime.decoded(part))
    except Malformed:
        return
    entry = _entry(report, original, origin, content)
    yield _sighting(report, original, entry)
    yield from (Lenience(origin.where, flaw) for flaw in report.flaws)
    yield entry


def _entry(report: feedback.Report, original: Message | None, origin: Origin, content: str) -> Entry:
    reporter = report.reporting_mta.text or report.user_agent
    return Entry(
        "failure",
        content,
        clean(reporter),
        clean(next(iter(report.reported_domain), "") or _author(original)),
        clean(report.original_envelope_id),
        moment := report.arrival_date or origin.received or LONG_AGO,
        moment,
        standing=origin.standing,
        proof=origin.proof,
    )


def _sighting(report: feedback.Report, original: Message | None, entry: Entry) -> Sighting:
    return Sighting(
        entry.begin,
        entry.end,
        "failure" if report.feedback_type == "auth-failure" else "feedback",
        reporter=entry.reporter,
        source_ip=report.source_ip,
        header_from=_author(original) or entry.domain,
        envelope_from=clean(report.original_mail_from),
        envelope_to=clean(next(iter(report.original_rcpt_to), "")),
        subject=_field(original, "subject"),
        message_id=_field(original, "message-id"),
        dmarc="fail" if report.auth_failure == "dmarc" else "",
        dkim="fail" if report.auth_failure in ("bodyhash", "signature", "revoked", "adsp") else "",
        spf="fail" if report.auth_failure == "spf" else "",
        override=clean(report.auth_failure or report.feedback_type),
        count=report.incidents,
        signal=_SIGNALS.get(report.delivery_result, "none"),
        trust=entry.standing.grade,
        proof=entry.proof,
        dkim_domains=clean(report.dkim_domain),
    )


def _author(original: Message | None) -> str:
    """The domain of From in the mail reported; "" where it names none."""
    domains = address.authors(original).domains if original else ()
    return clean(domains[0]) if domains else ""


def _field(original: Message | None, name: str) -> str:
    return clean(mime.words(original.first(name) or b"")) if original else ""
