"""What kind of answer a mail is: structure decides first, then headers, then words (RFC 3464, 8098, 5965, 3834)."""

from __future__ import annotations

from collections.abc import Callable

from ...standards import mime
from ...standards.message import Message
from . import (
    autoreply,
    cause,
    challenge,
    complaint,
    delivery,
    fake,
    fate,
    mailinglist,
    notification,
    ordinary,
    returned,
    signs,
)
from .letter import Letter
from .notice import Delivery, Evidence, Notice, Returned

# RFC 5965 section 7.3 and RFC 6591; RFC 8098 section 3.2.6 and what readers wrote before it.
_COMPLAINTS = (
    "abuse",
    "fraud",
    "virus",
    "other",
    "not-spam",
    "auth-failure",
    "opt-out",
    "opt-out-list",
    "miscategorized",
)
_DISPOSITIONS = ("displayed", "deleted", "dispatched", "processed", "denied", "failed", "rejected", "expired")
# Actions of a report, the one that names the whole first (RFC 3464 section 2.3.3).
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")


def read(message: Message) -> Notice:
    """The arrived ``message`` named: its kind, reason and evidence, what it reports and what it brought back.

    Never raises; a mail that shows nothing is "unknown". Linear in the message, with the budgets of ``mime.walk``,
    ``letter`` and ``cause``.
    """
    parts = tuple(entity for _, entity in mime.walk(message))
    letter = Letter(message, parts)
    for kind, step in _STRUCTURES.items():
        if kind in letter.types:
            return step(letter, parts[letter.types.index(kind)])
    return _unstructured(letter)


def _feedback(letter: Letter, part: Message) -> Notice:
    """RFC 5965: a complaint; RFC 6591: a failure report."""
    fields = Message(mime.decoded(part))
    named = (fields.first("feedback-type") or b"").lower().decode("latin-1")
    detail = named if named in _COMPLAINTS else "other"
    evidence = Evidence("mail-report-part", f"Feedback-Type: {named[:120]}", "decisive")
    return _with_original(Notice("feedback", detail, evidence=(evidence,)), letter)


def _mdn(letter: Letter, part: Message) -> Notice:
    """RFC 8098: what a reader's program or filter did with the mail."""
    value = (Message(mime.decoded(part)).first("disposition") or b"").decode("latin-1")
    named = value.rpartition(";")[2].partition("/")[0].strip().lower()
    detail = named if named in _DISPOSITIONS else "other"
    evidence = Evidence("mail-report-part", f"Disposition: {value[:120]}", "decisive")
    return _with_original(Notice("mdn", detail, evidence=(evidence,)), letter)


def _dsn(letter: Letter, part: Message) -> Notice:
    """RFC 3464; a service that asks for a click before it delivers dresses that as a report."""
    if asked := challenge.known(letter):
        return _with_original(asked, letter)
    reported = delivery.read(letter.message, letter.parts)
    brought = returned.find(letter.message, letter.parts, reported)
    return _bounce(letter, reported, brought, Evidence("mail-report-part", reported.reporter, "decisive"))


def _aggregate(letter: Letter, part: Message) -> Notice:
    """RFC 8460: a report about TLS, not about one mail."""
    return Notice("report", "tls", evidence=(Evidence("mail-aggregate", mime.filename(part), "decisive"),))


_STRUCTURES: dict[str, Callable[[Letter, Message], Notice]] = {
    "message/feedback-report": _feedback,
    "application/tlsrpt+gzip": _aggregate,
    "application/tlsrpt+json": _aggregate,
    "message/disposition-notification": _mdn,
    "message/delivery-status": _dsn,
    "message/global-delivery-status": _dsn,
    "message/global-disposition-notification": _mdn,
}


def _unstructured(letter: Letter) -> Notice:
    """Without a report part: the steps in the order of what they prove, each of which may pass."""
    if found := ordinary.report(letter) or complaint.read(letter) or challenge.known(letter):
        return _with_original(found, letter)
    reported = delivery.read(letter.message, letter.parts)
    brought = returned.find(letter.message, letter.parts, reported)
    tricks = fake.read(letter, bool(brought), bool(reported.recipients))
    asked = challenge.riddle(letter) if tricks or (reported.recipients and not _has_codes(reported)) else None
    tricks = asked or tricks
    if reported.recipients and not tricks and not _is_letter(letter):
        notice = _bounce(letter, reported, brought, Evidence("mail-dialect", reported.dialect))
        return notice._replace(kind="reject-notice") if _is_rejection(letter, reported) else notice
    found = tricks or challenge.read(letter) or mailinglist.read(letter)
    if not found and signs.is_daemon(letter):  # whose words are about the mail, not about a mailbox
        found = notification.read(letter, bool(brought))
    found = found or autoreply.read(letter) or notification.read(letter, bool(brought)) or ordinary.read(letter)
    return found._replace(returned=brought)


def _is_rejection(letter: Letter, reported: Delivery) -> bool:
    """True if a mail was turned away in somebody's own words, without a code or a server's reply to show for it."""
    return not _has_codes(reported) and not cause.has_code(letter.body) and bool(letter.says("rejection"))


def _has_codes(reported: Delivery) -> bool:
    return any(recipient.status or recipient.reply for recipient in reported.recipients)


def _is_letter(letter: Letter) -> bool:
    """True for what a mailbox's owner has set up to be answered: it may name addresses without reporting on them."""
    if signs.is_daemon(letter):
        return False
    answers = signs.is_null_sender(letter.message) and letter.message.first("in-reply-to") is not None
    return signs.answering(letter.message) is not None or (answers and not fate.undelivered(letter.body))


def _bounce(letter: Letter, reported: Delivery, brought: tuple[Returned, ...], why: Evidence) -> Notice:
    """The notice for a report on recipients, its reasons filled in, with the originals that came back."""
    actions = {recipient.action for recipient in reported.recipients}
    detail = next((action for action in _ACTIONS if action in actions), _outcome(reported))
    reported, reason, cause_found = cause.assign(reported, letter)
    evidence = (why, cause_found) if cause_found else (why,)
    return Notice("dsn", detail, reason, delivery=reported, returned=brought, evidence=evidence)


def _outcome(reported: Delivery) -> str:
    """What a report means that names no action of RFC 3464: its codes tell (RFC 3463 section 2)."""
    statuses = [recipient.status for recipient in reported.recipients]
    return "delivered" if statuses and all(status.startswith("2.") for status in statuses) else "failed"


def _with_original(notice: Notice, letter: Letter) -> Notice:
    reported = delivery.read(letter.message, letter.parts)
    return notice._replace(delivery=reported, returned=returned.find(letter.message, letter.parts, reported))
