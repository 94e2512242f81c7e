"""A mail system's notice without a report and without a recipient that could be read: a filter's word, or a bounce."""

from __future__ import annotations

from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice

# What a content filter or gateway says about a mail, rather than about a mailbox.
_FILTERS = frozenset(("content", "client", "auth", "policy", "sender"))


def read(letter: Letter) -> Notice | None:
    """The bounce or the filter's notice that ``letter`` is; None when no mail system wrote it or it says nothing."""
    if not signs.is_daemon(letter) and not signs.is_null_sender(letter.message):
        return None
    said = [match for match in reasons.said(letter.text, "delivery") if match.phrase.reason not in ("policy", "system")]
    if not said or signs.bulk(letter.message) or signs.spam(letter):
        return None
    reason = reasons.load()[said[0].phrase.reason]
    words = Evidence("mail-reason-words", letter.text.line_at(said[0].offset))
    sender = Evidence("mail-system-author", letter.author[:160])
    kind, detail = ("reject-notice", reason.family) if reason.family in _FILTERS else ("dsn", "failed")
    return Notice(kind, detail, reason.name, said[0].phrase.language, evidence=(sender, words))
