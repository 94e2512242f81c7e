"""Are there DKIM keys, and are they strong, in force and meant seriously? (RFC 6376 section 3.6.1, RFC 8301)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...standards import tags
from ...standards.questions import Dialogue, Lookup
from ..fault import Fault, Faults, fault, found
from ..posture import Posture
from ..republish import txt_line
from ..selectors import Selector

_SHORT = 2048  # RFC 8301 section 3.2: signers should use at least this


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the keys that were found, or of there being none."""
    keys = (one for key in posture.dkim.found for one in _key(key))
    return found((*_presence(posture), *keys, *_seen(posture)))


def _seen(posture: Posture) -> Iterator[Fault]:
    """What the reports knew: which keys were looked at because mail was seen under them."""
    seen = posture.subject.seen
    if seen:
        asked = (Lookup(f"{one.selector}._domainkey.{posture.domain}", "TXT") for one in seen)
        told = ", ".join(f"{one.selector} ({one.mails:,} mails until {one.last})" for one in seen)
        yield fault("dkim-selectors-seen", *asked, domain=posture.domain, selectors=told)


def _presence(posture: Posture) -> Iterator[Fault]:
    """A domain that sends has a key that is in force; where its selector is not known, nobody is accused."""
    dkim, domain = posture.dkim, posture.domain
    folder = Lookup(f"_domainkey.{domain}", "TXT")
    if dkim.folder.status == "temperror" or (dkim.unknown and not dkim.found):
        silent = dkim.folder if dkim.folder.status == "temperror" else dkim.unknown[0].answer
        yield fault("dkim-unknown", folder, domain=domain, why=silent.why)
    elif not posture.surely_sends or dkim.working:
        return
    elif dkim.found and all(selector.key and selector.key.revoked for selector in dkim.found):
        asked = (Lookup(selector.owner, "TXT") for selector in dkim.found)
        better = _new_key(dkim.found[0].owner)
        yield fault("dkim-revoked", *asked, confidence=0.8, domain=domain, replacement=better)
    elif not dkim.found and dkim.folder.status == "nxdomain":
        # RFC 8020: nothing exists below a name that does not; but some servers say so of names that only have others
        # below them.
        better = _new_key(f"sel1._domainkey.{domain}")
        yield fault("dkim-none", folder, confidence=0.9, domain=domain, replacement=better)
    elif not dkim.found:
        yield fault("dkim-not-found", folder, confidence=0.5, domain=domain)


def _key(selector: Selector) -> Iterator[Fault]:
    asked = Lookup(selector.owner, "TXT")
    args: dict[str, Any] = {"selector": selector.name, "domain": selector.domain}
    key, fresh = selector.key, _new_key(selector.owner)
    if selector.answer.status == "temperror":
        yield fault("dkim-selector-unknown", asked, why=selector.answer.why, **args)
    elif selector.problem:
        yield fault("dkim-malformed", asked, why=selector.problem, replacement=fresh, **args)
    elif key is None and not selector.answer.aliases:
        yield fault("dkim-selector-missing", asked, replacement=fresh, **args)
    if key is None or key.revoked:
        return
    if key.public is None:
        yield fault(
            "dkim-malformed", asked, why=f"keys of type {key.type[:40]} are not known", replacement=fresh, **args
        )
    elif key.type == "rsa" and key.bits < 1024:
        yield fault("dkim-key-invalid", asked, bits=key.bits, replacement=fresh, **args)
    elif key.type == "rsa" and key.bits < _SHORT:
        yield fault("dkim-key-short", asked, bits=key.bits, replacement=fresh, **args)
    if key.testing:
        yield fault("dkim-testing", asked, replacement=_without(selector, "t", "y"), **args)
    if key.hashes and "sha256" not in key.hashes:
        yield fault("dkim-sha1", asked, replacement=_without(selector, "h", *key.hashes), **args)
    if not key.is_for("email"):
        yield fault("dkim-not-for-mail", asked, replacement=_without(selector, "s", *key.services), **args)


def _new_key(owner: str) -> str:
    """The record for a key that only the owner's server can make."""
    return txt_line(owner, "v=DKIM1; k=rsa; p=(the public half of a new RSA key of 2048 bits)")


def _without(selector: Selector, name: str, *values: str) -> str:
    """The record without these values of the tag ``name``, and without the tag when none remains."""
    kept = []
    for tag, value in tags.parse(selector.answer.values[0].decode("utf-8", "replace")):
        if tag == name:
            value = ":".join(item for item in value.split(":") if item.strip() not in values)
        if value or tag != name:
            kept.append((tag, value))
    return txt_line(selector.owner, tags.format(tuple(kept)))
