"""A portfolio's posture: ours and checkdmarc on the same zones, behind a resolver without and with 30 ms of delay.

The zones are made up: 80 % have SPF, mostly through shared includes, 60 % DMARC, 60 % DKIM, as posture surveys find.
nsd serves them; it answers at once, so that the rate measured is that of the client. The peer is serial by design and
looks at no DKIM keys; ours asks for keys too. Both are one process. Behind the delay the peer waits and ours works: on
a busy machine ours loses, so that the rate of a whole core is told beside.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import resource
import select
import socket
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from disavow.judgement.audit import audit
from disavow.judgement.posture import Subject
from disavow.world.bulk_dns import BulkDns
from disavow.world.portfolio import each

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from posture import bench, zones  # noqa: E402

DOMAINS = 10_000
DELAY = 0.03


def main() -> None:
    """Print the table."""
    if name := bench.missing():
        print(f"{name} is not installed: skipped")
        return
    with _served() as port, _delayed(port) as slow:
        rounds = (("zero latency", port, DOMAINS, 60, 4), ("30 ms latency", slow, DOMAINS // 5, 12, 100))
        for label, server, many, count, bar in rounds:
            ours, cpu = _ours(server, many)
            theirs, their_cpu = _theirs(server, count)
            verdict = "met" if ours >= bar * theirs else "MISSED"
            print(
                f"{label:<14} ours {ours:7.1f} domains/s "
                f"({cpu * 1e3:5.2f} ms CPU each: {1 / cpu:4.0f}/s of a whole core), "
                f"checkdmarc {theirs:6.2f} ({their_cpu * 1e3:5.2f} ms CPU): {ours / theirs:6.1f}x, bar {bar}x {verdict}"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory after {DOMAINS + DOMAINS // 5:,} audits: {peak:.0f} MB")


def _ours(port: int, count: int) -> tuple[float, float]:
    async def go() -> int:
        subjects = (Subject(f"d{number}.test", servers=False, thorough=False) for number in range(count))
        async with BulkDns(f"127.0.0.1:{port}") as dns:
            return len([one.grade async for one, _ in each(subjects, audit, dns.post)])

    start, cpu = time.perf_counter(), time.process_time()
    assert asyncio.run(go()) == count
    return count / (time.perf_counter() - start), (time.process_time() - cpu) / count


def _theirs(port: int, count: int) -> tuple[float, float]:
    import checkdmarc

    start, cpu = time.perf_counter(), time.process_time()
    checkdmarc.check_domains([f"d{number}.test" for number in range(count)], resolver=_resolver(port))
    return count / (time.perf_counter() - start), (time.process_time() - cpu) / count


def _resolver(port: int):
    import dns.resolver

    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port, resolver.lifetime = ["127.0.0.1"], port, 2.0
    return resolver


@contextlib.contextmanager
def _served() -> Iterator[int]:
    """nsd with all the domains in one zone; the port."""
    with tempfile.TemporaryDirectory(prefix="disavow-bench-") as folder:
        home, port = Path(folder), bench._free_port()
        (home / "test.zone").write_text("\n".join(_zone()))
        program = bench._start(home, "nsd", bench._nsd(home, port), "-d", port)
        try:
            yield port
        finally:
            program.terminate()
            program.wait(10)


def _zone() -> Iterator[str]:
    yield "test. 300 SOA ns1.test. hostmaster.test. 1 3600 600 86400 300"
    yield "test. 300 NS ns1.test."
    yield "ns1.test. 300 A 192.0.2.1"
    for number in range(20):
        more = f"more{number}.provider.test"
        yield f'spf{number}.provider.test. 300 TXT "v=spf1 ip4:198.51.100.{number} include:{more} -all"'
        yield f'more{number}.provider.test. 300 TXT "v=spf1 ip4:203.0.113.{number} -all"'
        yield f"mx{number}.provider.test. 300 A 198.51.100.{number}"
    for number in range(DOMAINS):
        name, shared = f"d{number}.test.", number % 20
        yield f"{name} 300 MX 10 mx{shared}.provider.test."
        yield f"{name} 300 A 192.0.2.{number % 250}"
        if number % 5:
            yield f'{name} 300 TXT "v=spf1 include:spf{shared}.provider.test ~all"'
        if number % 5 < 3:
            yield f'_dmarc.{name} 300 TXT "v=DMARC1; p=none; rua=mailto:dmarc@{name[:-1]}"'
            yield f"default._domainkey.{name} 300 TXT {zones.text('v=DKIM1; p=' + zones.KEY)}"


@contextlib.contextmanager
def _delayed(port: int) -> Iterator[int]:
    """A port that answers as ``port`` does, 30 ms later."""
    free = bench._free_port()
    process = multiprocessing.get_context("spawn").Process(target=_proxy, args=(free, port), daemon=True)
    process.start()
    time.sleep(1.5)
    try:
        yield free
    finally:
        process.terminate()
        process.join(10)


def _proxy(listen: int, port: int) -> None:
    """Each question is passed on under a number of its own, and its answer back after the delay."""
    asking, serving = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    asking.connect(("127.0.0.1", port))
    serving.bind(("127.0.0.1", listen))
    for one in (asking, serving):
        one.setblocking(False)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    askers: dict[int, tuple[bytes, object]] = {}
    held: deque[tuple[float, bytes, object]] = deque()
    number = 0
    while True:
        select.select((asking, serving), (), (), max(0.0, held[0][0] - time.monotonic()) if held else 1.0)
        for data, address in _received(serving):
            number = (number + 1) & 0xFFFF
            askers[number] = data[:2], address
            asking.send(number.to_bytes(2, "big") + data[2:])
        due = time.monotonic() + DELAY
        for data, _ in _received(asking):
            if known := askers.pop(int.from_bytes(data[:2], "big"), None):
                held.append((due, known[0] + data[2:], known[1]))
        while held and held[0][0] <= time.monotonic():
            _, data, address = held.popleft()
            serving.sendto(data, address)


def _received(one: socket.socket) -> Iterator[tuple[bytes, object]]:
    with contextlib.suppress(BlockingIOError):
        while True:
            yield one.recvfrom(4096)
