"""Complaints that come in another dress than RFC 5965: a provider's own form, a mail program's unsubscribe request."""

from __future__ import annotations

import re

from . import signs
from .letter import Letter
from .notice import Evidence, Notice

_SUBJECT = re.compile(r"\s*(?:complaint about message from|abuse report|spam complaint|email feedback report)\b", re.I)
_UNSUBSCRIBE = re.compile(r"\s*unsubscribe\s*$", re.I)
# Amazon SES tells of a complaint in JSON.
_SES = re.compile(r"notificationType[\\\"\s:]+Complaint")
_HEADERS = ("x-hmxmroriginalrecipient", "x-loop-complaint", "x-aol-scoll-authentication")


def read(letter: Letter) -> Notice | None:
    """The complaint that ``letter`` is; None when nobody complains in a form known here."""
    if "message/rfc822" in letter.types and (shown := _about_original(letter)):
        return Notice("feedback", "abuse", evidence=(Evidence("mail-complaint", shown),))
    if letter.address.endswith("amazonaws.com") and (notified := _SES.search(letter.source[:2_000])):
        return Notice("feedback", "abuse", evidence=(Evidence("mail-complaint", notified[0]),))
    if _UNSUBSCRIBE.match(letter.subject) and signs.answering(letter.message):
        return Notice("feedback", "opt-out", evidence=(Evidence("mail-complaint", letter.subject[:160]),))
    return None


def _about_original(letter: Letter) -> str:
    """What shows that somebody complains about the enclosed mail; "" when nothing does."""
    if _SUBJECT.match(letter.subject):
        return letter.subject[:160]
    return next((name.title() for name in _HEADERS if any(part.first(name) for part in letter.parts)), "")
