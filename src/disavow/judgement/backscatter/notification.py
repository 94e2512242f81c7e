"""A mail system's notice without a report and without a recipient that could be read: a filter's word, or a bounce."""

from __future__ import annotations

from . import cause, reasons, signs
from .letter import Letter
from .notice import Evidence, Notice

# What a content filter or gateway says about a mail, rather than about a mailbox.
_FILTERS = frozenset(("content", "auth", "refused"))


def read(letter: Letter, has_original: bool) -> Notice | None:
    """The bounce or the filter's notice that ``letter`` is; None when no mail system wrote it or it says nothing."""
    if not (has_original or signs.is_daemon(letter) or signs.is_null_sender(letter.message)):
        return None
    failure = reasons.said(letter.text, "failure")
    if not failure and has_original and not signs.is_daemon(letter):
        return None
    if not failure and (signs.bulk(letter.message) or signs.spam(letter)):
        return None
    given = cause.said(letter.body) or cause.said(letter.subject)
    reason = reasons.load()[given[0]] if given else None
    if not failure and (not reason or reason.rank < cause.CLEAR):
        return None
    author = Evidence("mail-system-author", letter.author[:160])
    words = Evidence("mail-failure-words", letter.text.line_at(failure[0].offset)) if failure else author
    kind, detail = ("reject-notice", reason.family) if reason and reason.family in _FILTERS else ("dsn", "failed")
    language = failure[0].phrase.language if failure else ""
    evidence = (author, words, given[1]) if given else (author, words)
    return Notice(kind, detail, reason.name if reason else "", language, evidence=evidence)
