"""What a verification means: genuine, forged or unproven, and why.

The verdict is about the domain that From names. ARC and Authentication-Results never decide; what is only claimed
is never mixed with what was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from ..standards import dkim, dmarc
from .finding import Finding
from .verify import Verification, is_aligned, standing

Answer: TypeAlias = Literal["genuine", "forged", "unproven"]

# DNS is asked now, not when the mail was sent: keys and records of this age may have changed.
OLD = timedelta(days=30)

# Oddities of From that no mail program writes: they show one author to one reader and another to the next.
_BUILT = frozenset(("several-from", "several-in-one", "several-at", "nul", "bare-cr", "unclosed"))
_ONLY_ADDRESS = re.compile(r"\W{0,3}[^\s@<>]{1,64}@[^\s@<>]{1,255}\Z|.{0,200}<[^\s@<>]{1,64}@[^\s@<>]{1,255}>\W{0,3}\Z")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``headline`` is the verdict in one sentence, ``because`` the chain of evidence, in order, that leads to it.

    ``findings`` is what else is worth knowing: it did not decide.
    """

    answer: Answer
    headline: Finding
    because: tuple[Finding, ...]
    findings: tuple[Finding, ...]


def explain(verification: Verification, repairs: Sequence[Finding] = (), *, exact: bool = True) -> Verdict:
    """The verdict on a verified message; ``repairs`` and ``exact`` as ``paste.read`` tells them."""
    answer, headline, reasons = _decided(verification, exact)
    chain = (*_client(verification), *_return_path(verification), *_signatures(verification), *_policies(verification))
    remarks = (*repairs, *_remarks(verification))
    if not exact and verification.dkim:
        remarks += (Finding("verify-inexact"),)
    return Verdict(answer, headline, (*chain, *reasons), remarks)


_Decision: TypeAlias = tuple[Answer, Finding, tuple[Finding, ...]]


def _decided(verification: Verification, exact: bool) -> _Decision:
    """The first rule that applies (design section 4)."""
    if built := tuple(_built(verification)):
        return "forged", built[0], built[1:]
    result = verification.dmarc[0] if len(verification.dmarc) == 1 else None
    if result and not verification.authors.ambiguous and _is_vouched(verification, result):
        return "genuine", Finding("verify-genuine", {"domain": result.author_domain}), ()
    doubts = tuple(_doubts(verification, exact))
    vouched = any(_is_vouched(verification, one) for one in verification.dmarc)
    if not doubts and not vouched and (denials := tuple(_denials(verification))):
        return "forged", denials[0], ()  # the others stand in the chain of evidence
    if not result or verification.authors.ambiguous:
        return "unproven", _no_author(verification), doubts
    if any(doubt.tag == "verify-doubt-changed" for doubt in doubts):
        return "unproven", Finding("verify-unproven-changed", {"domain": result.author_domain}), doubts
    if doubts:
        return "unproven", Finding("verify-unproven-open", {"domain": result.author_domain}), doubts
    return "unproven", Finding("verify-unproven-undenied", {"domain": result.author_domain}), ()


# -- The rules ----------------------------------------------------------------------------------------------------


def _is_vouched(verification: Verification, result: dmarc.Result) -> bool:
    """True if an identifier aligned with the author verified, over all that is shown."""
    by_spf = verification.spf is not None and verification.spf.result == "pass"
    return (by_spf and is_aligned(result, verification.mail_from_domain)) or any(
        standing(signature) == "sound" for signature in _aligned(verification, result)
    )


def _aligned(verification: Verification, result: dmarc.Result) -> tuple[dkim.Verification, ...]:
    """The signatures that speak for the author's domain."""
    return tuple(one for one in verification.dkim if one.domain and is_aligned(result, one.domain))


def _built(verification: Verification) -> Iterator[Finding]:
    """A From made so that people read a protected domain which does not vouch for the mail."""
    authors = verification.authors
    named = verification.dmarc if len(verification.dmarc) > 1 and _BUILT.intersection(authors.oddities) else ()
    posing = any(_ONLY_ADDRESS.match(mailbox.name.strip()) for mailbox in authors.mailboxes)
    for result in (*named, *(verification.shown if posing else ())):
        own = any(is_aligned(other, result.author_domain) for other in verification.dmarc if other not in named)
        if result.policy in ("quarantine", "reject") and result.result == "fail" and not own:
            others = ", ".join(domain for domain in authors.domains if domain != result.author_domain)
            yield Finding("verify-forged-built", {"domain": result.author_domain, "others": others or "somebody else"})


