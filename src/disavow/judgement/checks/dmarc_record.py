"""Is there one DMARC record, and can it be read? (RFC 9989 sections 4.7 and 4.10)"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...standards import dmarc
from ...standards.questions import Answer, Dialogue, Lookup, txt
from ..fault import Fault, Faults, fault
from ..posture import Posture
from ..registration import unregistered
from ..republish import dmarc_with, txt_line

_MEANT = re.compile(rb"v\s*=\s*\"?dmarc|dmarc\s*1", re.I)
_TAG = re.compile(r"\b(p|sp|np|rua|ruf|adkim|aspf|fo|t|psd|pct)\s*=\s*([^;\s]+)", re.I)


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults that keep receivers from finding a policy, or from reading part of it."""
    if posture.dmarc.policy is not None:
        return tuple(_problems(posture, posture.dmarc.policy))
    answer = yield from txt(f"_dmarc.{posture.domain}")
    if posture.dmarc.temperror:
        asked = Lookup(f"_dmarc.{posture.domain}", "TXT")
        return (fault("dmarc-unknown", asked, domain=posture.domain, why=posture.dmarc.temperror),)
    if answer.aliases and not answer.values:
        return (yield from _alias(posture, answer))
    return (_none(posture, answer),)


def _none(posture: Posture, answer: Answer[bytes]) -> Fault:
    """Why no policy was found, the most telling reason first."""
    domain, name = posture.domain, f"_dmarc.{posture.domain}"
    asked = Lookup(name, "TXT")
    meant = [text for text in answer.values if _MEANT.search(text[:200])]
    apex = [text for text in posture.spf.answer.values if _MEANT.match(text.lstrip())]
    if len([text for text in meant if dmarc.is_record(text)]) > 1:
        better = txt_line(name, repaired(meant[0]))
        return fault("dmarc-several", asked, domain=domain, count=len(meant), replacement=better)
    if meant:
        return fault("dmarc-not-read", asked, domain=domain, replacement=txt_line(name, repaired(meant[0])))
    if apex:
        better = txt_line(name, repaired(apex[0]))
        return fault("dmarc-at-apex", asked, Lookup(domain, "TXT"), domain=domain, replacement=better)
    tag = "dmarc-wildcard" if answer.values else "dmarc-none"
    return fault(tag, asked, domain=domain, replacement=txt_line(name, fresh(posture)))


def fresh(posture: Posture) -> str:
    """A first record: at once the strictest for a domain that never sends, else one that only asks for reports."""
    if not posture.sends:
        return "v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s"
    return f"v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@{posture.domain}"


def repaired(text: bytes) -> str:
    """The record with its version first, a semicolon after each tag, and only what can be read."""
    found = {name.lower(): value for name, value in _TAG.findall(text[:2000].decode("utf-8", "replace"))}
    pairs = "; ".join(f"{name}={value}" for name, value in found.items())
    record = dmarc.parse(f"v=DMARC1; {pairs}".encode())
    return dmarc_with(record, p=record.p or "none")


def _problems(posture: Posture, found: dmarc.Found) -> Iterator[Fault]:
    """What stands in the record and is ignored; that of a parent is the parent's."""
    name = f"_dmarc.{found.domain}"
    asked = Lookup(name, "TXT")
    for problem in found.record.problems if found.domain == posture.domain else ():
        if problem.startswith(("p=", "sp=", "np=")) and "twice" not in problem:
            better = dmarc_with(found.record, p=_meant(found.record, "p"), sp=None, np=None)
            tag = "dmarc-invalid-policy"
        elif problem.startswith(("rua=", "ruf=")):
            better = dmarc_with(found.record, **_addresses(found.record))
            tag = "dmarc-report-address-malformed"
        else:
            better = dmarc.format(found.record)
            tag = "dmarc-unreadable-tag"
        yield fault(tag, asked, domain=found.domain, why=problem, replacement=txt_line(name, better))


def _meant(record: dmarc.Record, tag: str) -> str:
    """The policy that a misspelt one begins like; else the one in force."""
    value = dict(record.tags).get(tag, "").lower()
    return next((word for word in ("none", "quarantine", "reject") if value[:3] == word[:3]), record.p or "none")


def _addresses(record: dmarc.Record) -> dict[str, str | None]:
    """rua and ruf with ``mailto:`` before plain addresses, without what is no address at all."""
    changed: dict[str, str | None] = {}
    for tag in ("rua", "ruf"):
        texts = [text.strip() for text in dict(record.tags).get(tag, "").split(",")]
        uris = [text if ":" in text else f"mailto:{text}" for text in texts if "@" in text]
        changed[tag] = ",".join(uris) or None
    return changed


def _alias(posture: Posture, answer: Answer[bytes]) -> Dialogue[Faults]:
    """``_dmarc`` is an alias of nothing."""
    domain, target = posture.domain, answer.aliases[-1]
    name = f"_dmarc.{domain}"
    seen = (Lookup(name, "TXT"), Lookup(name, "CNAME"))
    better = f"remove: {name}. CNAME {answer.aliases[0]}.\n{txt_line(name, fresh(posture))}"
    stranger = (yield from unregistered(target, domain)) if answer.status == "nxdomain" else ""
    if stranger:
        asked = Lookup(stranger, "NS")
        return (
            fault("dmarc-takeover", *seen, asked, domain=domain, target=target, stranger=stranger, replacement=better),
        )
    return (fault("dmarc-alias-dead", *seen, domain=domain, target=target, replacement=better),)
