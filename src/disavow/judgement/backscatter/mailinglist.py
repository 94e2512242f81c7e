"""What list software answers: confirm, not a member, held for the moderator, unsubscribed (Mailman, ezmlm, …)."""

from __future__ import annotations

import re

from . import reasons, signs
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
    software = _software(letter)
    if software and _CONFIRM.match(letter.subject):
        return Notice("list", "subscribe-confirm", "list-subscribe-confirm", evidence=(software,))
    said = reasons.said(letter.text, "list") if software or _is_answer(letter) else []
    if not said:
        return None
    best = said[0]
    words = Evidence("mail-list-words", letter.text.line_at(best.offset))
    evidence = (software, words) if software else (words,)
    return Notice(
        "list", best.phrase.reason.removeprefix("list-"), best.phrase.reason, best.phrase.language, evidence=evidence
    )


def _software(letter: Letter) -> Evidence | None:
    if value := letter.message.first("x-list-administrivia"):
        return Evidence("mail-list-software", f"X-List-Administrivia: {value.decode('latin-1')[:60]}")
    sender = f"{letter.author} {(letter.message.first('sender') or b'').decode('latin-1')}"
    for text in (sender, (letter.message.first("x-mailer") or b"").decode("latin-1")):
        if found := _SOFTWARE.search(text):
            return Evidence("mail-list-software", found[0])
    return None


def _is_answer(letter: Letter) -> bool:
    return bool(signs.machine(letter.message) and not signs.bulk(letter.message))
