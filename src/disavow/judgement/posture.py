"""What a domain publishes about its mail: the facts that several checks, and whoever writes new records, share."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from ..standards import names
from ..standards.dmarc import Discovery, Policy, discover
from ..standards.questions import Address, Answer, Dialogue, Mx, a, aaaa, mx, together
from . import selectors, senders
from .registration import registrable
from .seen import Seen

_HOSTS = 20  # MX hosts looked at
# Names under which hosts of a domain usually stand.
_USUAL_SUBDOMAINS = ("www", "mail", "smtp", "news", "newsletter", "shop", "blog", "app", "info", "dev", "test")


@dataclass(frozen=True, slots=True)
class Subject:
    """What to examine: ``domain`` as A-labels, DKIM ``selectors`` and ``subdomains`` (full names) known to be in use.

    ``thorough`` also asks for usual selectors, usual subdomains and lookalikes; ``servers`` looks at the mail servers
    as any sender does (one greeting each); ``blocklists``: zones asked about the owner's servers. ``seen``: selectors
    under which reports saw mail of the domain: asked about too, but nobody is accused when one is gone by now.
    """

    domain: str
    selectors: tuple[str, ...] = ()
    subdomains: tuple[str, ...] = ()
    blocklists: tuple[str, ...] = ()
    servers: bool = True
    thorough: bool = True
    seen: tuple[Seen, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """A host that an MX record names: ``a`` and ``aaaa`` what it resolves to."""

    name: str
    preference: int
    a: Answer[IPv4Address]
    aaaa: Answer[IPv6Address]

    @property
    def addresses(self) -> tuple[Address, ...]:
        """IPv4 first."""
        return (*self.a.values, *self.aaaa.values)

    @property
    def missing(self) -> bool:
        """True if the DNS says that it has no address: not merely silence."""
        return not self.addresses and "temperror" not in (self.a.status, self.aaaa.status)

    @property
    def literal(self) -> bool:
        """True if the record names an address where a host name belongs (RFC 5321 section 5.1)."""
        try:
            return bool(ip_address(self.name))
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Posture:
    """The facts about ``subject.domain``, each as the answer it was; a temperror among them is never "nothing"."""

    subject: Subject
    mx: Answer[Mx]
    a: Answer[IPv4Address]
    aaaa: Answer[IPv6Address]
    hosts: tuple[Host, ...]
    spf: senders.Senders
    dmarc: Discovery
    dkim: selectors.Selectors

    @property
    def domain(self) -> str:
        """The domain under examination."""
        return self.subject.domain

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Those of the domain's own name."""
        return (*self.a.values, *self.aaaa.values)

    @property
    def policy(self) -> Policy:
        """What DMARC asks for mail of the domain that fails; "none" too where nothing is published."""
        found = self.dmarc.policy
        if found is None or found.record.p is None:
            return "none"
        inherited = self.dmarc.place != "author" and found.record.sp is not None
        return found.record.sp if inherited and found.record.sp else found.record.p

    @property
    def takes_mail(self) -> bool:
        """True if an MX record names a host; the null MX of RFC 7505 does not."""
        return any(exchange for _, exchange in self.mx.values)

    @property
    def sends(self) -> bool:
        """False only if its SPF record authorises nobody, or if it neither takes mail nor has SPF."""
        if self.spf.record is not None:
            return self.spf.authorises
        return self.takes_mail or "temperror" in (self.mx.status, self.spf.answer.status) or len(self.spf.texts) > 0

    @property
    def surely_sends(self) -> bool:
        """True if it sends, and that is not merely assumed because a lookup failed: enough to miss something."""
        return self.sends and "temperror" not in (self.spf.answer.status, self.mx.status)

    def owns(self, name: str) -> bool:
        """True if ``name`` belongs to the owner of the domain, as far as registrations tell."""
        return names.is_within(name, self.domain) or (registrable(name) or name) == registrable(self.domain)

    @property
    def neighbours(self) -> tuple[str, ...]:
        """Names below the domain that may exist: those given, its mail servers, and the usual ones when thorough."""
        usual = _USUAL_SUBDOMAINS if self.subject.thorough else _USUAL_SUBDOMAINS[:1]
        below = (host.name for host in self.hosts if host.name.endswith("." + self.domain))
        return tuple(dict.fromkeys((*self.subject.subdomains, *below, *(f"{name}.{self.domain}" for name in usual))))


def survey(subject: Subject) -> Dialogue[Posture]:
    """The facts about a domain, in as few rounds of questions as their order allows."""
    dialogues: tuple[Dialogue[Any], ...] = (
        mx(subject.domain),
        a(subject.domain),
        aaaa(subject.domain),
        hosts(subject.domain),
        senders.survey(subject.domain),
        discover(subject.domain),
        selectors.survey(
            subject.domain, subject.selectors, subject.thorough, tuple(one.selector for one in subject.seen)
        ),
    )
    return Posture(subject, *(yield from together(*dialogues)))


def hosts(domain: str) -> Dialogue[tuple[Host, ...]]:
    """The hosts that the MX records of ``domain`` name, the preferred first, with their addresses."""
    answer = yield from mx(domain)
    real = sorted(record for record in answer.values if record.exchange)[:_HOSTS]
    return (yield from together(*(_host(record) for record in real)))


def _host(record: Mx) -> Dialogue[Host]:
    four, six = yield from together(*_addresses(record.exchange))
    return Host(record.exchange, record.preference, four, six)


def _addresses(name: str) -> tuple[Dialogue[Any], Dialogue[Any]]:
    return a(name), aaaa(name)
