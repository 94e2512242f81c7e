"""Zones as data: a correct sending domain, and what each case changes in it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Records = Mapping[tuple[str, str], tuple[str, ...]]


def rsa_key(bits: int) -> str:
    """A public key of exactly so many bits, as p= holds it; nobody has the private half, nor is there one."""
    modulus = (1 << bits - 1) | (1 << bits // 2) | 1
    key = RSAPublicNumbers(65537, modulus).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


KEY = rsa_key(2048)
ED25519 = base64.b64encode(bytes(range(32))).decode()


def text(value: str) -> str:
    """The rdata of a TXT record."""
    return " ".join(f'"{value[at : at + 250]}"' for at in range(0, len(value), 250)) or '""'


@dataclass(frozen=True)
class Case:
    """``records`` are set over those of the correct domain (an empty tuple takes one out); ``tags`` what must be found.

    Owners are relative to the domain, absolute with a final dot; {D} is the domain, {IP} its mail server's address.
    ``policy`` is the MTA-STS file (bytes), or what is wrong with its server: an int is a status; ``server`` how the
    mail server behaves. ``bare`` starts from nothing in place of the correct domain.
    """

    name: str
    tags: Mapping[str, str]
    records: Records = field(default_factory=dict)
    replacement: str = ""
    policy: bytes | int | str = "good"
    server: str = "good"
    bare: bool = False
    subdomains: tuple[str, ...] = ()
    selectors: tuple[str, ...] = ()
    blocklists: tuple[str, ...] = ()
    domain: str = ""
    signed: str = ""

    @property
    def name_of_domain(self) -> str:
        return self.domain or f"{self.name}.test"


def address(number: int) -> str:
    """One address for each case, of the networks that documents may use (RFC 5737)."""
    return f"{('192.0.2', '198.51.100', '203.0.113')[number // 200]}.{number % 200 + 20}"


def correct(domain: str, ip: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """A domain in order: it sends from its own server, and everything is said that can be said."""
    reverse = ".".join(reversed(ip.split("."))) + ".in-addr.arpa."
    return {
        ("@", "NS"): ("ns1.host.test.", "ns2.host.test."),
        ("@", "MX"): ("10 mail",),
        ("@", "A"): ("192.0.2.10",),
        ("@", "TXT"): (text("v=spf1 mx -all"),),
        ("www", "A"): ("192.0.2.10",),
        ("www", "TXT"): (text("v=spf1 -all"),),
        ("mail", "A"): (ip,),
        ("mail", "TXT"): (text("v=spf1 a -all"),),
        ("s1._domainkey", "TXT"): (text(f"v=DKIM1; k=rsa; p={KEY}"),),
        ("_dmarc", "TXT"): (text(f"v=DMARC1; p=reject; rua=mailto:dmarc@{domain}"),),
        ("_mta-sts", "TXT"): (text("v=STSv1; id=20260101000000"),),
        ("mta-sts", "A"): (ip,),
        ("_smtp._tls", "TXT"): (text(f"v=TLSRPTv1; rua=mailto:tls@{domain}"),),
        (reverse, "PTR"): ("mail",),
    }


def records(case: Case, number: int) -> dict[tuple[str, str], tuple[str, ...]]:
    """All records of a case, owners and values absolute."""
    domain, ip = case.name_of_domain, address(number)
    merged = {} if case.bare else correct(domain, ip)
    if case.bare:
        merged[("@", "NS")] = ("ns1.host.test.", "ns2.host.test.")
    for (owner, kind), values in case.records.items():
        merged[(_fill(owner, domain, ip), kind)] = tuple(_fill(value, domain, ip) for value in values)
    return {
        (_absolute(owner, domain), kind): tuple(_target(kind, value, domain) for value in values)
        for (owner, kind), values in merged.items()
        if values
    }


def _fill(value: str, domain: str, ip: str) -> str:
    reverse = ".".join(reversed(ip.split(".")))
    return value.replace("{D}", domain).replace("{IP}", ip).replace("{REVERSE}", reverse)


def _absolute(owner: str, domain: str) -> str:
    if owner.endswith("."):
        return owner
    return f"{domain}." if owner == "@" else f"{owner}.{domain}."


def _target(kind: str, value: str, domain: str) -> str:
    if kind in ("NS", "CNAME", "PTR"):
        return _absolute(value, domain)
    if kind == "MX":
        preference, _, exchange = value.partition(" ")
        return f"{preference} {'.' if exchange == '.' else _absolute(exchange, domain)}"
    return value


# What stands around the cases: name servers, a provider, a receiver of reports, a blocklist.
SURROUNDINGS = {
    ("host.test.", "NS"): ("ns1.host.test.",),
    ("ns1.host.test.", "A"): ("192.0.2.1",),
    ("ns2.host.test.", "A"): ("192.0.2.2",),
    ("spf.provider.test.", "TXT"): (text("v=spf1 ip4:198.51.100.0/28 -all"),),
    ("huge.provider.test.", "TXT"): (text("v=spf1 ip4:11.0.0.0/8 -all"),),
    ("all.provider.test.", "TXT"): (text("v=spf1 +all"),),
    ("nospf.provider.test.", "A"): ("192.0.2.10",),
    ("mx1.provider.test.", "A"): ("198.51.100.4",),
    ("mx2.provider.test.", "A"): ("198.51.100.5",),
    ("key1.provider.test.", "TXT"): (text(f"v=DKIM1; k=rsa; p={KEY}"),),
    ("key2.provider.test.", "TXT"): (text(f"v=DKIM1; k=rsa; p={KEY}"),),
    ("web.provider.test.", "A"): ("192.0.2.11",),
    ("reports.test.", "MX"): ("10 mx1.provider.test.",),
    ("*._report._dmarc.reports.test.", "TXT"): (text("v=DMARC1"),),
    ("unasked.test.", "MX"): ("10 mx1.provider.test.",),
    ("nomail.test.", "MX"): ("0 .",),
    ("2.0.0.127.bl.test.", "A"): ("127.0.0.2",),
    ("2.0.0.127.bl.test.", "TXT"): (text("a test"),),
    ("refusing.test.", "A"): ("192.0.2.10",),
    **{
        (f"nine{n}.provider.test.", "TXT"): (text("v=spf1 a:web.provider.test a:web.provider.test -all"),)
        for n in range(4)
    },
    ("many.provider.test.", "MX"): tuple(f"10 m{n}.provider.test." for n in range(11)),
    **{(f"m{n}.provider.test.", "A"): ("198.51.100.6",) for n in range(11)},
}


def master_file(everything: Mapping[tuple[str, str], tuple[str, ...]]) -> str:
    """Zone text with absolute names, as ``--zone`` reads it."""
    return "\n".join(f"{owner} {kind} {value}" for (owner, kind), values in everything.items() for value in values)
