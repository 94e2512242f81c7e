"""The chain of evidence behind a verdict, in order, and what else is worth knowing about the mail."""

from __future__ import annotations

from collections.abc import Iterator

from ..standards import dkim, dmarc
from .finding import Finding
from .standing import is_aligned, is_old, is_vouched
from .verify import Verification


def chain(verification: Verification) -> Iterator[Finding]:
    """Who handed the mail over, what the Return-Path says, who signed, and what the author's domain asks for."""
    yield from _client(verification)
    yield from _return_path(verification)
    yield from _signatures(verification)
    yield from _policies(verification)


def _client(verification: Verification) -> Iterator[Finding]:
    envelope = verification.envelope
    if envelope.ip is None:
        claimed = next((hop.line.by for hop in verification.hops if hop.line.by), "")
        if envelope.trusted:
            yield Finding("verify-client-inside", {"receiver": envelope.receiver})
        elif claimed:
            yield Finding("verify-client-claimed", {"claimed": claimed})
        else:
            yield Finding("verify-client-unknown")
    elif envelope.source == "given":
        yield Finding("verify-client-given", {"ip": envelope.ip, "helo": envelope.helo or "nothing"})
    else:
        facts = {"receiver": envelope.receiver, "ip": envelope.ip, "helo": envelope.helo or "nothing"}
        yield Finding("verify-client", facts)


_SPF = {
    "pass": "verify-spf-pass",
    "fail": "verify-spf-fail",
    "softfail": "verify-spf-softfail",
    "neutral": "verify-spf-neutral",
    "none": "verify-spf-none",
    "temperror": "verify-spf-temperror",
    "permerror": "verify-spf-permerror",
}


def _return_path(verification: Verification) -> Iterator[Finding]:
    sender, envelope = verification.spf, verification.envelope
    if sender is None:
        if envelope.ip is not None:
            yield Finding("verify-return-path-unknown")
        return
    domain = verification.mail_from_domain or "an unnamed host"
    facts = {"domain": domain, "ip": envelope.ip, "term": sender.mechanism or "-", "problem": sender.problem}
    yield Finding(_SPF[sender.result], facts)
    if envelope.mail_from == "":
        yield Finding("verify-null-sender", {"domain": domain})
    for result in verification.dmarc:
        if sender.result == "pass" and not is_aligned(result, "spf", domain):
            yield Finding("verify-spf-elsewhere", {"domain": domain, "author": result.author_domain})


_CAUSES = {
    "syntax": "verify-dkim-syntax",
    "from-unsigned": "verify-dkim-from-unsigned",
    "identity-outside-domain": "verify-dkim-identity-outside-domain",
    "algorithm-unknown": "verify-dkim-algorithm-unknown",
    "sha1": "verify-dkim-sha1",
    "expired": "verify-dkim-expired",
    "future": "verify-dkim-future",
    "key-unavailable": "verify-dkim-key-unavailable",
    "key-missing": "verify-dkim-key-missing",
    "key-syntax": "verify-dkim-key-syntax",
    "key-revoked": "verify-dkim-key-revoked",
    "key-type": "verify-dkim-key-unfit",
    "key-hash": "verify-dkim-key-unfit",
    "key-service": "verify-dkim-key-unfit",
    "key-too-short": "verify-dkim-key-too-short",
    "key-too-long": "verify-dkim-key-too-long",
    "wrong-key": "verify-dkim-wrong-key",
    "header-changed": "verify-dkim-header-changed",
    "signature-wrong": "verify-dkim-signature-wrong",
    "body-changed": "verify-dkim-body-changed",
    "body-shorter-than-signed": "verify-dkim-body-shorter-than-signed",
    "too-many-signatures": "verify-dkim-too-many-signatures",
    "header-too-long": "verify-dkim-header-too-long",
}
_CHANGES = {
    "subject-tagged": "verify-change-subject-tagged",
    "from-rewritten": "verify-change-from-rewritten",
    "encoding-renamed": "verify-change-encoding-renamed",
    "field-added": "verify-change-field-added",
    "body-missing": "verify-change-body-missing",
    "footer-added": "verify-change-footer-added",
    "banner-added": "verify-change-banner-added",
    "reencoded": "verify-change-reencoded",
    "from-quoted": "verify-change-from-quoted",
    "dots-doubled": "verify-change-dots-doubled",
}


def _signatures(verification: Verification) -> Iterator[Finding]:
    if not verification.dkim:
        yield Finding("verify-dkim-none")
    for signature in verification.dkim:
        domain = signature.domain or "somebody"
        facts = {"domain": domain, "selector": signature.selector or "-", "bits": signature.bits}
        if signature.result == "pass":
            yield _passed(signature)
            if signature.testing:
                yield Finding("verify-dkim-testing", facts)
        else:
            yield Finding(_CAUSES[signature.cause], facts)
            if change := _CHANGES.get(signature.change):
                yield Finding(change, {"fields": ", ".join(signature.changed_fields)})
        if signature.domain and not any(is_aligned(result, "dkim", domain) for result in verification.dmarc):
            yield Finding("verify-dkim-elsewhere", {"domain": domain})


