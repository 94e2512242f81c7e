"""What the bounce says: who was not reached, by whose word, and why (RFC 3464, else the reporter's own dialect)."""

from __future__ import annotations

import re

from ...errors import Malformed
from ...standards import dsn, mime, smtp
from ...standards.message import Message
from ...standards.questions import Address
from . import addressees, diagnostic, dialects, prose, returned, said
from .letter import unquoted
from .notice import Delivery, Recipient

REPORTS = ("message/delivery-status", "message/global-delivery-status")
MAX_REPORTS = 50
MIN_DIAGNOSTIC = 5  # a shorter text is a bare code or nothing

_WRITTEN = re.compile(rb"^[ \t>]{0,8}(?:Final|Original)-Recipient[ \t]*:", re.M | re.I)
_GROUP = re.compile(
    rb"^[ \t>]{0,8}(?:Reporting-MTA|Original-Envelope-Id|Final-Recipient|Original-Recipient|Action|Status)[ \t]*:",
    re.M | re.I,
)
_QUOTE = re.compile(rb"^[ \t]*> ?", re.M)
_LITERAL = re.compile(rb" ?[\[(](?:IPv6:)?([0-9A-Fa-f:.]{3,45})[\])]")
_GENERIC = re.compile(r"[245]\.0\.0\Z")


def read(message: Message, parts: tuple[Message, ...]) -> Delivery:
    """The fate of each recipient that ``message`` reports; an empty Delivery when it is no bounce.

    ``parts`` are all entities of ``mime.walk(message)``, in order. A delivery status (RFC 3464) outranks prose, also
    one that was written into a text; prose is read in the dialect that recognises it (``dialects``).
    """
    if delivery := _structured(parts) or _written(parts):
        return delivery
    if not prose.may_be_bounce(message):
        return Delivery()
    words = said.read(parts)
    if not prose.is_daemon(message):
        words = unquoted(words)  # people quote bounces, and ask what they mean
    delivery = dialects.read(message, words)
    if delivery.recipients or not prose.is_daemon(message) or not prose.is_bounce(message, words):
        return delivery
    return _addressed(message, parts, words)


def _addressed(message: Message, parts: tuple[Message, ...], words: str) -> Delivery:
    """A bounce that names nobody is about the one to whom the original was addressed, if that was only one."""
    for original in returned.find(message, parts, Delivery())[:1]:
        addresses = {address.lower() for value in original.message.values("to") for address in addressees.within(value)}
        if len(addresses) == 1:
            return prose.read(message, words, chosen=[(addresses.pop(), words)])
    return Delivery()


def _structured(parts: tuple[Message, ...]) -> Delivery | None:
    """The delivery status parts of the outermost report; those inside a returned message are not its own."""
    reports: list[dsn.Report] = []
    words: list[Message] = []
    for part in parts:
        kind = mime.content_type(part).type
        if kind in REPORTS and len(reports) < MAX_REPORTS:
            reports += _parsed(mime.decoded(part))
        elif reports and kind.startswith("message/"):
            break
        elif not reports:
            words.append(part)
    return _delivery(reports, tuple(words)) if reports else None


def _written(parts: tuple[Message, ...]) -> Delivery | None:
    """A delivery status in a text part: MIME that was broken on the way, or a report quoted in words."""
    for part in parts:
        text = mime.decoded(part) if mime.content_type(part).main in ("text", "multipart") else b""
        if b"-recipient" not in text[: said.MAX_SAID].lower():
            continue
        if _WRITTEN.search(text, 0, said.MAX_SAID) and (start := _GROUP.search(text)):
            status = _QUOTE.sub(b"", text[start.start() : start.start() + said.MAX_SAID])
            return _delivery(_parsed(status), (Message(b"\n" + text[: start.start()]),))
    return None


def _parsed(status: bytes) -> list[dsn.Report]:
    try:
        return [dsn.parse(status)]
    except Malformed:
        return []


def _delivery(reports: list[dsn.Report], words: tuple[Message, ...]) -> Delivery | None:
    """What the reports say; ``words`` are the parts in which the reporter says it again, for what they leave out."""
    spoken = words[-1].raw[: said.MAX_SAID] if words else b""
    recipients = [_recipient(recipient, spoken) for report in reports for recipient in report.recipients]
    known = {recipient.address.lower(): recipient for recipient in recipients if recipient.address}
    if not known:
        return None
    if any(len(recipient.diagnostic) < MIN_DIAGNOSTIC for recipient in known.values()):
        _complete(known, said.read(words))
    reporter = next((report.reporting_mta.text for report in reports if report.reporting_mta.text), "")
    fields = tuple(field for report in reports for field in _fields(report))
    return Delivery("rfc3464", reporter.partition(" ")[0].rstrip(".").lower(), tuple(known.values()), fields)


def _complete(known: dict[str, Recipient], text: str) -> None:
    """Take from the reporter's words what its report does not say (sendmail, OpenSMTPD give no Diagnostic-Code)."""
    told = {address.lower(): words for address, words in addressees.recipients(text)}
    for address, recipient in known.items():
        words = told.get(address, "")
        if len(known) == 1 and not addressees.CODE.search(words):
            words = prose.reply(text) or words
        if len(recipient.diagnostic) < MIN_DIAGNOSTIC and words:
            spoken = prose.recipient(recipient.address, words, recipient.action)
            known[address] = spoken._replace(
                status=_status(recipient.status, spoken.status),
                remote=recipient.remote or spoken.remote,
                remote_ip=recipient.remote_ip or spoken.remote_ip,
            )


def _fields(report: dsn.Report) -> list[tuple[str, str]]:
    fields = [(name.lower(), value) for name, value in report.extensions]
    if report.arrival_date:
        fields.append(("arrival-date", report.arrival_date.isoformat()))
    for name, value in (
        ("original-envelope-id", report.original_envelope_id),
        ("received-from-mta", report.received_from_mta.text),
        ("dsn-gateway", report.dsn_gateway.text),
    ):
        if value:
            fields.append((name, value))
    return fields


def _recipient(reported: dsn.Recipient, words: bytes) -> Recipient:
    text = reported.diagnostic.text
    codes = smtp.codes(text)
    host, remote_ip = _remote(reported, words)
    return Recipient(
        _address(reported),
        reported.action or "failed",
        _status(reported.status, codes.enhanced),
        codes.reply,
        text,
        host,
        remote_ip,
        diagnostic.client(text, but=remote_ip),
    )


def _status(reported: str, quoted: str) -> str:
    """The enhanced code: the report's, unless it says nothing ("5.0.0") and the remote server said more."""
    return reported if reported and not _GENERIC.match(reported) else quoted or reported


def _address(reported: dsn.Recipient) -> str:
    final, original = reported.final_recipient.text, reported.original_recipient.text
    return original if "@" in original or "@" not in final else final


def _remote(reported: dsn.Recipient, words: bytes) -> tuple[str, Address | None]:
    """The host that decided: Remote-MTA, its address from there or from the report's words about that host."""
    text = reported.remote_mta.text
    if not text:
        return diagnostic.remote(reported.diagnostic.text)
    host = text.partition(" ")[0].rstrip(".").lower()
    if (address := diagnostic.bracketed(text)) or (address := diagnostic.literal(host.strip("[]"))):
        return host, address
    at = words.find(host.encode())
    match = _LITERAL.match(words, at + len(host)) if at >= 0 else None
    return host, diagnostic.literal(match[1].decode()) if match else None
