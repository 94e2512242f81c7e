"""A mail system's notice without a report and without a recipient that could be read: a filter's word, or a bounce."""

from __future__ import annotations

from . import cause, mailinglist, reasons, signs
from .letter import Letter
from .notice import Evidence, Kind, Notice

# What a content filter or gateway says about a mail, rather than about a mailbox.
_FILTERS = frozenset(("content", "auth", "refused"))


def read(letter: Letter, has_original: bool) -> Notice | None:
    """The bounce or the filter's notice that ``letter`` is; None when no mail system wrote it or it says nothing."""
    author = _author(letter)
    if not author and (not has_original or _is_about_others(letter)):
        return None
    failure = letter.says("failure")
    # People called postmaster write letters about refusals, too.
    letter_of_its_own = not has_original and signs.wants_answers(letter.message)
    if not failure and (not author or letter_of_its_own or signs.bulk(letter.message) or signs.spam(letter)):
        return None
    given = cause.said(letter.body) or cause.said(letter.subject)
    reason = reasons.load()[given[0]] if given else None
    if not failure and (not reason or reason.rank < cause.CLEAR):
        return None
    shown = [author, Evidence("mail-failure-words", failure[0].quote) if failure else None, given[1] if given else None]
    kind: Kind = "dsn"
    detail = "failed"
    if reason and reason.family in _FILTERS:
        kind, detail = "reject-notice", reason.family
    language = failure[0].phrase.language if failure else ""
    return Notice(kind, detail, reason.name if reason else "", language, evidence=tuple(filter(None, shown)))


def _is_about_others(letter: Letter) -> bool:
    """True for what people pass on, and for what goes to many or tells about many mails."""
    return signs.is_forward(letter) or bool(signs.bulk(letter.message)) or signs.generated(letter.message)


def _author(letter: Letter) -> Evidence | None:
    """Evidence that a mail system or list software wrote the mail; None when nothing shows it."""
    if signs.is_daemon(letter) or signs.is_null_sender(letter.message):
        return Evidence("mail-system-author", letter.author[:160])
    return mailinglist.software(letter)
