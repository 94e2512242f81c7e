"""What other programs read: the JSON contract "disavow/investigation/1" (docs/reference/investigation.md)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..words import say

if TYPE_CHECKING:  # `verify` takes its words from here, and starts without what only `investigate` needs
    from ..judgement.campaign import Campaign
    from ..judgement.case import Case
    from ..judgement.finding import Finding
    from ..judgement.investigation import Investigation
    from ..judgement.mask import Mask
    from ..judgement.steps import Step
    from ..world.networks import Locate


def sentence(finding: Finding, mask: Mask) -> str:
    """The finding in words, third parties masked."""
    return mask(say(finding.tag, finding.args))


def investigation(found: Investigation, steps: Iterable[Step], mask: Mask, locate: Locate) -> dict[str, Any]:
    """The whole answer as one JSON object."""
    return {
        "schema": "disavow/investigation/1",
        "verdict": {
            "answer": found.verdict.answer,
            "confidence": found.verdict.confidence,
            "because": [sentence(finding, mask) for finding in found.verdict.because],
            "would_change": [sentence(finding, mask) for finding in found.verdict.would_change],
        },
        "identity": {
            "domains": list(found.identity.domains),
            "addresses": list(found.identity.addresses),
            "servers": [str(network) for network in found.identity.servers],
            "how": found.identity.how,
        },
        "mails": found.mails,
        "unreadable": [{"where": where, "why": why} for where, why in found.unreadable],
        "status_mails": found.status_mails,
        "kinds": dict(found.kinds),
        "reasons": dict(found.reasons),
        "ours": dict(found.ours),
        "signals": dict(found.signals),
        "returned": found.returned,
        "first": when(found.first),
        "last": when(found.last),
        "sources": [
            {
                "ip": str(source.ip),
                "count": source.seen.count,
                "ours": source.ours,
                "network": (place := locate(source.ip)).network,
                "holder": place.holder or None,
                "country": place.country or None,
                "first": when(source.seen.first),
                "last": when(source.seen.last),
            }
            for source in found.sources
        ],
        "reporters": [
            {
                "name": reporter.name,
                "ip": str(reporter.ip) if reporter.ip else None,
                "count": reporter.seen.count,
                "first": when(reporter.seen.first),
                "last": when(reporter.seen.last),
            }
            for reporter in found.reporters
        ],
        "enforcers": [{"domain": domain, "count": count} for domain, count in found.enforcers],
        "campaigns": [_campaign(campaign, mask) for campaign in found.campaigns],
        "forged_addresses": [
            {
                "address": forged.address,
                "count": forged.count,
                "exists": forged.exists,
                "leaked_from": forged.leaked_from or None,
            }
            for forged in found.forged_addresses
        ],
        "next_steps": [
            {
                "tag": step.finding.tag,
                "sentence": sentence(step.finding, mask),
                "effect": step.effect,
                "command": step.command or None,
            }
            for step in steps
        ],
    }


def _campaign(campaign: Campaign, mask: Mask) -> dict[str, Any]:
    features: dict[str, list[dict[str, Any]]] = {}
    for name, value, count in campaign.features:
        features.setdefault(name, []).append({"value": mask(value), "count": count})
    return {
        "id": campaign.id,
        "count": campaign.count,
        "messages": campaign.messages,
        "through_my_servers": campaign.ours,
        "first": when(campaign.first),
        "last": when(campaign.last),
        "subjects": [mask(subject) for subject, _ in campaign.subjects],
        "distinct_subjects": campaign.distinct_subjects,
        "features": features,
        "networks": [{"network": network, "count": count} for network, count in campaign.networks],
        "scripts": dict(campaign.scripts),
        "volume": {
            "at_least": campaign.volume.at_least,
            "estimate": campaign.volume.estimate,
            "low": campaign.volume.low,
            "high": campaign.volume.high,
        },
    }


def case(mail: Case, mask: Mask) -> dict[str, Any]:
    """One mail as a line of ``--ndjson``."""
    return {
        "schema": "disavow/mail/1",
        "where": mail.where,
        "date": when(mail.when),
        "subject": mask(mail.subject),
        "kind": mail.notice.kind,
        "detail": mail.notice.detail or None,
        "reason": mail.notice.reason or None,
        "language": mail.notice.language or None,
        "ours": mail.ours,
        "confidence": mail.confidence,
        "signal": mail.signal,
        "evidence": [
            {
                "tag": piece.tag,
                "strength": piece.strength,
                "sentence": mask(say(piece.tag, {"quote": piece.quote})),
                "quote": mask(piece.quote),
            }
            for piece in mail.evidence
        ],
        "reporter": {"name": mail.reporter, "ip": str(mail.reporter_ip) if mail.reporter_ip else None},
        "source": str(mail.source) if mail.source else None,
        "forged_address": mail.forged_address or None,
        "claims": {name: mask(address) for name, address in mail.claims},
        "recipients": [
            {
                "address": mask(recipient.address),
                "action": recipient.action or None,
                "status": recipient.status or None,
                "reason": recipient.reason or None,
                "diagnostic": mask(recipient.diagnostic) or None,
                "remote": recipient.remote or None,
                "client_ip": str(recipient.client_ip) if recipient.client_ip else None,
            }
            for recipient in mail.notice.delivery.recipients
        ],
        "returned": mail.form or None,
        "spf": mail.spf or None,
        "dkim": mail.dkim or None,
    }


def when(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def encode(value: dict[str, Any]) -> str:
    """The object as one line of JSON."""
    import msgspec  # late: a card needs none

    return msgspec.json.encode(value).decode("utf-8")
