"""Phishing and malware dressed as a status mail: it claims to be a mail system's, proves nothing, and lures."""

from __future__ import annotations

import re

from ...standards import mime
from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice
from .wording import Text

_LINK = re.compile(r"(?:href\s*=\s*[\"']?|\b)((?:https?|ftp)://[^\s\"'<>]{4,300})", re.I)
_FORM = re.compile(r"<(?:form|input|button)\b", re.I)
_REPLY_LINE = re.compile(r"\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[A-Z<\"'])")
_HARMLESS = ("text/", "multipart/", "image/", "message/", "application/pgp-signature", "application/pkcs7-signature")


def read(letter: Letter, has_original: bool) -> Notice | None:
    """The fake that ``letter`` is, with its tricks as evidence; None when it does not claim to be a status mail.

    To be asked only when there is no delivery report. ``has_original``: a mail came back with it, as with a bounce.
    """
    claim, lures = _claim(letter), _lures(letter)
    if not claim or not lures or (has_original and claim.tag != "mail-fake-incoming"):
        return None
    if letter.is_html_only:
        lures.append(Evidence("mail-fake-html", "text/html", "weak"))
    if not signs.is_null_sender(letter.message):
        lures.append(Evidence("mail-fake-envelope", "", "weak"))
    return Notice("fake-bounce", lures[0].tag.removeprefix("mail-fake-"), evidence=(claim, *lures))


def _claim(letter: Letter) -> Evidence | None:
    """What the mail pretends: mail waiting or lost, or a mailbox in danger, in a mail system's name."""
    subject = Text(letter.subject)
    if _is_talk(letter):
        return None
    if reasons.said(subject, "incoming"):
        return Evidence("mail-fake-incoming", letter.subject[:160])
    if waiting := reasons.said(letter.text, "incoming"):
        if signs.is_daemon(letter) or reasons.said(subject, "failure"):
            return Evidence("mail-fake-incoming", letter.text.line_at(waiting[0].offset))
    elif _REPLY_LINE.search(letter.body):
        return None  # a server's reply in it, and nothing that waits: what real bounces quote
    if reasons.said(subject, "failure") or (signs.is_daemon(letter) and not signs.answering(letter.message)):
        return Evidence("mail-fake-claim", (letter.subject or letter.author)[:160])
    return None


def _is_talk(letter: Letter) -> bool:
    """People who discuss bounces answer each other and quote; the claim is then only their subject."""
    return letter.quotes and letter.message.first("in-reply-to") is not None


def _lures(letter: Letter) -> list[Evidence]:
    """What the mail wants done."""
    return [lure for lure in (_link(letter), _attachment(letter), _form(letter), _request(letter)) if lure]


def _link(letter: Letter) -> Evidence | None:
    """A link that leads away from the author's own domain; the author's help page is no lure."""
    home = ".".join(letter.address.rpartition("@")[2].split(".")[-2:])
    for link in _LINK.findall(letter.html or letter.source):
        host = link.partition("//")[2].partition("/")[0].rpartition("@")[2].lower()
        if letter.html or not (home and host.endswith(home)):
            return Evidence("mail-fake-link", link[:160])
    return None


def _request(letter: Letter) -> Evidence | None:
    found = reasons.said(letter.text, "lure")
    return Evidence("mail-fake-request", letter.text.line_at(found[0].offset)) if found else None


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
