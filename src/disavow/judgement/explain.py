"""What a verification means: genuine, forged or unproven, and why.

The verdict is about the domain that From names. ARC and Authentication-Results never decide; what is only claimed
is never mixed with what was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..standards import dkim
from .evidence import chain, remarks
from .finding import Finding
from .standing import aligned, is_aligned, is_old, is_vouched, logged_in, standing
from .verify import Verification

Answer: TypeAlias = Literal["genuine", "forged", "unproven"]

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
    further = (*repairs, *remarks(verification))
    if not exact and verification.dkim:
        further += (Finding("verify-inexact"),)
    return Verdict(answer, headline, (*chain(verification), *reasons), further)


_Decision: TypeAlias = tuple[Answer, Finding, tuple[Finding, ...]]


def _decided(verification: Verification, exact: bool) -> _Decision:
    """The first rule that applies (design section 4)."""
    if built := tuple(_built(verification)):
        return "forged", built[0], built[1:]
    result = verification.dmarc[0] if len(verification.dmarc) == 1 else None
    if result and not verification.authors.ambiguous and is_vouched(verification, result):
        return "genuine", Finding("verify-genuine", {"domain": result.author_domain}), ()
    doubts = tuple(_doubts(verification, exact))
    vouched = any(is_vouched(verification, one) for one in verification.dmarc)
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


def _built(verification: Verification) -> Iterator[Finding]:
    """A From made so that people read a protected domain which does not vouch for the mail."""
    authors = verification.authors
    named = verification.dmarc if len(verification.dmarc) > 1 and _BUILT.intersection(authors.oddities) else ()
    posing = any(_ONLY_ADDRESS.match(mailbox.name.strip()) for mailbox in authors.mailboxes)
    for result in (*named, *(verification.shown if posing else ())):
        own = any(is_aligned(other, "dkim", result.author_domain) for other in verification.dmarc if other not in named)
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
    own = bool(result and is_aligned(result, "spf", name))
    if verification.spf and verification.spf.result == "fail" and (verification.envelope.mail_from or own):
        if own:
            yield Finding("verify-forged-spf", {"domain": name, "ip": ip})
        else:
            yield Finding("verify-forged-return-path", {"domain": name, "ip": ip})
    helo = verification.helo
    if result and helo and helo.result == "fail" and is_aligned(result, "spf", helo.domain):
        yield Finding("verify-forged-helo", {"domain": helo.domain, "ip": ip})


def _doubts(verification: Verification, exact: bool) -> Iterator[Finding]:
    """What stands between "nothing verified" and "forged": open questions, and signs of a genuine mail changed."""
    if verification.spf is None:
        yield Finding("verify-doubt-envelope")
    elif verification.spf.result == "temperror":
        # Even about somebody else's Return-Path: it might have denied the mail.
        yield Finding("verify-doubt-spf", {"domain": verification.spf.domain, "problem": verification.spf.problem})
    if host := logged_in(verification):
        yield Finding("verify-doubt-login", {"host": host})
    for result, older in zip(verification.dmarc, verification.dmarc_7489, strict=True):
        if result.result in ("temperror", "permerror"):
            yield Finding("verify-doubt-dmarc", {"domain": result.author_domain, "problem": result.problem})
        for signature in aligned(verification, result):
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
        case "unclear":
            yield Finding("verify-doubt-unclear", {"domain": domain})
        case "worthless" if signature.cause == "expired" and _was_valid(verification, signature):
            yield Finding("verify-doubt-expired", {"domain": domain})
        case "worthless" if not exact:
            yield Finding("verify-doubt-inexact", {"domain": domain})
        case "unavailable" if signature.result == "temperror" or is_old(verification):
            yield Finding("verify-doubt-key", {"domain": domain, "selector": signature.selector})


def _was_valid(verification: Verification, signature: dkim.Verification) -> bool:
    """True if the signature had not expired when our side took the mail."""
    taken = verification.envelope.at
    return bool(taken and signature.expires and taken <= signature.expires)
