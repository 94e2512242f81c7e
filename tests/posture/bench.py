"""A private Internet on loopback: nsd with a signed root, a validating unbound, HTTPS and SMTP with a private CA."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.zone
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from disavow.standards.questions import Address

from .cases import sts
from .zones import SURROUNDINGS, Case, address, records

PROGRAMS = ("nsd", "unbound")
_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
_DEFAULTS = ("test.", "2.0.192.in-addr.arpa.", "100.51.198.in-addr.arpa.", "113.0.203.in-addr.arpa.")
_DEFAULTS += ("8.b.d.0.1.0.0.2.ip6.arpa.",)
_REVERSES = ("in-addr.arpa", "ip6.arpa")


def missing() -> str:
    """The first program that is not installed, "" when all are."""
    return next((name for name in PROGRAMS if not shutil.which(name, path=_PATH)), "")


@dataclass(frozen=True)
class Bench:
    """``resolver`` is host:port of unbound; ``ca_file`` the private authority; ``dial`` leads every address home."""

    resolver: str
    authoritative: str
    ca_file: str
    servers: Servers

    async def dial(self, to: Address, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.servers.port(str(to), port))


@contextmanager
def running(cases: tuple[Case, ...]) -> Iterator[Bench]:
    """All servers, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="disavow-bench-") as folder:
        home = Path(folder)
        authority = Authority()
        (home / "ca.pem").write_bytes(authority.certificate.public_bytes(Encoding.PEM))
        everything = dict(SURROUNDINGS)
        for number, case in enumerate(cases):
            everything |= records(case, number)
        digest = hashlib.sha256(_spki(authority.server_key)).hexdigest()
        filled = {key: tuple(value.replace("{TLSA}", digest) for value in values) for key, values in everything.items()}
        anchor = _write_zones(home, filled, {case.name_of_domain: case.signed for case in cases})
        ports = [_free_port() for _ in range(2)]
        programs = [
            _start(home, "nsd", _nsd(home, ports[0]), "-d", ports[0]),
            _start(home, "unbound", _unbound(home, ports, anchor), "-d", ports[1]),
        ]
        servers = Servers(cases, authority)
        try:
            servers.start()
            yield Bench(f"127.0.0.1:{ports[1]}", f"127.0.0.1:{ports[0]}", str(home / "ca.pem"), servers)
        finally:
            servers.stop()
            for program in programs:
                program.terminate()
                program.wait(10)


# -- DNS ----------------------------------------------------------------------------------------------------------


def _write_zones(home: Path, everything: dict, signed: dict[str, str]) -> str:
    """One file for each zone; the trust anchor comes back. Children first: their parents hold what they make."""
    apexes = sorted({*signed, "test", "", *_REVERSES, *_apexes(everything)}, key=lambda apex: (-len(apex), apex))
    texts: dict[str, list[str]] = {apex: [] for apex in apexes}
    for (owner, kind), values in everything.items():
        zone = next(apex for apex in apexes if apex == "" or owner == f"{apex}." or owner.endswith(f".{apex}."))
        texts[zone] += [f"{owner} 300 {kind} {value}" for value in values]
    anchor = ""
    for apex in apexes:
        lines = texts[apex]
        if not any(line.startswith(f"{apex}. 300 NS") for line in lines):
            lines.append(f"{apex}. 300 NS ns1.host.test.")
        kind = {"": "good", "test": "good"}.get(apex, signed.get(apex, ""))
        soa = f"{apex}. 300 SOA ns1.host.test. hostmaster.host.test. 1 3600 600 86400 300"
        text, ds = _sign(apex, "\n".join([soa, *lines, ""]), kind)
        (home / f"{apex or 'root'}.zone").write_text(text)
        anchor = ds
        if apex:
            parent = "test" if apex.endswith(".test") else ""
            texts[parent] += [line for line in lines if line.startswith(f"{apex}. 300 NS")]
            texts[parent] += [f"{apex}. 300 DS {ds}"] if ds else []
    return anchor