def _no_author(verification: Verification) -> Finding:
    if not verification.authors.domains:
        return Finding("verify-unproven-no-author")
    return Finding("verify-unproven-authors", {"domains": ", ".join(verification.authors.domains)})


def _denials(verification: Verification) -> Iterator[Finding]:
    """Who says that this mail is not his."""
    ip = verification.envelope.ip
    result = verification.dmarc[0] if len(verification.dmarc) == 1 else None
    if result and result.result == "fail" and result.policy != "none":
        yield Finding("verify-forged-policy", {"domain": result.author_domain, "policy": result.policy})
    name = verification.mail_from_domain
    own = bool(result and is_aligned(result, name))
    if verification.spf and verification.spf.result == "fail" and (verification.envelope.mail_from or own):
        if own:
            yield Finding("verify-forged-spf", {"domain": name, "ip": ip})
        else:
            yield Finding("verify-forged-return-path", {"domain": name, "ip": ip})
    helo = verification.helo
    if result and helo and helo.result == "fail" and is_aligned(result, helo.domain):
        yield Finding("verify-forged-helo", {"domain": helo.domain, "ip": ip})


def _doubts(verification: Verification, exact: bool) -> Iterator[Finding]:
    """What stands between "nothing verified" and "forged": open questions, and signs of a genuine mail changed."""
    if verification.spf is None:
        yield Finding("verify-doubt-envelope")
    elif verification.spf.result == "temperror":
        # Even about somebody else's Return-Path: it might have denied the mail.
        yield Finding("verify-doubt-spf", {"domain": verification.spf.domain, "problem": verification.spf.problem})
    for result, older in zip(verification.dmarc, verification.dmarc_7489, strict=True):
        if result.result in ("temperror", "permerror"):
            yield Finding("verify-doubt-dmarc", {"domain": result.author_domain, "problem": result.problem})
        for signature in _aligned(verification, result):
            yield from _doubted(verification, signature, exact)
        if older.result == "pass" and result.result == "fail":
            yield Finding("verify-doubt-standards", {"domain": result.author_domain})


def _doubted(verification: Verification, signature: dkim.Verification, exact: bool) -> Iterator[Finding]:
    domain = signature.domain
    match standing(signature):
        case "partial":
            yield Finding("verify-doubt-partial", {"domain": domain})
        case "changed":
            yield Finding("verify-doubt-changed", {"domain": domain})
        case "worthless" if signature.cause == "expired" and _was_valid(verification, signature):
            yield Finding("verify-doubt-expired", {"domain": domain})
        case "worthless" if not exact:
            yield Finding("verify-doubt-inexact", {"domain": domain})
        case "unavailable" if signature.result == "temperror" or _is_old(verification):
            yield Finding("verify-doubt-key", {"domain": domain, "selector": signature.selector})


def _was_valid(verification: Verification, signature: dkim.Verification) -> bool:
    """True if the signature had not expired when our side took the mail."""
    taken = verification.envelope.at
    return bool(taken and signature.expires and taken <= signature.expires)


def _is_old(verification: Verification) -> bool:
    return verification.sent is not None and verification.at - verification.sent > OLD


# -- The chain of evidence ----------------------------------------------------------------------------------------


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
        if sender.result == "pass" and not is_aligned(result, domain):
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
        if signature.domain and not any(is_aligned(result, domain) for result in verification.dmarc):
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


# -- What else is worth knowing -----------------------------------------------------------------------------------


def _remarks(verification: Verification) -> Iterator[Finding]:
    if _is_old(verification) and verification.sent:
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
    if sender and sender.result == "fail" and any(_is_vouched(verification, one) for one in verification.dmarc):
        yield Finding("verify-return-path-denied", {"domain": domain, "ip": verification.envelope.ip})
    if sender and sender.explanation:
        yield Finding("verify-spf-explanation", {"domain": domain, "explanation": sender.explanation[:300]})


def _about_standards(verification: Verification) -> Iterator[Finding]:
    for new, old in zip(verification.dmarc, verification.dmarc_7489, strict=True):
        if (new.result, new.disposition) != (old.result, old.disposition):
            facts = {"domain": new.author_domain, "new": _said(new), "old": _said(old)}
            yield Finding("verify-standards-differ", facts)


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
