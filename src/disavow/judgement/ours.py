"""Did I send what this mail is about? Never yes or no alone: evidence with its strength, and "cannot tell".

Only what verifies, or what a receiver or a server of mine wrote, counts. The domain in a Message-ID, a HELO, a
returned Authentication-Results and everything below the trust boundary are claims, and decide nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..errors import Malformed
from ..standards import batv, spf
from ..standards.message import Message
from ..standards.questions import Address, Dialogue
from . import seal, sent, tagged
from .backscatter.injection import Injection
from .backscatter.notice import Evidence, Notice, Returned
from .identity import Identity
from .public_addresses import is_public
from .sighting import Ours

if TYPE_CHECKING:
    from ..standards import dkim

WEIGHT = {"decisive": 0.97, "strong": 0.85, "weak": 0.4}

_ADDRESS = re.compile(rb"<?([^\s<>@,;\"]{1,64}@[A-Za-z0-9.-]{1,253})>?")


class Judgement(NamedTuple):
    """``ours`` with ``confidence`` (0 to 1) and its evidence; RFC 8601 words for what was checked, "" for the rest.

    ``sender`` is the address of mine that the original used, "" if none.
    """

    ours: Ours
    confidence: float
    evidence: tuple[Evidence, ...]
    spf: str = ""
    dkim: str = ""
    sender: str = ""


class Records(NamedTuple):
    """What my own secrets and logs say; ``elsewhere``: I sent that message, but not to that recipient."""

    for_us: tuple[Evidence, ...] = ()
    against: tuple[Evidence, ...] = ()
    elsewhere: bool = False


def judge(
    notice: Notice,
    original: Returned | None,
    injection: Injection,
    me: Identity,
    arrived: tagged.Arrived | None = None,
) -> Dialogue[Judgement]:
    """The judgement on one returned original; asks DNS for my SPF record and my keys where that can help.

    ``arrived`` is where the status mail came to and when; only an owner with tags needs it.
    """
    records = _records(notice, original, injection, me, arrived) if me.tags or me.sent else Records()
    if original is None:
        return _without_original(records)
    signatures = yield from _my_signatures(original, me)
    sender = my_sender(original.message, me)
    spf_result = yield from _my_spf(injection.source, sender)
    for_us = (*records.for_us, *_for_ours(signatures, injection, me))
    against = (*records.against, *_for_forged(notice, original, injection, signatures, spf_result, me))
    dkim_result = next((s.result for s in sorted(signatures, key=lambda s: s.result != "pass")), "")
    if replayed := tuple(_replayed(records, for_us)):
        return Judgement("cannot-tell", 0.0, (*replayed, *for_us, *records.against), spf_result, dkim_result, sender)
    if for_us:
        confidence = max(WEIGHT[evidence.strength] for evidence in for_us)
        return Judgement("ours", confidence, for_us, spf_result, dkim_result, sender)
    doubt = tuple(_doubt(signatures, injection, me, records))
    confidence = _together(against)
    if doubt or confidence < 0.5:
        return Judgement("cannot-tell", 0.0, doubt + against, spf_result, dkim_result, sender)
    return Judgement("forged", confidence, against, spf_result, dkim_result, sender)


def _records(
    notice: Notice, original: Returned | None, injection: Injection, me: Identity, arrived: tagged.Arrived | None
) -> Records:
    """What my secrets and logs say about the message, whether or not it came back."""
    for_us: list[Evidence] = []
    against: list[Evidence] = []
    elsewhere = False
    if me.tags and original and (address := _sealed(notice, original.message, me.tags)):
        for_us.append(Evidence("ours-sealed", address, "decisive"))
    if me.tags and arrived:
        valid = tuple(tagged.for_ours(me.tags, arrived))
        to_me = tuple(address for address in arrived.to if me.owns_address(_untagged(address)))
        for_us += valid
        against += () if valid else tagged.for_forged(me.tags, arrived, notice, to_me)
    if me.sent:
        asked = sent.facts(notice, original.message if original else None, injection.stamped)
        for_us += sent.for_ours(me.sent, asked)
        against += sent.for_forged(me.sent, asked)
        elsewhere = sent.elsewhere(me.sent, asked)
    return Records(tuple(for_us), tuple(against), elsewhere)


def _sealed(notice: Notice, original: Message, tags: tagged.Tags) -> str:
    return seal.verify(original, (each.address for each in notice.delivery.recipients), tags.keys)


def _untagged(address: str) -> str:
    try:
        return batv.parse(address).original
    except Malformed:
        return address


def _without_original(records: Records) -> Judgement:
    """The judgement where nothing came back: only my own records can tell."""
    if records.for_us:
        return Judgement("ours", max(WEIGHT[each.strength] for each in records.for_us), records.for_us)
    nothing = Evidence("ours-nothing-returned", "", "weak")
    confidence = _together(records.against)
    if records.elsewhere or confidence < 0.5:
        return Judgement("cannot-tell", 0.0, (nothing, *records.against))
    return Judgement("forged", confidence, (*records.against, nothing))


def _replayed(records: Records, for_us: tuple[Evidence, ...]) -> Iterator[Evidence]:
    """A signature alone against my logs: anybody can send on, as often as he likes, what I signed once."""
    if {each.tag for each in for_us} != {"ours-signed"}:
        return
    if records.elsewhere:
        yield Evidence("ours-signed-elsewhere", "", "strong")
    elif any(each.tag == "forged-not-in-log" for each in records.against):
        yield Evidence("ours-signed-not-logged", "", "strong")


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
    from ..standards import dkim  # late: forgeries are seldom signed, and its cryptography takes long to load

    whole = original.body == "whole"
    checked = yield from (dkim.verify(original.message) if whole else dkim.verify_header(original.message))
    return tuple(signature for signature in checked if _is_mine(signature.domain, me))


def _is_mine(domain: str, me: Identity) -> bool:
    return me.owns_domain(domain) or any(address.endswith("@" + domain) for address in me.addresses)


def _my_spf(source: Address | None, sender: str) -> Dialogue[str]:
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


def _doubt(
    signatures: tuple[dkim.Verification, ...], injection: Injection, me: Identity, records: Records
) -> Iterator[Evidence]:
    """What forbids the word forged: an unchecked signature in my name, a provider's machine that may send for me."""
    if records.elsewhere:
        yield Evidence("ours-in-log-elsewhere", "", "weak")
    if injection.source and me.shares_server(injection.source):
        yield Evidence("ours-authorised", str(injection.source), "weak")
    for signature in signatures:
        if signature.result == "temperror":
            yield Evidence("ours-signature-unchecked", f"d={signature.domain}; s={signature.selector}", "weak")
