"""Do DMARC reports reach the owner, and nobody else? (RFC 9990 section 4, RFC 7489 section 7.1)"""

from __future__ import annotations

from typing import Any

from ...errors import Malformed
from ...standards import dmarc, names
from ...standards.questions import Answer, Dialogue, Lookup, a, aaaa, mx, together, txt
from ..fault import Fault, Faults, fault
from ..posture import Posture
from ..registration import unregistered
from ..republish import dmarc_with, txt_line

_DESTINATIONS = 10  # checked


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the addresses for aggregate reports in the domain's own record."""
    policy = posture.dmarc.policy
    if policy is None or policy.domain != posture.domain:
        return ()
    if not policy.record.rua:
        name = f"_dmarc.{policy.domain}"
        better = txt_line(name, dmarc_with(policy.record, rua=f"mailto:dmarc-reports@{policy.domain}"))
        level = "" if posture.surely_sends else "info"
        return (fault("dmarc-no-reports", Lookup(name, "TXT"), level=level, domain=posture.domain, replacement=better),)
    hosts = dict.fromkeys(host for uri in policy.record.rua if (host := _host(uri)))
    checked = (_destination(posture, policy, host) for host in list(hosts)[:_DESTINATIONS])
    return sum((yield from together(*checked)), ())


def _host(uri: str) -> str:
    """The domain of a mailto: URI, "" for anything else: only mail is defined (RFC 9990 section 3)."""
    scheme, _, rest = uri.partition(":")
    try:
        return names.parse(rest.partition("?")[0].rpartition("@")[2]) if scheme.lower() == "mailto" else ""
    except Malformed:
        return ""


def _destination(posture: Posture, policy: dmarc.Found, host: str) -> Dialogue[Faults]:
    own = _Rua(posture, policy, host)
    questions: tuple[Dialogue[Answer[Any]], ...] = (mx(host), a(host), aaaa(host))
    answers = yield from together(*questions)
    if not any(answer.values for answer in answers):
        return (yield from own.unreachable(answers))
    if answers[0].values and not any(exchange for _, exchange in answers[0].values):
        return (own.fault("dmarc-report-dead", Lookup(host, "MX")),)
    return () if posture.owns(host) else (yield from own.unauthorised())


class _Rua:
    """One destination of reports."""

    def __init__(self, posture: Posture, policy: dmarc.Found, host: str) -> None:
        self.posture, self.host = posture, host
        self.name = f"_dmarc.{policy.domain}"
        kept = [uri for uri in policy.record.rua if _host(uri) != host]
        rua = ",".join(kept) or f"mailto:dmarc-reports@{posture.domain}"
        self.without = txt_line(self.name, dmarc_with(policy.record, rua=rua))

    def fault(self, tag: str, *asked: Lookup, replacement: str = "", **more: Any) -> Fault:
        args = {"domain": self.posture.domain, "host": self.host, **more}
        return fault(tag, Lookup(self.name, "TXT"), *asked, replacement=replacement or self.without, **args)

    def unreachable(self, answers: tuple[Answer[Any], ...]) -> Dialogue[Faults]:
        asked = Lookup(self.host, "MX")
        silent = next((answer for answer in answers if answer.status == "temperror"), None)
        if silent:
            return (self.fault("dmarc-report-unknown", asked, why=silent.why),)
        stranger = ""
        if any(answer.status == "nxdomain" for answer in answers):
            stranger = yield from unregistered(self.host, self.posture.domain)
        if stranger:
            return (self.fault("dmarc-report-takeover", asked, Lookup(stranger, "NS"), stranger=stranger),)
        return (self.fault("dmarc-report-dead", asked, Lookup(self.host, "A")),)

    def unauthorised(self) -> Dialogue[Faults]:
        """RFC 9990 section 4: another domain must say that it wants these reports."""
        permission = f"{self.posture.domain}._report._dmarc.{self.host}"
        answer = yield from txt(permission)
        if answer.status == "temperror":
            return (self.fault("dmarc-report-unknown", Lookup(permission, "TXT"), why=answer.why),)
        if any(map(dmarc.is_record, answer.values)):
            return ()
        better = txt_line(permission, "v=DMARC1")
        return (self.fault("dmarc-report-unauthorised", Lookup(permission, "TXT"), replacement=better),)
