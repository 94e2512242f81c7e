"""Only permitted addresses are connected to, and no mail is sent but to the owner's own mailbox."""

from __future__ import annotations

import asyncio
import contextlib
import stat
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from disavow.errors import Misconfigured
from disavow.judgement.consent import Permit
from disavow.standards.questions import Answer, Greet, Lookup, Question, Say
from disavow.world import probe
from disavow.world.resolver import Zone

PERMIT = Permit("mx.owner.test", ip_address("203.0.113.5"), 25, "published")
MAIL = ("EHLO x", "MAIL FROM:<me@owner.test>", "RCPT TO:<me@owner.test>", "DATA", "Subject: x\r\n\r\nx\r\n.")


class Line:
    """Stands for the network: notes whom it is asked to connect to, and leads to a server on loopback."""

    def __init__(self) -> None:
        self.dialled: list[str] = []
        self.heard: list[str] = []
        self.serving: list[Any] = []

    async def dial(self, address: Any, port: int) -> Any:
        self.dialled.append(f"{address} {port}")
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.append(asyncio.current_task())
        with contextlib.suppress(ConnectionError), contextlib.closing(writer):
            writer.write(b"220 mx.owner.test\r\n")
            while line := await reader.readline():
                self.heard.append(line.decode().rstrip())
                writer.write(b"554 no\r\n" if line.startswith(b"DATA") else b"250 ok\r\n")

    def ask(
        self, *questions: Question, permits: tuple[Permit, ...] = (PERMIT,), mailbox: str = ""
    ) -> list[Answer[Any]]:
        async def run() -> list[Answer[Any]]:
            server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            # The DNS has changed since the owner consented: it now leads somewhere else.
            dns = Zone("mx.owner.test. A 198.51.100.66\n").ask
            self.log: list[dict[str, Any]] = []
            prober = probe.Prober(dns, permits, self.log.append, mailbox, helo="x", connect=self.dial, pause=0)
            async with server:
                answers = [await prober.ask(question) for question in questions]
                await asyncio.gather(*self.serving)
                await asyncio.sleep(0)
                return answers

        return asyncio.run(run())


def test_the_checked_address_is_used_whatever_the_dns_says_now() -> None:
    line = Line()
    greeting, said = line.ask(Greet("mx.owner.test", 25), Say("203.0.113.5", 25, ("EHLO x", "NOOP")))
    assert line.dialled == ["203.0.113.5 25", "203.0.113.5 25"]
    assert greeting.values[0].banner == "220 mx.owner.test" and len(said.values) == 3


@pytest.mark.parametrize(
    "question",
    [
        Say("203.0.113.6", 25, ("EHLO x",)),
        Say("203.0.113.5", 22, ("EHLO x",)),
        Say("198.51.100.66", 25, ("EHLO x",)),
        Say("::ffff:203.0.113.5", 25, ("EHLO x",)),
        Greet("elsewhere.test", 25),
        Greet("127.0.0.1", 25),
        Say("203.0.113.5", 25, MAIL),
        Say("203.0.113.5", 25, ("EHLO x", "BDAT 5 LAST")),
        Say("203.0.113.5", 25, ("EHLO x", "MAIL FROM:<>\r\nDATA")),
    ],
)
def test_what_is_not_permitted_is_not_asked(question: Question) -> None:
    line = Line()
    (answer,) = line.ask(question)
    assert answer.status == "temperror" and answer.why.startswith("not asked")
    assert line.dialled == [] and line.log == []


@pytest.mark.parametrize(
    "lines",
    [
        (*MAIL[:2], "RCPT TO:<other@owner.test>", *MAIL[3:]),
        (*MAIL[:3], "RCPT TO:<other@owner.test>", *MAIL[3:]),
        (*MAIL, "MAIL FROM:<>"),
        MAIL[:2] + MAIL[3:],
    ],
)
def test_a_mail_goes_to_the_owners_mailbox_alone(lines: tuple[str, ...]) -> None:
    line = Line()
    (answer,) = line.ask(Say("203.0.113.5", 25, lines), mailbox="me@owner.test")
    assert answer.status == "temperror" and line.dialled == []


def test_a_text_is_not_sent_where_data_is_refused() -> None:
    line = Line()
    (answer,) = line.ask(Say("203.0.113.5", 25, MAIL), mailbox="me@owner.test")
    assert answer.values[-1] == "554 no" and not any("Subject" in heard for heard in line.heard)
    assert line.heard[-1] == "QUIT"


def test_every_session_is_logged(tmp_path: Path) -> None:
    log = probe.logging_to(tmp_path / "folder" / "log")
    log({"at": "now"})
    assert (tmp_path / "folder" / "log").read_text() == '{"at": "now"}\n'
    line = Line()
    line.ask(Say("203.0.113.5", 25, ("EHLO x",)))
    assert line.log[0]["address"] == "203.0.113.5" and line.log[0]["said"] == ("EHLO x",)


def test_dns_is_asked_as_ever() -> None:
    (answer,) = Line().ask(Lookup("mx.owner.test", "A"))
    assert answer.values == (ip_address("198.51.100.66"),)


def test_one_run_has_an_end() -> None:
    line = Line()
    line.ask(*(Say("203.0.113.5", 25, ("EHLO x", f"VRFY a{number}")) for number in range(60)))
    assert len(line.dialled) == 40


def test_the_secret_is_made_once_and_is_the_users_alone(tmp_path: Path) -> None:
    first = probe.secret(tmp_path / "folder" / "secret")
    assert first == probe.secret(tmp_path / "folder" / "secret") and len(first) == 64
    assert stat.S_IMODE((tmp_path / "folder" / "secret").stat().st_mode) == 0o600
    (tmp_path / "empty").write_text("")
    with pytest.raises(Misconfigured):
        probe.secret(tmp_path / "empty")


def test_a_name_without_a_dot_is_no_name_to_introduce_oneself_by() -> None:
    assert probe.own_name("laptop") == probe.own_name("not a name") == "disavow-probe.example.net"
    assert probe.own_name("Host.Example.ORG") == "host.example.org"
