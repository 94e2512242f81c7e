"""Which faults a plan mends by itself, because nothing that works today can be lost by it."""

from __future__ import annotations

from collections.abc import Iterator

from ..standards import mtasts, names
from ..standards.questions import Dialogue
from .audit import Audit, audit
from .fault import Fault
from .posture import Subject
from .record_set import Planned, read
from .rehearsal import rehearse

_ROUNDS = 12  # each mends at least one fault more

# The others are the owner's to decide: a network or include that is far too wide may still hold a server of his.
SAFE = frozenset(
    (
        *("spf-none", "spf-not-read", "spf-type-99", "spf-several", "spf-syntax", "spf-no-all", "spf-all-pass"),
        *("spf-neutral", "spf-after-all", "spf-redirect-ignored", "spf-loop", "spf-include-broken", "spf-takeover"),
        *("spf-include-without-record", "spf-too-many-voids", "spf-private-address", "spf-host-unlocked"),
        *("dmarc-several", "dmarc-not-read", "dmarc-takeover", "dmarc-alias-dead", "dmarc-at-apex"),
        *("dmarc-report-address-malformed", "dmarc-unreadable-tag", "dmarc-invalid-policy"),
        *("dmarc-report-dead", "dmarc-report-takeover", "dkim-testing", "dkim-sha1", "dkim-not-for-mail"),
        *("dkim-takeover", "dkim-alias-dead", "mx-takeover", "mx-missing-host", "mx-null-beside-real"),
        *("tls-rpt-none", "tls-rpt-malformed", "mta-sts-none", "mta-sts-malformed", "mta-sts-off"),
        *("mta-sts-policy-missing", "mta-sts-policy-malformed"),
    )
)


def mend(subject: Subject, planned: Planned, unsafe: frozenset[str] = frozenset()) -> Dialogue[tuple[Planned, Audit]]:
    """``planned`` with all that is safe to mend in it, and the audit of the domain as it will be then.

    ``unsafe``: tags that are not mended here though they usually may be.
    """
    for _ in range(_ROUNDS):
        found = yield from rehearse(audit(subject), planned)
        better = _better(found, planned, SAFE - unsafe)
        if better == planned:
            return planned, found
        planned = better
    return planned, (yield from rehearse(audit(subject), planned))


def _better(found: Audit, planned: Planned, safe: frozenset[str]) -> Planned:
    """The plan with each fault's replacement, the worst fault first; a place is changed once in a round."""
    changed: set[tuple[str, str]] = set()
    for replacement in _replacements(found, safe):
        if changed.isdisjoint(replacement.records):
            changed.update(replacement.records)
            planned = planned.with_(replacement.records.values(), _tested(replacement, planned))
    return planned


def _replacements(found: Audit, safe: frozenset[str]) -> Iterator[Planned]:
    for fault in found.faults:
        replacement = read(fault.replacement) if fault.tag in safe else None
        if replacement and all(names.is_within(name, found.domain) for name, _ in replacement.records):
            yield replacement


def _tested(replacement: Planned, planned: Planned) -> dict[str, str]:
    """The files, with senders asked to report before they are asked to refuse (RFC 8461 section 5)."""
    return {url: planned.files.get(url) or policy_file(text, "testing") for url, text in replacement.files.items()}


def policy_file(text: str, mode: mtasts.Mode) -> str:
    """The MTA-STS policy with another mode."""
    found = mtasts.parse_policy(text.encode())
    return mtasts.format_policy(mtasts.Policy(mode, found.max_age, found.mx)).decode().replace("\r\n", "\n")


def left(found: Audit) -> tuple[Fault, ...]:
    """What is open in an audit and worth doing by hand, and what could not be looked up."""
    return tuple(
        fault for fault in found.faults if fault.level not in ("info", "good") or fault.tag.endswith("-unknown")
    )
