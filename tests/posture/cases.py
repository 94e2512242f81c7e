"""The 91 faults of the field's table, one domain each, and correct domains of many shapes."""

from __future__ import annotations

from .zones import ED25519, KEY, Case, rsa_key, text

SPF, MX, DMARC, KEY1 = ("@", "TXT"), ("@", "MX"), ("_dmarc", "TXT"), ("s1._domainkey", "TXT")
GONE = "nobody-has-this.test"  # registered by nobody
STS = "version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: {age}\n"


def sts(mode: str = "enforce", mx: str = "mail.{D}", age: int = 604800) -> str:
    """A policy file."""
    return STS.format(mode=mode, mx=mx, age=age).replace("{D}", "{D}")


def spf(name: str, record: str, tag: str, level: str, replacement: str = "", more: dict | None = None, **other) -> Case:
    return Case(f"spf-{name}", {tag: level}, {SPF: (text(record),), **(more or {})}, replacement, **other)


def dkim(name: str, record: str, tag: str, level: str, replacement: str = "") -> Case:
    return Case(f"dkim-{name}", {tag: level}, {KEY1: (text(record),)}, replacement)


def dmarc(name: str, record: str, tag: str, level: str, replacement: str = "", more: dict | None = None) -> Case:
    return Case(f"dmarc-{name}", {tag: level}, {DMARC: (text(record),), **(more or {})}, replacement)


def policy(name: str, tag: str, level: str, body: bytes | int | str, replacement: str = "") -> Case:
    return Case(f"sts-{name}", {tag: level}, {}, replacement, policy=body)


RUA = "rua=mailto:dmarc@{D}"

