"""Mailboxes on a real server (Dovecot, private, on loopback): read in order, left as they were, resumed where cut."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from disavow.doors.cli import disavow
from disavow.errors import Malformed, Misconfigured, Unreachable
from disavow.standards import aggregate
from disavow.world.sources import Budget, Mail, Unreadable, read
from disavow.world.sources.places import imap
from disavow.world.stores import Store, batch

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SECRET = "correct-horse"
MAILS = [b"From: a@example.org\r\nSubject: %d\r\n\r\n%s\r\n" % (n, b"text " * 2000) for n in range(30)]
CONFIG = """
base_dir = {top}/run
state_dir = {top}/state
log_path = {top}/log
protocols = imap
listen = 127.0.0.1
auth_failure_delay = 0
ssl = yes
ssl_cert = <{top}/cert.pem
ssl_key = <{top}/key.pem
mail_location = maildir:{top}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
default_login_user = {login}
passdb {{
  driver = static
  args = password={secret}
}}
userdb {{
  driver = static
  args = home={top}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Server(NamedTuple):
    top: Path
    plain: int
    tls: int

    def url(self, mailbox: str = "", port: int = 0) -> str:
        return f"imap://owner@localhost:{port or self.plain}/{mailbox}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def certificate(top: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (top / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem, pkcs8, plain = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (top / "key.pem").write_bytes(key.private_bytes(pem, pkcs8, plain))


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Server]:
    if not DOVECOT:
        pytest.skip("Dovecot is not installed")
    if os.geteuid():
        pytest.skip("Dovecot is started by root only")
    top = Path(tempfile.mkdtemp(prefix="disavow-dovecot-"))
    top.chmod(0o755)
    certificate(top)
    server = Server(top, free_port(), free_port())
    (top / "mail").mkdir()
    shutil.chown(top / "mail", "dovecot", "dovecot")
    values = {"uid": "dovecot", "gid": "dovecot", "login": "dovenull", "secret": SECRET}
    config = CONFIG.format(top=top, plain=server.plain, tls=server.tls, **values)
    (top / "dovecot.conf").write_text(config)
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(top / "dovecot.conf")])
    try:
        wait_for(server.plain, top / "log")
        yield server
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(top)


def wait_for(port: int, log: Path) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text() if log.exists() else "no log")


