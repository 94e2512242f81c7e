"""What do the mail servers offer to any sender: encryption, with a certificate that can be trusted? (RFC 3207)"""

from __future__ import annotations

from collections.abc import Iterator

from ...standards.questions import Dialogue, Greet, Greeting, greet, together
from ..fault import Fault, Faults, fault
from ..posture import Host, Posture

_SERVERS = 5  # greeted
_PORT = 25


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults that one greeting of each mail server shows; nothing is asked where ``subject.servers`` is off."""
    hosts = [host for host in posture.hosts if host.addresses][:_SERVERS] if posture.subject.servers else []
    return sum((yield from together(*(_host(host) for host in hosts))), ())


def _host(host: Host) -> Dialogue[Faults]:
    answer = yield from greet(host.name, _PORT)
    if not answer.values:
        return (fault("server-unknown", Greet(host.name, _PORT), host=host.name, why=answer.why),)
    return tuple(faults(Greet(host.name, _PORT), answer.values[0]))


def faults(asked: Greet, greeting: Greeting) -> Iterator[Fault]:
    """What is wrong with what a server offers to any sender."""
    host = asked.host
    if not greeting.banner:
        # Networks that forbid outgoing mail refuse for everybody: so this is likely, not certain.
        yield fault("server-refuses", asked, confidence=0.6, host=host, why=greeting.failure)
        return
    if not offers(greeting.before, "STARTTLS"):
        yield fault("tls-not-offered", asked, host=host)
    elif not greeting.chain:
        yield fault("tls-fails", asked, host=host, why=greeting.failure)
    if greeting.version in ("TLSv1", "TLSv1.1"):
        yield fault("tls-old", asked, host=host, version=greeting.version)
    if offers(greeting.before, "AUTH"):
        yield fault("auth-without-tls", asked, host=host)
    if greeting.problem:
        yield _certificate(asked, greeting.problem)


def offers(lines: tuple[str, ...], keyword: str) -> bool:
    """True if the reply to EHLO has ``keyword``; also in the old form ``AUTH=LOGIN``."""
    return any(line.upper().replace("=", " ").split()[:1] == [keyword] for line in lines)


def _certificate(asked: Greet, problem: str) -> Fault:
    host = asked.host
    if "expired" in problem:
        return fault("tls-certificate-expired", asked, host=host)
    if "mismatch" in problem:
        return fault("tls-certificate-name", asked, host=host, why=problem)
    return fault("tls-certificate-untrusted", asked, host=host, why=problem)
