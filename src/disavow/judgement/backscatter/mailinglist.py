"""What list software answers: confirm, not a member, held for the moderator, unsubscribed (Mailman, ezmlm, …)."""

from __future__ import annotations

import re

from . import signs
from .letter import Letter
from .notice import Evidence, Notice

_SOFTWARE = re.compile(
    r"\b(?:listserv|majordomo|sympa|ezmlm|mailman|listproc|listar|ecartis|mlmmj|smartlist|google groups|groups\.io)\b"
    r"|[-+](?:request|owner|bounces|confirm|subscribe|unsubscribe|help|sendok|admin)[@+-]",
    re.I,
)
_CONFIRM = re.compile(r"^(?:re:\s*)?confirm [0-9a-f]{8,}|^(?:auth|ok) [0-9a-f]{6,}", re.I)


def read(letter: Letter) -> Notice | None:
    """The list software's answer that ``letter`` is; None when it is none."""
    author = software(letter)
    if author and _CONFIRM.match(letter.subject):
        return Notice("list", "subscribe-confirm", "list-subscribe-confirm", evidence=(author,))
    said = letter.says("list") if author or _is_answer(letter) else []
    if not said:
        return None
    best = said[0]
    words = Evidence("mail-list-words", best.quote)
    evidence = (author, words) if author else (words,)
    return Notice(
        "list", best.phrase.reason.removeprefix("list-"), best.phrase.reason, letter.language, evidence=evidence
    )


def software(letter: Letter) -> Evidence | None:
    """Evidence that list software wrote the mail itself; None when nothing shows it."""
    if value := letter.message.first("x-list-administrivia"):
        return Evidence("mail-list-software", f"X-List-Administrivia: {value.decode('latin-1')[:60]}")
    # Not Sender: there list software names itself on what it only passes on.
    for text in (letter.author, (letter.message.first("x-mailer") or b"").decode("latin-1")):
        if found := _SOFTWARE.search(text):
            return Evidence("mail-list-software", found[0])
    return None


def _is_answer(letter: Letter) -> bool:
    return bool(signs.machine(letter.message) and not signs.bulk(letter.message))
