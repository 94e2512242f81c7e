"""Who vouches for a report: a report is believed because of who sent it, not because of what it says it is.

RFC 9990 section 8 wants the mail of a report authenticated. Grade A: we verified its sender, and the reporter it names
is that sender. B: our own server said so. C: nobody could tell. D: it fails. "owner": the owner gave us the file.
"""

from __future__ import annotations

from typing import NamedTuple

from ..errors import Malformed
from ..standards import names
from ..standards.message import Message
from ..standards.questions import Dialogue
from .envelope import Envelope
from .sighting import Trust
from .verify import Verification, verify

MAX_CLAIM = 254


class Standing(NamedTuple):
    """``grade`` of a mail; ``domain``: who is vouched for, "" nobody; ``why``: the tag of the reason."""

    grade: Trust
    domain: str
    why: str


OWNER = Standing("owner", "", "trust-owner")


def stand(message: Message, envelope: Envelope | None = None) -> Dialogue[Standing]:
    """The standing of the mail a report came in. A failed lookup makes it C, never D. Never raises.

    Nothing is asked about a mail without a signature whose envelope is not known: it could pass SPF.
    """
    envelope = envelope or Envelope()
    if envelope.ip is None and not envelope.hosts and message.first("dkim-signature") is None:
        return Standing("C", "", "trust-unsigned")
    found = yield from verify(message, envelope)
    domain = found.authors.domains[0] if len(found.authors.domains) == 1 else ""
    if domain and _verified(found, domain):
        return Standing("A", domain, "trust-verified")
    if domain and any(said.trusted and "dmarc" in said.passes for said in found.statements):
        return Standing("B", domain, "trust-our-server")
    if _fails(found):
        return Standing("D", "", "trust-fails")
    return Standing("C", "", "trust-unknown")


def _verified(found: Verification, domain: str) -> bool:
    if found.dmarc[0].result == "pass":
        return True
    # A sender without a DMARC record may still sign with his own name.
    signed = (one.domain for one in found.dkim if one.result == "pass" and one.body == "intact")
    return found.dmarc[0].result == "none" and any(names.is_within(domain, signer) for signer in signed)


def _fails(found: Verification) -> bool:
    """True if the sender's domain is known not to vouch for the mail: SPF was checked, or every signature is broken."""
    broken = bool(found.dkim) and all(one.result == "fail" for one in found.dkim)
    return (broken or found.spf is not None) and any(result.result == "fail" for result in found.dmarc)


def agree(standing: Standing, *claims: str) -> Standing:
    """``standing``, lowered to C where a claim (organisation or address in the report) names another domain.

    A claim that is no domain and no address ("Enterprise Outlook") contradicts nobody.
    """
    if standing.grade not in ("A", "B"):
        return standing
    named = filter(None, map(_domain, claims))
    if all(names.is_within(standing.domain, one) or names.is_within(one, standing.domain) for one in named):
        return standing
    return Standing("C", standing.domain, "trust-other-name")


def _domain(claim: str) -> str:
    name = claim.strip().rpartition("@")[2]
    if "." not in name or len(name) > MAX_CLAIM:
        return ""
    try:
        return names.parse(name)
    except Malformed:
        return ""
