"""Why a recipient was not reached: an enhanced status code settles it (RFC 3463), else the words do."""

from __future__ import annotations

import re
from dataclasses import replace

from . import reasons
from .letter import Letter
from .notice import Delivery, Evidence, Recipient
from .wording import Match, Text

MAX_RECIPIENTS = 50  # whose words are read; a report can name thousands

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<!\d)([45]\d\d)(?!\d)")
# RFC 5321 section 4.2.3: what is left when neither codes nor words tell more.
_REPLIES = {"421": "system", "450": "system", "451": "system", "452": "system-full", "552": "mailbox-full"} | {
    **dict.fromkeys(("500", "501", "502", "503", "504"), "syntax"),
    **dict.fromkeys(("550", "551", "553"), "user-unknown"),
    "554": "policy",
}


def assign(delivery: Delivery, letter: Letter) -> tuple[Delivery, str, Evidence | None]:
    """``delivery`` with a reason for each recipient; the first reason, and the evidence for it.

    A reason stays "" for a recipient that was reached, and where nothing tells. Where a recipient has no
    diagnostic, the ``letter``'s own text is read.
    """
    known: dict[tuple[str, str, str], tuple[str, Evidence | None]] = {}
    read: list[Recipient] = []
    for recipient in delivery.recipients[:MAX_RECIPIENTS]:
        key = (recipient.status, recipient.reply, recipient.diagnostic)
        if key not in known:
            known[key] = _cause(recipient, letter)
        read.append(replace(recipient, reason=known[key][0]))
    reason, evidence = next(((reason, why) for reason, why in known.values() if reason), ("", None))
    return replace(delivery, recipients=(*read, *delivery.recipients[MAX_RECIPIENTS:])), reason, evidence


def _cause(recipient: Recipient, letter: Letter) -> tuple[str, Evidence | None]:
    if recipient.action in ("delivered", "relayed", "expanded") or recipient.status.startswith("2."):
        return "", None
    codes = list(dict.fromkeys([*_CODE.findall(recipient.diagnostic[:2_000]), *_CODE.findall(recipient.status)]))
    for code in codes:
        if reason := reasons.by_code(code):
            return _refined(reason, recipient.diagnostic, Evidence("mail-reason-code", code, "decisive"))
    if found := said(recipient.diagnostic):
        return found
    if not recipient.diagnostic and (found := _of(reasons.said(letter.text, "delivery"), letter.text)):
        return found
    return _suggested(codes, recipient)


def said(words: str) -> tuple[str, Evidence] | None:
    """The reason that a diagnostic gives in ``words``, and the line that shows it; None when it gives none."""
    text = Text(words[:2_000])
    return _of(reasons.said(text, "delivery"), text)


def _of(matches: list[Match], text: Text) -> tuple[str, Evidence] | None:
    if not matches:
        return None
    return matches[0].phrase.reason, Evidence("mail-reason-words", text.line_at(matches[0].offset))


def _refined(reason: str, words: str, evidence: Evidence) -> tuple[str, Evidence]:
    """Words may say more than the code within its family: 5.7.26 is "unauthenticated", the text names SPF."""
    table = reasons.load()
    if table[reason].family == "auth" and (found := said(words)) and table[found[0]].family == "auth":
        return found
    return reason, evidence


def _suggested(codes: list[str], recipient: Recipient) -> tuple[str, Evidence | None]:
    for code in codes:
        if reason := reasons.by_code(code, settled=False):
            return reason, Evidence("mail-reason-code", code, "weak")
    for reply in [recipient.reply, *_REPLY.findall(recipient.diagnostic[:200])]:
        if reason := _REPLIES.get(reply, ""):
            return reason, Evidence("mail-reason-reply", reply, "weak")
    return "", None
