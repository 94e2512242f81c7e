"""Correct domains of many shapes: an audit that finds anything wrong with them is wrong itself."""

from __future__ import annotations

from .cases import DMARC, KEY1, MX, REVERSE, RUA, SPF, sts
from .zones import ED25519, KEY, Case, text

_NO_SERVER = {("mail", "A"): (), ("mail", "TXT"): (), REVERSE: ()}
_LOCKED = {
    MX: ("0 .",),
    SPF: (text("v=spf1 -all"),),
    ("*._domainkey", "TXT"): (text("v=DKIM1; p="),),
    DMARC: (text("v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s"),),
}


def correct(name: str, records: dict | None = None, **other) -> Case:
    return Case(f"ok-{name}", {}, records or {}, **other)


# The seven of the field's table.
TABLE = (
    correct("good"),
    correct("spf-upper", {SPF: (text("V=SPF1 MX -ALL"),)}),
    correct("spf-macro", {SPF: (text("v=spf1 mx exists:%{i}._s.%{d} -all"),)}),
    correct("spf-softfail", {SPF: (text("v=spf1 mx ~all"),)}),
    correct(
        "dmarc-deep",
        {("a.b.c.d", "A"): ("192.0.2.10",), ("a.b.c.d", "TXT"): (text("v=spf1 -all"),)},
        subdomains=("a.b.c.d.ok-dmarc-deep.test",),
    ),
    correct("park-locked", _LOCKED, bare=True),
    correct("dnssec", {("_25._tcp.mail", "TLSA"): ("3 1 1 {TLSA}",)}, signed="good"),
)

SHAPES = (
    correct(
        "large-provider",  # five MX of a provider, an include, keys at its selector
        {
            **_NO_SERVER,
            MX: ("1 mx1.provider.test.", "5 mx2.provider.test."),
            SPF: (text("v=spf1 include:spf.provider.test ~all"),),
            KEY1: (),
            ("google._domainkey", "TXT"): (text(f"v=DKIM1; k=rsa; p={KEY}"),),
        },
        policy=sts(mx="*.provider.test"),
    ),
    correct(
        "office",  # keys by alias at the provider, one of them not yet in use
        {
            **_NO_SERVER,
            MX: ("0 mx1.provider.test.",),
            SPF: (text("v=spf1 include:spf.provider.test -all"),),
            KEY1: (),
            ("selector1._domainkey", "CNAME"): ("key1.provider.test.",),
            ("selector2._domainkey", "CNAME"): ("key2.provider.test.",),
            ("autodiscover", "CNAME"): ("web.provider.test.",),
        },
        policy=sts(mx="mx1.provider.test"),
    ),
    correct(
        "three-keys-by-alias",
        {
            **_NO_SERVER,
            MX: ("10 mx1.provider.test.", "20 mx2.provider.test."),
            SPF: (text("v=spf1 include:spf.provider.test -all"),),
            KEY1: (),
            ("fm1._domainkey", "CNAME"): ("key1.provider.test.",),
            ("fm2._domainkey", "CNAME"): ("key2.provider.test.",),
        },
        policy=sts(mx="mx1.provider.test\nmx: mx2.provider.test"),
    ),
    correct(
        "self-hosted-two-servers",
        {
            MX: ("10 mail", "20 mail2"),
            ("mail2", "A"): ("{IP}",),
            ("mail2", "TXT"): (text("v=spf1 a -all"),),
            REVERSE: ("mail", "mail2"),
        },
        policy=sts(mx="mail.{D}\nmx: mail2.{D}"),
    ),
    correct("two-kinds-of-keys", {("ed25519._domainkey", "TXT"): (text(f"v=DKIM1; k=ed25519; p={ED25519}"),)}),
    correct("rotated-key", {("s2._domainkey", "TXT"): (text("v=DKIM1; k=rsa; p="),)}),
    correct(
        "parked-with-reports",
        {
            **_LOCKED,
            DMARC: (text("v=DMARC1; p=reject; rua=mailto:all@reports.test"),),
        },
        bare=True,
    ),
    correct(
        "parked-website",
        {
            **_LOCKED,
            ("@", "A"): ("192.0.2.10",),
            ("www", "A"): ("192.0.2.10",),
            ("www", "TXT"): (text("v=spf1 -all"),),
        },
        bare=True,
    ),
    correct("wildcard", {("*", "A"): ("192.0.2.10",), ("*", "TXT"): (text("v=spf1 -all"),)}),
    correct(
        "wildcard-website-by-alias",
        {
            ("*", "CNAME"): ("web.provider.test.",),
            ("www", "A"): (),
            ("www", "TXT"): (),
        },
    ),
    correct("idn", domain="xn--bcher-kva.test"),
    correct(
        "delegated-subdomain",
        {
            ("news", "MX"): ("10 mx1.provider.test.",),
            ("news", "TXT"): (text("v=spf1 include:spf.provider.test -all"),),
            ("_dmarc.news", "TXT"): (text("v=DMARC1; p=reject; rua=mailto:all@reports.test"),),
        },
        subdomains=("news.ok-delegated-subdomain.test",),
    ),
    correct("reports-elsewhere", {DMARC: (text(f"v=DMARC1; p=reject; {RUA},mailto:in@reports.test!10m"),)}),
    correct(
        "full-dmarc",
        {
            DMARC: (text(f"v=DMARC1;p=reject;sp=reject;np=reject;adkim=s;aspf=s;fo=1:d:s;{RUA};ruf=mailto:f@{{D}};"),),
        },
    ),
    correct(
        "spaces-and-case",
        {
            DMARC: (text(f"v = DMARC1 ; P=Reject ; {RUA} ;"),),
            SPF: (text("v=spf1   MX  -all "),),
        },
    ),
    correct(
        "redirect",
        {SPF: (text("v=spf1 redirect=_spf.{D}"),), ("_spf", "TXT"): (text("v=spf1 mx ip6:2001:db8::/48 -all"),)},
    ),
    correct(
        "ten-lookups",
        {
            SPF: (
                text(
                    "v=spf1 include:nine0.provider.test include:nine1.provider.test include:nine2.provider.test mx -all"
                ),
            ),
        },
    ),
    correct("two-voids", {SPF: (text("v=spf1 mx a:old.{D} a:older.{D} -all"),)}),
    correct(
        "other-texts",
        {
            SPF: (text("v=spf1 mx -all"), text("site-verification=abcdef"), text("x" * 400), text("v=spf10 is none")),
            DMARC: (text(f"v=DMARC1; p=reject; {RUA}"), text("some other text")),
        },
    ),
    correct("logo", {("default._bimi", "TXT"): (text("v=BIMI1; l=https://{D}/logo.svg"),)}),
    correct("receives-only", {SPF: (text("v=spf1 -all"),), KEY1: ()}),
    correct("sts-wildcard", policy=sts(mx="*.{D}")),
    correct("sts-more-hosts", policy=sts(mx="mail.{D}\nmx: future.{D}\nunknown: key")),
    correct(
        "ipv6",
        {
            ("mail", "AAAA"): ("2001:db8::25",),
            ("5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", "PTR"): ("mail",),
        },
    ),
    correct("clean-on-blocklist", blocklists=("bl.test", "refusing.test")),
    correct("tls-reports-by-web", {("_smtp._tls", "TXT"): (text("v=TLSRPTv1;rua=https://reports.test/in"),)}),
)
