"""Is there one SPF record, and can it be read? (RFC 7208 sections 3 and 4.5)"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ...errors import Malformed
from ...standards import spf
from ...standards.questions import Dialogue, Lookup, lookup
from ..fault import Fault, Faults, fault
from ..posture import Posture
from ..republish import txt_line

_LONG = 450  # RFC 7208 section 3.4: longer answers may not fit into one packet
_NAMES = ("include", "redirect", "exists", "all", "ip4", "ip6", "ptr", "mx", "a", "exp")


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults that keep receivers from reading the record at all."""
    asked = Lookup(posture.domain, "TXT")
    if posture.spf.answer.status == "temperror":
        return (fault("spf-unknown", asked, domain=posture.domain, why=posture.spf.answer.why),)
    if not posture.spf.texts:
        return (yield from _none(posture))
    return tuple(_faults(posture))


def _none(posture: Posture) -> Dialogue[Faults]:
    domain = posture.domain
    asked, old = Lookup(domain, "TXT"), Lookup(domain, "SPF")
    if meant := next((text for text in posture.spf.answer.values if is_near_miss(text)), b""):
        better = txt_line(domain, repaired(meant.decode("utf-8", "replace").strip(" \t\"'")))
        return (fault("spf-not-read", asked, domain=domain, replacement=better),)
    obsolete = yield from lookup(domain, "SPF")
    if records := [text for text in obsolete.values if isinstance(text, bytes) and spf.is_record(text)]:
        better = txt_line(domain, records[0].decode("latin-1"))
        return (fault("spf-type-99", asked, old, domain=domain, replacement=better),)
    better = txt_line(domain, "v=spf1 mx ~all" if posture.sends else "v=spf1 -all")
    return (fault("spf-none", asked, domain=domain, replacement=better),)


def is_near_miss(text: bytes) -> bool:
    """True if a TXT record is meant as SPF, and not read as such: something stands before ``v=spf1``, or it is cut."""
    start = text[:40].lstrip(b" \t\r\n\"'").lower().replace(b" ", b"")
    return start.startswith((b"v=spf1", b"spf1", b"v=spf2", b"v:spf1")) and not spf.is_record(text)


def _faults(posture: Posture) -> Iterator[Fault]:
    asked, domain = Lookup(posture.domain, "TXT"), posture.domain
    texts = [text.decode("latin-1") for text in posture.spf.texts]
    if len(texts) > 1:
        yield fault("spf-several", asked, domain=domain, count=len(texts), replacement=txt_line(domain, _joined(texts)))
    elif posture.spf.record is None:
        better = txt_line(domain, repaired(texts[0]))
        yield fault("spf-syntax", asked, domain=domain, why=posture.spf.problem, replacement=better)
    elif len(texts[0]) > _LONG:
        yield fault("spf-long", asked, domain=domain, length=len(texts[0]), replacement=_split(domain, texts[0]))


def _joined(texts: list[str]) -> str:
    """One record with the terms of all, and the strictest of their ends."""
    terms = [term for text in texts for term in text.split()[1:]]
    ends = [term for term in terms if term.lower() in ("-all", "~all")]
    rest = [term for term in terms if term.lower().lstrip("+-~?") != "all" and not term.lower().startswith("redirect=")]
    return " ".join(["v=spf1", *dict.fromkeys(rest), "-all" if "-all" in ends else "~all"])


def repaired(text: str) -> str:
    """The record with misspelt mechanisms put right, and without the terms that no receiver can read."""
    terms = [fixed for word in text.split()[1:] if (fixed := _repaired(word))]
    # RFC 7208 section 6: redirect and exp stand once; the first is kept.
    names = [term.partition("=")[0].lower() for term in terms]
    kept = [
        term for at, term in enumerate(terms) if names[at] not in ("redirect", "exp") or names.index(names[at]) == at
    ]
    return " ".join(["v=spf1", *kept])


def _repaired(word: str) -> str:
    stem, separator, rest = word, "", ""
    for mark in (":", "=", "/"):
        if mark in word:
            stem, separator, rest = word.partition(mark)
            break
    name = stem.lstrip("+-~?").lower()
    close = get_close_matches(name, _NAMES, 1, 0.7)[:1] or [name]
    qualifier = stem[: len(stem) - len(stem.lstrip("+-~?"))][:1]
    return next((term for term in (word, qualifier + close[0] + separator + rest) if _is_term(term)), "")


def _is_term(word: str) -> bool:
    try:
        spf.parse(f"v=spf1 {word}")
    except Malformed:
        return False
    return word.lstrip("+-~?").partition("=")[0].lower() in _NAMES or "=" not in word


def _split(domain: str, text: str) -> str:
    """The second half of the networks in a record of their own, included by the first."""
    terms = text.split()[1:]
    networks = [term for term in terms if term.lower().lstrip("+").startswith(("ip4:", "ip6:"))]
    moved = networks[len(networks) // 2 :]
    kept = [term for term in terms if term not in moved]
    end = next((at for at, term in enumerate(kept) if term.lower().lstrip("+-~?") == "all"), len(kept))
    main = " ".join(["v=spf1", *kept[:end], f"include:_spf2.{domain}", *kept[end:]])
    return f"{txt_line(domain, main)}\n{txt_line(f'_spf2.{domain}', ' '.join(['v=spf1', *moved, '-all']))}"
