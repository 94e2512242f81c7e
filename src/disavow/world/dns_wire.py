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
_JUMPS = 32  # compression pointers followed in one name
_RECORDS = 500  # read in one reply
_ALIASES = 16


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
    labels = [label.encode("ascii") for label in question.name.split(".")]
    if not all(0 < len(label) < 64 for label in labels) or sum(len(label) + 1 for label in labels) > 254:
        raise ValueError("a label of this length")
    flags = 0x0120 | (0x0010 if question.unvalidated else 0)  # RD, AD; CD
    name = b"".join(bytes((len(label),)) + label for label in labels) + b"\0"
    return (
        struct.pack("!HHHHHH", number, flags, 1, 0, 0, 1) + name + struct.pack("!HH", TYPES[question.type], 1) + _EDNS
    )


def read(packet: bytes, type: str, trusted: bool) -> Answer[Any]:
    """What ``packet`` says about the type asked for; its AD bit counts only from a ``trusted`` resolver.

    Raises ``Unreadable`` for bytes that are no reply.
    """
    try:
        _, flags, questions, answers, _, _ = struct.unpack_from("!HHHHHH", packet)
        rcode = flags & 15
        if rcode not in (0, 3):
            return Answer("temperror", why=_RCODES.get(rcode, f"RCODE {rcode}"))
        at, name = 12, ""
        for _ in range(questions):
            name, at = _name(packet, at)
            at += 4
        records = _records(packet, at, min(answers, _RECORDS))
        return _reply(packet, name, TYPES[type], records, rcode == 3, trusted and bool(flags & 0x20))
    except (IndexError, struct.error, ValueError, dns.exception.DNSException) as error:
        raise Unreadable(str(error)) from None


def _reply(
    packet: bytes, name: str, type: int, records: list[_Record], nxdomain: bool, authenticated: bool
) -> Answer[Any]:
    """The records of ``name``, or of what it is an alias of."""
    aliases: list[str] = []
    targets = {record.owner: record for record in records if record.type == 5} if type != 5 else {}
    while name in targets and len(aliases) < _ALIASES:
        name = _name(packet, targets[name].start)[0]
        aliases.append(name)
    found = [record for record in records if record.type == type and record.owner == name]
    if not found or nxdomain:
        return Answer("nxdomain" if nxdomain else "nodata", (), "", authenticated, tuple(aliases))
    values = tuple(_value(packet, record) for record in found)
    return Answer("ok", values, "", authenticated, tuple(aliases), min(record.ttl for record in found))


def _records(packet: bytes, at: int, count: int) -> list[_Record]:
    records = []
    for _ in range(count):
        owner, at = _name(packet, at)
        type, _, ttl, length = struct.unpack_from("!HHIH", packet, at)
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
