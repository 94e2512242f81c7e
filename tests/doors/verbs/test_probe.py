"""The verb: no probe without consent, and a machine-readable answer."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import holds
from disavow.doors.cli import disavow
from disavow.errors import Misconfigured


class Server(socketserver.StreamRequestHandler):
    """Passes on mail from its own domain, and refuses all other."""

    def handle(self) -> None:
        self.wfile.write(b"220 mx.owner.test\x1b[2J ESMTP\r\n")
        sender = b""
        for line in self.rfile:
            if line.startswith(b"MAIL"):
                sender = line
            refused = line.startswith((b"RCPT", b"VRFY", b"EXPN")) and b"owner.test" not in sender
            self.wfile.write(b"554 5.7.1 Relay access denied\r\n" if refused else b"250 Ok\r\n")


@pytest.fixture
def port() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def run(*arguments: str, home: Path) -> Result:
    return CliRunner().invoke(disavow, ["probe", *arguments], env={"XDG_DATA_HOME": str(home)})


def test_a_relay_is_told_as_json_and_fails(port: int, tmp_path: Path) -> None:
    result = run("owner.test", "--host", f"127.0.0.1:{port}", "--i-own-this", "--offline", "--json", home=tmp_path)
    told = json.loads(result.stdout)
    assert result.exit_code == 1
    holds(told, "probe-1")
    (server,) = told["servers"]
    by_tag = {finding["tag"]: finding for finding in server["findings"]}
    assert by_tag["relay-by-sender"]["level"] == "critical" and by_tag["relay-by-sender"]["evidence"]
    assert (tmp_path / "disavow" / "probe-log.ndjson").read_text().count("\n") > 5


def test_what_a_server_says_does_not_reach_the_terminal_as_it_is(port: int, tmp_path: Path) -> None:
    result = run("owner.test", "--host", f"127.0.0.1:{port}", "--i-own-this", "--offline", home=tmp_path)
    assert "open" in result.stdout or "passes on mail" in result.stdout
    assert "\x1b" not in result.stdout


def test_nothing_is_probed_without_the_owners_word(port: int, tmp_path: Path) -> None:
    result = run("owner.test", "--host", f"127.0.0.1:{port}", home=tmp_path)
    assert isinstance(result.exception, Misconfigured) and not (tmp_path / "disavow").exists()


@pytest.mark.parametrize("host", ["203.0.113.5", "localhost", "127.0.0.0/8", "::ffff:127.0.0.1", "::ffff:203.0.113.5"])
def test_a_target_without_consent_is_refused_with_the_way_to_give_it(host: str, tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_text("owner.test. MX 10 mx.owner.test.\nmx.owner.test. A 203.0.113.5\n")
    result = run("owner.test", "--host", host, "--i-own-this", "--zone", str(zone), home=tmp_path)
    assert result.exit_code == 78 and "was not probed" in result.stderr and not result.stdout


def test_the_record_to_publish_stays_the_same_and_is_another_for_another_domain(tmp_path: Path) -> None:
    first, again = (run("--consent", "owner.test", home=tmp_path).stdout for _ in range(2))
    other = run("--consent", "other.test", home=tmp_path).stdout
    assert first == again and first.startswith('_disavow-consent.owner.test. TXT "v=DSV1; scan=')
    assert first.split("scan=")[1][:32] != other.split("scan=")[1][:32]
    assert first != run("--consent", "owner.test", home=tmp_path / "elsewhere").stdout


@pytest.mark.parametrize(
    "option",
    [
        *(("--send-to", "me@elsewhere.test"), ("--send-to", "me>\r\nDATA@owner.test"), ("--send-to", "owner.test")),
        *(("--foreign", "me@owner.test"), ("--foreign", "<x>@elsewhere.test"), ("--helo", "a b")),
    ],
)
def test_addresses_that_cannot_be_used_are_refused(option: tuple[str, str], tmp_path: Path) -> None:
    result = run("owner.test", "--i-own-this", "--offline", *option, home=tmp_path)
    assert isinstance(result.exception, Misconfigured)
