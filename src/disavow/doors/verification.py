"""What other programs read about one message: the JSON contract "disavow/verification/1"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from ..judgement import custody
from ..judgement.explain import Answer
from ..judgement.finding import Finding
from ..judgement.mask import Mask, plain, visible
from ..judgement.paste import Reading
from ..judgement.proof import digest, envelope_to_json
from ..judgement.standing import is_aligned
from ..judgement.verify import Verification
from ..standards import arc, dkim, dkim2, dmarc, mime, spf
from ..words import level
from .contract import sentence, when
from .library import Verified

SCHEMA = "disavow/verification/1"

Status: TypeAlias = Literal["verified", "denied", "broken", "unproven", "unknown"]
_BY_SPF: Mapping[str, Status] = {"pass": "verified", "fail": "denied"}
_BY_ANSWER: Mapping[Answer, Status] = {"genuine": "verified", "forged": "denied", "unproven": "unproven"}


class Identity(NamedTuple):
    """One of the names that a message carries, and what the check of that name gave."""

    which: Literal["return-path", "helo", "from", "signer"]
    domain: str
    status: Status


def to_json(number: int, reading: Reading, verified: Verified, mask: Mask) -> dict[str, Any]:
    """The verification of one message as the contract shows it; ``mask`` hides third parties."""
    found = verified.verification
    return {
        "schema": SCHEMA,
        "verdict": {
            "answer": verified.verdict.answer,
            "sentence": sentence(verified.verdict.headline, mask),
            "because": [sentence(finding, mask) for finding in verified.verdict.because],
        },
        "message": _message(number, reading, mask),
        "checked": when(found.at),
        "envelope": envelope_to_json(found.envelope),
        "hops": [_hop(hop.line, hop.trusted, mask) for hop in found.hops],
        "identities": [identity._asdict() for identity in identities(verified)],
        "spf": {**_spf(found.spf), "helo": _spf(found.helo) if found.helo else None},
        "dkim": [_signature(found, one) for one in found.dkim],
        "arc": _arc(found.arc),
        "dmarc": {
            "rfc9989": _dmarc(found.dmarc[0]) if len(found.dmarc) == 1 else None,
            "rfc7489": _dmarc_7489(found.dmarc_7489[0]) if len(found.dmarc_7489) == 1 else None,
        },
        "findings": [_finding(finding, mask) for finding in verified.verdict.findings],
    }


def dkim2_to_json(reading: Reading, mask: Mask) -> dict[str, Any]:
    """What ``--experimental`` adds to that: the way that the DKIM2 fields claim."""
    chain = dkim2.explain(reading.message)
    return {
        "dkim2": {
            "draft": dkim2.DRAFT,
            "problem": chain.problem or None,
            "hops": [_custody(hop, mask) for hop in chain.hops],
            "findings": [_finding(finding, mask) for finding in custody.told(chain)],
        }
    }


def _custody(hop: dkim2.Hop, mask: Mask) -> dict[str, Any]:
    signature = hop.signature
    return {
        "number": signature.number,
        "domain": signature.domain,
        "signed_at": when(signature.signed_at),
        "mail_from": None if signature.mail_from is None else mask(signature.mail_from),
        "recipients": [mask(recipient) for recipient in signature.recipients],
        "next_domain": signature.next_domain,
        "changed": hop.changed,
        "can_undo": hop.can_undo,
        "problem": hop.problem or None,
    }


def identities(verified: Verified) -> tuple[Identity, ...]:
    """The names side by side: From (each domain it names), Return-Path, HELO, and every signer that can be read."""
    found = verified.verification
    return (
        *(Identity("from", domain, _BY_ANSWER[verified.verdict.answer]) for domain in found.authors.domains),
        Identity("return-path", found.mail_from_domain, _spf_status(found.spf)),
        Identity("helo", found.envelope.helo.lower(), _spf_status(found.helo)),
        *(Identity("signer", one.domain, _dkim_status(one)) for one in found.dkim if one.domain),
    )


def _spf_status(result: spf.Result | None) -> Status:
    return _BY_SPF.get(result.result, "unproven") if result else "unknown"


def _dkim_status(signature: dkim.Verification) -> Status:
    if signature.result == "pass":
        return "verified" if signature.body == "intact" else "unproven"
    return "broken" if signature.result == "fail" else "unproven"


def _message(number: int, reading: Reading, mask: Mask) -> dict[str, Any]:
    message = reading.message
    return {
        "sha256": digest(message.raw),
        "number": number,
        "where": reading.where or "given",
        "exact": reading.exact,
        "from": _shown(message.first("from"), mask),
        "subject": _shown(message.first("subject"), mask),
        "date": _shown(message.first("date"), mask),
        "message_id": _shown(message.first("message-id"), visible(plain)),  # it names the mail, nobody's mailbox
    }


def _shown(value: bytes | None, mask: Mask) -> str | None:
    return None if value is None else mask(mime.words(value[:1000]))


def _finding(finding: Finding, mask: Mask) -> dict[str, Any]:
    return {
        "tag": finding.tag,
        "level": finding.level or level(finding.tag),
        "sentence": sentence(finding, mask),
    }


def _hop(line: Any, trusted: bool, mask: Mask) -> dict[str, Any]:
    return {
        "from_name": mask(line.from_name) or None,
        "from_host": mask(line.from_host) or None,
        "from_ip": str(line.from_ip) if line.from_ip else None,
        "by": mask(line.by) or None,
        "with": mask(line.with_) or None,
        "id": mask(line.id) or None,
        "for": mask(line.for_) or None,
        "at": when(line.at),
        "trusted": trusted,
    }


def _spf(result: spf.Result | None) -> dict[str, Any]:
    if result is None:
        return {"result": None}
    return {
        "result": result.result,
        "domain": result.domain,
        "mechanism": result.mechanism or None,
        "record": result.record or None,
        "explanation": result.explanation,
        "problem": result.problem or None,
        "lookups": result.lookups,
        "voids": result.voids,
        "trace": [
            {
                "domain": step.domain,
                "term": step.term,
                "depth": step.depth,
                "matched": step.matched,
                "void": step.void,
                "asked": [{"name": one.name, "type": one.type, "status": one.answer.status} for one in step.asked],
            }
            for step in result.trace
        ],
    }


def _signature(found: Verification, one: dkim.Verification) -> dict[str, Any]:
    return {
        "result": one.result,
        "domain": one.domain or None,
        "selector": one.selector or None,
        "identity": one.identity or None,
        "algorithm": one.algorithm or None,
        "bits": one.bits or None,
        "aligned": any(is_aligned(result, "dkim", one.domain) for result in found.dmarc),
        "cause": one.cause or None,
        "detail": one.detail or None,
        "header": one.header,
        "body": one.body,
        "change": one.change or None,
        "changed_fields": list(one.changed_fields),
        "unsigned_bytes": one.unsigned_bytes,
        "added_fields": list(one.added_fields),
        "testing": one.testing,
        "signed_at": when(one.signed_at),
        "expires": when(one.expires),
    }


def _dmarc(result: dmarc.Result) -> dict[str, Any]:
    return {
        "result": result.result,
        "domain": result.author_domain,
        "organizational_domain": result.organizational_domain or None,
        "policy": result.policy,
        "published": result.published,
        "disposition": result.disposition,
        "policy_domain": result.policy_domain or None,
        "tag": result.tag or None,
        "aligned": [
            {"mechanism": one.mechanism, "domain": one.domain, "result": one.result}
            for one in result.alignments
            if one.aligned
        ],
        "problem": result.problem or None,
    }


def _dmarc_7489(result: dmarc.Result) -> dict[str, Any]:
    """The same, and the share of failing mail that the older standard lets an owner name."""
    return {**_dmarc(result), "pct": result.record.pct if result.record else None}


def _arc(chain: arc.Chain) -> dict[str, Any]:
    return {
        "result": chain.result,
        "sealers": [instance.seal.domain for instance in chain.instances],
        "oldest_pass": chain.oldest_pass,
        "problem": chain.problem or None,
    }
