"""A resolver that is slow, lies, cuts, loops or is silent leads to temperror, never to a wrong answer."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rrset
import pytest

from disavow.errors import Unreachable
from disavow.judgement.audit import Audit, audit
from disavow.judgement.posture import Subject
from disavow.standards.questions import Answer, Lookup, Mx, Now, Tlsa
from disavow.world import bulk_dns
from disavow.world.ask import Posted, ask, ask_async
from disavow.world.bulk_dns import BulkDns
from disavow.world.portfolio import each
from disavow.world.recursive import Dns
from disavow.world.resolver import Zone

Behaviour = Callable[[dns.message.Message], list[bytes]]


class Server(asyncio.DatagramProtocol):
    """A DNS server of which each test says how it behaves."""

    def __init__(self, behave: Behaviour, delay: float = 0) -> None:
        self.behave, self.asked, self.delay = behave, 0, delay

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.asked += 1
        for reply in self.behave(dns.message.from_wire(data)):
            asyncio.get_running_loop().call_later(self.delay, self._send, reply, address)

    def _send(self, reply: bytes, address: Any) -> None:
        if not self.transport.is_closing():
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


def _wrong_number(query: dns.message.Message) -> list[bytes]:
    (reply,) = answering(f"{NAME}. A 192.0.2.1")(query)
    return [bytes((reply[0] ^ 1,)) + reply[1:]]


def _wrong_question(query: dns.message.Message) -> list[bytes]:
    other = dns.message.make_query("other.example.", query.question[0].rdtype, id=query.id)
    return answering('other.example. TXT "v=spf1 +all"')(other)


def _circle(query: dns.message.Message) -> list[bytes]:
    name = query.question[0].name.to_text()
    return answering(f"{name} CNAME a.example.net.", f"a.example.net. CNAME {name}")(query)


def _referral(query: dns.message.Message) -> list[bytes]:
    reply = dns.message.make_response(query)
    reply.authority.append(dns.rrset.from_text("org.", 60, "IN", "NS", "ns.example.net."))
    return [reply.to_wire()]


def _cut_always(query: dns.message.Message) -> list[bytes]:
    return _cut(query)[:1]


LIES = {
    "servfail": answering(rcode=2),
    "refused": answering(rcode=5),
    "silent": lambda query: [],
    "rubbish": lambda query: [query.to_wire()[:2] + b"\x81\x80" + b"\xff" * 40],
    "wrong number": _wrong_number,
    "wrong question": _wrong_question,
    "its own question": lambda query: [query.to_wire()],
    "circle": _circle,
    "about another name": answering("other.example. TXT lie", "other.example. A 192.0.2.66"),
    "referral": _referral,
    "cut, and no TCP": _cut_always,
}


def audited(behave: Behaviour, client: str, delay: float = 0) -> Audit:
    """The audit of a domain whose resolver behaves so."""

    async def go() -> Audit:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Server(behave, delay), local_addr=("127.0.0.1", 0)
        )
        server = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        if client == "dns":
            found, _ = await ask_async(audit(SUBJECT), Dns(server, seconds=0.1).ask)
        else:
            async with BulkDns(server, seconds=(0.1, 0.1)) as bulk:
                (found,) = [one async for one, _ in each([SUBJECT], audit, bulk.post)]
        transport.close()
        return found

    return asyncio.run(go())


SUBJECT = Subject(NAME, servers=False, thorough=False)


@pytest.mark.parametrize("client", ["bulk", "dns"])
@pytest.mark.parametrize("lie", LIES)
def test_a_resolver_that_fails_or_lies_accuses_nobody(lie: str, client: str) -> None:
    found = audited(LIES[lie], client)
    assert {fault.level for fault in found.faults} == {"info"}
    assert all(fault.tag.endswith("-unknown") for fault in found.faults)
    assert found.grade == "?"


@pytest.mark.parametrize("client", ["bulk", "dns"])
def test_a_resolver_that_answers_too_late_accuses_nobody(client: str) -> None:
    found = audited(answering(rcode=3), client, delay=0.4)
    assert all(fault.tag.endswith("-unknown") for fault in found.faults)
    assert found.grade == "?"


def test_a_reply_that_comes_too_late_is_not_taken_for_the_next() -> None:
    """The first attempt's answer arrives during the second: each attempt has a number of its own."""
    replies = iter((["192.0.2.66"], ["192.0.2.1"]))

    def behave(query: dns.message.Message) -> list[bytes]:
        return [wire for address in next(replies, []) for wire in answering(f"{NAME}. A {address}")(query)]

    async def go() -> Answer[Any]:
        first = True

        class Slow(Server):
            def datagram_received(self, data: bytes, address: Any) -> None:
                nonlocal first
                (reply,) = self.behave(dns.message.from_wire(data))
                asyncio.get_running_loop().call_later(0.18 if first else 0.08, self.transport.sendto, reply, address)
                first = False

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Slow(behave), local_addr=("127.0.0.1", 0)
        )
        async with BulkDns(f"127.0.0.1:{transport.get_extra_info('sockname')[1]}", seconds=(0.1, 1.0)) as client:
            answer = await client.ask(Lookup(NAME, "A"))
        transport.close()
        return answer

    assert asyncio.run(go()).values == (ip_address("192.0.2.1"),)


