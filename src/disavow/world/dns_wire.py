"""The bytes of DNS questions and replies, for the record types that are asked for in bulk (RFC 1035 section 4)."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import Any, NamedTuple

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from ..standards.questions import Answer, Lookup, Mx, Tlsa

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "DS": 43}
TYPES |= {"DNSKEY": 48, "TLSA": 52, "SPF": 99}
_RCODES = {1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}
# OPT: payload of 1232 octets, no DO bit: the resolver checks signatures, and says so by AD (RFC 6840 section 5.7).
_EDNS = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)
_TAILS = {name: b"\0" + struct.pack("!HH", number, 1) + _EDNS for name, number in TYPES.items()}
_LENGTHS = tuple(bytes((length,)) for length in range(64))
_HEADER = struct.Struct("!HHHHHH")
_RECORD = struct.Struct("!HHIH")
_OF_THE_QUESTION = b"\xc0\x0c"  # a pointer to where the question stands
_AA, _RA, _AD = 0x0400, 0x0080, 0x0020
_JUMPS = 32  # compression pointers followed in one name
_RECORDS = 500  # read in one reply
_ALIASES = 16


# Most replies of a portfolio are one of these.
_NXDOMAIN: Answer[Any] = Answer("nxdomain")
_NODATA: Answer[Any] = Answer("nodata")


class Unreadable(Exception):
    """The bytes are no DNS reply."""


class _Record(NamedTuple):
    owner: str
    type: int
    ttl: int
    start: int
    end: int


def query(question: Lookup, number: int) -> bytes:
    """The packet that asks; ValueError for what is no DNS name, or a type that has no number here."""
    if question.type not in TYPES:
        raise ValueError(f"the type {question.type} is not known")
    name = question.name.encode("ascii")
    labels = name.split(b".")
    if len(name) > 253 or b"" in labels or max(map(len, labels)) > 63:
        raise ValueError("a label of this length")
    flags = 0x0120 | (0x0010 if question.unvalidated else 0)  # RD, AD; CD
    encoded = b"".join([_LENGTHS[len(label)] + label for label in labels])
    return _HEADER.pack(number, flags, 1, 0, 0, 1) + encoded + _TAILS[question.type]


def question_of(packet: bytes) -> bytes:
    """The question in a packet of ``query``, in lower case: what a reply to it repeats."""
    return packet[12 : -len(_EDNS)].lower()


def read(packet: bytes, type: str, trusted: bool) -> Answer[Any]:
    """What ``packet`` says about the type asked for; its AD bit counts only from a ``trusted`` resolver.

    Raises ``Unreadable`` for bytes that are no reply.
    """
    try:
        _, flags, _, answers, _, _ = _HEADER.unpack_from(packet)
        nxdomain = flags & 15 == 3
        if flags & 15 and not nxdomain:
            return _unknown(_RCODES.get(flags & 15, f"RCODE {flags & 15}"))
        if not answers and not flags & (_AA | _RA):
            return _unknown("this server only refers to others: it is no resolver")
        authenticated = trusted and bool(flags & _AD)
        if not answers and not authenticated:
            return _NXDOMAIN if nxdomain else _NODATA
        name, at = _name(packet, 12)
        records = _records(packet, name, at + 4, min(answers, _RECORDS))
        return _reply(packet, name, TYPES[type], records, nxdomain, authenticated)
    except (IndexError, struct.error, ValueError, dns.exception.DNSException) as error:
        raise Unreadable(str(error)) from None


def _unknown(why: str) -> Answer[Any]:
    return Answer("temperror", why=why)


def _reply(
    packet: bytes, name: str, type: int, records: list[_Record], nxdomain: bool, authenticated: bool
) -> Answer[Any]:
    """The records of ``name``, or of what it is an alias of."""
    if records and all(record.owner != name for record in records):
        return _unknown("the reply is about another name")
    aliases: list[str] = []
    targets = {record.owner: record for record in records if record.type == 5} if type != 5 else {}
    while name in targets:
        name = _name(packet, targets[name].start)[0]
        aliases.append(name)
        if len(aliases) > _ALIASES:
            return _unknown("aliases without end")
    found = [record for record in records if record.type == type and record.owner == name]
    if not found or nxdomain:
        return Answer("nxdomain" if nxdomain else "nodata", (), "", authenticated, tuple(aliases))
    values = tuple([_value(packet, record) for record in found])
    return Answer("ok", values, "", authenticated, tuple(aliases), min([record.ttl for record in found]))


def _records(packet: bytes, name: str, at: int, count: int) -> list[_Record]:
    """The records from ``at`` on; ``name`` is that of the question, which most of them point to."""
    records = []
    for _ in range(count):
        if packet[at : at + 2] == _OF_THE_QUESTION:
            owner, at = name, at + 2
        else:
            owner, at = _name(packet, at)
        type, _, ttl, length = _RECORD.unpack_from(packet, at)
        if at + 10 + length > len(packet):
            raise IndexError("a record that ends behind the packet")
        records.append(_Record(owner, type, ttl, at + 10, at + 10 + length))
        at += 10 + length
    return records


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """The name at ``at``, in lower case, and where the bytes go on."""
    labels: list[bytes] = []
    end, jumps = 0, 0
    while length := packet[at]:
        if length >= 192:
            end = end or at + 2
            at = (length & 63) << 8 | packet[at + 1]
            jumps += 1
            if jumps > _JUMPS:
                raise ValueError("a name that never ends")
        else:
            labels.append(packet[at + 1 : at + 1 + length])
            at += 1 + length
    return b".".join(labels).decode("latin-1").lower(), end or at + 1


def _value(packet: bytes, record: _Record) -> Any:
    """The record's data as the typed value that the question's helper promises."""
    data = packet[record.start : record.end]
    if record.type == 1:
        return IPv4Address(data)
    if record.type == 28:
        return IPv6Address(data)
    if record.type in (16, 99):
        return _strings(data)
    if record.type == 15:
        return Mx(int.from_bytes(data[:2], "big"), _name(packet, record.start + 2)[0])
    if record.type == 52:
        return Tlsa(data[0], data[1], data[2], data[3:])
    if record.type in (2, 5, 12):
        return _name(packet, record.start)[0]
    length = record.end - record.start
    kind = dns.rdatatype.RdataType.make(record.type)
    return dns.rdata.from_wire(dns.rdataclass.IN, kind, packet, record.start, length).to_text()


def _strings(data: bytes) -> bytes:
    """The strings of a TXT record, joined without a space (RFC 7208 section 3.3)."""
    joined, at = [], 0
    while at < len(data):
        joined.append(data[at + 1 : at + 1 + data[at]])
        at += 1 + data[at]
    return b"".join(joined)