def _apexes(everything: dict) -> set[str]:
    """The zones around the cases: every second-level name that has records."""
    owners = (owner.rstrip(".").split(".") for owner, _ in everything)
    return {".".join(labels[-2:]) for labels in owners if labels[-1] == "test"}


def _sign(apex: str, text: str, kind: str) -> tuple[str, str]:
    """The zone's text with signatures, and the DS for its parent; one that does not fit for a "bogus" zone."""
    if not kind:
        return text, ""
    origin = dns.name.from_text(f"{apex}.")
    zone = dns.zone.from_text(text, origin, relativize=False, check_origin=True)
    private = ec.generate_private_key(ec.SECP256R1())
    key = dns.dnssec.make_dnskey(private.public_key(), dns.dnssec.Algorithm.ECDSAP256SHA256, flags=257)
    dns.dnssec.sign_zone(zone, keys=[(private, key)], dnskey_ttl=300, lifetime=86_400)
    ds = dns.dnssec.make_ds(origin, key, "SHA256").to_text()
    if kind == "bogus":
        ds = " ".join([*ds.split()[:3], "00" * 32])
    return zone.to_text(relativize=False), ds


def _nsd(home: Path, port: int) -> str:
    zones = "".join(
        f'zone:\n name: "{path.stem if path.stem != "root" else "."}"\n zonefile: "{path}"\n'
        for path in sorted(home.glob("*.zone"))
    )
    return (
        f'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n database: ""\n zonesdir: "{home}"\n'
        f' pidfile: "{home}/nsd.pid"\n xfrdfile: "{home}/xfrd"\n zonelistfile: "{home}/zones"\n'
        f' logfile: "{home}/nsd.log"\n'
        f" server-count: 1\n rrl-ratelimit: 0\nremote-control:\n control-enable: no\n{zones}"
    )


def _unbound(home: Path, ports: list[int], anchor: str) -> str:
    plain = "".join(f' local-zone: "{name}" nodefault\n' for name in _DEFAULTS)
    stubs = "".join(
        f'stub-zone:\n name: "{path.stem if path.stem != "root" else "."}"\n stub-addr: 127.0.0.1@{ports[0]}\n'
        " stub-prime: no\n"
        for path in sorted(home.glob("*.zone"))
    )
    return (
        f'server:\n interface: 127.0.0.1@{ports[1]}\n username: ""\n chroot: ""\n directory: "{home}"\n'
        f' pidfile: "{home}/unbound.pid"\n use-syslog: no\n logfile: "{home}/unbound.log"\n'
        " do-not-query-localhost: no\n do-ip6: no\n num-threads: 1\n qname-minimisation: no\n"
        f' trust-anchor: ". 300 IN DS {anchor}"\n{plain}remote-control:\n control-enable: no\n{stubs}'
    )


def _start(home: Path, name: str, config: str, flag: str, port: int) -> subprocess.Popen:
    path = home / f"{name}.conf"
    path.write_text(config)
    program = shutil.which(name, path=_PATH) or name
    with (home / f"{name}.out").open("wb") as out:
        process = subprocess.Popen([program, flag, "-c", str(path)], stdout=out, stderr=out)
    _await_port(port, process, home, name)
    return process


def _await_port(port: int, process: subprocess.Popen, home: Path, name: str) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    log = "".join(path.read_text() for path in home.glob(f"{name}.*") if path.suffix in (".out", ".log"))
    raise RuntimeError(f"{name} does not run: {log[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# -- Certificates -------------------------------------------------------------------------------------------------


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Authority:
    """A private certificate authority, and the key that all its servers have."""

    def __init__(self) -> None:
        self.key, self.server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.certificate = self._issue("Bench CA", self.key, self.key, authority=True)

    def context(self, host: str, kind: str) -> ssl.SSLContext:
        """A server's context: "good", "expired", "selfsigned" or "wrongname"."""
        name = f"wrong.{host}" if kind == "wrongname" else host
        signer = self.server_key if kind == "selfsigned" else self.key
        certificate = self._issue(name, self.server_key, signer, expired=kind == "expired")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(self.server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.write(certificate.public_bytes(Encoding.PEM))
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _issue(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        signer: ec.EllipticCurvePrivateKey,
        authority: bool = False,
        expired: bool = False,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
        issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Bench CA")])
        own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        end = datetime.now(UTC) + timedelta(days=-1 if expired else 30)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject if signer is key else issuer)
        builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(end - timedelta(days=60)).not_valid_after(end)
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name.replace(" ", "-"))]), critical=False
        )
        builder = builder.add_extension(own, critical=False)
        return builder.sign(signer, hashes.SHA256())


