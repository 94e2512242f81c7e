"""A portfolio that is stopped keeps what it has, and goes on where it stopped."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import pytest

NAMES = [f"d{number}.example" for number in range(40)]


class Resolver:
    """Says that nothing exists; of the names in ``silent`` it says nothing."""

    def __init__(self) -> None:
        self.silent: set[str] = set()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.2)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._ended = threading.Event()

    def serve(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                data, asker = self._socket.recvfrom(4096)
                query = dns.message.from_wire(data)
                if not any(query.question[0].name.to_text().endswith(f"{name}.") for name in self.silent):
                    reply = dns.message.make_response(query, recursion_available=True)
                    reply.set_rcode(dns.rcode.NXDOMAIN)
                    self._socket.sendto(reply.to_wire(), asker)
        self._socket.close()

    def end(self) -> None:
        self._ended.set()


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    found = Resolver()
    thread = threading.Thread(target=found.serve)
    thread.start()
    yield found
    found.end()
    thread.join()


def start(resolver: Resolver, tmp_path: Path) -> subprocess.Popen[str]:
    names, output = tmp_path / "names", tmp_path / "out.ndjson"
    names.write_text("\n".join(NAMES))
    words = ["audit", "--file", str(names), "--resolver", resolver.address, "--output", str(output)]
    words += ["--watch", str(tmp_path / "state.json"), "--fail-on", "low"]
    environment = os.environ | {"XDG_DATA_HOME": str(tmp_path)}
    return subprocess.Popen(
        [sys.executable, "-m", "disavow", *words], stderr=subprocess.PIPE, text=True, env=environment
    )


def lines(tmp_path: Path) -> list[str]:
    path = tmp_path / "out.ndjson"
    return [json.loads(line)["domain"] for line in path.read_text().splitlines()] if path.exists() else []


def test_a_run_that_is_stopped_goes_on(resolver: Resolver, tmp_path: Path) -> None:
    resolver.silent = set(NAMES[20:])
    first = start(resolver, tmp_path)
    until = time.monotonic() + 30
    while len(lines(tmp_path)) < 20 and time.monotonic() < until:
        time.sleep(0.05)
    first.send_signal(signal.SIGINT)
    _, said = first.communicate(timeout=30)
    assert first.returncode == 130
    assert said.strip() == "disavow: stopped after 20 domains; run it again to go on"
    assert sorted(lines(tmp_path)) == sorted(NAMES[:20])
    assert json.loads((tmp_path / "state.json").read_text()).keys() == set(NAMES[:20])

    resolver.silent = set()
    second = start(resolver, tmp_path)
    _, said = second.communicate(timeout=60)
    assert (second.returncode, said) == (1, "")
    assert sorted(lines(tmp_path)) == sorted(NAMES)
    assert json.loads((tmp_path / "state.json").read_text()).keys() == set(NAMES)

    # All is done: nothing is asked, and yet something is open.
    third = start(resolver, tmp_path)
    third.communicate(timeout=60)
    assert third.returncode == 1
    assert sorted(lines(tmp_path)) == sorted(NAMES)