SPF_FAULTS = (
    Case("spf-none", {"spf-none": "high"}, {SPF: ()}, '{D}. TXT "v=spf1 mx ~all"'),
    spf("plusall", "v=spf1 mx +all", "spf-all-pass", "critical", '{D}. TXT "v=spf1 mx ~all"'),
    spf("qall", "v=spf1 mx ?all", "spf-neutral", "medium", '{D}. TXT "v=spf1 mx ~all"'),
    spf("noall", "v=spf1 mx", "spf-no-all", "medium", '{D}. TXT "v=spf1 mx ~all"'),
    Case(
        *("spf-multiple", {"spf-several": "high"}),
        {SPF: (text("v=spf1 mx ~all"), text("v=spf1 include:spf.provider.test -all"))},
        '{D}. TXT "v=spf1 mx include:spf.provider.test -all"',
    ),
    spf("badip", "v=spf1 ip4:192.0.2.300 mx -all", "spf-syntax", "high", '{D}. TXT "v=spf1 mx -all"'),
    spf(
        *("badmech", "v=spf1 inlcude:spf.provider.test mx -all", "spf-syntax", "high"),
        '{D}. TXT "v=spf1 include:spf.provider.test mx -all"',
    ),
    spf(
        "lookups11",
        "v=spf1 " + " ".join(f"include:nine{n}.provider.test" for n in range(4)) + " mx -all",
        *("spf-too-many-lookups", "high", "include:nine1.provider.test"),
    ),
    spf(
        *("void3", "v=spf1 mx a:v1.{D} a:v2.{D} a:v3.{D} -all", "spf-too-many-voids", "high"),
        '{D}. TXT "v=spf1 mx -all"',
    ),
    spf(
        *("include-nospf", "v=spf1 mx include:nospf.provider.test -all", "spf-include-without-record", "high"),
        '{D}. TXT "v=spf1 mx -all"',
    ),
    Case(
        *("spf-include-unreg", {"spf-takeover": "critical", "spf-include-without-record": "high"}),
        {SPF: (text(f"v=spf1 mx include:spf.{GONE} -all"),)},
        '{D}. TXT "v=spf1 mx -all"',
    ),
    spf("a-unreg", f"v=spf1 mx a:old.{GONE} -all", "spf-takeover", "critical", '{D}. TXT "v=spf1 mx -all"'),
    spf("loop", "v=spf1 mx include:{D} -all", "spf-loop", "high", '{D}. TXT "v=spf1 mx -all"'),
    spf(
        *("hugerange", "v=spf1 mx ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", "spf-huge-range", "critical"),
        '{D}. TXT "v=spf1 mx -all"',
    ),
    spf(
        *("hugeinclude", "v=spf1 mx include:huge.provider.test -all", "spf-include-huge-range", "high"),
        'huge.provider.test. TXT "v=spf1 -all"',
    ),
    spf(
        *("include-plusall", "v=spf1 mx include:all.provider.test -all", "spf-include-passes-all", "critical"),
        'all.provider.test. TXT "v=spf1 -all"',
    ),
    spf("ptr", "v=spf1 mx ptr -all", "spf-ptr", "low", '{D}. TXT "v=spf1 mx -all"'),
    spf("privateip", "v=spf1 ip4:10.0.0.0/8 -all", "spf-private-address", "medium", '{D}. TXT "v=spf1 -all"'),
    spf(
        *("afterall", "v=spf1 mx -all ip4:192.0.2.7", "spf-after-all", "low"),
        '{D}. TXT "v=spf1 mx ip4:192.0.2.7 -all"',
    ),
    spf(
        *("redirectall", "v=spf1 mx -all redirect=spf.provider.test", "spf-redirect-ignored", "low"),
        '{D}. TXT "v=spf1 mx -all"',
    ),
    spf("badmacro", "v=spf1 exists:%{z}.{D} mx -all", "spf-syntax", "high", '{D}. TXT "v=spf1 mx -all"'),
    spf(
        *("mx11", "v=spf1 mx mx:many.provider.test -all", "spf-mx-too-many", "high"),
        '{D}. TXT "v=spf1 mx -all"',
    ),
    Case(
        *("spf-type99", {"spf-type-99": "high"}),
        {SPF: (), ("@", "SPF"): (text("v=spf1 mx -all"),)},
        '{D}. TXT "v=spf1 mx -all"',
    ),
    spf("leadingspace", " v=spf1 mx -all", "spf-not-read", "high", '{D}. TXT "v=spf1 mx -all"'),
    spf(
        "long",
        "v=spf1 mx " + " ".join(f"ip4:192.0.2.{n}" for n in range(100, 140)) + " -all",
        *("spf-long", "low", "include:_spf2.{D}"),
    ),
    Case(
        *("spf-sub-unlocked", {"spf-host-unlocked": "low"}),
        {("www", "TXT"): (), ("mail", "TXT"): ()},
        'mail.{D}. TXT "v=spf1 a -all"\nwww.{D}. TXT "v=spf1 -all"',
    ),
)

DKIM_FAULTS = (
    Case("dkim-none", {"dkim-none": "high"}, {KEY1: ()}, "_domainkey.{D}. TXT"),
    dkim("1024", f"v=DKIM1; k=rsa; p={rsa_key(1024)}", "dkim-key-short", "medium", "s1._domainkey.{D}. TXT"),
    dkim("512", f"v=DKIM1; k=rsa; p={rsa_key(512)}", "dkim-key-invalid", "high", "s1._domainkey.{D}. TXT"),
    dkim("revoked", "v=DKIM1; k=rsa; p=", "dkim-revoked", "high", "s1._domainkey.{D}. TXT"),
    dkim("test", f"v=DKIM1; k=rsa; t=y; p={KEY}", "dkim-testing", "medium", '"v=DKIM1; k=rsa; p='),
    Case(
        *("dkim-badkey", {"dkim-malformed": "high"}),
        {KEY1: (text("v=DKIM1; k=rsa; p=bm90IGEga2V5"),)},
        "s1._domainkey.{D}. TXT",
    ),
    dkim("sha1", f"v=DKIM1; k=rsa; h=sha1; p={KEY}", "dkim-sha1", "high", '"v=DKIM1; k=rsa; p='),
    Case(
        *("dkim-cname-unreg", {"dkim-takeover": "critical"}),
        {KEY1: (), ("s1._domainkey", "CNAME"): (f"s1.{GONE}.",)},
        "remove: s1._domainkey.{D}. CNAME",
    ),
    dkim("edonly", f"v=DKIM1; k=ed25519; p={ED25519}", "dkim-ed25519-only", "medium", "k=rsa; p="),
)

