"""Delivery status notifications (RFC 3464, with RFC 3461 and the international forms of RFC 6533).

``parse`` reads the body of message/delivery-status or message/global-delivery-status as found in the wild; what it had
to tolerate is named in ``flaws``. ``format`` writes what the RFC asks for.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from ..errors import Malformed
from . import dates, fields
from .fields import NONE, Flaws, Typed, date, typed, written

__all__ = ["NONE", "Recipient", "Report", "Typed", "format", "parse"]

MAX_BYTES = 1_000_000
MAX_RECIPIENTS = 2_000

_STATUS = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
_WORD = re.compile(r"[A-Za-z]+")
_HEXPOINT = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_UNSAFE = re.compile(r"[\\\x00-\x20\x7f]")

_ABOUT_MESSAGE = frozenset(
    ("original-envelope-id", "reporting-mta", "dsn-gateway", "received-from-mta", "arrival-date")
)
_NAMES_RECIPIENT = frozenset(("original-recipient", "final-recipient"))
_ABOUT_RECIPIENT = _NAMES_RECIPIENT | frozenset(
    (
        *("action", "status", "remote-mta", "diagnostic-code", "last-attempt-date", "will-retry-until"),
        *("final-log-id", "localized-diagnostic"),
    )
)


class Recipient(NamedTuple):
    """The fate of one recipient (RFC 3464 section 2.3). Absent fields are "", ``NONE`` or None.

    ``action`` is in lower case: failed, delayed, delivered, relayed or expanded; ``status`` like "5.1.1", "" when
    none can be read; addresses are decoded and without angle brackets; ``extensions`` are other fields in order.
    """

    final_recipient: Typed = NONE
    original_recipient: Typed = NONE
    action: str = ""
    status: str = ""
    remote_mta: Typed = NONE
    diagnostic: Typed = NONE
    last_attempt: datetime | None = None
    will_retry_until: datetime | None = None
    final_log_id: str = ""
    extensions: tuple[tuple[str, str], ...] = ()

    @property
    def address(self) -> str:
        """The address that the report is about: the original one, if it is given, is what the sender wrote to."""
        return self.original_recipient.text or self.final_recipient.text


class Report(NamedTuple):
    """The fields about the message (RFC 3464 section 2.2) and its recipients; ``flaws`` is empty for a strict one."""

    reporting_mta: Typed = NONE
    recipients: tuple[Recipient, ...] = ()
    dsn_gateway: Typed = NONE
    received_from_mta: Typed = NONE
    arrival_date: datetime | None = None
    original_envelope_id: str = ""
    extensions: tuple[tuple[str, str], ...] = ()
    flaws: tuple[str, ...] = ()


class _Fields:
    """The fields of one recipient or of the message while they are being collected."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.extensions: list[tuple[str, str]] = []

    def add(self, name: str, value: str, known: frozenset[str]) -> None:
        if name.lower() in known:
            self.known.setdefault(name.lower(), value)
        else:
            self.extensions.append((name, value))


def parse(body: bytes) -> Report:
    """The report that ``body`` (transfer encoding undone) holds, whatever its order, folding and blank lines.

    Flaws: "too-big", "too-many-recipients", "too-many-groups", "junk-line" (no field and not folded: taken for a
    continuation), "no-blank-line" (two recipients in one group), "stray-blank-line" (one recipient in two groups),
    "untyped", "bad-date", "bad-status", "no-reporting-mta", "no-recipient". Raises ``Malformed`` when no field of
    RFC 3464 is in it.
    """
    flaws: Flaws = {}
    if len(body) > MAX_BYTES:
        flaws["too-big"] = None
    message, recipients = _collect(fields.groups(body[:MAX_BYTES], flaws, 2 * MAX_RECIPIENTS), flaws)
    if not message.known and not recipients:
        raise Malformed("not a delivery status", 0, body)
    if "reporting-mta" not in message.known:
        flaws["no-reporting-mta"] = None
    if not recipients:
        flaws["no-recipient"] = None
    known = message.known
    return Report(
        typed(known.get("reporting-mta"), flaws),
        tuple(_recipient(collected, flaws) for collected in recipients),
        typed(known.get("dsn-gateway"), flaws),
        typed(known.get("received-from-mta"), flaws),
        date(known.get("arrival-date"), flaws),
        known.get("original-envelope-id", ""),
        tuple(message.extensions),
        tuple(flaws),
    )


