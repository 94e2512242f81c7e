"""A resolver that is slow, lies, cuts, loops or is silent leads to temperror, never to a wrong answer."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from disavow.judgement.audit import Audit, audit
from disavow.judgement.posture import Subject
from disavow.standards.questions import Answer, Lookup, Mx, Now, Tlsa
from disavow.world.ask import ask_async
from disavow.world.bulk_dns import BulkDns

Behaviour = Callable[[dns.message.Message], list[bytes]]


class Server(asyncio.DatagramProtocol):
    """A DNS server of which each test says how it behaves."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave, self.asked = behave, 0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.asked += 1
        for reply in self.behave(dns.message.from_wire(data)):
            self.transport.sendto(reply, address)


def answering(*records: str, rcode: int = 0, flags: int = 0) -> Behaviour:
    """A server that answers every question with ``records`` (name ttl class type data)."""

    def behave(query: dns.message.Message) -> list[bytes]:
        reply = dns.message.make_response(query)
        reply.set_rcode(dns.rcode.Rcode(rcode))
        reply.flags |= flags | dns.flags.RA
        for record in records:
            name, rest = record.split(" ", 1)
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", *rest.split(" ", 1)))
        return [reply.to_wire()]

    return behave


def run(behave: Behaviour, *questions: Any, tcp: bytes = b"") -> tuple[list[Answer[Any]], int]:
    """The answers, one after the other, and how often the server was asked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        reply = behave(dns.message.from_wire(query))[-1] if not tcp else query[:2] + tcp
        writer.write(struct.pack("!H", len(reply)) + reply)
        await writer.drain()
        writer.close()

    async def go() -> tuple[list[Answer[Any]], int]:
        listener = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Server(behave), local_addr=("127.0.0.1", port)
        )
        async with BulkDns(f"127.0.0.1:{port}", seconds=(0.1, 0.1)) as client:
            answers = [await client.ask(question) for question in questions]
        transport.close()
        listener.close()
        return answers, server.asked

    return asyncio.run(go())


NAME = "example.org"


@pytest.mark.parametrize(
    ("type", "record", "value"),
    [
        ("A", "A 192.0.2.1", ip_address("192.0.2.1")),
        ("AAAA", "AAAA 2001:db8::1", ip_address("2001:db8::1")),
        ("MX", "MX 10 Mail.Example.org.", Mx(10, "mail.example.org")),
        ("MX", "MX 0 .", Mx(0, "")),
        ("TXT", 'TXT "v=spf1 " "-all"', b"v=spf1 -all"),
        ("NS", "NS ns1.example.net.", "ns1.example.net"),
        ("TLSA", "TLSA 3 1 1 " + "ab" * 32, Tlsa(3, 1, 1, b"\xab" * 32)),
        ("DS", "DS 1 13 2 " + "ab" * 32, "1 13 2 " + "ab" * 32),
    ],
)
def test_each_type_has_its_value(type: str, record: str, value: object) -> None:
    (answer,), _ = run(answering(f"{NAME}. {record}"), Lookup(NAME, type))
    assert (answer.status, answer.values, answer.ttl) == ("ok", (value,), 60)


def test_aliases_are_followed_and_kept() -> None:
    behave = answering(
        f"{NAME}. CNAME a.example.net.", "a.example.net. CNAME b.example.net.", "b.example.net. A 192.0.2.1"
    )
    (answer,), _ = run(behave, Lookup(NAME, "A"))
    assert answer.aliases == ("a.example.net", "b.example.net")
    assert answer.values == (ip_address("192.0.2.1"),)


def test_an_alias_of_nothing_is_no_name() -> None:
    (answer,), _ = run(answering(f"{NAME}. CNAME gone.example.net.", rcode=3), Lookup(NAME, "A"))
    assert (answer.status, answer.aliases) == ("nxdomain", ("gone.example.net",))


def test_aliases_in_a_circle_end() -> None:
    (answer,), _ = run(answering(f"{NAME}. CNAME a.example.net.", f"a.example.net. CNAME {NAME}."), Lookup(NAME, "A"))
    assert (answer.status, answer.why) == ("temperror", "aliases without end")


def test_records_of_another_name_are_not_believed() -> None:
    (answer,), _ = run(answering("example.com. A 192.0.2.1"), Lookup(NAME, "A"))
    assert (answer.status, answer.why) == ("temperror", "the reply is about another name")


def test_the_ad_bit_of_this_machine_is_believed() -> None:
    (answer,), _ = run(answering(f"{NAME}. A 192.0.2.1", flags=dns.flags.AD), Lookup(NAME, "A"))
    assert answer.authenticated


@pytest.mark.parametrize("rcode", [1, 2, 4, 5, 9])
def test_a_failure_is_no_absence(rcode: int) -> None:
    (answer,), _ = run(answering(rcode=rcode), Lookup(NAME, "TXT"))
    assert answer.status == "temperror" and answer.why


def test_silence_is_asked_again_and_then_unknown() -> None:
    (answer,), asked = run(lambda query: [], Lookup(NAME, "TXT"))
    assert (answer.status, asked) == ("temperror", 2)


def _forged(query: dns.message.Message) -> list[bytes]:
    (genuine,) = answering(f"{NAME}. A 192.0.2.1")(query)
    (other,) = answering(f"{NAME}. A 203.0.113.66")(query)
    wrong_number = bytes((other[0] ^ 1,)) + other[1:]
    wrong_question = other[:13] + b"X" + other[14:]
    return [wrong_number, wrong_question, b"", b"\0" * 5, query.to_wire(), genuine]


def test_a_reply_to_another_question_is_not_taken() -> None:
    (answer,), _ = run(_forged, Lookup(NAME, "A"))
    assert answer.values == (ip_address("192.0.2.1"),)


def _cut(query: dns.message.Message) -> list[bytes]:
    (whole,) = answering(f'{NAME}. TXT "whole"')(query)
    return [whole[:2] + bytes((whole[2] | 2,)) + whole[3:], whole][:2]


def test_a_truncated_reply_is_fetched_by_tcp() -> None:
    (answer,), _ = run(_cut, Lookup(NAME, "TXT"))
    assert answer.values == (b"whole",)


@pytest.mark.parametrize("tcp", [b"\x80", b"\x81\x80" + b"\xff" * 40])
def test_rubbish_by_tcp_is_unknown(tcp: bytes) -> None:
    (answer,), _ = run(_cut, Lookup(NAME, "TXT"), tcp=tcp)
    assert answer.status == "temperror"


@pytest.mark.parametrize("cut", range(29, 60, 3))
def test_a_reply_that_ends_too_early_is_unknown(cut: int) -> None:
    behave = answering(f'{NAME}. TXT "v=spf1 -all"')
    (answer,), _ = run(lambda query: [behave(query)[0][:cut]], Lookup(NAME, "TXT"))
    assert answer.status == "temperror" or answer.values == (b"v=spf1 -all",)


def test_a_name_that_points_to_itself_is_unknown() -> None:
    def behave(query: dns.message.Message) -> list[bytes]:
        (reply,) = answering(f"{NAME}. A 192.0.2.1")(query)
        question = 12 + len(NAME) + 2 + 4
        return [reply[:question] + (0xC000 | question).to_bytes(2, "big") + reply[question + 2 :]]

    (answer,), _ = run(behave, Lookup(NAME, "A"))
    assert answer.status == "temperror"


def test_the_same_question_is_asked_once_but_a_failure_again() -> None:
    _, asked = run(answering(f"{NAME}. A 192.0.2.1"), Lookup(NAME, "A"), Lookup(NAME, "A"))
    assert asked == 1
    _, asked = run(answering(rcode=2), Lookup(NAME, "A"), Lookup(NAME, "A"))
    assert asked == 2


def test_what_is_no_name_does_not_exist_and_time_is_known() -> None:
    (long, now), asked = run(answering(), Lookup("a" * 70 + ".example", "A"), Now())
    assert (long.status, now.status, asked) == ("nxdomain", "ok", 0)


@pytest.mark.parametrize(
    "behave", [answering(rcode=2), answering(rcode=5), lambda query: []], ids=["servfail", "refused", "silent"]
)
def test_an_audit_without_answers_accuses_nobody(behave: Behaviour) -> None:
    async def go() -> Audit:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Server(behave), local_addr=("127.0.0.1", 0)
        )
        port = transport.get_extra_info("sockname")[1]
        async with BulkDns(f"127.0.0.1:{port}", seconds=(0.1,)) as client:
            found, _ = await ask_async(audit(Subject(NAME, thorough=False)), client.ask)
        transport.close()
        return found

    found = asyncio.run(go())
    assert {fault.level for fault in found.faults} == {"info"}
    assert all(fault.tag.endswith("-unknown") for fault in found.faults)
    assert found.grade == "?"
