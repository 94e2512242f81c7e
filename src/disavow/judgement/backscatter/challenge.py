"""Challenge-response: a service that delivers only after the sender clicks, replies or solves a riddle."""

from __future__ import annotations

import re

from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice

_HEADERS = (
    *("x-boxtrapper", "x-tmda-fingerprint", "x-tmda-confirm"),
    *("x-bluebottle-request", "x-challenge", "x-spamarrest"),
)
_SERVICES = re.compile(
    r"\b(?:boxbe|boxtrapper|bluebottle|tmda|spamarrest|spam arrest|mailinblack|vanquish|spamlion|knowspam|choicemail|"
    r"sendio|uol ?antispam|antispamuol|digiportal|cleanmymailbox|spamfence|qurb|mailblocks|spam sleuth|"
    r"active spam killer)\b",
    re.I,
)
_ADDRESS = re.compile(r"(?:^|[-+._])(?:confirm|challenge|verify|boxtrapper|tmda|challenge-response)[-+._]", re.I)


def signature(letter: Letter) -> Evidence | None:
    """Evidence of a known challenge service in header or author, or of its name and a request in the text."""
    for name in _HEADERS:
        if value := letter.message.first(name):
            return Evidence("mail-challenge-service", f"{name.title()}: {value.decode('latin-1')[:120]}")
    if service := _SERVICES.search(f"{letter.author} {letter.subject}"):
        return Evidence("mail-challenge-service", service[0])
    if (service := _SERVICES.search(letter.body)) and (words := _words(letter)):
        return words._replace(quote=f"{service[0]}: {words.quote}")
    return None


def known(letter: Letter) -> Notice | None:
    """The challenge of a service that is known by its signature, whatever it looks like otherwise; else None."""
    why = signature(letter)
    return Notice("challenge", "challenge", "challenge", evidence=(why,)) if why else None


def read(letter: Letter) -> Notice | None:
    """The challenge that ``letter`` is by its words; None when it asks for nothing before delivery."""
    if signs.is_daemon(letter) or not _answers(letter):
        return None
    why = _words(letter)
    return Notice("challenge", "challenge", "challenge", evidence=(why,)) if why else None


def _words(letter: Letter) -> Evidence | None:
    found = reasons.said(letter.text, "challenge")
    return Evidence("mail-challenge-words", letter.text.line_at(found[0].offset)) if found else None


def _answers(letter: Letter) -> bool:
    """A request to click is also what phishing makes: a challenge answers a mail, or is a machine's, or says so."""
    return bool(
        signs.answers(letter)
        or signs.machine(letter.message)
        or signs.answering(letter.message)
        or _ADDRESS.search(letter.address)
    ) and not signs.spam(letter)
