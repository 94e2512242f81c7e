"""Message disposition notifications (RFC 8098, and RFC 3798 and 2298 before it): what became of a delivered mail."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from ..errors import Malformed
from . import fields
from .fields import NONE, Flaws, Typed, typed, written

MAX_BYTES = 500_000

_MODES = re.compile(r"\s*([\w-]+)\s*/\s*([\w-]+)\s*;?\s*(.*)", re.S)
_KNOWN = frozenset(
    (
        *("reporting-ua", "mdn-gateway", "original-recipient", "final-recipient", "original-message-id"),
        *("disposition", "failure", "error", "warning"),
    )
)


class Disposition(NamedTuple):
    """RFC 8098 section 3.2.6, in lower case: ``type`` displayed, deleted, dispatched, processed (once: denied, failed).

    ``action``: manual-action or automatic-action; ``sending``: mdn-sent-manually or mdn-sent-automatically;
    ``modifiers``: such as "error" or "expired".
    """

    action: str = ""
    sending: str = ""
    type: str = ""
    modifiers: tuple[str, ...] = ()


NO_DISPOSITION = Disposition()


@dataclass(frozen=True, slots=True)
class Report:
    """The fields of a message/disposition-notification; absent ones are "", () or NONE."""

    final_recipient: Typed = NONE
    disposition: Disposition = NO_DISPOSITION
    original_recipient: Typed = NONE
    original_message_id: str = ""
    reporting_ua: Typed = NONE
    mdn_gateway: Typed = NONE
    failures: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()
    flaws: tuple[str, ...] = ()


def parse(body: bytes) -> Report:
    """The notification that ``body`` (transfer encoding undone) holds. In Reporting-UA the name stands as ``type``.

    Flaws: "too-big", "junk-line", "too-many-groups", "untyped", "no-disposition", "no-final-recipient",
    "bad-disposition". Raises ``Malformed`` when no field of RFC 8098 is in it.
    """
    flaws: Flaws = dict.fromkeys(("too-big",)) if len(body) > MAX_BYTES else {}
    values: dict[str, list[str]] = {name: [] for name in _KNOWN}
    extensions: list[tuple[str, str]] = []
    for name, value in (entry for group in fields.groups(body[:MAX_BYTES], flaws) for entry in group):
        if name.lower() in _KNOWN:
            values[name.lower()].append(value)
        else:
            extensions.append((name, value))
    if not any(values.values()):
        raise Malformed("not a disposition notification", 0, body)

    def first(name: str) -> str:
        return values[name][0] if values[name] else ""

    return Report(
        _address(first("final-recipient"), flaws, required=True),
        _disposition(first("disposition"), flaws),
        _address(first("original-recipient"), flaws),
        first("original-message-id"),
        _agent(first("reporting-ua")),
        typed(first("mdn-gateway"), flaws),
        tuple(values["failure"]),
        tuple(values["error"]),
        tuple(values["warning"]),
        tuple(extensions),
        tuple(flaws),
    )


def _address(value: str, flaws: Flaws, *, required: bool = False) -> Typed:
    if required and not value:
        flaws["no-final-recipient"] = None
    read = typed(value, flaws)
    return read._replace(text=fields.bare(read.text))


def _agent(value: str) -> Typed:
    """RFC 8098 section 3.2.1: a host name, then the product; neither is a type, so the case stays."""
    name, _, product = value.partition(";")
    return Typed(name.strip(), product.strip())


def _disposition(value: str, flaws: Flaws) -> Disposition:
    """Also without the modes, as some clients write it: "displayed"."""
    if not value:
        flaws["no-disposition"] = None
        return NO_DISPOSITION
    match = _MODES.fullmatch(value)
    if not match:
        flaws["bad-disposition"] = None
    action, sending, rest = match.groups() if match else ("", "", value)
    kind, _, modifiers = rest.partition("/")
    return Disposition(
        action.lower(),
        sending.lower(),
        kind.strip().lower(),
        tuple(word.strip().lower() for word in modifiers.split(",") if word.strip()),
    )


def format(report: Report) -> bytes:
    """The body of a message/disposition-notification, CRLF line ends.

    Raises ``Malformed`` without a final recipient or a whole disposition (RFC 8098 section 3.1).
    """
    disposition = report.disposition
    if not (report.final_recipient.text and disposition.action and disposition.sending and disposition.type):
        raise Malformed("a notification needs a final recipient and a disposition")
    modifiers = "/" + ",".join(disposition.modifiers) if disposition.modifiers else ""
    agent = report.reporting_ua
    return fields.format(
        (
            ("Reporting-UA", f"{agent.type}; {agent.text}" if agent.text else agent.type),
            ("MDN-Gateway", written(report.mdn_gateway)),
            ("Original-Recipient", written(report.original_recipient)),
            ("Final-Recipient", written(report.final_recipient)),
            ("Original-Message-ID", report.original_message_id),
            ("Disposition", f"{disposition.action}/{disposition.sending}; {disposition.type}{modifiers}"),
            *(("Failure", text) for text in report.failures),
            *(("Error", text) for text in report.errors),
            *(("Warning", text) for text in report.warnings),
            *report.extensions,
        )
    )
