"""Zones as text, and a real resolver against a server of our own on loopback."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from disavow.errors import Misconfigured
from disavow.standards.questions import Answer, Lookup, Mx
from disavow.world.recursive import Dns
from disavow.world.resolver import Zone, split_host_port

TEXT = """
$TTL 300
example.org.            A       192.0.2.1
Example.ORG.            TXT     "v=spf1 " "-all"
example.org.            MX      10 MX.example.org.
example.org.            MX      0 .
*.wild.example.org.     A       192.0.2.2
known.wild.example.org. TXT     "known"
alias.example.org.      CNAME   example.org.
dangling.example.org.   CNAME   nowhere.example.net.
loop1.example.org.      CNAME   loop2.example.org.
loop2.example.org.      CNAME   loop1.example.org.
toward.example.org.     CNAME   broken.example.org.
a.b.deep.example.org.   TXT     "deep"
$ORIGIN example.net.
@       60  IN  MX  10 mx
mx              A   192.0.2.3
; SERVFAIL broken.example.org.
"""


@pytest.mark.parametrize(
    ("name", "kind", "status", "values", "aliases"),
    [
        ("example.org", "A", "ok", (ip_address("192.0.2.1"),), ()),
        ("EXAMPLE.org.", "TXT", "ok", (b"v=spf1 -all",), ()),
        ("example.org", "MX", "ok", (Mx(10, "mx.example.org"), Mx(0, "")), ()),
        ("example.org", "AAAA", "nodata", (), ()),
        ("gone.example.org", "A", "nxdomain", (), ()),
        ("deep.example.org", "A", "nodata", (), ()),
        ("x.wild.example.org", "A", "ok", (ip_address("192.0.2.2"),), ()),
        ("x.y.wild.example.org", "A", "ok", (ip_address("192.0.2.2"),), ()),
        ("x.wild.example.org", "MX", "nodata", (), ()),
        ("known.wild.example.org", "A", "nodata", (), ()),
        ("x.known.wild.example.org", "A", "nxdomain", (), ()),
        ("wild.example.org", "A", "nodata", (), ()),
        ("alias.example.org", "A", "ok", (ip_address("192.0.2.1"),), ("example.org",)),
        ("alias.example.org", "CNAME", "ok", ("example.org",), ()),
        ("dangling.example.org", "A", "nxdomain", (), ("nowhere.example.net",)),
        ("example.net", "MX", "ok", (Mx(10, "mx.example.net"),), ()),
        ("mx.example.net", "A", "ok", (ip_address("192.0.2.3"),), ()),
        ("toward.example.org", "A", "temperror", (), ("broken.example.org",)),
        ("broken.example.org", "MX", "temperror", (), ()),
    ],
)
def test_a_zone_answers_as_a_server_would(
    name: str, kind: str, status: str, values: tuple[object, ...], aliases: tuple[str, ...]
) -> None:
    answer = Zone(TEXT)(Lookup(name, kind))
    assert (answer.status, answer.values, answer.aliases) == (status, values, aliases)


def test_an_alias_loop_fails() -> None:
    assert Zone(TEXT)(Lookup("loop1.example.org", "A")).why == "alias loop"


@pytest.mark.parametrize("line", ["$INCLUDE /etc/passwd", "$GENERATE 1-99999999 h$.example.org. A 192.0.2.1"])
def test_a_zone_reads_no_other_file_and_grows_no_records(line: str) -> None:
    with pytest.raises(Misconfigured):
        Zone(line + "\n")


def test_a_zone_that_cannot_be_read_is_misconfigured(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="not a zone file"):
        Zone("example.org. A not-an-address\n")
    with pytest.raises(Misconfigured, match="--zone"):
        Zone.read(str(tmp_path / "missing"))
    (tmp_path / "zone").write_text(TEXT)
    assert Zone.read(str(tmp_path / "zone"))(Lookup("example.org", "A")).status == "ok"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("[::1]:5353", ("::1", 5353)),
        ("[::1]", ("::1", 53)),
        ("::1", ("::1", 53)),
    ],
)
def test_resolver_addresses(text: str, expected: tuple[str, int]) -> None:
    assert split_host_port(text, 53) == expected


@pytest.mark.parametrize("text", ["", "ns.example.org", "127.0.0.1:x", "127.0.0.1:53:53"])
def test_what_is_no_resolver_address_is_misconfigured(text: str) -> None:
    with pytest.raises(Misconfigured):
        split_host_port(text, 53)


class _Server(socketserver.BaseRequestHandler):
    """Knows example.org, an alias, a name without data, a refusal; sets AD; counts what it is asked."""

    asked: list[str] = []  # noqa: RUF012

    def handle(self) -> None:
        data, socket = self.request
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text()
        self.asked.append(name)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA | dns.flags.AD
        if name == "alias.example.org.":
            response.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "example.org."))
        if name in ("example.org.", "alias.example.org."):
            response.answer.append(dns.rrset.from_text("example.org.", 60, "IN", "TXT", '"one" "two"'))
        elif name == "refused.example.org.":
            response.set_rcode(dns.rcode.REFUSED)
        elif name != "nodata.example.org.":
            response.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(response.to_wire(), self.client_address)


@pytest.fixture
def resolver() -> Iterator[Dns]:
    _Server.asked.clear()
    with socketserver.UDPServer(("127.0.0.1", 0), _Server) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Dns(f"127.0.0.1:{server.server_address[1]}", 2.0)
        server.shutdown()
        thread.join()


def test_a_real_resolver_answers_the_same_questions(resolver: Dns) -> None:
    assert resolver(Lookup("example.org", "TXT")) == Answer("ok", (b"onetwo",), "", True, (), 60)
    assert resolver(Lookup("alias.example.org", "TXT")) == Answer("ok", (b"onetwo",), "", True, ("example.org",), 60)
    assert resolver(Lookup("nodata.example.org", "TXT")).status == "nodata"
    assert resolver(Lookup("gone.example.org", "TXT")).status == "nxdomain"
    assert resolver(Lookup("refused.example.org", "TXT")).status == "temperror"


@pytest.mark.parametrize(
    "name", ["a..example.org", "x" * 64 + ".example.org", "a." * 130 + "example.org", "a\\2x.example"]
)
def test_what_is_no_name_does_not_exist_and_is_not_asked(resolver: Dns, name: str) -> None:
    assert resolver(Lookup(name, "TXT")).status == "nxdomain"
    assert _Server.asked == []


def test_answers_are_kept_and_failures_are_not(resolver: Dns) -> None:
    for _ in range(3):
        resolver(Lookup("example.org", "TXT"))
    assert len(_Server.asked) == 1
    before = len(_Server.asked)
    resolver(Lookup("refused.example.org", "TXT"))
    again = len(_Server.asked)
    resolver(Lookup("refused.example.org", "TXT"))
    assert before < again < len(_Server.asked)


def test_asynchronously_too(resolver: Dns) -> None:
    async def both() -> list[str]:
        lookups = [Lookup("example.org", "TXT"), Lookup("gone.example.org", "TXT")]
        return [answer.status for answer in await asyncio.gather(*map(resolver.ask, lookups))]

    assert asyncio.run(both()) == ["ok", "nxdomain"]
