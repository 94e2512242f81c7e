"""Reports about failed TLS (RFC 8460 section 4): JSON, read leniently and written strictly."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any, NamedTuple

import msgspec

from ..errors import Malformed
from . import dates, names
from .fields import Flaws
from .questions import Address

MAX_BYTES = 64 << 20
MAX_POLICIES = 10_000
MAX_DETAILS = 100_000
MAX_COUNT = 10**12

POLICY_TYPES = ("tlsa", "sts", "no-policy-found")


class Failure(NamedTuple):
    """Sessions that failed alike (section 4.4). Addresses are None and texts "" where the report names none."""

    result_type: str
    failed_session_count: int
    sending_mta_ip: Address | None = None
    receiving_mx_hostname: str = ""
    receiving_mx_helo: str = ""
    receiving_ip: Address | None = None
    additional_information: str = ""
    failure_reason_code: str = ""


class Policy(NamedTuple):
    """What the reporter found out about one policy: ``type`` tlsa, sts or no-policy-found; the counts of sessions."""

    type: str
    domain: str
    successful: int = 0
    failed: int = 0
    strings: tuple[str, ...] = ()
    mx_hosts: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report; ``flaws`` names what was tolerated."""

    organization_name: str
    begin: datetime | None
    end: datetime | None
    contact_info: str
    report_id: str
    policies: tuple[Policy, ...] = ()
    flaws: tuple[str, ...] = ()


def parse(data: bytes) -> Report:
    """The report that ``data`` (already inflated) holds.

    Flaws: "missing-…" for what RFC 8460 requires and the report lacks, "bad-date", "bad-ip", "bad-count",
    "not-a-list", "unknown-type", "no-policies", "too-many-policies", "too-many-details". Raises ``Malformed`` for what
    is no JSON object, is larger than MAX_BYTES, or has nothing of a report.
    """
    root = _decoded(data)
    flaws: Flaws = {}
    known = ("policies", "organization-name", "report-id", "date-range")
    if not isinstance(root, dict) or not any(key in root for key in known):
        raise Malformed("not a TLS report", 0, data)
    span = _object(root.get("date-range"))
    policies = _list(root, "policies", flaws)
    if not policies:
        flaws["no-policies"] = None
    if len(policies) > MAX_POLICIES:
        flaws["too-many-policies"] = None
    return Report(
        _text(root, "organization-name", flaws),
        _date(span, "start-datetime", flaws),
        _date(span, "end-datetime", flaws),
        _text(root, "contact-info", flaws),
        _text(root, "report-id", flaws),
        tuple(_policy(_object(policy), flaws) for policy in policies[:MAX_POLICIES]),
        tuple(flaws),
    )


def _decoded(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise Malformed("larger than a TLS report may be", 0, data)
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = data.decode("utf-16", "replace").encode()
    try:
        return msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(f"not JSON: {error}", 0, data) from None


def _policy(entry: dict[str, Any], flaws: Flaws) -> Policy:
    policy, summary = _object(entry.get("policy")), _object(entry.get("summary"))
    details = _list(entry, "failure-details", flaws)
    if len(details) > MAX_DETAILS:
        flaws["too-many-details"] = None
    kind = _text(policy, "policy-type", flaws).lower()
    if kind not in POLICY_TYPES:
        flaws["unknown-type"] = None
    return Policy(
        kind,
        _name(_text(policy, "policy-domain", flaws)),
        _count(summary, "total-successful-session-count", flaws),
        _count(summary, "total-failure-session-count", flaws),
        tuple(_string(line) for line in _list(policy, "policy-string", flaws)),
        tuple(_string(host).lower() for host in _list(policy, "mx-host", flaws)),
        tuple(_failure(_object(detail), flaws) for detail in details[:MAX_DETAILS]),
    )


def _failure(detail: dict[str, Any], flaws: Flaws) -> Failure:
    return Failure(
        _text(detail, "result-type", flaws).lower(),
        _count(detail, "failed-session-count", flaws),
        _address(detail, "sending-mta-ip", flaws),
        _name(_string(detail.get("receiving-mx-hostname"))),
        _string(detail.get("receiving-mx-helo")),
        _address(detail, "receiving-ip", flaws),
        _string(detail.get("additional-information")),
        _string(detail.get("failure-reason-code")),
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(entry: dict[str, Any], key: str, flaws: Flaws) -> list[Any]:
    """A list, or the one thing that stands where a list should."""
    value = entry.get(key)
    if value is None or isinstance(value, list):
        return value or []
    flaws["not-a-list"] = None
    return [value]


def _string(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)[:10_000]


def _text(entry: dict[str, Any], key: str, flaws: Flaws) -> str:
    text = _string(entry.get(key))
    if not text:
        flaws[f"missing-{key}"] = None
    return text


def _name(text: str) -> str:
    try:
        return names.parse(text) if text else ""
    except Malformed:
        return text.lower()


def _date(span: dict[str, Any], key: str, flaws: Flaws) -> datetime | None:
    text = _text(span, key, flaws)
    moment, _ = dates.find(text[:100])
    if text and moment is None:
        flaws["bad-date"] = None
    return moment


def _count(entry: dict[str, Any], key: str, flaws: Flaws) -> int:
    """A number of sessions, also where it is written as text; 0 where it is none that makes sense."""
    text = _string(entry.get(key))
    if text.isdecimal() and len(text) < 16 and int(text) <= MAX_COUNT:
        return int(text)
    flaws["bad-count" if text else f"missing-{key}"] = None
    return 0


def _address(entry: dict[str, Any], key: str, flaws: Flaws) -> Address | None:
    text = _string(entry.get(key))
    if not text:
        return None
    try:
        return ip_address(text.strip("[] "))
    except ValueError:
        flaws["bad-ip"] = None
        return None


def format(report: Report) -> bytes:
    """The report as JSON, with the names and in the order of RFC 8460 section 4.4.

    Raises ``Malformed`` when it lacks what the RFC requires.
    """
    if not (report.begin and report.end and report.organization_name and report.contact_info and report.report_id):
        raise Malformed("a TLS report needs an organisation, a contact, an id and a time range")
    return msgspec.json.encode(
        {
            "organization-name": report.organization_name,
            "date-range": {"start-datetime": _stamp(report.begin), "end-datetime": _stamp(report.end)},
            "contact-info": report.contact_info,
            "report-id": report.report_id,
            "policies": [_policy_object(policy) for policy in report.policies],
        }
    )


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _policy_object(policy: Policy) -> dict[str, Any]:
    if policy.type not in POLICY_TYPES or not policy.domain:
        raise Malformed("a policy needs a domain and one of the types of RFC 8460")
    about = {
        "policy-type": policy.type,
        "policy-string": policy.strings,
        "policy-domain": policy.domain,
        "mx-host": policy.mx_hosts,
    }
    return {
        "policy": {key: value for key, value in about.items() if value},
        "summary": {
            "total-successful-session-count": policy.successful,
            "total-failure-session-count": policy.failed,
        },
        **({"failure-details": [dict(_failure_items(one)) for one in policy.failures]} if policy.failures else {}),
    }


def _failure_items(failure: Failure) -> Iterator[tuple[str, Any]]:
    for name, value in zip(Failure._fields, failure, strict=True):
        if value is not None and value != "":
            yield name.replace("_", "-"), value if isinstance(value, int) else str(value)
