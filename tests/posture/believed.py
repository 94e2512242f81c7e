"""A world made of a case: its zones as text, its web and mail server as answers that need no socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from disavow.judgement.audit import Audit, audit
from disavow.judgement.consent import Permit
from disavow.judgement.examination import examine
from disavow.judgement.fault import Faults
from disavow.judgement.posture import Subject
from disavow.standards import dane
from disavow.standards.questions import Answer, Fetch, Greet, Greeting, Lookup, Question, Response, Say
from disavow.world.ask import Transcript, ask
from disavow.world.resolver import Zone

from .zones import SURROUNDINGS, Case, master_file, records

NUMBER = 7
_PROBLEMS = {
    "selfsigned": "self-signed certificate",
    "expired": "certificate has expired",
    "wrongname": "Hostname mismatch, certificate is not valid for 'mail'",
}


@cache
def certificate() -> bytes:
    """The certificate that every mail server of these worlds shows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def zone_text(case: Case) -> str:
    """All zones of a case and what surrounds it, TLSA data filled in."""
    return master_file({**SURROUNDINGS, **records(case, NUMBER)}).replace(
        "{TLSA}", dane.record_for(certificate()).data.hex()
    )


def world(case: Case) -> Callable[[Question], Answer[Any]]:
    """Who answers the questions about a case."""
    zone = Zone(zone_text(case))
    signed = _signatures(case)

    def answer(question: Question) -> Answer[Any]:
        if isinstance(question, Fetch):
            return Answer("ok", (response(case),))
        if isinstance(question, Greet):
            return Answer("ok", (greeting(case),))
        if isinstance(question, Lookup) and question[:2] in signed:
            return signed[question[:2]]
        found = zone(question)
        if case.signed == "good" and isinstance(question, Lookup) and found.status == "ok":
            return Answer("ok", found.values, "", True, found.aliases)
        return found

    return answer


def _signatures(case: Case) -> dict[tuple[str, str], Answer[str]]:
    """A key, and a DS that fits it or not."""
    if not case.signed:
        return {}
    from disavow.standards import dnssec

    key = dnssec.Dnskey(257, 3, 13, bytes(range(64)))
    fits = dnssec.ds_for(case.name_of_domain, key)
    digest = fits.digest.hex() if case.signed == "good" else "00" * 32
    name = case.name_of_domain
    return {
        (name, "DNSKEY"): Answer("ok", (dnssec.format_dnskey(key),)),
        (name, "DS"): Answer("ok", (f"{fits.key_tag} 13 2 {digest}",)),
        (name, "SOA"): Answer("ok", (f"ns1.host.test. hostmaster.{name}. 1 2 3 4 5",)),
    }


def response(case: Case) -> Response:
    """What the policy host answers."""
    from .cases import sts

    policy = sts() if case.policy == "good" else case.policy
    if isinstance(policy, int):
        return Response(policy, (("location", "https://elsewhere.test/"),), b"")
    if policy == "selfsigned":
        return Response(0, (), b"", "self-signed certificate")
    body = policy.encode() if isinstance(policy, str) else policy
    return Response(200, (), body.replace(b"{D}", case.name_of_domain.encode()))


def greeting(case: Case) -> Greeting:
    """What the mail server shows."""
    if case.server == "refused":
        return Greeting("", failure="connection refused")
    before = ("PIPELINING", *(("AUTH PLAIN LOGIN",) if case.server == "auth" else ()))
    if case.server == "plain":
        return Greeting("220 mail ESMTP", before)
    problem = _PROBLEMS.get(case.server, "")
    return Greeting("220 mail ESMTP", (*before, "STARTTLS"), before, "TLSv1.3", (certificate(),), problem)


def replies(case: Case, question: Say) -> Iterator[str]:
    """What the mail server replies to a dialogue; it takes its own mail and no other, if nothing is wrong with it."""
    yield "220 mail ESMTP"
    own, sender = f"@{case.name_of_domain}>", ""
    for line in question.lines:
        verb, _, rest = line.partition(" ")
        sender = rest if verb == "MAIL" else sender
        if verb in ("VRFY", "EXPN"):
            yield _disclosure(rest) if case.server == "vrfy" else "502 5.5.1 not here"
        elif verb == "RCPT":
            yield _recipient(rest, sender, own, case.server == "relay")
        else:
            yield "250 2.0.0 Ok"


def _disclosure(name: str) -> str:
    return f"250 2.1.5 <{name}>" if name.startswith("postmaster") else "550 5.1.1 no such user"


def _recipient(recipient: str, sender: str, own: str, relays: bool) -> str:
    if recipient.endswith(own):
        spoofed = sender.endswith(own)
        return "250 2.1.5 Ok" if recipient == f"TO:<postmaster{own}" and not spoofed else "550 5.7.1 not from outside"
    return "250 2.1.5 Ok" if relays else "554 5.7.1 Relay access denied"


def probed(case: Case) -> tuple[Faults, Transcript]:
    """What the probe says of the mail server of a case, whose owner consented."""
    domain = case.name_of_domain
    permit = Permit(f"mail.{domain}", ip_address("192.0.2.27"), 25, "published")
    dialogue = examine(permit, domain, "client.example")

    def answer(question: Question) -> Answer[Any]:
        if isinstance(question, Say):
            return Answer("ok", tuple(replies(case, question)))
        return world(case)(question)

    return ask(dialogue, answer)


def subject(case: Case) -> Subject:
    """What the audit is asked about."""
    return Subject(case.name_of_domain, case.selectors, case.subdomains, case.blocklists)


def judged(case: Case) -> tuple[Audit, Transcript]:
    """The audit of a case, from text."""
    return ask(audit(subject(case)), world(case))
