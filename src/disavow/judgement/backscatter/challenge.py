"""Challenge-response: a service that delivers only after the sender clicks, replies or solves a riddle."""

from __future__ import annotations

import re
from collections import Counter

from . import signs
from .letter import Letter
from .notice import Evidence, Notice

_HEADERS = (
    *("x-boxtrapper", "x-tmda-fingerprint", "x-tmda-confirm"),
    *("x-bluebottle-request", "x-challenge", "x-spamarrest"),
)
_CHALLENGING = frozenset(_HEADERS)
_SERVICES = (
    *("boxbe", "boxtrapper", "bluebottle", "tmda", "spamarrest", "spam arrest", "mailinblack", "vanquish", "spamlion"),
    *("knowspam", "choicemail", "sendio", "uolantispam", "antispamuol", "antispam uol", "digiportal", "spamfence"),
    *("cleanmymailbox", "mailblocks", "spam sleuth", "active spam killer"),
)
_ADDRESS = re.compile(r"(?:^|[-+._])(?:confirm|challenge|verify|boxtrapper|tmda|challenge-response)[-+._]", re.I)


def signature(letter: Letter) -> Evidence | None:
    """Evidence of a known challenge service in header or author, or of its name and a request in the text."""
    for name in () if letter.message.lacks(_CHALLENGING) else _HEADERS:
        if (value := letter.message.first(name)) and not signs.bulk(letter.message):
            return Evidence("mail-challenge-service", f"{name.title()}: {value.decode('latin-1')[:120]}")
    if service := _service(f"{letter.author} {letter.subject}"):
        return Evidence("mail-challenge-service", service)
    if signs.bulk(letter.message):
        return None
    if (service := _service(letter.beginning)) and (words := _words(letter)):
        return words._replace(quote=f"{service}: {words.quote}")
    return None


def _service(text: str) -> str:
    lower = text.lower()
    named = [name for name in _SERVICES if name in lower]
    return named[0] if named else ""


def known(letter: Letter) -> Notice | None:
    """The challenge of a service that is known by its signature, whatever it looks like otherwise; else None."""
    why = signature(letter)
    return Notice("challenge", "challenge", "challenge", evidence=(why,)) if why else None


def read(letter: Letter) -> Notice | None:
    """The challenge that ``letter`` is by its words; None when it asks for nothing before delivery."""
    return _worded(letter) if _may_ask(letter) and (not signs.is_daemon(letter) or _wants_proof(letter)) else None


def riddle(letter: Letter) -> Notice | None:
    """The challenge that wants proof of a person, says that it answers, or insists; phish cares not who writes."""
    return _worded(letter) if _may_ask(letter) and (_wants_proof(letter) or _insists(letter)) else None


def _wants_proof(letter: Letter) -> bool:
    return signs.answering(letter.message) is not None or bool(letter.says("riddle"))


def _may_ask(letter: Letter) -> bool:
    """A challenge goes to one person, and asks for a click or answers a mail; else its words must leave no doubt."""
    return not signs.bulk(letter.message) and not signs.spam(letter) and (_is_told(letter) or _insists(letter))


def _worded(letter: Letter) -> Notice | None:
    why = _words(letter)
    return Notice("challenge", "challenge", "challenge", evidence=(why,)) if why else None


def _words(letter: Letter) -> Evidence | None:
    found = letter.says("riddle") or letter.says("challenge")
    return Evidence("mail-challenge-words", found[0].quote) if found else None


def _is_told(letter: Letter) -> bool:
    """A machine wrote it, or it answers or names a link: but an order is confirmed so too, and people reply so."""
    if signs.machine(letter.message) or signs.answering(letter.message) or _ADDRESS.search(letter.address):
        return True
    if "://" not in letter.source and not signs.answers(letter):
        return False
    doubtful = letter.says("dealing") or (signs.is_reply(letter) and "://" not in letter.source)
    return not doubtful or bool(letter.says("challenge") and letter.says("riddle"))


def _insists(letter: Letter) -> bool:
    """It says in two ways of one language what it is."""
    ways = Counter(phrase.language for phrase in {match.phrase for match in letter.says("challenge")})
    return max(ways.values(), default=0) > 1
