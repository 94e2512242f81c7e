"""A domain's DKIM keys: at selectors that are known, and at those that are usual (RFC 6376 section 3.6.2)."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Malformed
from ..standards import dkim_key
from ..standards.questions import Answer, Dialogue, lookup, together, txt

# What large providers and common software call their keys, the most frequent first.
USUAL = (
    *("default", "google", "selector1", "selector2", "dkim", "mail", "s1", "s2", "k1", "k2", "k3", "fm1"),
    *("fm2", "fm3", "protonmail", "protonmail2", "protonmail3", "zoho", "zmail", "mandrill", "mailjet", "smtp"),
    *("email", "mx", "key1", "key2", "dkim1", "dkim2", "sig1", "pm", "mta", "smtpapi", "20230601", "20161025"),
    *("ed25519", "rsa", "x", "dk", "hs1", "hs2", "everlytickey1", "mxvault", "2024", "2025", "2026"),
)
_FREQUENT = 8  # asked when many domains are examined
_NOBODY = "disavow-no-such-selector"  # answers only where a wildcard does


@dataclass(frozen=True, slots=True)
class Selector:
    """What stands at one selector; ``key`` is None when ``problem`` says why the record holds none."""

    name: str
    domain: str
    answer: Answer[bytes]
    key: dkim_key.Key | None = None
    problem: str = ""

    @property
    def owner(self) -> str:
        """The DNS name of the record."""
        return f"{self.name}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True)
class Selectors:
    """``found``: those that answered with a record, and those given that did not.

    ``folder``: the answer for ``_domainkey.DOMAIN`` itself: NXDOMAIN means that no key exists below (RFC 8020), which
    some servers say wrongly. ``wildcard``: what answers for every selector, if anything does.
    """

    folder: Answer[bytes]
    found: tuple[Selector, ...] = ()
    wildcard: Selector | None = None
    unknown: tuple[Selector, ...] = ()

    @property
    def working(self) -> tuple[Selector, ...]:
        """Those with a key that is not revoked."""
        return tuple(selector for selector in self.found if selector.key and not selector.key.revoked)


def survey(domain: str, given: tuple[str, ...], thorough: bool, seen: tuple[str, ...] = ()) -> Dialogue[Selectors]:
    """The keys of ``domain``: at the selectors given and seen in use, and at the usual ones where any can exist."""
    folder = yield from txt(f"_domainkey.{domain}")
    guessed: tuple[str, ...] = ()
    if folder.status in ("ok", "nodata"):
        guessed = USUAL if thorough else USUAL[:_FREQUENT]
    asked = tuple(dict.fromkeys((*given, *seen, *guessed)))
    answers = yield from together(*(_read(name, domain) for name in asked))
    wildcard = None
    # A wildcard answers for every name (RFC 4592): one that does not exist proves that there is none.
    if guessed and not any(one.answer.status == "nxdomain" and not one.answer.aliases for one in answers):
        nobody = yield from _read(_NOBODY, domain)
        wildcard = nobody if nobody.answer.status == "ok" else None
    found = tuple(one for one in answers if one.name in given or _stands_out(one, wildcard))
    unknown = tuple(one for one in answers if one.answer.status == "temperror")
    return Selectors(folder, found, wildcard, unknown)


def _stands_out(selector: Selector, wildcard: Selector | None) -> bool:
    """True for a record, or an alias to nowhere, that is not merely the wildcard's answer."""
    there = selector.answer.status == "ok" or (selector.answer.aliases and selector.answer.status == "nxdomain")
    return bool(there) and (wildcard is None or selector.answer.values != wildcard.answer.values)


def _read(name: str, domain: str) -> Dialogue[Selector]:
    answer = yield from lookup(f"{name}._domainkey.{domain}", "TXT")
    records = answer.values
    if len(records) > 1:  # RFC 6376 section 3.6.2.2: the results are undefined
        return Selector(name, domain, answer, None, f"{len(records)} records where one belongs")
    try:
        return Selector(name, domain, answer, dkim_key.parse_key(records[0]) if records else None)
    except Malformed as malformed:
        return Selector(name, domain, answer, None, malformed.what)
