"""sendmail, version 5 to 8, without a report part: a list of addresses, then the transcript of the session."""

from __future__ import annotations

import re

from ....standards.message import Message
from .. import addressees, prose
from ..notice import Delivery

NAME = "sendmail"

_SECTION = re.compile(r"^[ \t]*-{2,8} ?(?:The following addresses|Transcript of session)", re.M)
_TRANSCRIPT = re.compile(r"^[ \t]*-{2,8} ?Transcript of session[^\n]*\n", re.M)


def sniff(message: Message, text: str) -> bool:
    """One of its two section headings."""
    return bool(_SECTION.search(text))


def read(message: Message, text: str) -> Delivery:
    """Who is listed, with the reason there, else with the replies about him in the transcript."""
    heading = _TRANSCRIPT.search(text)
    if not heading:
        return prose.read(message, text, NAME)
    listed, transcript = text[: heading.start()], text[heading.end() :]
    told = {address.lower(): words for address, words in addressees.recipients(transcript)}
    chosen = [
        (address, _reason(words, told.get(address.lower(), ""), transcript)) for address, words in _listed(listed)
    ]
    return prose.read(message, text, NAME, chosen or list(addressees.recipients(transcript)))


def _listed(text: str) -> list[tuple[str, str]]:
    return addressees.recipients(text) if "@" in text else []


def _reason(listed: str, told: str, transcript: str) -> str:
    """The words beside the address when they quote a reply, else the transcript's about it, else the transcript."""
    if addressees.CODE.search(listed):
        return listed
    return told or prose.reply(transcript) or listed
