"""One mail of the flood, examined: what it is, what it is about, whether I sent that, what it proves."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import NamedTuple

from ..standards import dates, mime
from ..standards.message import Message
from ..standards.questions import Address, Dialogue
from .backscatter import classify, injection
from .backscatter.notice import STATUS_KINDS, Evidence, Notice, Returned
from .backscatter.signal import signal
from .fingerprint import Fingerprint, take
from .identity import Identity
from .ours import Judgement, judge, my_sender
from .sighting import Ours, Sighting, Signal
from .tagged import Arrived, recipients

_ADDRESS = re.compile(rb"[^\s<>@,;:\"()\[\]]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_IDENTITIES = ("return-path", "from", "sender", "reply-to")
ABOUT_OTHERS = Judgement("cannot-tell", 0.0, (Evidence("ours-about-others", "", "weak"),))
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Case(NamedTuple):
    """``where`` names the mail's position; ``when`` its arrival; ``claims`` the identities in the returned original.

    ``source`` is the machine that the enforcing receiver or the reporter saw, ``refused_by`` the check that
    enforced. ``form`` tells how the original came back, "" if it did not; the original itself is not kept, so that
    cases stay small. ``fingerprint`` is there for what may be a forgery in my name.
    """

    where: str
    when: datetime
    subject: str
    sender: str
    notice: Notice
    form: str
    ours: Ours
    confidence: float
    signal: Signal
    evidence: tuple[Evidence, ...]
    reporter: str
    reporter_ip: Address | None
    source: Address | None
    forged_address: str
    claims: tuple[tuple[str, str], ...]
    fingerprint: Fingerprint | None
    spf: str = ""
    dkim: str = ""

    @property
    def is_status(self) -> bool:
        """True for a mail that answers something sent in somebody's name; false for spam, phishing and the rest."""
        return self.notice.kind in STATUS_KINDS

    def sighting(self, proof: str = "") -> Sighting:
        """The case as the one fact that stores and statistics use."""
        return Sighting(
            self.when,
            self.when,
            self.notice.kind,
            reporter=self.reporter,
            source_ip=self.source,
            header_from=dict(self.claims).get("from", "").rpartition("@")[2],
            envelope_from=self.forged_address,
            subject=self.fingerprint.subject if self.fingerprint else "",
            message_id=self.fingerprint.message_id if self.fingerprint else "",
            spf=self.spf,
            dkim=self.dkim,
            ours=self.ours,
            signal=self.signal,
            confidence=self.confidence,
            proof=proof,
        )


def examine(raw: bytes, where: str, me: Identity) -> Dialogue[Case]:
    """The case that one arrived mail makes for the owner ``me``."""
    message = Message(raw)
    notice = classify.read(message)
    place = injection.locate(message, notice, me)
    original = about_me(notice.returned, me)
    what, why = signal(notice)
    arrived = Arrived(recipients(message), arrival(message)) if me.tags else None
    judgement = yield from judge(notice, original, place, me, arrived)
    forged = judgement.sender or _addressed(message, me)
    if judgement.ours == "forged" and not forged:
        judgement = ABOUT_OTHERS  # whoever was forged there, it was not me
    return Case(
        where,
        arrival(message),
        " ".join(mime.words(message.first("subject") or b"").split())[:200],
        _first_address(message, "from"),
        notice._replace(returned=()),
        original.form if original else "",
        judgement.ours if notice.kind in STATUS_KINDS else "cannot-tell",
        judgement.confidence,
        what if notice.kind in STATUS_KINDS else "none",
        (*notice.evidence, why, *judgement.evidence, *injection.contradictions(place, me)),
        place.reporter,
        place.reporter_ip,
        place.source,
        forged,
        identities(original.message) if original else (),
        take(original, place.helo, place.source, me) if original and forged else None,
        judgement.spf,
        judgement.dkim,
    )


def about_me(returned: tuple[Returned, ...], me: Identity) -> Returned | None:
    """The returned original that uses my name, the innermost first; else the first that came back."""
    for original in reversed(returned[1:]):
        if my_sender(original.message, me):
            return original
    return returned[0] if returned else None


def identities(original: Message) -> tuple[tuple[str, str], ...]:
    """(which, address) for Return-Path, From, Sender and Reply-To of a message, as they are claimed."""
    return tuple((name, address) for name in _IDENTITIES if (address := _first_address(original, name)))


def _first_address(message: Message, name: str) -> str:
    value = message.first(name)
    return _address_in(value[:4096]) if value else ""


@lru_cache(maxsize=2048)  # in a flood the forged ones repeat
def _address_in(value: bytes) -> str:
    match = _ADDRESS.search(value)
    return match[0].decode("latin-1").lower() if match else ""


def _addressed(message: Message, me: Identity) -> str:
    """The address of mine that the mail was sent to."""
    for name in ("delivered-to", "x-original-to", "envelope-to", "to", "cc"):
        for value in message.values(name):
            for match in _ADDRESS.finditer(value, 0, 4096):
                address = match[0].decode("latin-1").lower()
                if me.owns_address(address):
                    return address
    return ""


def arrival(message: Message) -> datetime:
    """When the mail arrived: the topmost Received line that has a readable date, else the Date field, else 1970."""
    if when := _dated(message.first("received")):
        return when
    dates_of = (*message.values("received")[1:3], *message.values("date"))
    return next((when for value in dates_of if (when := _dated(value))), _LONG_AGO)


def _dated(value: bytes | None) -> datetime | None:
    return _date(value.rpartition(b";")[2].decode("latin-1")) if value else None


def _date(text: str) -> datetime | None:
    """The date in ``text``; in a form that ``dates`` does not know, as the standard library guesses it."""
    when, _ = dates.find(" ".join(text[:1000].split()))
    if when:
        return when
    try:
        guessed = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return guessed.replace(tzinfo=guessed.tzinfo or UTC).astimezone(UTC)
