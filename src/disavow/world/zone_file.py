"""Master files (RFC 1035 section 5) and their records as typed values."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any, NamedTuple

import dns.exception
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.tokenizer
import dns.zonefile

from ..errors import Misconfigured
from ..standards.questions import Mx, Tlsa


class Records(NamedTuple):
    """The records of one ``type`` at ``name`` (lower case, without the last dot); ``ttl`` in seconds."""

    name: str
    type: str
    ttl: int
    values: tuple[Any, ...]


def read(text: str) -> Iterator[Records]:
    """The records of a master file with absolute names; ``Misconfigured`` if it is none."""
    manager = dns.zonefile.RRSetsReaderManager(dns.name.root)
    try:
        with manager.writer(True) as records:  # type: ignore[no-untyped-call]
            tokens = dns.tokenizer.Tokenizer(text, "zone")
            # $INCLUDE would read files, $GENERATE is a bomb.
            allowed = ("$ORIGIN", "$TTL")
            dns.zonefile.Reader(tokens, dns.rdataclass.IN, records, allow_directives=allowed, default_ttl=3600).read()
    except (dns.exception.DNSException, ValueError) as error:
        raise Misconfigured("--zone", f"not a zone file: {error}") from None
    for rrset in manager.rrsets:
        name = str(rrset.name).removesuffix(".").lower()
        yield Records(name, dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, tuple(value(rdata) for rdata in rrset))


def value(rdata: Any) -> Any:
    """An rdata as the typed value that the question's helper promises."""
    kind = dns.rdatatype.to_text(rdata.rdtype)
    if kind in ("TXT", "SPF"):
        return b"".join(rdata.strings)
    if kind in ("A", "AAAA"):
        return ip_address(rdata.address)
    if kind == "MX":
        return Mx(rdata.preference, str(rdata.exchange).removesuffix(".").lower())
    if kind in ("PTR", "NS", "CNAME", "DNAME"):
        return str(rdata.target).removesuffix(".").lower()
    if kind == "TLSA":
        return Tlsa(rdata.usage, rdata.selector, rdata.mtype, bytes(rdata.cert))
    return rdata.to_text()
