"""What one answer proves about the forgery: a policy was enforced, a relay was fooled, or a mailbox was reached."""

from __future__ import annotations

from ..sighting import Signal
from . import reasons
from .notice import Evidence, Notice, Recipient

_REACHED = ("delivered", "relayed", "expanded")


def signal(notice: Notice) -> tuple[Signal, Evidence]:
    """The signal of ``notice`` and what shows it; ("none", …) for what proves nothing about delivery.

    Escaped outranks the rest: an answer from a mailbox is the only direct proof that a forgery got through.
    """
    return _escaped(notice) or _enforced(notice) or _accepted(notice) or ("none", Evidence("mail-signal-none"))


def _escaped(notice: Notice) -> tuple[Signal, Evidence] | None:
    reached = next((each for each in notice.delivery.recipients if each.action in _REACHED), None)
    if reached:
        return "escaped", Evidence("mail-signal-delivered", f"{reached.action}: {reached.address}", "decisive")
    if notice.kind in ("autoreply", "challenge", "human"):
        return "escaped", Evidence("mail-signal-answered", notice.detail or notice.kind, "strong")
    if notice.kind == "mdn" and notice.detail in ("displayed", "deleted", "dispatched", "processed"):
        return "escaped", Evidence("mail-signal-displayed", notice.detail, "decisive")
    if notice.kind == "feedback" and notice.detail in ("abuse", "fraud", "opt-out", "not-spam", "other", "virus"):
        return "escaped", Evidence("mail-signal-complained", notice.detail, "strong")
    return None


def _enforced(notice: Notice) -> tuple[Signal, Evidence] | None:
    if notice.kind == "feedback" and notice.detail.startswith("auth-failure"):
        return "enforced", Evidence("mail-signal-auth-failure", notice.detail)
    for recipient in notice.delivery.recipients:
        if is_authentication(recipient.reason):
            return "enforced", Evidence("mail-signal-enforced", _refusal(recipient), "decisive")
    if is_authentication(notice.reason):
        return "enforced", Evidence("mail-signal-enforced", notice.reason)
    return None


def _refusal(recipient: Recipient) -> str:
    """By whom and by which check: "auth-spf at mx.example.net: 550 …"."""
    by = f" at {recipient.remote}" if recipient.remote else ""
    return f"{recipient.reason}{by}: {recipient.diagnostic}"[:200]


def _accepted(notice: Notice) -> tuple[Signal, Evidence] | None:
    if notice.kind in ("dsn", "reject-notice", "list") or (notice.kind == "mdn" and notice.detail):
        return "accepted", Evidence("mail-signal-accepted", notice.delivery.reporter)
    return None


def is_authentication(reason: str) -> bool:
    """True if ``reason`` says that SPF, DKIM, DMARC or the like refused the mail."""
    known = reasons.load().get(reason)
    return known is not None and known.family == "auth"