def test_many_questions_wait_for_their_turn_and_all_are_answered() -> None:
    async def go() -> tuple[list[Answer[Any]], int]:
        transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Server(answering(rcode=3)), local_addr=("127.0.0.1", 0)
        )
        async with BulkDns(f"127.0.0.1:{transport.get_extra_info('sockname')[1]}", in_flight=3) as client:
            asked = [client.ask(Lookup(f"n{number % 100}.example", "A")) for number in range(300)]
            answers = await asyncio.gather(*asked)
        transport.close()
        return answers, server.asked

    answers, asked = asyncio.run(go())
    assert {answer.status for answer in answers} == {"nxdomain"}
    assert asked == 100


def test_a_resolver_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(self: bulk_dns._Socket, host: str, port: int) -> None:
        raise OSError("Network is unreachable")

    async def go() -> None:
        async with BulkDns("[2001:db8::53]"):
            pass

    monkeypatch.setattr(bulk_dns._Socket, "__init__", connect)
    with pytest.raises(Unreachable, match=r"the resolver 2001:db8::53.*unreachable"):
        asyncio.run(go())


@pytest.mark.parametrize("client", ["bulk", "dns"])
def test_a_domain_that_never_answers_is_left_alone(client: str) -> None:
    """Of the audit of a dead domain only the first round waits; a living one beside it is audited whole."""
    silent = dns.name.from_text("dead.example.")

    def behave(query: dns.message.Message) -> list[bytes]:
        return [] if query.question[0].name.is_subdomain(silent) else answering(rcode=3)(query)

    async def go() -> tuple[dict[str, Audit], int]:
        transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Server(behave), local_addr=("127.0.0.1", 0)
        )
        subjects = [Subject(name, servers=False, thorough=False) for name in ("dead.example", "living.example")]
        address = f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        async with BulkDns(address, seconds=(0.1, 0.1)) as bulk:
            post = bulk.post if client == "bulk" else Posted(Dns(address, seconds=0.2).ask)
            found = {one.domain: one async for one, _ in each(subjects, audit, post)}
        transport.close()
        return found, server.asked

    found, asked = asyncio.run(go())
    assert all(fault.tag.endswith("-unknown") for fault in found["dead.example"].faults)
    assert "spf-none" in {fault.tag for fault in found["living.example"].faults}
    living = len(ask(audit(Subject("living.example", servers=False, thorough=False)), Zone(""))[1])
    assert asked < living + 2 * 8