DMARC_FAULTS = (
    Case("dmarc-none", {"dmarc-none": "high"}, {DMARC: ()}, '_dmarc.{D}. TXT "v=DMARC1; p=none'),
    dmarc("monitoring", f"v=DMARC1; p=none; {RUA}", "dmarc-policy-none", "high", f"v=DMARC1; p=quarantine; {RUA}; t=y"),
    dmarc("quarantine", f"v=DMARC1; p=quarantine; {RUA}", "dmarc-policy-quarantine", "low", f"p=reject; {RUA}"),
    dmarc("pct50", f"v=DMARC1; p=reject; pct=50; {RUA}", "dmarc-pct", "medium", f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("tmode", f"v=DMARC1; p=reject; t=y; {RUA}", "dmarc-testing", "medium", f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("spnone", f"v=DMARC1; p=reject; sp=none; {RUA}", "dmarc-subdomains-open", "high", "p=reject; sp=reject"),
    dmarc("npnone", f"v=DMARC1; p=reject; np=none; {RUA}", "dmarc-nonexistent-open", "high", "p=reject; np=reject"),
    dmarc("norua", "v=DMARC1; p=reject", "dmarc-no-reports", "medium", "p=reject; rua=mailto:dmarc-reports@{D}"),
    dmarc(
        *("ruaext", "v=DMARC1; p=reject; rua=mailto:x@unasked.test", "dmarc-report-unauthorised", "medium"),
        '{D}._report._dmarc.unasked.test. TXT "v=DMARC1"',
    ),
    dmarc(
        *("ruanomx", f"v=DMARC1; p=reject; {RUA},mailto:x@nomail.test", "dmarc-report-dead", "medium"),
        f'"v=DMARC1; p=reject; {RUA}"',
    ),
    dmarc(
        *("ruaunreg", f"v=DMARC1; p=reject; {RUA},mailto:x@{GONE}", "dmarc-report-takeover", "high"),
        f'"v=DMARC1; p=reject; {RUA}"',
    ),
    Case(
        *("dmarc-ruanoscheme", {"dmarc-report-address-malformed": "medium", "dmarc-no-reports": ""}),
        {DMARC: (text("v=DMARC1; p=reject; rua=dmarc@{D}"),)},
        "rua=mailto:dmarc@{D}",
    ),
    Case(
        *("dmarc-multiple", {"dmarc-several": "high"}),
        {DMARC: (text(f"v=DMARC1; p=reject; {RUA}"), text(f"v=DMARC1; p=none; {RUA}"))},
        '_dmarc.{D}. TXT "v=DMARC1; p=',
    ),
    dmarc("nosemi", f"v=DMARC1 p=reject; {RUA}", "dmarc-not-read", "high", f'"v=DMARC1; p=reject; {RUA}"'),
    dmarc("order", f"p=reject; v=DMARC1; {RUA}", "dmarc-not-read", "high", f'"v=DMARC1; p=reject; {RUA}"'),
    Case(
        *("dmarc-badp", {"dmarc-invalid-policy": "high", "dmarc-policy-none": ""}),
        {DMARC: (text(f"v=DMARC1; p=rejected; {RUA}"),)},
        "p=reject;",
    ),
    Case(
        *("dmarc-apex", {"dmarc-at-apex": "high"}),
        {DMARC: (), SPF: (text("v=spf1 mx -all"), text(f"v=DMARC1; p=reject; {RUA}"))},
        f'_dmarc.{{D}}. TXT "v=DMARC1; p=reject; {RUA}"',
    ),
    Case(
        *("dmarc-cname-unreg", {"dmarc-takeover": "critical"}),
        {DMARC: (), ("_dmarc", "CNAME"): (f"dmarc.{GONE}.",)},
        "remove: _dmarc.{D}. CNAME",
    ),
    Case(
        *("dmarc-subhole", {"dmarc-subdomain-hole": "high"}),
        {("_dmarc.news", "TXT"): (text("v=DMARC1; p=none"),)},
        '_dmarc.news.{D}. TXT "v=DMARC1; p=reject"',
    ),
    Case(
        *("dmarc-wildtxt", {"dmarc-wildcard": "high"}),
        {DMARC: (), ("*", "TXT"): (text("v=spf1 -all"),)},
        '_dmarc.{D}. TXT "v=DMARC1;',
    ),
)

PARKED_FAULTS = (
    Case(
        *("park-open", {"parked-open": "high", "spf-none": "high", "dmarc-none": "high", "mx-implicit": ""}),
        {("@", "A"): ("192.0.2.10",)},
        *("{D}. MX 0 .\n{D}. TXT",),
        bare=True,
    ),
    Case(
        *("park-nonullmx", {"mx-implicit": "low"}),
        {
            ("@", "A"): ("192.0.2.10",),
            SPF: (text("v=spf1 -all"),),
            DMARC: (text("v=DMARC1; p=reject"),),
        },
        *("{D}. MX 0 .",),
        bare=True,
    ),
    Case("park-nullplus", {"mx-null-beside-real": "high"}, {MX: ("10 mail", "0 .")}, "{D}. MX 10 mail.{D}."),
)

MX_FAULTS = (
    Case(
        *("mx-cname", {"mx-is-alias": "medium"}),
        {MX: ("10 mx",), ("mx", "CNAME"): ("mail",)},
        "{D}. MX 10 mail.{D}.",
        policy=sts(mx="mx.{D}"),
    ),
    Case(
        *("mx-ip", {"mx-is-address": "high"}),
        {MX: ("10 mail", "20 192.0.2.77.")},
        "{D}. MX 20 mail.{D}.\nmail.{D}. A 192.0.2.77",
        policy=sts(mx="mail.{D}\nmx: *.0.2.77\nmx: 192.0.2.77"),
    ),
    Case(
        *("mx-nx", {"mx-missing-host": "high"}),
        {MX: ("10 mail", "20 gone")},
        "{D}. MX 10 mail.{D}.",
        policy=sts(mx="*.{D}"),
    ),
    Case(
        *("mx-unreg", {"mx-takeover": "critical"}),
        {MX: ("10 mail", f"20 backup.{GONE}.")},
        "{D}. MX 10 mail.{D}.",
        policy=sts(mx=f"mail.{{D}}\nmx: backup.{GONE}"),
    ),
    Case(
        *("mx-private", {"mx-private-address": "high"}),
        {MX: ("10 mail", "20 inside"), ("inside", "A"): ("10.1.2.3",), ("inside", "TXT"): (text("v=spf1 -all"),)},
        "{D}. MX 10 mail.{D}.",
        policy=sts(mx="*.{D}"),
    ),
)

REVERSE = ("{REVERSE}.in-addr.arpa.", "PTR")
SERVER_FAULTS = (
    Case("srv-noptr", {"reverse-missing": "medium"}, {REVERSE: ()}, "{REVERSE}.in-addr.arpa. PTR mail.{D}."),
    Case(
        *("srv-ptrmismatch", {"reverse-mismatch": "medium"}),
        {REVERSE: ("web.provider.test.",)},
        "{REVERSE}.in-addr.arpa. PTR mail.{D}.",
    ),
    Case("srv-nostarttls", {"tls-not-offered": "high"}, server="plain"),
    Case("srv-selfsigned", {"tls-certificate-untrusted": "medium"}, server="selfsigned"),
    Case("srv-wrongname", {"tls-certificate-name": "medium"}, server="wrongname"),
    Case("srv-expired", {"tls-certificate-expired": "medium"}, server="expired"),
    Case("srv-authplain", {"auth-without-tls": "high"}, server="auth"),
    Case(
        *("srv-blocklisted", {"blocklisted": "high"}),
        {("{REVERSE}.bl.test.", "A"): ("127.0.0.4",), ("{REVERSE}.bl.test.", "TXT"): (text("sent spam"),)},
        blocklists=("bl.test",),
    ),
    Case("srv-refused", {"server-refuses": "medium"}, server="refused"),
)

STS_FAULTS = (
    Case("sts-none", {"mta-sts-none": "low"}, {("_mta-sts", "TXT"): ()}, '_mta-sts.{D}. TXT "v=STSv1; id='),
    policy("testing", "mta-sts-testing", "low", sts("testing"), "mode: enforce"),
    policy("modenone", "mta-sts-off", "low", sts("none"), "mode: enforce"),
    policy("mxmismatch", "mta-sts-mx-mismatch", "high", sts(mx="other.{D}"), "mx: mail.{D}"),
    policy("404", "mta-sts-policy-missing", "medium", 404, "mode: enforce"),
    policy("badcert", "mta-sts-certificate", "medium", "selfsigned"),
    policy("short", "mta-sts-short", "low", sts(age=3600), "max_age: 604800"),
    policy("redirect", "mta-sts-redirect", "medium", 301, "mode: enforce"),
    Case(
        *("sts-multi", {"mta-sts-malformed": "medium"}),
        {("_mta-sts", "TXT"): (text("v=STSv1; id=1"), text("v=STSv1; id=2"))},
        '_mta-sts.{D}. TXT "v=STSv1; id=',
    ),
)

TLS_REPORT_FAULTS = (
    Case("tlsrpt-none", {"tls-rpt-none": "low"}, {("_smtp._tls", "TXT"): ()}, "_smtp._tls.{D}. TXT"),
    Case(
        *("tlsrpt-bad", {"tls-rpt-malformed": "low"}),
        {("_smtp._tls", "TXT"): (text("v=TLSRPTv1;"),)},
        "rua=mailto:tls-reports@{D}",
    ),
)

# TLSA data is filled in by whoever knows the server's certificate.
OTHER_FAULTS = (
    Case("dnssec-bogus", {"dnssec-bogus": "critical"}, replacement="DS records of {D}", signed="bogus"),
    Case(
        *("dane-mismatch", {"dane-mismatch": "high"}),
        {("_25._tcp.mail", "TLSA"): ("3 1 1 " + "ab" * 32,)},
        "_25._tcp.mail.{D}. TLSA 3 1 1",
        signed="good",
    ),
    Case("dane-unsigned", {"dane-unsigned": "medium"}, {("_25._tcp.mail", "TLSA"): ("3 1 1 {TLSA}",)}),
    Case(
        *("bimi-bad", {"bimi-malformed": "low"}),
        {("default._bimi", "TXT"): (text("v=BIMI1; l=http://{D}/logo.svg"),)},
        "v=BIMI1; l=https://{D}/logo.svg",
    ),
    Case("ns-single", {"ns-single": "medium"}, {("@", "NS"): ("ns1.host.test.",)}, "{D}. NS ns2.{D}."),
    Case(
        *("ns-lame", {"ns-dead": "medium"}),
        {("@", "NS"): ("ns1.host.test.", "ns2.host.test.", "ns9.host.test.")},
        "remove: {D}. NS ns9.host.test.",
    ),
    Case(
        *("lookalike-owner", {"lookalike-mail": "low"}),
        {("lo0kalike-owner.test.", "MX"): ("10 mx1.provider.test.",)},
    ),
)

# What only a dialogue with the server shows, which needs its owner's consent: the probe's part of the table.
PROBED_FAULTS = (
    Case("srv-openrelay", {"relay-open": "critical"}, server="relay"),
    Case("srv-vrfy", {"vrfy-tells": "low", "expn-tells": "medium"}, server="vrfy"),
)

FAULTS = (
    *(*SPF_FAULTS, *DKIM_FAULTS, *DMARC_FAULTS, *PARKED_FAULTS, *MX_FAULTS),
    *(*SERVER_FAULTS, *STS_FAULTS, *TLS_REPORT_FAULTS, *OTHER_FAULTS),
)
