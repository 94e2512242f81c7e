"""What a mailbox answers by itself: away, gone, retired, received, unread (RFC 3834, RFC 5230, and prose)."""

from __future__ import annotations

import re

from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice

# A person may write "I am away until Monday" too: without a header, this many hints make it a machine's answer.
ENOUGH = 3
_PREFIX = re.compile(r"[^:：]{3,40}[:：]\s*\S")
SHORT = 2_500  # characters; what answers by itself is brief


def read(letter: Letter) -> Notice | None:
    """The automatic answer that ``letter`` is, with what it says in ``detail``; None when it is none."""
    # What went to many is no answer to one, whatever it says; only a header that answers carry outweighs that.
    why = _decisive(letter) or (() if signs.bulk(letter.message) else _announced(letter) or _worded(letter))
    if not why:
        return None
    said = letter.says("autoreply")
    if not said:
        return Notice("autoreply", "other", language=letter.language, evidence=why)
    best = said[0].phrase
    words = Evidence("mail-automatic-words", said[0].quote)
    return Notice("autoreply", best.reason, best.reason, letter.language or best.language, evidence=(*why, words))


def _decisive(letter: Letter) -> tuple[Evidence, ...]:
    header = signs.answering(letter.message)
    return (header._replace(strength="decisive"),) if header and not signs.spam(letter) else ()


def _announced(letter: Letter) -> tuple[Evidence, ...]:
    """The subject calls itself an automatic answer."""
    subject = signs.automatic_subject(letter)
    return (subject,) if subject and not signs.spam(letter) else ()


def _worded(letter: Letter) -> tuple[Evidence, ...]:
    """Words alone: only in a short mail, and only with what surrounds them in such answers."""
    said = letter.says("autoreply")
    if not said or len(letter.body) > SHORT:
        return ()
    hints = [signs.answers(letter), signs.machine(letter.message), _courtesy(letter), _subject(letter)]
    hints += [signs.answers(letter), _statement(letter), _statement(letter), _prefixed(letter)]
    found = [hint for hint in hints if hint]
    # People quote what they answer; and anybody may write that a mail has arrived.
    doubts = [letter.quotes, letter.quotes, signs.spam(letter), len(said) == 1 and said[0].phrase.reason == "ack"]
    return tuple(dict.fromkeys(found)) if len(found) + 1 - sum(map(bool, doubts)) >= ENOUGH else ()


def _subject(letter: Letter) -> Evidence | None:
    """The subject itself says it: "On leave until Monday"."""
    found = reasons.said(letter.headline, "autoreply")
    return Evidence("mail-automatic-subject", found[0].quote) if found else None


def _prefixed(letter: Letter) -> Evidence | None:
    """The subject begins with it and goes on with another: "Absent: your offer", as mail programs write."""
    found = reasons.said(letter.headline, "autoreply")
    begins = any(match.offset == 0 for match in found) and _PREFIX.match(letter.subject)
    return Evidence("mail-automatic-subject", letter.subject[:160]) if begins else None


def _statement(letter: Letter) -> Evidence | None:
    """The mail calls itself automatic."""
    found = letter.says("automatic")
    return Evidence("mail-automatic-statement", found[0].quote) if found else None


def _courtesy(letter: Letter) -> Evidence | None:
    """The mail thanks for a mail, or says whom to turn to instead."""
    found = letter.says("courtesy")
    return Evidence("mail-courtesy", found[0].quote, "weak") if found else None
