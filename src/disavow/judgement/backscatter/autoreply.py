"""What a mailbox answers by itself: away, gone, retired, received, unread (RFC 3834, RFC 5230, and prose)."""

from __future__ import annotations

from . import reasons, signs
from .letter import Letter
from .notice import Evidence, Notice
from .wording import Match

# A person may write "I am away until Monday" too: without a header, this many hints make it a machine's answer.
ENOUGH = 3
SHORT = 2_500  # characters; what answers by itself is brief


def read(letter: Letter) -> Notice | None:
    """The automatic answer that ``letter`` is, with what it says in ``detail``; None when it is none."""
    said = reasons.said(letter.text, "autoreply")
    why = _decisive(letter) or _announced(letter, said) or _worded(letter, said)
    if not why:
        return None
    if not said:
        return Notice("autoreply", "other", evidence=why)
    best = said[0]
    words = Evidence("mail-automatic-words", letter.text.line_at(best.offset))
    return Notice("autoreply", best.phrase.reason, best.phrase.reason, best.phrase.language, evidence=(*why, words))


def _decisive(letter: Letter) -> tuple[Evidence, ...]:
    header = signs.answering(letter.message)
    return (header._replace(strength="decisive"),) if header else ()


def _announced(letter: Letter, said: list[Match]) -> tuple[Evidence, ...]:
    """The subject calls itself an automatic answer, or a machine says what only such answers say."""
    if subject := signs.automatic_subject(letter):
        return () if signs.bulk(letter.message) and not said else (subject,)
    return ()


def _worded(letter: Letter, said: list[Match]) -> tuple[Evidence, ...]:
    """Words alone: only in a short mail to one person, and only with what surrounds them in such answers."""
    if not said or len(letter.body) > SHORT or signs.bulk(letter.message):
        return ()
    hints = [signs.answers(letter), signs.machine(letter.message), _courtesy(letter)]
    hints += [_statement(letter)] * 2
    found = [hint for hint in hints if hint]
    weight = len(found) + (1 if letter.quotes else 2) - (1 if signs.spam(letter) else 0)
    return tuple(dict.fromkeys(found)) if weight >= ENOUGH else ()


def _statement(letter: Letter) -> Evidence | None:
    """The mail calls itself automatic."""
    found = reasons.said(letter.text, "automatic")
    return Evidence("mail-automatic-statement", letter.text.line_at(found[0].offset)) if found else None


def _courtesy(letter: Letter) -> Evidence | None:
    """The mail thanks for a mail, or says whom to turn to instead."""
    found = reasons.said(letter.text, "courtesy")
    return Evidence("mail-courtesy", letter.text.line_at(found[0].offset), "weak") if found else None