# -- HTTPS and SMTP -----------------------------------------------------------------------------------------------


class Servers:
    """A web server for all, and a mail server for each way to behave, on ports of their own."""

    KINDS = ("good", "plain", "selfsigned", "wrongname", "expired", "auth")

    def __init__(self, cases: tuple[Case, ...], authority: Authority) -> None:
        self._authority = authority
        self._cases = {case.name_of_domain: case for case in cases}
        self._kinds = {address(number): case.server for number, case in enumerate(cases)}
        self._ports: dict[str, int] = {"refused": _free_port()}
        self._contexts: dict[tuple[str, str], ssl.SSLContext] = {}
        self._servers: list[asyncio.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def port(self, to: str, port: int) -> int:
        """Where what is dialled as ``to``:``port`` really listens."""
        return self._ports["https" if port == 443 else self._kinds.get(to, "good")]

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _listen(self) -> None:
        server = await asyncio.start_server(self._web, "127.0.0.1", 0, ssl=self._by_name("web"))
        self._ports["https"] = server.sockets[0].getsockname()[1]
        self._servers.append(server)
        for kind in self.KINDS:
            server = await asyncio.start_server(self._mail(kind), "127.0.0.1", 0)
            self._ports[kind] = server.sockets[0].getsockname()[1]
            self._servers.append(server)

    async def _hang_up(self) -> None:
        for server in self._servers:
            server.close()
        talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def _by_name(self, kind: str) -> ssl.SSLContext:
        """A context that shows each caller the certificate of the name that it asks for."""
        context = self._authority.context("nobody.test", "good")

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            connection.context = self._context(name or "nobody.test", kind)

        context.sni_callback = choose
        return context

    def _context(self, name: str, kind: str) -> ssl.SSLContext:
        if kind == "web":
            case = self._cases.get(name.removeprefix("mta-sts."))
            kind = "selfsigned" if case and case.policy == "selfsigned" else "good"
        if (name, kind) not in self._contexts:
            self._contexts[name, kind] = self._authority.context(name, kind)
        return self._contexts[name, kind]

    async def _web(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        host = next(line[6:] for line in head.splitlines() if line.startswith("Host: "))
        case = self._cases[host.removeprefix("mta-sts.")]
        policy = sts() if case.policy == "good" else case.policy
        status = policy if isinstance(policy, int) else 200
        body = "" if isinstance(policy, int) else policy.replace("{D}", case.name_of_domain)
        more = "Location: https://elsewhere.test/\r\n" if status == 301 else ""
        writer.write(f"HTTP/1.1 {status} -\r\n{more}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        await writer.drain()
        writer.close()

    def _mail(self, kind: str):
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail ESMTP\r\n")
            offers = [b"250-mail", *([b"250-AUTH PLAIN"] if kind == "auth" else [])]
            offers += [b"250-STARTTLS"] if kind != "plain" else []
            while line := (await reader.readline()).strip().upper():
                if line.startswith(b"EHLO"):
                    writer.write(b"\r\n".join([*offers, b"250 8BITMIME", b""]))
                elif line == b"STARTTLS":
                    writer.write(b"220 go\r\n")
                    await writer.drain()
                    await writer.start_tls(self._by_name("good" if kind == "auth" else kind))
                else:
                    writer.write(b"221 bye\r\n")
                    writer.close()
                    return

        async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await serve(reader, writer)
            except (OSError, ssl.SSLError):  # a caller that distrusts the certificate hangs up
                writer.close()

        return quietly
