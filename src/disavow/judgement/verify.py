"""Everything that can be checked about one message, checked: SPF, DKIM, ARC and DMARC, by both of its RFCs.

Nothing is decided here; ``explain`` says what it means.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from ..errors import Malformed
from ..standards import address, arc, authres, dates, dkim, dmarc, names, spf
from ..standards.message import Message
from ..standards.questions import Dialogue, now, together
from .envelope import Envelope, Hop, hops

MAX_AUTHORS = 4
MAX_SHOWN = 2
MAX_STATEMENTS = 20
_PASSING = ("spf", "dkim", "dmarc")

_Spf: TypeAlias = spf.Result
_Dmarc: TypeAlias = dmarc.Result


class Statement(NamedTuple):
    """What an Authentication-Results field says: ``passes`` the methods it claims passed.

    ``host`` who it says wrote it; ``ours`` if that is a name of our side; ``trusted`` if it also stands where only
    our side can have put it.
    """

    host: str
    passes: tuple[str, ...]
    ours: bool
    trusted: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about one message.

    ``spf`` of MAIL FROM and ``helo`` of the HELO name, None where the envelope does not tell them; ``dmarc`` for
    each domain that From names (one, normally), by RFC 9989, and ``dmarc_7489`` by its predecessor; ``shown`` the
    same for domains that From only displays; ``statements`` what others say they found; ``at`` the moment of the
    check, ``sent`` the best known time of the mail.
    """

    message: Message
    envelope: Envelope
    hops: tuple[Hop, ...]
    authors: address.Authors
    spf: _Spf | None
    helo: _Spf | None
    dkim: tuple[dkim.Verification, ...]
    arc: arc.Chain
    dmarc: tuple[_Dmarc, ...]
    dmarc_7489: tuple[_Dmarc, ...]
    shown: tuple[_Dmarc, ...]
    statements: tuple[Statement, ...]
    at: datetime
    sent: datetime | None

    @property
    def mail_from_domain(self) -> str:
        """The domain that SPF was asked about: that of MAIL FROM, of HELO for a null sender, "" if unknown."""
        if self.spf:
            return self.spf.domain
        envelope = self.envelope
        return "" if envelope.mail_from is None else spf.identity(envelope.mail_from, envelope.helo)[0].lower()


def verify(message: Message, envelope: Envelope | None = None) -> Dialogue[Verification]:
    """All that the standards can say about ``message``; what the envelope does not tell is not checked.

    A message whose body is missing has its signatures checked against the header alone; their ``body`` then is
    "unchecked". Never raises.
    """
    envelope = envelope or Envelope()
    moment = yield from now()
    found: tuple[Any, ...] = yield from together(
        _sender(envelope), _greeting(envelope), _signatures(message), arc.validate(message)
    )
    sender, greeting, signatures, chain = found
    authors = address.authors(message)
    identifiers = _identifiers(envelope, sender, signatures)
    new, old, shown = yield from together(
        _each(dmarc.evaluate, authors.domains[:MAX_AUTHORS], identifiers),
        _each(dmarc.evaluate_7489, authors.domains[:MAX_AUTHORS], identifiers),
        _each(dmarc.evaluate, authors.shown[:MAX_SHOWN], identifiers),
    )
    trace = hops(message, envelope)
    return Verification(
        message=message,
        envelope=envelope,
        hops=trace,
        authors=authors,
        spf=sender,
        helo=greeting,
        dkim=signatures,
        arc=chain,
        dmarc=new,
        dmarc_7489=old,
        shown=shown,
        statements=_statements(message, envelope),
        at=moment,
        sent=envelope.at or _dated(message),
    )


def _each(
    evaluate: Callable[..., Dialogue[dmarc.Result]], domains: Sequence[str], identifiers: tuple[Any, ...]
) -> Dialogue[tuple[dmarc.Result, ...]]:
    return together(*(evaluate(domain, *identifiers) for domain in domains))


def _sender(envelope: Envelope) -> Dialogue[spf.Result | None]:
    if envelope.ip is None or envelope.mail_from is None:
        return None
    domain, sender = spf.identity(envelope.mail_from, envelope.helo)
    return (yield from spf.check_host(envelope.ip, domain, sender, envelope.helo, envelope.receiver or "unknown"))


def _greeting(envelope: Envelope) -> Dialogue[spf.Result | None]:
    if envelope.ip is None or not envelope.helo or envelope.mail_from == "":
        return None  # RFC 7208 section 2.4: for a null sender, MAIL FROM is already about the HELO name
    domain, sender = spf.identity("", envelope.helo)
    return (yield from spf.check_host(envelope.ip, domain, sender, envelope.helo, envelope.receiver or "unknown"))


def _signatures(message: Message) -> Dialogue[tuple[dkim.Verification, ...]]:
    whole = yield from dkim.verify(message)
    if message.body.strip() or all(one.result == "pass" for one in whole):
        return whole
    header = yield from dkim.verify_header(message)
    return tuple(
        full if full.result == "pass" or alone.result != "pass" else alone
        for full, alone in zip(whole, header, strict=True)
    )


def _identifiers(
    envelope: Envelope, sender: spf.Result | None, signatures: Sequence[dkim.Verification]
) -> tuple[tuple[str, str] | None, list[tuple[str, str]]]:
    """What DMARC compares with From: (result, domain) of SPF and of each signature that could be read."""
    domain = spf.identity(envelope.mail_from or "", envelope.helo)[0]
    signed: list[tuple[str, str]] = [
        # A signature checked without the body it covers does not authenticate the message (RFC 6376 section 6.1.3).
        (one.result if one.body != "unchecked" or one.result != "pass" else "neutral", one.domain)
        for one in signatures
        if one.domain
    ]
    return ((sender.result, domain) if sender and domain else None), signed


def _dated(message: Message) -> datetime | None:
    value = message.first("date")
    found = dates.find(value.decode("utf-8", "replace"))[0] if value else None
    return found.astimezone(UTC) if found else None


def _statements(message: Message, envelope: Envelope) -> tuple[Statement, ...]:
    """The readable Authentication-Results fields, from top to bottom (RFC 8601 section 5)."""
    received = message.all("received")
    border = received[envelope.trusted - 1].offset if 0 < envelope.trusted <= len(received) else -1
    found = []
    for field in message.all("authentication-results")[:MAX_STATEMENTS]:
        try:
            stated = authres.parse(field.value)
        except Malformed:
            continue
        host = stated.authserv_id
        passes = dict.fromkeys(one.method for one in stated.results if one.result == "pass" and one.method in _PASSING)
        ours = bool(host) and any(names.is_within(host, mine) for mine in envelope.hosts)
        found.append(Statement(host, tuple(passes), ours, ours and field.offset < border))
    return tuple(found)
