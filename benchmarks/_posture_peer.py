"""What another tool says of domains behind a resolver: run in an environment of its own, JSON on standard output.

``python -P _posture_peer.py TOOL PORT DOMAIN…``: {domain: [message, …]}. Whatever the tool asks the DNS goes to that
port of this machine, also what it would ask of a public resolver that is built into it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
from collections.abc import Callable, Iterator

import dns.query
import dns.resolver

COMPLAINT = "! "  # before what says that something is wrong; the rest are facts


def checkdmarc(domain: str, resolver: dns.resolver.Resolver) -> Iterator[str]:
    """All errors and warnings."""
    import checkdmarc

    yield from (COMPLAINT + text for text in _said(checkdmarc.check_domains([domain], resolver=resolver), False))


def _said(value: object, wanted: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _said(inner, wanted or key in ("error", "warnings"))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _said(inner, wanted)
    elif wanted and isinstance(value, str):
        yield value


def trustymail(domain: str, resolver: dns.resolver.Resolver) -> Iterator[str]:
    """Every column but those that only repeat the records; complaints are what is not valid or not syntax."""
    import DNS
    import trustymail.trustymail
    from publicsuffixlist.compat import PublicSuffixList

    DNS.defaults["port"] = resolver.port
    sys.modules["trustymail.domain"].get_psl = PublicSuffixList
    scans = {"mx": True, "starttls": False, "spf": True, "dmarc": True}
    found = trustymail.trustymail.scan(domain, 5, 5, "localhost", {25}, True, scans, ["127.0.0.1"])
    for name, value in found.generate_results().items():
        if (name.startswith("Valid") and value is False) or (name == "Syntax Errors" and value):
            yield f"{COMPLAINT}{name}: {value}"
        elif name not in _REPEATED:
            yield f"{name}: {value}"


_REPEATED = ("Domain", "Base Domain", "Mail Servers", "SPF Results", "DMARC Results", "DMARC Results on Base Domain")
_REPEATED += ("DMARC Aggregate Report URIs", "DMARC Forensic Report URIs")


def spoofy(domain: str, resolver: dns.resolver.Resolver) -> Iterator[str]:
    """The verdict, the errors and the warnings."""
    import tldextract
    from spoofy.cli import process_domain

    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), extra_suffixes=("test",))
    found = process_domain(domain, dns_server="127.0.0.1")
    if found["SPOOFING_POSSIBLE"] is not False:
        yield f"{COMPLAINT}{found['SPOOFING_TYPE']}"
    for name in ("WARNINGS", "SPF_ERRORS", "SPF_DANGLING_INCLUDES"):
        yield from (f"{COMPLAINT}{name}: {value}" for value in found[name])
    for name in ("SPF_TOO_MANY_DNS_QUERIES", "SPOOFING_CODE", "DMARC_POLICY", "DMARC_PCT", "DMARC_SP", "DMARC_NP"):
        yield f"{name}: {found[name]}"


TOOLS: dict[str, Callable[[str, dns.resolver.Resolver], Iterator[str]]] = {
    "checkdmarc": checkdmarc,
    "trustymail": trustymail,
    "spoofy": spoofy,
}


def resolver(port: int) -> dns.resolver.Resolver:
    found = dns.resolver.Resolver(configure=False)
    found.nameservers, found.port, found.lifetime = ["127.0.0.1"], port, 2.0
    return found


def _redirect(port: int) -> None:
    """All DNS to our port, wherever it was meant to go."""
    for name in ("udp", "tcp", "udp_with_fallback"):
        setattr(dns.query, name, _to(port, getattr(dns.query, name)))


def _to(port: int, ask: Callable) -> Callable:
    def here(question, where, timeout=None, _port=53, **named):
        return ask(question, "127.0.0.1", timeout, **{**named, "port": port})

    return here


def main() -> None:
    tool, port, *domains = sys.argv[1:]
    _redirect(int(port))
    logging.disable()
    said: dict[str, list[str]] = {}
    with contextlib.redirect_stdout(sys.stderr):
        for domain in domains:
            try:
                said[domain] = list(TOOLS[tool](domain, resolver(int(port))))
            except Exception as error:  # a tool that breaks off has said at least that
                said[domain] = [f"{COMPLAINT}{type(error).__name__}: {error}"]
    print(json.dumps(said))


if __name__ == "__main__":
    main()
