"""Phishing and malware dressed as a status mail: it claims to be a mail system's, proves nothing, and lures."""

from __future__ import annotations

import re

from ...standards import mime
from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice

_LINK = re.compile(r"(?:href\s*=\s*[\"']?|\b)((?:https?|ftp)://[^\s\"'<>]{4,300})", re.I)
_FORM = re.compile(r"<(?:form|input|button)\b", re.I)
_REPLY_LINE = re.compile(r"\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[A-Z<\"'])")
_HARMLESS = ("text/", "multipart/", "image/", "message/", "application/pgp-signature", "application/pkcs7-signature")


def read(letter: Letter, has_original: bool, names_recipients: bool) -> Notice | None:
    """The fake that ``letter`` is, with its tricks as evidence; None when it does not claim to be a status mail.

    To be asked only when there is no delivery report. ``has_original``: a mail came back with it;
    ``names_recipients``: a bounce could be read from its text.
    """
    claim = _claim(letter, has_original, names_recipients)
    lures = _lures(letter, claim) if claim else []
    if not claim or not lures or _is_talk(letter):
        return None
    if letter.is_html_only:
        lures.append(Evidence("mail-fake-html", "text/html", "weak"))
    if not signs.is_null_sender(letter.message):
        lures.append(Evidence("mail-fake-envelope", "", "weak"))
    if letter.message.first("in-reply-to"):
        # Phishing answers no mail; what answers one and waits for a click is a challenge.
        return Notice("challenge", "challenge", "challenge", evidence=(claim, *lures))
    return Notice("fake-bounce", lures[0].tag.removeprefix("mail-fake-"), evidence=(claim, *lures))


def _claim(letter: Letter, has_original: bool, names_recipients: bool) -> Evidence | None:
    """What the mail pretends: mail waiting, a mailbox in danger, or mail lost, in a mail system's name."""
    if reasons.said(letter.headline, "incoming"):
        return Evidence("mail-fake-incoming", letter.subject[:160])
    if has_original:
        return None
    poses = signs.is_daemon(letter) or bool(reasons.said(letter.headline, "failure"))
    if poses and (waiting := letter.says("incoming")):
        return Evidence("mail-fake-incoming", waiting[0].quote)
    if not poses or (_is_credible(letter, names_recipients) and not signs.wants_answers(letter.message)):
        return None
    return Evidence("mail-fake-claim", (letter.subject or letter.author)[:160])


def _is_credible(letter: Letter, names_recipients: bool) -> bool:
    """True for what real bounces without an original have: a server's reply, or recipients named in plain text."""
    plain = not letter.is_html_only and (names_recipients or bool(_REPLY_LINE.search(letter.body)))
    return plain or signs.answering(letter.message) is not None


def _is_talk(letter: Letter) -> bool:
    """People who discuss bounces answer each other and quote; the claim is then only their subject."""
    return letter.message.first("in-reply-to") is not None and letter.quotes


def _lures(letter: Letter, claim: Evidence) -> list[Evidence]:
    """What the mail wants done; words alone count only beside mail that waits."""
    asked = _request(letter) if claim.tag == "mail-fake-incoming" else None
    return [lure for lure in (_link(letter), _attachment(letter), _form(letter), asked) if lure]


def _link(letter: Letter) -> Evidence | None:
    """A link that leads away from the author's own domain; the author's help page is no lure."""
    home = ".".join(letter.address.rpartition("@")[2].split(".")[-2:])
    for link in _LINK.findall(letter.html or letter.source):
        host = link.partition("//")[2].partition("/")[0].rpartition("@")[2].lower()
        if letter.html or not (home and host.endswith(home)):
            return Evidence("mail-fake-link", link[:160])
    return None


def _request(letter: Letter) -> Evidence | None:
    found = reasons.said(letter.prose, "lure")
    return Evidence("mail-fake-request", found[0].quote) if found else None


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