def _passed(signature: dkim.Verification) -> Finding:
    domain = signature.domain
    if signature.body == "unchecked":
        return Finding("verify-dkim-header-only", {"domain": domain})
    if signature.added_fields:
        return Finding("verify-dkim-added", {"domain": domain, "fields": ", ".join(signature.added_fields)})
    if signature.unsigned_bytes:
        return Finding("verify-dkim-tail", {"domain": domain, "bytes": signature.unsigned_bytes})
    return Finding("verify-dkim-pass", {"domain": domain})


def _policies(verification: Verification) -> Iterator[Finding]:
    for result in verification.dmarc:
        domain = result.author_domain
        facts = {"domain": domain, "policy": result.policy, "at": result.policy_domain, "problem": result.problem}
        if result.result == "pass":
            yield Finding("verify-dmarc-pass", facts)
        elif result.result == "fail" and result.policy == "none":
            yield Finding("verify-dmarc-fail-none", facts)
        elif result.result == "fail":
            yield Finding("verify-dmarc-fail", facts)
        elif result.result == "none":
            yield Finding("verify-dmarc-none", facts)
        else:
            yield Finding("verify-dmarc-error", facts)


def remarks(verification: Verification) -> Iterator[Finding]:
    """What else is worth knowing; none of it decided."""
    if is_old(verification) and verification.sent:
        yield Finding("verify-old", {"date": verification.sent.date(), "checked": verification.at.date()})
    yield from _about_author(verification)
    yield from _about_sender(verification)
    yield from _about_standards(verification)
    yield from _about_forwarders(verification)
    yield from _about_statements(verification)


def _about_author(verification: Verification) -> Iterator[Finding]:
    if verification.authors.ambiguous and verification.authors.domains:
        yield Finding("verify-author-odd", {"domains": ", ".join(verification.authors.domains)})
    for domain in verification.authors.shown:
        yield Finding("verify-author-shown", {"domain": domain})


def _about_sender(verification: Verification) -> Iterator[Finding]:
    sender, domain = verification.spf, verification.mail_from_domain
    if sender and sender.result == "pass" and sender.mechanism.lower().lstrip("+") == "all":
        yield Finding("verify-spf-everybody", {"domain": domain})
    if sender and sender.result == "fail" and any(is_vouched(verification, one) for one in verification.dmarc):
        yield Finding("verify-return-path-denied", {"domain": domain, "ip": verification.envelope.ip})
    if sender and sender.explanation:
        yield Finding("verify-spf-explanation", {"domain": domain, "explanation": sender.explanation[:300]})


def _about_standards(verification: Verification) -> Iterator[Finding]:
    for new, old in zip(verification.dmarc, verification.dmarc_7489, strict=True):
        if (new.result, new.disposition) != (old.result, old.disposition):
            facts = {"domain": new.author_domain, "new": _said(new), "old": _said(old)}
            yield Finding("verify-standards-differ", facts)
        if old.disposition != "none" and old.record and old.record.pct < 100:
            yield Finding("verify-pct", {"domain": old.policy_domain, "pct": old.record.pct})


def _about_forwarders(verification: Verification) -> Iterator[Finding]:
    chain = verification.arc
    if chain.result == "pass":
        sealers = ", ".join(dict.fromkeys(instance.seal.domain for instance in chain.instances))
        yield Finding("verify-arc-pass", {"sealers": sealers})
    elif chain.result != "none":
        yield Finding("verify-arc-fail")


def _said(result: dmarc.Result) -> str:
    return f"{result.result} ({result.policy})" if result.result == "fail" else result.result


def _about_statements(verification: Verification) -> Iterator[Finding]:
    """Authentication-Results: what our side wrote is told, what pretends to be ours is named."""
    found = {
        "spf": {verification.spf.result} if verification.spf else {"temperror"},
        "dkim": {one.result for one in verification.dkim},
        "dmarc": {one.result for one in verification.dmarc},
    }
    for said in verification.statements:
        # Where a lookup failed, nobody can say that the claim is false.
        false = [method for method in said.passes if not found[method] & {"pass", "temperror"}]
        if said.trusted:
            yield Finding("verify-authres-ours", {"host": said.host, "passes": ", ".join(said.passes) or "nothing"})
        elif said.ours and false:
            yield Finding("verify-authres-forged", {"host": said.host, "passes": ", ".join(false)})
        elif said.passes:
            yield Finding("verify-authres-claim", {"host": said.host or "somebody", "passes": ", ".join(said.passes)})
