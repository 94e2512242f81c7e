"""Did I send what this mail is about? Never yes or no alone: evidence with its strength, and "cannot tell".

Only what verifies, or what a receiver or a server of mine wrote, counts. The domain in a Message-ID, a HELO, a
returned Authentication-Results and everything below the trust boundary are claims, and decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..standards import dkim, spf
from ..standards.message import Message
from ..standards.questions import Address, Dialogue
from .backscatter.injection import Injection
from .backscatter.notice import Evidence, Notice, Returned
from .identity import Identity
from .public_addresses import is_public
from .sighting import Ours

WEIGHT = {"decisive": 0.97, "strong": 0.85, "weak": 0.4}

_ADDRESS = re.compile(rb"<?([^\s<>@,;\"]{1,64}@[A-Za-z0-9.-]{1,253})>?")


@dataclass(frozen=True, slots=True)
class Judgement:
    """``ours`` with ``confidence`` (0 to 1) and its evidence; RFC 8601 words for what was checked, "" for the rest."""

    ours: Ours
    confidence: float
    evidence: tuple[Evidence, ...]
    spf: str = ""
    dkim: str = ""


def judge(notice: Notice, original: Returned | None, injection: Injection, me: Identity) -> Dialogue[Judgement]:
    """The judgement on one returned original; asks DNS for my SPF record and my keys where that can help."""
    if original is None:
        return Judgement("cannot-tell", 0.0, (Evidence("ours-nothing-returned", "", "weak"),))
    signatures = yield from _my_signatures(original, me)
    spf_result = yield from _my_spf(injection.source, original.message, me)
    for_us = tuple(_for_ours(signatures, injection, me))
    against = tuple(_for_forged(notice, original, injection, signatures, spf_result, me))
    dkim_result = next((s.result for s in sorted(signatures, key=lambda s: s.result != "pass")), "")
    if for_us:
        confidence = max(WEIGHT[evidence.strength] for evidence in for_us)
        return Judgement("ours", confidence, for_us, spf_result, dkim_result)
    doubt = tuple(_doubt(signatures, injection, me))
    confidence = _together(against)
    if doubt or confidence < 0.5:
        return Judgement("cannot-tell", 0.0, doubt + against, spf_result, dkim_result)
    return Judgement("forged", confidence, against, spf_result, dkim_result)


def _together(evidence: tuple[Evidence, ...]) -> float:
    """The confidence that independent pieces of evidence give together."""
    doubt = 1.0
    for piece in evidence:
        doubt *= 1 - WEIGHT[piece.strength]
    return round(1 - doubt, 3)


def _my_signatures(original: Returned, me: Identity) -> Dialogue[tuple[dkim.Verification, ...]]:
    """The signatures that name a domain of mine, verified as far as what came back allows."""
    if not original.message.all("dkim-signature"):
        return ()
    whole = original.body == "whole"
    checked = yield from (dkim.verify(original.message) if whole else dkim.verify_header(original.message))
    return tuple(signature for signature in checked if _is_mine(signature.domain, me))


def _is_mine(domain: str, me: Identity) -> bool:
    return me.owns_domain(domain) or any(address.endswith("@" + domain) for address in me.addresses)


def _my_spf(source: Address | None, original: Message, me: Identity) -> Dialogue[str]:
    sender = my_sender(original, me)
    if source is None or not is_public(source) or not sender:
        return ""
    result = yield from spf.check_host(source, sender.rpartition("@")[2], sender)
    return result.result


def my_sender(original: Message, me: Identity) -> str:
    """The address of mine that the original used as its envelope sender, else as its author; "" if none."""
    for name in ("return-path", "x-envelope-from", "sender", "from"):
        for value in original.values(name):
            for match in _ADDRESS.finditer(value, 0, 4096):
                address = match[1].decode("latin-1").lower()
                if me.owns_address(address):
                    return address
    return ""


def _for_ours(signatures: tuple[dkim.Verification, ...], injection: Injection, me: Identity) -> Iterator[Evidence]:
    for signature in signatures:
        if signature.result == "pass":
            yield Evidence("ours-signed", f"d={signature.domain}; s={signature.selector}", "decisive")
    # What a receiver saw connecting to it counts even where the chain begins elsewhere: then my server relayed it.
    for address in dict.fromkeys((injection.source, injection.client_ip)):
        if address and me.owns_server(address):
            yield Evidence("ours-server", str(address), "strong")


def _for_forged(
    notice: Notice,
    original: Returned,
    injection: Injection,
    signatures: tuple[dkim.Verification, ...],
    spf_result: str,
    me: Identity,
) -> Iterator[Evidence]:
    source = injection.source
    refused = next((r for r in notice.delivery.recipients if r.reason == "auth-spf" and r.client_ip), None)
    if refused:
        yield Evidence("forged-refused-by-spf", refused.diagnostic, "strong")
    if spf_result in ("fail", "softfail"):
        yield Evidence("forged-spf", f"{source}: {spf_result}", "strong" if spf_result == "fail" else "weak")
    known = me.servers and source and not me.owns_server(source) and not me.shares_server(source)
    if source and is_public(source) and known:
        yield Evidence("forged-foreign-source", str(source), "strong")
    if injection.inside_reporter:
        yield Evidence("forged-inside-reporter", injection.reporter, "weak")
    if broken := next((s for s in signatures if s.cause in ("wrong-key", "key-missing", "key-revoked")), None):
        yield Evidence("forged-signature", f"d={broken.domain}; s={broken.selector}: {broken.cause}", "strong")
    if not signatures:
        # All my mail is signed when the owner names his selectors; without that it is a hint only.
        yield Evidence("forged-unsigned", "", "strong" if me.selectors and original.body == "whole" else "weak")


def _doubt(signatures: tuple[dkim.Verification, ...], injection: Injection, me: Identity) -> Iterator[Evidence]:
    """What forbids the word forged: an unchecked signature in my name, a provider's machine that may send for me."""
    if injection.source and me.shares_server(injection.source):
        yield Evidence("ours-authorised", str(injection.source), "weak")
    for signature in signatures:
        if signature.result == "temperror":
            yield Evidence("ours-signature-unchecked", f"d={signature.domain}; s={signature.selector}", "weak")
