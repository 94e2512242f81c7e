"""Reports about TLS (RFC 8460): one sighting for each kind of failure, one for the sessions that succeeded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....errors import Malformed
from ....standards import tlsrpt
from ...identity import Identity
from ...sighting import Sighting
from ...trust import agree
from ..learned import LONG_AGO, Digest, Entry, Learned, Lenience, Origin, Refused, clean


def sniff(head: bytes) -> bool:
    """True for what begins like a JSON object."""
    return head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"{")


def read(chunks: Iterable[bytes], origin: Origin, me: Identity) -> Iterator[Learned]:
    """The sightings of the report, its leniences and its entry; refused where it is no such report.

    ``override`` of a sighting is the failure's type, "" for success; ``count`` counts sessions, not messages.
    """
    source = Digest(chunks)
    try:
        report = tlsrpt.parse(_whole(source))
    except Malformed as error:
        yield Refused(origin.where, f"is {clean(error.what)}")
        return
    entry = _entry(report, origin, source.content)
    for policy in report.policies:
        yield from _sightings(policy, entry)
    yield from (Lenience(origin.where, flaw) for flaw in report.flaws)
    yield entry


def _whole(source: Iterable[bytes]) -> bytes:
    """All bytes, or one more than a report may have."""
    pieces, room = [], tlsrpt.MAX_BYTES + 1
    for chunk in source:
        pieces.append(chunk)
        room -= len(chunk)
        if room <= 0:
            break
    return b"".join(pieces)


def _entry(report: tlsrpt.Report, origin: Origin, content: str) -> Entry:
    moment = report.begin or report.end or origin.received or LONG_AGO
    reporter = clean(report.organization_name or report.contact_info)
    return Entry(
        "tls",
        content,
        reporter,
        clean(report.policies[0].domain if report.policies else ""),
        clean(report.report_id),
        moment,
        report.end or moment,
        standing=agree(origin.standing, report.organization_name, report.contact_info.removeprefix("mailto:")),
        proof=origin.proof,
    )


def _sightings(policy: tlsrpt.Policy, entry: Entry) -> Iterator[Sighting]:
    if policy.successful:
        yield _sighting(policy, tlsrpt.Failure("", policy.successful), entry)
    for failure in policy.failures:
        yield _sighting(policy, failure, entry)
    if policy.failed and not policy.failures:
        yield _sighting(policy, tlsrpt.Failure("unspecified", policy.failed), entry)


def _sighting(policy: tlsrpt.Policy, failure: tlsrpt.Failure, entry: Entry) -> Sighting:
    return Sighting(
        entry.begin,
        entry.end,
        "tls",
        reporter=entry.reporter,
        source_ip=failure.sending_mta_ip,
        header_from=clean(policy.domain),
        helo=clean(failure.receiving_mx_hostname),
        override=clean(failure.result_type),
        count=failure.failed_session_count,
        trust=entry.standing.grade,
        proof=entry.proof,
        policy=clean(policy.type),
    )
