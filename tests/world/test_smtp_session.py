"""An SMTP client that reads what it is told, hangs up politely, and believes nothing without end."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import Any

import pytest

from disavow.standards.questions import Address, Answer, Greet, Lookup, Question, Say
from disavow.world.smtp_session import Caller


def call(
    question: Question, *replies: bytes, address: str = "192.0.2.1", seconds: float = 2
) -> tuple[Answer[Any], bytes]:
    """The answer to ``question`` by a server that sends one of ``replies`` at a time; and all that it was told."""
    told = b""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal told
        try:
            for reply in replies:
                writer.write(reply)
                await writer.drain()
                told += await reader.readline()
        except OSError:
            pass
        finally:
            writer.transport.abort()

    async def resolve(question: Question) -> Answer[Any]:
        return Answer("ok", (ip_address(address),)) if question == Lookup("mail.example.org", "A") else Answer("nodata")

    async def go() -> Answer[Any]:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        async def dial(to: Address, wanted: int) -> Any:
            return await asyncio.open_connection("127.0.0.1", port if replies else 1)

        answer = await Caller(resolve, connect=dial, helo="client.example", seconds=seconds).ask(question)
        server.close()
        talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.wait(talks, timeout=1) if talks else None
        await asyncio.sleep(0.01)
        return answer

    return asyncio.run(go()), told


GREET = Greet("mail.example.org", 25)


def test_a_greeting_without_encryption() -> None:
    answer, told = call(GREET, b"220 mail ESMTP\r\n", b"250-mail\r\n250-AUTH PLAIN\r\n250 8BITMIME\r\n")
    (greeting,) = answer.values
    assert greeting.banner == "220 mail ESMTP"
    assert greeting.before == ("AUTH PLAIN", "8BITMIME")
    assert told == b"EHLO client.example\r\nQUIT\r\n"


def test_a_refusal_to_start_tls_is_told() -> None:
    answer, _ = call(GREET, b"220 mail\r\n", b"250-mail\r\n250 STARTTLS\r\n", b"454 4.7.0 not now\r\n")
    assert answer.values[0].failure == "454 4.7.0 not now"


def test_a_conversation_is_answered_reply_by_reply() -> None:
    question = Say("mail.example.org", 25, ("EHLO client.example", "VRFY postmaster"))
    answer, told = call(question, b"220 mail\r\n", b"250-mail\r\n250 SIZE\r\n", b"252 perhaps\r\n")
    assert answer.values == ("220 mail", "250 mail\n250 SIZE", "252 perhaps")
    assert told.endswith(b"QUIT\r\n")


def test_a_server_that_hangs_up_has_said_what_it_said() -> None:
    answer, _ = call(Say("mail.example.org", 25, ("EHLO a.example", "VRFY b")), b"220 mail\r\n", b"421 go away\r\n")
    assert answer.values == ("220 mail", "421 go away")


def test_a_refused_connection_is_a_fact() -> None:
    answer, _ = call(GREET)
    assert (answer.status, answer.values[0].failure) == ("ok", "connection refused")


@pytest.mark.parametrize("reply", [b"hello\r\n", b"\xff\xfe\r\n", b"22\r\n", b"220-more\r\n" * 200, b"x" * 200_000])
def test_what_is_no_reply_is_unknown(reply: bytes) -> None:
    assert call(GREET, reply, seconds=0.5)[0].status == "temperror"


def test_a_silent_server_is_unknown() -> None:
    assert call(GREET, b"", seconds=0.2)[0].status == "temperror"


def test_private_addresses_are_not_called() -> None:
    answer, told = call(GREET, b"220 mail\r\n", address="10.0.0.1")
    assert (answer.status, told) == ("temperror", b"")
