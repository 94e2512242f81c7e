"""DMARC aggregate reports (RFC 9990, RFC 7489): one sighting for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ....standards import aggregate
from ....standards.aggregate import Flaw, Header, Policy, Row
from ...identity import Identity
from ...sighting import Ours, Sighting, Signal
from ...trust import Standing, agree
from ..learned import LONG_AGO, Digest, Entry, Learned, Lenience, Origin, Refused, clean

# Rows held until the header is complete: a late one still reaches those of all but monstrous reports.
HELD = 5_000
_SIGNS = (b"feedback", b"report_metadata", b"policy_published", b"<record")


def sniff(head: bytes) -> bool:
    """True for XML that names an element only these reports have."""
    return any(sign in head for sign in _SIGNS)


def read(chunks: Iterable[bytes], origin: Origin, me: Identity) -> Iterator[Learned]:
    """A sighting for each row, a lenience for each flaw, then the entry; refused where it names no reporter and no row.

    Rows about more than 10^9 messages or less than none count 0, and say so.
    """
    report = _Report(origin, me)
    source = Digest(chunks)
    for event in aggregate.read(source):
        if isinstance(event, Row):
            report.rows.append(event)
            if len(report.rows) >= HELD:
                yield from report.sightings()
        elif isinstance(event, Header):
            report.header = event
        else:
            report.flaws.append(event)
    yield from report.sightings()
    yield from report.close(source.content)


class _Report:
    """What is known of a report while it is read."""

    def __init__(self, origin: Origin, me: Identity) -> None:
        self.origin, self.me = origin, me
        self.header: Header | None = None
        self.rows: list[Row] = []
        self.flaws: list[Flaw] = []
        self.count = self.messages = 0

    def sightings(self) -> Iterator[Sighting]:
        """Those of the rows held, which are let go."""
        rows, self.rows = self.rows, []
        self.count += len(rows)
        self.messages += sum(row.count for row in rows)
        entry = self.entry("")
        policy = published(self.header.policy) if self.header else ""
        return (_sighting(row, entry, policy, self.me) for row in rows)

    def close(self, content: str) -> Iterator[Learned]:
        """Its leniences and its entry; or why there is none."""
        where = self.origin.where
        if self.header is None and not self.count:
            yield Refused(where, f"is refused: {', '.join(dict.fromkeys(flaw.tag for flaw in self.flaws)) or 'empty'}")
            return
        yield from (Lenience(where, flaw.tag, flaw.line, clean(flaw.text)) for flaw in self.flaws)
        yield self.entry(content)

    def entry(self, content: str) -> Entry:
        header = self.header or Header()
        moment = header.begin or header.end or self.origin.received or LONG_AGO
        return Entry(
            "aggregate",
            content,
            clean(header.org_name or header.email),
            clean(header.policy.domain),
            clean(header.report_id),
            moment,
            header.end or moment,
            self.count,
            self.messages,
            self.standing(header),
            self.origin.proof,
        )

    def standing(self, header: Header) -> Standing:
        return agree(self.origin.standing, header.org_name, header.email)


def published(policy: Policy) -> str:
    """The policy in the words of a record, as the reporter saw it: "p=reject; sp=none"."""
    tags = ("p", "sp", "np", "adkim", "aspf", "pct")
    told = [f"{tag}={value}" for tag in tags if (value := getattr(policy, tag))]
    return clean("; ".join((*told, *(("t=y",) if policy.testing == "y" else ()))))


def _sighting(row: Row, entry: Entry, policy: str, me: Identity) -> Sighting:
    dmarc = "pass" if "pass" in (row.dkim, row.spf) else "fail" if "fail" in (row.dkim, row.spf) else ""
    ours, confidence = _ours(row, dmarc, me)
    return Sighting(
        entry.begin,
        entry.end,
        "aggregate",
        reporter=entry.reporter,
        source_ip=row.source_ip,
        header_from=clean(row.header_from or entry.domain),
        envelope_from=clean(row.envelope_from),
        envelope_to=clean(row.envelope_to),
        spf=row.spf or next((one.result for one in row.spf_results), ""),
        dkim=row.dkim or next((one.result for one in row.dkim_results), ""),
        dmarc=dmarc,
        disposition=row.disposition,
        override=clean(",".join(reason.type for reason in row.reasons)),
        count=row.count,
        ours=ours,
        signal=_signal(row, dmarc),
        trust=entry.standing.grade,
        confidence=confidence,
        proof=entry.proof,
        policy=policy,
        spf_domains=clean(" ".join(f"{one.domain}:{one.result}" for one in row.spf_results)),
        dkim_domains=clean(" ".join(f"{one.domain}:{one.result}" for one in row.dkim_results)),
    )


def _ours(row: Row, dmarc: str, me: Identity) -> tuple[Ours, float]:
    """A pass is ours, and what our servers send. Any other row may be forged or forwarded: alone it cannot tell."""
    if row.source_ip is not None and me.servers and me.owns_server(row.source_ip):
        return "ours", 1.0
    return ("ours", 0.95) if dmarc == "pass" else ("cannot-tell", 0.0)


def _signal(row: Row, dmarc: str) -> Signal:
    """What became of a mail that failed. "none" as a disposition does not prove that it reached an inbox."""
    if dmarc != "fail":
        return "none"
    return "enforced" if row.disposition in ("reject", "quarantine") else "accepted"
