"""Feedback reports: ARF (RFC 5965), authentication failures (RFC 6591) and those of DMARC (RFC 9991)."""

from __future__ import annotations

import binascii
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from ..errors import Malformed
from . import dates, fields
from .fields import NONE, Flaws, Typed, date, typed, written
from .mime import unbase64
from .questions import Address

MAX_BYTES = 4_000_000
MAX_REPEATS = 1_000


@dataclass(frozen=True, slots=True)
class Report:
    """The fields of a message/feedback-report. Absent ones are "", (), None or NONE; tokens are in lower case.

    ``feedback_type``: abuse, fraud, auth-failure, not-spam, opt-out, virus, other …; ``auth_failure``: adsp, bodyhash,
    revoked, signature, spf, dmarc; ``delivery_result``: delivered, spam, policy, reject, other, smg-policy-action;
    ``identity_alignment``: the mechanisms that did not align, ("none",) when all did (RFC 9991 section 5).
    """

    feedback_type: str = ""
    user_agent: str = ""
    version: str = ""
    original_envelope_id: str = ""
    original_mail_from: str = ""
    original_rcpt_to: tuple[str, ...] = ()
    arrival_date: datetime | None = None
    reporting_mta: Typed = NONE
    source_ip: Address | None = None
    source_port: int | None = None
    incidents: int = 1
    authentication_results: tuple[str, ...] = ()
    reported_domain: tuple[str, ...] = ()
    reported_uri: tuple[str, ...] = ()
    auth_failure: str = ""
    delivery_result: str = ""
    identity_alignment: tuple[str, ...] = ()
    dkim_domain: str = ""
    dkim_identity: str = ""
    dkim_selector: str = ""
    dkim_selector_dns: str = ""
    dkim_canonicalized_header: bytes = b""
    dkim_canonicalized_body: bytes = b""
    dkim_adsp_dns: str = ""
    spf_dns: tuple[str, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()
    flaws: tuple[str, ...] = ()


_SEVERAL = frozenset(("original-rcpt-to", "authentication-results", "reported-domain", "reported-uri", "spf-dns"))
_ONCE = frozenset(
    (
        *("feedback-type", "user-agent", "version", "original-envelope-id", "original-mail-from", "arrival-date"),
        *("received-date", "reporting-mta", "source-ip", "source-port", "incidents", "auth-failure"),
        *("delivery-result", "identity-alignment", "dkim-domain", "dkim-identity", "dkim-selector"),
        *("dkim-selector-dns", "dkim-canonicalized-header", "dkim-canonicalized-body", "dkim-adsp-dns"),
    )
)


def parse(body: bytes) -> Report:
    """The report that ``body`` (transfer encoding undone) holds; blank lines between its fields are skipped.

    Flaws: "too-big", "junk-line", "too-many-groups", "repeated-field", "too-many-fields", "untyped", "bad-date",
    "bad-ip", "bad-number", "no-feedback-type", "no-user-agent", "no-version", "no-auth-failure". Raises ``Malformed``
    when no field of these RFCs is in it.
    """
    flaws: Flaws = dict.fromkeys(("too-big",)) if len(body) > MAX_BYTES else {}
    values: dict[str, list[str]] = {name: [] for name in _SEVERAL | _ONCE}
    extensions: list[tuple[str, str]] = []
    for name, value in (entry for group in fields.groups(body[:MAX_BYTES], flaws) for entry in group):
        if name.lower() in values:
            values[name.lower()].append(value)
        else:
            extensions.append((name, value))
    if not any(values.values()):
        raise Malformed("not a feedback report", 0, body)
    flaws |= {f"no-{name}": None for name in ("feedback-type", "user-agent", "version") if not values[name]}
    if values["feedback-type"][:1] == ["auth-failure"] and not values["auth-failure"]:
        flaws["no-auth-failure"] = None
    if any(len(set(values[name])) > 1 for name in _ONCE):
        flaws["repeated-field"] = None
    if max(len(extensions), *map(len, values.values())) > MAX_REPEATS:
        flaws["too-many-fields"] = None
    return _report(_Values(values), tuple(extensions[:MAX_REPEATS]), flaws)


class _Values:
    """The collected values by lower-case name."""

    def __init__(self, values: dict[str, list[str]]) -> None:
        self.values = values

    def text(self, name: str) -> str:
        return self.values[name][0] if self.values[name] else ""

    def token(self, name: str) -> str:
        return self.text(name).partition(" ")[0].lower()

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(self.values[name][:MAX_REPEATS])

    def data(self, name: str) -> bytes:
        return unbase64(self.text(name).encode("utf-8", "replace"))


def _report(values: _Values, extensions: tuple[tuple[str, str], ...], flaws: Flaws) -> Report:
    return Report(
        values.token("feedback-type"),
        values.text("user-agent"),
        values.text("version"),
        values.text("original-envelope-id"),
        fields.bare(values.text("original-mail-from")),
        tuple(fields.bare(address) for address in values.all("original-rcpt-to")),
        date(values.text("arrival-date") or values.text("received-date"), flaws),
        typed(values.text("reporting-mta"), flaws),
        _address(values.text("source-ip"), flaws),
        _number(values.text("source-port"), 65_535, flaws),
        _incidents(values.text("incidents"), flaws),
        values.all("authentication-results"),
        values.all("reported-domain"),
        values.all("reported-uri"),
        values.token("auth-failure"),
        values.token("delivery-result"),
        tuple(word.strip().lower() for word in values.text("identity-alignment").split(",") if word.strip()),
        values.text("dkim-domain"),
        values.text("dkim-identity"),
        values.text("dkim-selector"),
        values.text("dkim-selector-dns"),
        values.data("dkim-canonicalized-header"),
        values.data("dkim-canonicalized-body"),
        values.text("dkim-adsp-dns"),
        values.all("spf-dns"),
        extensions,
        tuple(flaws),
    )


def _incidents(text: str, flaws: Flaws) -> int:
    """RFC 5965 section 3.2: one, if it is not told; a number that makes no sense counts nothing."""
    return (_number(text, 10**9, flaws) or 0) if text else 1


def _attribute(name: str) -> str:
    return name.replace("-", "_")


def _address(text: str, flaws: Flaws) -> Address | None:
    """The address at the start of the value; some writers add the name in parentheses."""
    first = text.partition("(")[0].strip().strip("[]").removeprefix("IPv6:")
    if not first:
        return None
    try:
        return ip_address(first)
    except ValueError:
        flaws["bad-ip"] = None
        return None


def _number(text: str, most: int, flaws: Flaws) -> int | None:
    if not text:
        return None
    if text.isdecimal() and len(text) < 11 and int(text) <= most:
        return int(text)
    flaws["bad-number"] = None
    return None


def format(report: Report) -> bytes:
    """The body of a message/feedback-report, CRLF line ends.

    Raises ``Malformed`` without what is required: Feedback-Type, User-Agent and Version (RFC 5965 section 3.1); for
    auth-failure also Auth-Failure and Authentication-Results (RFC 6591 section 3.1), and for "dmarc"
    Identity-Alignment (RFC 9991). Where that names dkim and the report has any of DKIM-Domain, DKIM-Identity and
    DKIM-Selector, it needs the first and the last; whether there was a signature, or an SPF record, to report on is
    not known here.
    """
    missing = [name for name in _required(report) if not getattr(report, _attribute(name.lower()))]
    if missing:
        raise Malformed(f"a feedback report needs {missing[0]}")
    return fields.format(
        (
            ("Feedback-Type", report.feedback_type),
            ("User-Agent", report.user_agent),
            ("Version", report.version),
            ("Original-Envelope-Id", report.original_envelope_id),
            ("Original-Mail-From", f"<{report.original_mail_from}>" if report.original_mail_from else ""),
            *(("Original-Rcpt-To", f"<{address}>") for address in report.original_rcpt_to),
            ("Arrival-Date", dates.format(report.arrival_date) if report.arrival_date else ""),
            ("Reporting-MTA", written(report.reporting_mta)),
            ("Source-IP", str(report.source_ip or "")),
            ("Source-Port", "" if report.source_port is None else str(report.source_port)),
            ("Incidents", str(report.incidents) if report.incidents != 1 else ""),
            *(("Authentication-Results", value) for value in report.authentication_results),
            *(("Reported-Domain", value) for value in report.reported_domain),
            *(("Reported-URI", value) for value in report.reported_uri),
            *_authentication(report),
            *report.extensions,
        )
    )


def _required(report: Report) -> tuple[str, ...]:
    required: tuple[str, ...] = ("Feedback-Type", "User-Agent", "Version")
    if report.feedback_type == "auth-failure":
        required += ("Auth-Failure", "Authentication-Results")
        if report.auth_failure == "dmarc":
            required += ("Identity-Alignment",)
            # Each mechanism that failed to align brings its own evidence.
            required += (
                ("DKIM-Domain", "DKIM-Selector") if "dkim" in report.identity_alignment and _signed(report) else ()
            )
    return required


def _signed(report: Report) -> bool:
    return bool(report.dkim_domain or report.dkim_selector or report.dkim_identity)


def _authentication(report: Report) -> tuple[tuple[str, str], ...]:
    return (
        ("Auth-Failure", report.auth_failure),
        ("Delivery-Result", report.delivery_result),
        ("Identity-Alignment", ", ".join(report.identity_alignment)),
        ("DKIM-Domain", report.dkim_domain),
        ("DKIM-Identity", report.dkim_identity),
        ("DKIM-Selector", report.dkim_selector),
        ("DKIM-Selector-DNS", report.dkim_selector_dns),
        ("DKIM-Canonicalized-Header", _base64(report.dkim_canonicalized_header)),
        ("DKIM-Canonicalized-Body", _base64(report.dkim_canonicalized_body)),
        ("DKIM-ADSP-DNS", report.dkim_adsp_dns),
        *(("SPF-DNS", value) for value in report.spf_dns),
    )


def _base64(data: bytes) -> str:
    text = binascii.b2a_base64(data, newline=False).decode("ascii")
    return " ".join(text[at : at + 72] for at in range(0, len(text), 72))
