"""HTTPS as RFC 8461 wants it: verified, not redirected, small, in time, and not into our own network."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from disavow.standards.questions import Address, Answer, Fetch, Lookup, Question
from disavow.world.fetch import Fetcher
from posture.bench import Authority

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HOST, URL = "mta-sts.example.org", "https://mta-sts.example.org/.well-known/mta-sts.txt"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> str:
    (tmp_path / "ca.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    return str(tmp_path / "ca.pem")


def saying(*pieces: bytes, wait: float = 0) -> Talk:
    """A server that sends ``pieces``, whatever it is asked."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(wait)
        writer.close()

    return talk


def get(
    talk: Talk | None, context: ssl.SSLContext | None, ca_file: str, address: str = "192.0.2.1", seconds: float = 5
) -> Answer[Any]:
    async def resolve(question: Question) -> Answer[Any]:
        known = isinstance(question, Lookup) and question == Lookup(HOST, "A") and address
        return Answer("ok", (ip_address(address),)) if known else Answer("nxdomain")

    async def go() -> Answer[Any]:
        async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await talk(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                if not writer.is_closing():
                    writer.transport.abort()

        server = await asyncio.start_server(quietly, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        if talk is None:
            server.close()

        async def dial(to: Address, wanted: int) -> Any:
            assert (str(to), wanted) == (address, 443)
            return await asyncio.open_connection("127.0.0.1", port)

        answer = await Fetcher(resolve, ca_file, connect=dial, seconds=seconds).ask(Fetch(URL))
        server.close()
        talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.wait(talks, timeout=1) if talks else None
        await asyncio.sleep(0.01)  # connections close in a round of their own
        return answer

    return asyncio.run(go())


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def test_a_file_is_fetched(authority: Authority, ca_file: str) -> None:
    answer = get(saying(OK + b"Content-Length: 5\r\n\r\n", b"hello"), authority.context(HOST, "good"), ca_file)
    (response,) = answer.values
    assert (response.status, response.body, response.problem) == (200, b"hello", "")
    assert ("content-type", "text/plain") in response.headers


def test_a_body_in_chunks_is_joined(authority: Authority, ca_file: str) -> None:
    body = b"Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    answer = get(saying(OK + body), authority.context(HOST, "good"), ca_file)
    assert answer.values[0].body == b"hello"


def test_a_redirect_is_an_answer_and_not_followed(authority: Authority, ca_file: str) -> None:
    moved = b"HTTP/1.1 301 Moved\r\nLocation: https://example.com/\r\nContent-Length: 0\r\n\r\n"
    answer = get(saying(moved), authority.context(HOST, "good"), ca_file)
    assert answer.values[0].status == 301


@pytest.mark.parametrize(
    ("kind", "word"), [("selfsigned", "self-signed"), ("expired", "expired"), ("wrongname", "mismatch")]
)
def test_a_certificate_that_cannot_be_trusted_is_an_answer(
    authority: Authority, ca_file: str, kind: str, word: str
) -> None:
    answer = get(saying(OK + b"\r\n"), authority.context(HOST, kind), ca_file)
    (response,) = answer.values
    assert response.status == 0 and word in response.problem.lower()


def test_a_body_without_end_is_cut(authority: Authority, ca_file: str) -> None:
    answer = get(saying(OK + b"\r\n", *[b"x" * 65_536] * 20), authority.context(HOST, "good"), ca_file)
    assert len(answer.values[0].body) == 65_537  # one more than allowed: so that it is seen


def test_a_server_that_drips_is_given_up(authority: Authority, ca_file: str) -> None:
    answer = get(saying(*[b"H"] * 50, wait=0.1), authority.context(HOST, "good"), ca_file, seconds=0.4)
    assert (answer.status, answer.why) == ("temperror", "no answer in time")


@pytest.mark.parametrize("reply", [b"", b"hello\r\n\r\n", b"\0" * 100, b"HTTP/1.1 two hundred\r\n\r\n"])
def test_what_is_no_http_is_unknown(authority: Authority, ca_file: str, reply: bytes) -> None:
    assert get(saying(reply), authority.context(HOST, "good"), ca_file).status == "temperror"


def test_a_refused_connection_is_unknown(authority: Authority, ca_file: str) -> None:
    assert get(None, None, ca_file).status == "temperror"


def test_a_server_without_tls_is_unknown(ca_file: str) -> None:
    assert get(saying(OK), None, ca_file, seconds=1).status == "temperror"


def test_a_host_that_does_not_exist_does_not_exist(ca_file: str) -> None:
    assert get(None, None, ca_file, address="").status == "nxdomain"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_nobody_leads_us_into_our_own_network(ca_file: str, address: str) -> None:
    answer = get(saying(OK), None, ca_file, address=address)
    assert (answer.status, answer.why) == ("temperror", "only private addresses: not connected to")


def test_only_https_is_fetched(ca_file: str) -> None:
    async def resolve(question: Question) -> Answer[Any]:
        raise AssertionError("nothing is looked up")

    for question in (Fetch("http://example.org/"), Fetch("https:///x"), Lookup("example.org", "A")):
        assert asyncio.run(Fetcher(resolve, ca_file).ask(question)).status == "temperror"
