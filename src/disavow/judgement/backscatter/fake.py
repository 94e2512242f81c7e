"""Phishing and malware dressed as a status mail: it claims to be a mail system's, proves nothing, and lures."""

from __future__ import annotations

import re

from ...standards import mime
from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice
from .wording import Match, Text

_LINK = re.compile(r"(?:href\s*=\s*[\"']?|\b)((?:https?|ftp)://[^\s\"'<>]{4,300})", re.I)
_FORM = re.compile(r"<(?:form|input|button)\b", re.I)
_REPLY_LINE = re.compile(r"\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[A-Z<\"'])")
_HARMLESS = ("text/", "multipart/", "image/", "message/", "application/pgp-signature", "application/pkcs7-signature")


def read(letter: Letter) -> Notice | None:
    """The fake that ``letter`` is, with its tricks as evidence; None when it does not claim to be a status mail.

    To be asked only when no delivery report and no returned original were found: what real bounces bring.
    """
    claim = _claim(letter)
    if not claim:
        return None
    lures = [lure for lure in (_link(letter), _attachment(letter), _form(letter)) if lure]
    if not lures:
        return None
    if letter.is_html_only:
        lures.append(Evidence("mail-fake-html", "text/html", "weak"))
    if not signs.is_null_sender(letter.message):
        lures.append(Evidence("mail-fake-envelope", "", "weak"))
    return Notice("fake-bounce", _trick(lures[0]), evidence=(claim, *lures))


def _claim(letter: Letter) -> Evidence | None:
    """What the mail pretends: mail waiting, or lost, or a mailbox in danger, in a mail system's name."""
    subject = reasons.said(Text(letter.subject), "claim")
    body: list[Match] = [] if subject else reasons.said(letter.text, "claim")
    if subject and not _is_talk(letter):
        return Evidence("mail-fake-claim", letter.subject[:160])
    if body and signs.is_daemon(letter):
        return Evidence("mail-fake-claim", letter.text.line_at(body[0].offset))
    if signs.is_daemon(letter) and not signs.answering(letter.message) and not _REPLY_LINE.search(letter.body):
        return Evidence("mail-fake-sender", letter.author[:160])
    return None


def _is_talk(letter: Letter) -> bool:
    """People who discuss bounces answer each other and quote; the claim is then only their subject."""
    return letter.quotes and letter.message.first("in-reply-to") is not None


def _link(letter: Letter) -> Evidence | None:
    if _REPLY_LINE.search(letter.body) and not letter.is_html_only:
        return None  # the address of a help page in a server's reply
    found = _LINK.search(letter.html or letter.source)
    return Evidence("mail-fake-link", found[1][:160]) if found else None


def _form(letter: Letter) -> Evidence | None:
    found = _FORM.search(letter.html)
    return Evidence("mail-fake-form", found[0]) if found else None


def _attachment(letter: Letter) -> Evidence | None:
    for part in letter.own:
        kind = mime.content_type(part).type
        name = mime.filename(part)
        if not kind.startswith(_HARMLESS) or name.lower().endswith((".htm", ".html", ".shtml", ".svg", ".zip", ".exe")):
            return Evidence("mail-fake-attachment", f"{kind} {name}"[:160])
    return None


def _trick(lure: Evidence) -> str:
    return lure.tag.removeprefix("mail-fake-")
