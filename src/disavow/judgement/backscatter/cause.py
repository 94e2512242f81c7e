"""Why a recipient was not reached: an enhanced status code settles it (RFC 3463), else the words do."""

from __future__ import annotations

import re
from functools import lru_cache

from . import reasons
from .letter import Letter
from .notice import Delivery, Evidence, Recipient
from .wording import Text

CLEAR = 35  # the rank below which a reason is a generality ("rejected", "try again")
MAX_WORDS = 4_096  # characters of a diagnostic
MAX_RECIPIENTS = 50  # whose words are read; a report can name thousands

_CODE = re.compile(r"([245](?<![\d.][245])\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
# What people call their mailboxes says nothing about them.
_ADDRESS = re.compile(r"[^\s<>\"'():;,]{1,64}@[^\s<>\"'():;,]{1,255}")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_]{24,}")
_REPLY = re.compile(r"([45](?<![\d/][45])\d\d)(?![\d/])")  # not the count in "512/500"
# A receiver asked the sender's server and quotes what that said: its codes are about the sender.
_CALLOUT = re.compile(
    r"sender verif(?:y|ication) failed|call-?(?:back|out) verif\w+ fail|\bverification failed for <", re.I
)
_REPLY_LINE = re.compile(r"[45](?<!\d[45])\d\d[ -](?=\S)")
# RFC 5321 section 4.2.3: what is left when neither codes nor words tell more.
_REPLIES = {"421": "system", "450": "system", "451": "system", "452": "system-full", "552": "mailbox-full"} | {
    **dict.fromkeys(("500", "501", "502", "503", "504"), "syntax"),
    **dict.fromkeys(("550", "551", "553"), "user-unknown"),
    "554": "policy",
}


def assign(delivery: Delivery, letter: Letter) -> tuple[Delivery, str, Evidence | None]:
    """``delivery`` with a reason for each recipient; the most telling of them, and the evidence for it.

    A reason stays "" for a recipient that was reached, and where nothing tells. Where a recipient has no
    diagnostic, the ``letter``'s own text is read.
    """
    known: dict[tuple[str, str, str], tuple[str, Evidence | None]] = {}
    read: list[Recipient] = []
    for recipient in delivery.recipients[:MAX_RECIPIENTS]:
        key = (recipient.status, recipient.reply, recipient.diagnostic)
        if key not in known:
            known[key] = _cause(recipient, letter)
        read.append(recipient._replace(reason=known[key][0]))
    reason, evidence = max(known.values(), default=("", None), key=lambda each: _rank(each[0]))
    return delivery._replace(recipients=(*read, *delivery.recipients[MAX_RECIPIENTS:])), reason, evidence


def has_code(text: str) -> bool:
    """True if a reply code or an enhanced status code stands in ``text``."""
    return bool(_REPLY_LINE.search(text) or _CODE.search(text))


def _rank(reason: str) -> int:
    return reasons.load()[reason].rank if reason else 0


def _cause(recipient: Recipient, letter: Letter) -> tuple[str, Evidence | None]:
    if recipient.action in ("delivered", "relayed", "expanded") or recipient.status.startswith("2."):
        return "", None
    if found := _told(recipient.status, recipient.diagnostic[:MAX_WORDS]):
        return found
    if not recipient.diagnostic and (found := said(letter.reported)):
        return found
    return _suggested(recipient) or said(letter.reported) or ("", None)


@lru_cache(maxsize=256)
def _told(status: str, diagnostic: str) -> tuple[str, Evidence] | None:
    """What the receiver's own words settle, its codes first: a flood's refusals are few texts."""
    if "verif" in diagnostic.lower() and (called := _CALLOUT.search(diagnostic)):
        return "sender-rejected", Evidence("mail-reason-words", called[0])
    for code in _codes(status, diagnostic):
        if reason := reasons.by_code(code):
            return _refined(reason, diagnostic, Evidence("mail-reason-code", code, "decisive"))
    return said(diagnostic)


def _codes(status: str, diagnostic: str) -> list[str]:
    """The receiver's own codes, in its reply, stand before the one that the reporter derived from them."""
    return _CODE.findall(diagnostic) or _CODE.findall(status)


def said(words: str) -> tuple[str, Evidence] | None:
    """The reason given in ``words``, by a server's reply in them or else around it, and the line that shows it."""
    words = words[:MAX_WORDS]
    if "@" in words:
        words = _ADDRESS.sub("@", words)
    return _said(_TOKEN.sub("…", words))


@lru_cache(maxsize=2048)
def _said(words: str) -> tuple[str, Evidence] | None:
    """``words`` without what differs in each: a flood's refusals are few texts."""
    reply = _REPLY.search(words)
    found = _best(Text(words[reply.end() :])) if reply else None
    if not found or found[0] < CLEAR:
        found = max(filter(None, (found, _best(Text(words)))), default=None, key=lambda each: each[0])
    return found[1:] if found else None


def _best(text: Text) -> tuple[int, str, Evidence] | None:
    """(rank, reason, evidence) of the likeliest reason in ``text``; None when nothing is said."""
    for match in reasons.said(text, "delivery"):
        return match.phrase.rank, match.phrase.reason, Evidence("mail-reason-words", match.quote)
    return None


def _refined(reason: str, words: str, evidence: Evidence) -> tuple[str, Evidence]:
    """Words may say more than the code within its family: 5.7.26 is "unauthenticated", the text names SPF."""
    table = reasons.load()
    if table[reason].family == "auth" and (found := said(words)) and table[found[0]].family == "auth":
        return found
    return reason, evidence


def _suggested(recipient: Recipient) -> tuple[str, Evidence] | None:
    codes = _codes(recipient.status, recipient.diagnostic[:MAX_WORDS])
    for code in [*codes, *_CODE.findall(recipient.status)]:
        if reason := reasons.by_code(code, settled=False):
            return reason, Evidence("mail-reason-code", code, "weak")
    for reply in [recipient.reply, *_REPLY.findall(recipient.diagnostic[:200])]:
        if reason := _REPLIES.get(reply, ""):
            return reason, Evidence("mail-reason-reply", reply, "weak")
    return None
