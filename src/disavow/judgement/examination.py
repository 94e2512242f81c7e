"""What one mail server shows to a visitor with its owner's consent: encryption, log-ins, mailbox names, relaying."""

from __future__ import annotations

from dataclasses import replace

from ..errors import Malformed
from ..standards import names
from ..standards.questions import Dialogue, Greet, Greeting, Say, greet, say, together
from . import relay
from .checks import blocklists, encryption, pinned_certificates, reverse_names
from .consent import SMTP, Permit
from .fault import Fault, Faults, fault
from .posture import Subject, survey

_NOBODY = "disavow-no-such-mailbox"


def examine(permit: Permit, domain: str, helo: str, foreign: str = "") -> Dialogue[Faults]:
    """What is open at one permitted address; ``helo`` our own name, ``foreign`` an address of the owner elsewhere."""
    asked = Greet(permit.host, permit.port)
    answer = yield from greet(permit.host, permit.port)
    if not answer.values:
        return (fault("server-unknown", asked, host=permit.host, why=answer.why),)
    greeting = answer.values[0]
    faults = tuple(encryption.faults(asked, greeting))
    if not greeting.banner:
        return faults
    at, host = str(permit.address), _called(greeting, permit.host, domain)
    target = relay.Target(domain, at, permit.port, permit.address, host, helo, foreign)
    disclosed, relaying = yield from together(_disclosed(target), relay.check(target))
    return (*faults, *disclosed, *relaying)


def _called(greeting: Greeting, host: str, domain: str) -> str:
    """What the server calls itself (RFC 5321 section 4.2), else the name it was found by, else the domain."""
    for text in (*greeting.banner.split()[1:2], host):
        try:
            name = names.parse(text)
        except Malformed:
            continue
        if not name.replace(".", "").isdecimal():
            return name
    return domain


def _disclosed(target: relay.Target) -> Dialogue[Faults]:
    """Whether VRFY or EXPN tell strangers which mailboxes exist (RFC 5321 section 7.3)."""
    own = f"postmaster@{target.domain}"
    lines = (f"EHLO {target.helo}", f"VRFY {own}", f"VRFY {_NOBODY}@{target.domain}", f"EXPN {own}")
    answer = yield from say(target.at, target.port, *lines)
    question = Say(target.at, target.port, lines)
    if len(answer.values) < 5:
        return ()
    there, nowhere, expanded = (reply[:3] for reply in answer.values[2:5])
    faults: list[Fault] = []
    if there in ("250", "251", "252") and nowhere.startswith("55"):
        faults.append(fault("vrfy-tells", question, host=target.own_host))
    if expanded == "250":
        faults.append(fault("expn-tells", question, host=target.own_host))
    return tuple(faults)


def surroundings(domain: str, permits: tuple[Permit, ...], lists: tuple[str, ...]) -> Dialogue[Faults]:
    """What the DNS says about the permitted servers of the domain: reverse names, DANE, blocklists."""
    hosts = {permit.host for permit in permits if permit.basis == "published" and permit.port == SMTP}
    if not hosts:
        return ()
    posture = yield from survey(Subject(domain, blocklists=lists, thorough=False))
    own = replace(posture, hosts=tuple(host for host in posture.hosts if host.name in hosts))
    checks = (reverse_names.check, pinned_certificates.check, blocklists.check)
    return sum((yield from together(*(check(own) for check in checks))), ())


def spoofed(permit: Permit, mailbox: str, helo: str, mark: str) -> Dialogue[Faults]:
    """Sends one marked mail from ``mailbox`` to ``mailbox`` without logging in, and tells how it was received.

    The only question of this project that ends in DATA; whoever answers it checks that the mailbox is the owner's.
    """
    text = (
        f"From: <{mailbox}>\r\nTo: <{mailbox}>\r\nSubject: Disavow test {mark}\r\n"
        f"Message-ID: <{mark}@disavow.invalid>\r\n"
        "Auto-Submitted: auto-generated\r\n\r\n"
        "This is a test that you asked for with: disavow probe --send-to\r\n"
        "It came from a stranger's machine in your own name. If you can read it, so can a forger's mail be read.\r\n."
    )
    lines = (f"EHLO {helo}", f"MAIL FROM:<{mailbox}>", f"RCPT TO:<{mailbox}>", "DATA", text)
    answer = yield from say(str(permit.address), permit.port, *lines)
    question = Say(str(permit.address), permit.port, lines)
    last = str(answer.values[-1] if answer.values else answer.why)
    shown = last.partition("\n")[0][:200] or "no answer"
    if len(answer.values) == len(lines) + 1 and last.startswith("250"):
        return (fault("spoof-received", question, host=permit.host, mailbox=mailbox, mark=mark),)
    if last.startswith("5"):
        return (fault("spoof-refused", question, host=permit.host, reply=shown),)
    return (fault("spoof-unknown", question, host=permit.host, why=shown),)