@pytest.fixture
def server(dovecot: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server with 30 mails in INBOX, its certificate trusted, its password in the environment."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.top / "cert.pem"))
    monkeypatch.setenv(imap.PASSWORD, SECRET)
    shutil.rmtree(dovecot.top / "mail" / "owner", ignore_errors=True)
    with imap._connection(imap.parse(dovecot.url())) as box:
        for mail in MAILS:
            box.append("INBOX", "", "", mail)
        box.create(imap.quoted("Erledigt & früher"))
    return dovecot


def test_every_mail_in_order_of_arrival_and_none_marked(server: Server) -> None:
    for url in (server.url(), server.url("INBOX"), f"imaps://owner@127.0.0.1:{server.tls}/INBOX"):
        items = list(read(url))
        assert [item.raw for item in items if isinstance(item, Mail)] == MAILS
        assert [item.number for item in items] == list(range(1, 31))
        assert items[0].where.endswith("/;UID=1")
    assert unseen(server) == 30


def unseen(server: Server) -> int:
    with imap._connection(imap.parse(server.url())) as box:
        box.select(readonly=True)
        return len(box.search(None, "UNSEEN")[1][0].split())


def test_reading_goes_on_after_a_position(server: Server) -> None:
    items = list(read(server.url()))
    rest = imap.read(server.url(), Budget(), imap.position(items[9]))
    assert list(rest) == items[10:]
    assert not list(imap.read(server.url(), Budget(), imap.position(items[-1])))
    renumbered = imap.position(items[9])._replace(validity=1)
    assert list(imap.read(server.url(), Budget(), renumbered)) == items


class Cutter:
    """A proxy that lets each connection pass a number of bytes from the server and then cuts it."""

    def __init__(self, target: int, allowances: list[int]) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.target, self.allowances = self.listener.getsockname()[1], target, allowances
        self.connections = 0

    def __enter__(self) -> Cutter:
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(20)

    def serve(self) -> None:
        with suppress(OSError):
            for allowance in self.allowances:
                client, _ = self.listener.accept()
                self.connections += 1
                with client, socket.create_connection(("127.0.0.1", self.target)) as server:
                    back = threading.Thread(target=self.copy, args=(client, server, 1 << 40))
                    back.start()
                    self.copy(server, client, allowance)
                    back.join(20)

    def copy(self, source: socket.socket, target: socket.socket, allowance: int) -> None:
        with suppress(OSError):
            while allowance > 0 and (data := source.recv(4096)):
                target.sendall(data)
                allowance -= len(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_broken_connection_resumes_where_it_was(server: Server) -> None:
    with Cutter(server.plain, [60_000, 90_000, 1 << 40]) as cutter:
        items = list(read(server.url(port=cutter.port)))
    assert cutter.connections == 3
    assert [item.raw for item in items if isinstance(item, Mail)] == MAILS


def test_a_server_that_always_breaks_off_is_unreachable(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap.time, "sleep", lambda seconds: None)
    with Cutter(server.plain, [10] * 10) as cutter, pytest.raises(Unreachable):
        list(read(server.url(port=cutter.port)))
    assert cutter.connections == imap.RETRIES + 1


def test_acknowledged_mails_are_marked_or_moved(server: Server) -> None:
    mails = [imap.position(item) for item in read(server.url())]
    imap.acknowledge(server.url(), mails[:3])
    assert unseen(server) == 27
    with pytest.raises(Unreachable, match="numbered"):
        imap.acknowledge(server.url(), [mails[3], mails[4]._replace(validity=1)])
    assert unseen(server) == 27
    imap.acknowledge(server.url(), mails[3:5], move_to="Erledigt & früher")
    assert len(list(read(server.url()))) == 28
    moved = list(read(server.url("Erledigt%20%26%20fr%C3%BCher")))
    assert [item.raw for item in moved if isinstance(item, Mail)] == MAILS[3:5]


def test_a_mail_over_the_budget_is_named(server: Server) -> None:
    with imap._connection(imap.parse(server.url())) as box:
        box.append("INBOX", "", "", MAILS[0] + b"x" * 20_000)
    *small, large = read(server.url(), budget=Budget(message=20_000))
    assert len(small) == 30
    assert isinstance(large, Unreadable)
    assert large.why == "is larger than 20000 bytes"


def test_what_cannot_be_opened_is_one_sentence(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Malformed, match="cannot be opened"):
        next(read(server.url("Nowhere")))
    with pytest.raises(Malformed, match="holds no mail"):
        next(read(server.url("Erledigt%20%26%20fr%C3%BCher")))
    monkeypatch.setenv(imap.PASSWORD, "wrong")
    with pytest.raises(Misconfigured, match="refused user or password") as error:
        next(read(server.url()))
    assert "wrong" not in str(error.value)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(Misconfigured, match="certificate is not valid"):
        next(read(server.url()))


def test_the_password_comes_from_a_file_or_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(imap.PASSWORD)
    with pytest.raises(Misconfigured, match="there is no password"):
        next(read(server.url()))
    (tmp_path / "secret").write_text(SECRET + "\n")
    monkeypatch.setenv(imap.PASSWORD_FILE, str(tmp_path / "secret"))
    assert len(list(read(server.url()))) == 30


@pytest.mark.parametrize(
    "url",
    [
        "imap://owner:secret@localhost/",
        "imaps://localhost/INBOX",
        "imaps:///INBOX",
        "imaps://a@localhost:x/",
        "imap://",
    ],
)
def test_addresses_that_name_no_mailbox_or_a_password(url: str) -> None:
    with pytest.raises(Misconfigured) as error:
        next(read(url))
    assert "secret" not in str(error.value)


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(imap.PASSWORD, SECRET)
    monkeypatch.setattr(imap.time, "sleep", lambda seconds: None)
    with pytest.raises(Unreachable, match="connection refused"):
        next(read(f"imap://owner@127.0.0.1:{free_port()}/"))


@pytest.mark.parametrize(
    ("name", "wire"),
    [("INBOX", '"INBOX"'), ("A&B", '"A&-B"'), ("Entwürfe", '"Entw&APw-rfe"'), ('a"b\\', '"a\\"b\\\\"')],
)
def test_names_of_mailboxes(name: str, wire: str) -> None:
    assert imap.quoted(name) == wire


def fill(server: Server, count: int) -> None:
    """The mailbox holds ``count`` reports, each another."""
    with imap._connection(imap.parse(server.url())) as box:
        box.select()
        box.uid("STORE", "1:*", "+FLAGS.SILENT", r"(\Deleted)")
        box.expunge()
        for number in range(count):
            box.append("INBOX", "", "", report_mail(number))


def report_mail(number: int) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "dmarc@example.com", f"Report {number}"
    message.set_content("A report.")
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    policy = aggregate.Policy("example.org", "reject")
    header = aggregate.Header("Reporter", "dmarc@example.com", f"{number}", begin, begin + timedelta(days=1), policy)
    row = aggregate.Row(ip_address("203.0.113.9"), 1, "reject", "fail", "fail", header_from="example.org")
    data = aggregate.format(aggregate.Report(header, (row,) * 200))
    message.add_attachment(data, maintype="application", subtype="xml", filename="r.xml")
    return message.as_bytes(policy=SMTP)


def stored(path: Path) -> tuple[int, int]:
    with Store(path) as store:
        return tuple(store.query("SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM sightings)")[0])


def arguments(server: Server, store: Path, *more: str, port: int = 0) -> list[str]:
    return ["intake", "--offline", "--store", str(store), *more, server.url(port=port)]


def failure(arguments: list[str]) -> BaseException | None:
    return CliRunner().invoke(disavow, arguments).exception


@pytest.mark.parametrize(("more", "left"), [(("--mark",), 9), (("--move-to", "Erledigt & früher"), 0), ((), 9)])
def test_an_intake_marks_or_moves_what_it_stored(
    server: Server, tmp_path: Path, more: tuple[str, ...], left: int
) -> None:
    fill(server, 9)
    assert failure(arguments(server, tmp_path / "s", *more)) is None
    assert stored(tmp_path / "s") == (9, 1800)
    with imap._connection(imap.parse(server.url())) as box:
        assert int(box.select(readonly=True)[1][0]) == left
        assert len(box.search(None, "UNSEEN")[1][0].split()) == (0 if more else 9)


def test_nothing_is_marked_or_moved_before_it_is_stored(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(server, 9)
    monkeypatch.setattr(batch, "ENTRIES", 4)
    seen: list[tuple[int, int]] = []
    commit, acknowledge = batch.Batch.commit, imap.acknowledge

    def fail_later(self: batch.Batch) -> None:
        if seen:
            raise Unreachable("the store", "the disk is full")
        commit(self)

    def note(where: str, mails: list[imap.Position], move_to: str = "") -> None:
        seen.append((len(mails), unseen(server)))
        acknowledge(where, mails, move_to)

    monkeypatch.setattr(batch.Batch, "commit", fail_later)
    monkeypatch.setattr(imap, "acknowledge", note)
    assert isinstance(failure(arguments(server, tmp_path / "s", "--mark")), Unreachable)
    assert seen == [(4, 9)] and unseen(server) == 5
    assert stored(tmp_path / "s") == (4, 800)
    monkeypatch.undo()
    monkeypatch.setenv(imap.PASSWORD, SECRET)
    monkeypatch.setenv("SSL_CERT_FILE", str(server.top / "cert.pem"))
    assert failure(arguments(server, tmp_path / "s", "--mark")) is None
    assert stored(tmp_path / "s") == (9, 1800) and unseen(server) == 0


def test_an_intake_goes_on_where_the_connection_broke(server: Server, tmp_path: Path) -> None:
    fill(server, 9)
    with Cutter(server.plain, [200_000, 300_000, 1 << 40, 1 << 40]) as cutter:
        assert failure(arguments(server, tmp_path / "s", port=cutter.port)) is None
    assert cutter.connections >= 3
    assert stored(tmp_path / "s") == (9, 1800)
