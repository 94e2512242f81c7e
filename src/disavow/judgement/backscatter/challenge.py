"""Challenge-response: a service that delivers only after the sender clicks, replies or solves a riddle."""

from __future__ import annotations

import re

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
    """The challenge that wants proof of a person, or says that it answers; phish never cares who it writes to."""
    return _worded(letter) if _may_ask(letter) and _wants_proof(letter) else None


def _wants_proof(letter: Letter) -> bool:
    return signs.answering(letter.message) is not None or bool(letter.says("riddle"))


def _may_ask(letter: Letter) -> bool:
    """Told without its words: a challenge goes to one person, and asks for a click or answers a mail."""
    return not signs.bulk(letter.message) and not signs.spam(letter) and _answers(letter)


def _worded(letter: Letter) -> Notice | None:
    why = _words(letter)
    return Notice("challenge", "challenge", "challenge", evidence=(why,)) if why else None


def _words(letter: Letter) -> Evidence | None:
    found = letter.says("riddle") or letter.says("challenge")
    return Evidence("mail-challenge-words", found[0].quote) if found else None


def _answers(letter: Letter) -> bool:
    """A request that names no link must come from a machine, answer a mail, or say in two ways what it is."""
    return bool(
        "://" in letter.source
        or signs.answers(letter)
        or signs.machine(letter.message)
        or signs.answering(letter.message)
        or _ADDRESS.search(letter.address)
        or len({match.phrase for match in letter.says("challenge")}) > 1
    )
