"""The proof sheet: one self-contained page about one message, to hand to whoever asks."""

from __future__ import annotations

from typing import Any

from ..judgement.mask import Mask, plain, visible
from ..judgement.paste import Reading
from ..standards import mime
from ..standards.questions import Lookup, Question
from ..world.ask import Exchange
from . import paper
from .contract import sentence, when
from .library import Verified
from .verification import identities
from .verification_card import STATUSES, WHICH

HEADINGS = {"genuine": "Genuine", "forged": "Forged", "unproven": "Unproven"}
CLASSES = {"genuine": "ours", "forged": "forged", "unproven": "open"}
MAX_VALUE = 600


def sheet(digest: str, reading: Reading, verified: Verified, mask: Mask) -> str:
    """The page; ``digest`` is the SHA-256 of the file that was judged, third parties go through ``mask``."""
    verdict, found = verified.verdict, verified.verification
    return paper.render(
        "proof_sheet.html",
        paper.shown(mask),
        heading=HEADINGS[verdict.answer],
        kind=CLASSES[verdict.answer],
        headline=_capital(sentence(verdict.headline, mask).partition(": ")[2]),
        signed=any(one.which == "signer" for one in identities(verified)),
        names=[(WHICH[one.which], mask(one.domain), STATUSES[one.status][0]) for one in identities(verified)],
        because=[sentence(finding, mask) for finding in verdict.because],
        findings=[sentence(finding, mask) for finding in verdict.findings],
        facts=_facts(reading, mask),
        hops=[(_line(hop.line, mask), hop.trusted) for hop in found.hops],
        checked=when(found.at),
        digest=digest,
        questions=[_exchange(exchange, mask) for exchange in verified.transcript if _is_asked(exchange.question)],
    )


def _capital(text: str) -> str:
    """A domain at the beginning of a sentence stays as it is."""
    first = text.partition(" ")[0]
    return text if "." in first else text[:1].upper() + text[1:]


def _facts(reading: Reading, mask: Mask) -> list[tuple[str, str]]:
    """What the header says of the mail; the Message-ID names the mail, not a mailbox, and is shown in full."""
    masks = {"From": mask, "Subject": mask, "Date": mask, "Return-Path": mask, "Message-ID": visible(plain)}
    values = ((name, reading.message.first(name.lower())) for name in masks)
    return [(name, masks[name](mime.words(value[:MAX_VALUE]))) for name, value in values if value]


def _line(line: Any, mask: Mask) -> dict[str, str]:
    address = f"[{line.from_ip}]" if line.from_ip else ""
    client = " ".join(part for part in (line.from_host or line.from_name, address) if part)
    return {"at": when(line.at) or "", "by": mask(line.by) or "somebody", "client": mask(client) or "somebody"}


def _is_asked(question: Question) -> bool:
    return isinstance(question, Lookup)


def _exchange(exchange: Exchange, mask: Mask) -> dict[str, str]:
    question, answer, at = exchange
    values = " | ".join(_text(value) for value in answer.values)
    asked = f"{question.type} {question.name}" if isinstance(question, Lookup) else str(question)
    said = values[:MAX_VALUE] or " ".join(part for part in (answer.status, answer.why) if part)
    return {"query": mask(asked), "answer": mask(said), "at": when(at) or ""}


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
