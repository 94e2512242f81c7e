"""DMARC aggregate reports (RFC 9990, RFC 7489): one sighting for each row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ....standards import aggregate
from ....standards.aggregate import Dkim, Flaw, Header, Policy, Row, Spf
from ....standards.questions import Address
from ...identity import Identity
from ...sighting import Ours, Sighting, Signal
from ...trust import Standing, agree
from ..history import contradiction
from ..learned import LONG_AGO, Digest, Entry, Learned, Lenience, Origin, Refused, clean

# Rows held until the header is complete: a late one still reaches those of all but monstrous reports.
HELD = 2_000
FEW = 3
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
            report.take(event)
            if len(report.held) >= HELD:
                yield from report.sightings()
        elif isinstance(event, Header):
            report.begin(event)
        else:
            report.flaws.append(event)
    yield from report.sightings()
    yield from report.close(source.content)


class _Facts(NamedTuple):
    """What a row tells beside an address and a number."""

    identifiers: tuple[str, str, str]
    results: tuple[str, str, str]
    disposition: str
    override: str
    signal: Signal
    domains: tuple[str, str]


class _Report:
    """What is known of a report while it is read."""

    def __init__(self, origin: Origin, me: Identity) -> None:
        self.origin, self.me = origin, me
        self.header: Header | None = None
        self.policy = ""
        self.basis: Entry | None = None
        self.held: list[tuple[Address | None, int, _Facts]] = []
        self.flaws: list[Flaw] = []
        self.count = self.messages = 0

    def begin(self, header: Header) -> None:
        """Takes the header, or a completer one."""
        self.header, self.policy, self.basis = header, published(header.policy), self._basis(header)

    def take(self, row: Row) -> None:
        """Holds what a row tells. A row may be long, what is held of it is not."""
        self.held.append((row.source_ip, row.count, _facts(row)))
        self.count += 1
        self.messages += row.count

    def sightings(self) -> Iterator[Sighting]:
        """Those of the rows held, which are let go."""
        held, self.held = self.held, []
        basis, policy, me = self.basis or self._basis(Header()), self.policy, self.me
        return (_sighting(*row, basis, policy, me) for row in held)

    def close(self, content: str) -> Iterator[Learned]:
        """Its leniences and its entry; or why there is none."""
        where = self.origin.where
        if self.header is None and not self.count:
            yield Refused(where, f"is refused: {', '.join(dict.fromkeys(flaw.tag for flaw in self.flaws)) or 'empty'}")
            return
        yield from (Lenience(where, flaw.tag, flaw.line, clean(flaw.text)) for flaw in self.flaws)
        if (record := self.contradiction(self.header or Header())) is not None:
            yield Lenience(where, "other-policy", 0, clean(f"{self.policy} / {record or '-'}"))
        basis = self.basis or self._basis(Header())
        yield basis._replace(content=content, rows=self.count, messages=self.messages)

    def _basis(self, header: Header) -> Entry:
        """The entry before anything is counted."""
        moment = header.begin or header.end or self.origin.received or LONG_AGO
        return Entry(
            "aggregate",
            "",
            clean(header.org_name or header.email),
            clean(header.policy.domain),
            clean(header.report_id),
            moment,
            header.end or moment,
            standing=self.standing(header),
            proof=self.origin.proof,
        )

    def standing(self, header: Header) -> Standing:
        """Who vouches for it; what contradicts the DNS is believed no more than if nobody did."""
        standing = agree(self.origin.standing, header.org_name, header.email)
        if standing.grade in ("A", "B") and self.contradiction(header) is not None:
            return Standing("C", standing.domain, "trust-other-policy")
        return standing

    def contradiction(self, header: Header) -> str | None:
        """What the DNS said all the while, if the report tells of another policy."""
        seen = self.origin.history.get(clean(header.policy.domain))
        if not seen or not header.begin or not header.end:
            return None
        return contradiction(header.policy, header.begin, header.end, seen)


def published(policy: Policy) -> str:
    """The policy in the words of a record, as the reporter saw it: "p=reject; sp=none"."""
    tags = ("p", "sp", "np", "adkim", "aspf", "pct")
    told = [f"{tag}={value}" for tag in tags if (value := getattr(policy, tag))]
    return clean("; ".join((*told, *(("t=y",) if policy.testing == "y" else ()))))


def _sighting(address: Address | None, count: int, facts: _Facts, entry: Entry, policy: str, me: Identity) -> Sighting:
    """One of maybe a million: given its fields in their order, which is the fastest way to make it."""
    identifiers = facts.identifiers if facts.identifiers[0] else (entry.domain, *facts.identifiers[1:])
    ours, confidence = _ours(address, facts.results[2], me)
    return Sighting._make(
        (
            *(entry.begin, entry.end, "aggregate", entry.reporter, address, *identifiers, "", "", ""),
            *(*facts.results, facts.disposition, facts.override, count, ours, facts.signal),
            *(entry.standing.grade, confidence, entry.proof, policy, *facts.domains),
        )
    )


def _facts(row: Row) -> _Facts:
    dmarc = "pass" if "pass" in (row.dkim, row.spf) else "fail" if "fail" in (row.dkim, row.spf) else ""
    spf = row.spf or next((one.result for one in row.spf_results), "")
    dkim = row.dkim or next((one.result for one in row.dkim_results), "")
    return _Facts(
        (clean(row.header_from), clean(row.envelope_from), clean(row.envelope_to)),
        (spf, dkim, dmarc),
        row.disposition,
        clean(",".join([reason.type for reason in row.reasons])) if row.reasons else "",
        _signal(row, dmarc),
        (_results(row.spf_results), _results(row.dkim_results)),
    )


def _results(results: tuple[Spf, ...] | tuple[Dkim, ...]) -> str:
    """Of many, those that passed come first: what is too long is cut."""
    if len(results) > FEW:
        results = tuple(sorted(results, key=lambda one: one.result != "pass"))  # type: ignore[assignment]
    return clean(" ".join([f"{one.domain}:{one.result}" for one in results])) if results else ""


def _ours(address: Address | None, dmarc: str, me: Identity) -> tuple[Ours, float]:
    """A pass is ours, and what our servers send. Any other row may be forged or forwarded: alone it cannot tell."""
    if address is not None and me.servers and me.owns_server(address):
        return "ours", 1.0
    return ("ours", 0.95) if dmarc == "pass" else ("cannot-tell", 0.0)


def _signal(row: Row, dmarc: str) -> Signal:
    """What became of a mail that failed. "none" as a disposition does not prove that it reached an inbox."""
    if dmarc != "fail":
        return "none"
    return "enforced" if row.disposition in ("reject", "quarantine") else "accepted"
