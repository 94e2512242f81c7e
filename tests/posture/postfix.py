"""A real Postfix in a private directory on loopback, with one setting of its relaying changed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
DAEMONS = Path("/usr/lib/postfix/sbin")
_MAIN = """
compatibility_level = 3.6
queue_directory = {home}/spool
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log/mail.log
maillog_file_prefixes = {home}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.owner.test
mydomain = owner.test
myorigin = owner.test
mydestination = owner.test, mx.owner.test
mynetworks =
alias_maps =
alias_database =
local_recipient_maps = inline:{{ postmaster=x, info=x }}
default_transport = discard:
relay_transport = discard:
local_transport = discard:
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
{setting}
"""
_MASTER = """
127.0.0.1:{port} inet n - n - 20 smtpd
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
discard   unix  - - n - - discard
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


def missing() -> str:
    """Why no Postfix can be run here, "" when one can."""
    if not shutil.which("postfix", path=_PATH) or not DAEMONS.is_dir():
        return "postfix is not installed"
    return "" if os.geteuid() == 0 else "postfix is started by root only"


@contextmanager
def running(setting: str) -> Iterator[int]:
    """The port on which a Postfix with ``setting`` (lines of main.cf) answers; ``{home}`` in it is its directory."""
    with tempfile.TemporaryDirectory(prefix="disavow-postfix-") as folder:
        home, port = Path(folder), _free_port()
        home.chmod(0o755)
        for name in ("etc", "spool", "data", "log"):
            (home / name).mkdir()
        shutil.chown(home / "data", "postfix")
        (home / "etc" / "pattern").write_text("/owner\\.test/ OK\n")
        (home / "etc" / "main.cf").write_text(_MAIN.format(home=home, setting=setting.replace("{home}", folder)))
        (home / "etc" / "master.cf").write_text(_MASTER.format(port=port))
        _postfix(home, "start")
        try:
            _wait(port, home)
            yield port
        finally:
            _postfix(home, "stop")


def _postfix(home: Path, what: str) -> None:
    command = ["postfix", "-c", str(home / "etc"), what]
    subprocess.run(command, env={**os.environ, "PATH": _PATH}, capture_output=True, check=False, timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, home: Path) -> None:
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                if connection.recv(3) == b"220":
                    connection.sendall(b"QUIT\r\n")
                    return
        except OSError:
            pass
        time.sleep(0.1)
    log = home / "log" / "mail.log"
    raise AssertionError(f"Postfix does not answer: {log.read_text() if log.exists() else 'no log'}")
