"""Must senders use verified TLS? The MTA-STS record and its policy file (RFC 8461)."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Malformed
from ...standards import mtasts
from ...standards.questions import Answer, Dialogue, Fetch, Lookup, Response, fetch, now, txt
from ..fault import Fault, Faults, fault
from ..posture import Posture
from ..republish import txt_line

_SHORT = 86_400  # a sender that comes once a day must still know the policy
_AGE = 604_800  # what a replacement says


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the record and of the policy; nothing for a domain that takes no mail."""
    if not posture.takes_mail:
        return ()
    domain = posture.domain
    answer = yield from txt(f"_mta-sts.{domain}")
    question = Lookup(f"_mta-sts.{domain}", "TXT")
    if answer.status == "temperror":
        return (fault("mta-sts-unknown", question, domain=domain, why=answer.why),)
    records = [text for text in answer.values if mtasts.is_record(text)]
    replacement = _replacement(
        posture, (yield from now()).strftime("%Y%m%d%H%M%S"), "enforce" if records else "testing"
    )
    if not records:
        return (fault("mta-sts-none", question, domain=domain, replacement=replacement),)
    if wrong := _wrong(records):
        return (fault("mta-sts-malformed", question, domain=domain, why=wrong, replacement=replacement),)
    response = yield from fetch(mtasts.location(domain))
    return tuple(_policy(posture, response, replacement))


def _wrong(records: list[bytes]) -> str:
    if len(records) > 1:  # RFC 8461 section 3.1: then senders assume that there is no policy
        return f"{len(records)} records where one belongs"
    try:
        mtasts.parse_record(records[0])
    except Malformed as malformed:
        return malformed.what
    return ""


def _replacement(posture: Posture, id: str, mode: mtasts.Mode) -> str:
    """The record and, below it, the file."""
    policy = mtasts.Policy(mode, _AGE, tuple(host.name for host in posture.hosts if not host.literal))
    record = mtasts.format_record(mtasts.Record(id)).decode()
    body = mtasts.format_policy(policy).decode().replace("\r\n", "\n").rstrip()
    return f"{txt_line(f'_mta-sts.{posture.domain}', record)}\n{mtasts.location(posture.domain)}:\n{body}"


def _policy(posture: Posture, answer: Answer[Response], replacement: str) -> Iterator[Fault]:
    """RFC 8461 section 3.3: status 200, a valid certificate, no redirect; else the policy does not exist."""
    url = mtasts.location(posture.domain)
    asked, domain = Fetch(url), posture.domain
    if answer.status == "temperror":
        yield fault("mta-sts-unknown", asked, domain=domain, why=answer.why)
        return
    response = answer.values[0] if answer.values else Response(0, (), b"")
    if response.problem:
        yield fault("mta-sts-certificate", asked, domain=domain, host=f"mta-sts.{domain}", why=response.problem)
    elif 300 <= response.status < 400:
        yield fault("mta-sts-redirect", asked, domain=domain, url=url, replacement=replacement)
    elif response.status != 200:
        status = response.status or "no such host"
        yield fault("mta-sts-policy-missing", asked, domain=domain, url=url, status=status, replacement=replacement)
    else:
        yield from _body(posture, response.body, replacement)


def _body(posture: Posture, body: bytes, replacement: str) -> Iterator[Fault]:
    domain, asked = posture.domain, Fetch(mtasts.location(posture.domain))
    try:
        policy = mtasts.parse_policy(body)
    except Malformed as malformed:
        yield fault("mta-sts-policy-malformed", asked, domain=domain, why=malformed.what, replacement=replacement)
        return
    if policy.mode == "none":
        yield fault("mta-sts-off", asked, domain=domain, replacement=replacement)
        return
    if policy.mode == "testing":
        yield fault("mta-sts-testing", asked, domain=domain, replacement=replacement)
    if policy.max_age < _SHORT:
        yield fault("mta-sts-short", asked, domain=domain, age=policy.max_age, replacement=replacement)
    for host in posture.hosts:
        if not policy.covers(host.name):
            yield fault(
                "mta-sts-mx-mismatch",
                asked,
                Lookup(domain, "MX"),
                level="" if policy.mode == "enforce" else "medium",
                replacement=replacement,
                domain=domain,
                host=host.name,
            )