def _collect(groups: list[list[tuple[str, str]]], flaws: Flaws) -> tuple[_Fields, list[_Fields]]:
    """The fields of the message and of each recipient, wherever they stand."""
    message = _Fields()
    recipients: list[_Fields] = []
    for group in groups:
        names = {name.lower() for name, _ in group}
        current: _Fields | None = None
        if recipients and names & _ABOUT_RECIPIENT and not names & (_NAMES_RECIPIENT | recipients[-1].known.keys()):
            current = recipients[-1]
            flaws["stray-blank-line"] = None
        for name, value in group:
            key = name.lower()
            if key in _ABOUT_MESSAGE or (current is None and key not in _ABOUT_RECIPIENT):
                message.add(name, value, _ABOUT_MESSAGE)
                continue
            if current is None or (key in _NAMES_RECIPIENT and key in current.known):
                if current is not None:
                    flaws["no-blank-line"] = None
                if len(recipients) >= MAX_RECIPIENTS:
                    flaws["too-many-recipients"] = None
                    return message, recipients
                recipients.append(current := _Fields())
            current.add(name, value, _ABOUT_RECIPIENT)
    return message, recipients


def _recipient(collected: _Fields, flaws: Flaws) -> Recipient:
    known = collected.known
    action = _WORD.search(known.get("action", ""))
    return Recipient(
        _address(known.get("final-recipient"), flaws),
        _address(known.get("original-recipient"), flaws),
        action[0].lower() if action else "",
        _status(known.get("status", ""), flaws),
        typed(known.get("remote-mta"), flaws),
        typed(known.get("diagnostic-code"), flaws),
        date(known.get("last-attempt-date"), flaws),
        date(known.get("will-retry-until"), flaws),
        known.get("final-log-id", ""),
        tuple(collected.extensions)
        + ((("Localized-Diagnostic", known["localized-diagnostic"]),) if "localized-diagnostic" in known else ()),
    )


def _address(value: str | None, flaws: Flaws) -> Typed:
    read = typed(value, flaws)
    text = fields.bare(read.text)
    if read.type == "utf-8":
        # RFC 6533 section 3: both forms of a utf-8 address escape characters as \x{…}.
        text = _HEXPOINT.sub(_character, text)
    elif "@" not in text and "+40" in text:
        # RFC 3461 section 4: an ORCPT that the reporter did not decode.
        text = _XTEXT.sub(lambda match: chr(int(match[1], 16)), text)
    return Typed(read.type, text)


def _character(match: re.Match[str]) -> str:
    point = int(match[1], 16)
    return chr(point) if point < 0xD800 or 0xDFFF < point < 0x110000 else "\ufffd"


def _status(value: str, flaws: Flaws) -> str:
    match = _STATUS.search(value)
    if value and not match:
        flaws["bad-status"] = None
    return match[0] if match else ""


def format(report: Report) -> bytes:
    """The body of a message/delivery-status, or of a message/global-delivery-status where anything is not ASCII.

    CRLF line ends, long fields folded at spaces (RFC 3464 section 2.1.1). Raises ``Malformed`` when the report
    lacks what the RFC requires: a Reporting-MTA, and per recipient an address, an action and a status.
    """
    if not report.reporting_mta.text or not report.recipients:
        raise Malformed("a report needs a Reporting-MTA and a recipient")
    message = (
        ("Original-Envelope-Id", report.original_envelope_id),
        ("Reporting-MTA", written(report.reporting_mta)),
        ("DSN-Gateway", written(report.dsn_gateway)),
        ("Received-From-MTA", written(report.received_from_mta)),
        ("Arrival-Date", dates.format(report.arrival_date) if report.arrival_date else ""),
        *report.extensions,
    )
    return b"\r\n".join(
        [fields.format(message), *(fields.format(_recipient_fields(recipient)) for recipient in report.recipients)]
    )


def _recipient_fields(recipient: Recipient) -> tuple[tuple[str, str], ...]:
    if not (recipient.final_recipient.text and recipient.action and recipient.status):
        raise Malformed("a recipient needs an address, an action and a status")
    return (
        ("Original-Recipient", _written_address(recipient.original_recipient)),
        ("Final-Recipient", _written_address(recipient.final_recipient)),
        ("Action", recipient.action),
        ("Status", recipient.status),
        ("Remote-MTA", written(recipient.remote_mta)),
        ("Diagnostic-Code", written(recipient.diagnostic)),
        ("Last-Attempt-Date", dates.format(recipient.last_attempt) if recipient.last_attempt else ""),
        ("Final-Log-ID", recipient.final_log_id),
        ("Will-Retry-Until", dates.format(recipient.will_retry_until) if recipient.will_retry_until else ""),
        *recipient.extensions,
    )


def _written_address(value: Typed) -> str:
    if value.type != "utf-8":
        return written(value)
    return written(value._replace(text=_UNSAFE.sub(lambda match: f"\\x{{{ord(match[0]):02X}}}", value.text)))
