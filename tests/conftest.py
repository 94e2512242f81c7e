"""Shared by all tests: where the suites lie, and the law that tests open no socket but loopback (law 9)."""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("disavow", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("disavow")

ROOT = Path(__file__).resolve().parent.parent
SUITES = Path(os.environ.get("DISAVOW_SUITES", ROOT.parent / "shared" / "suites"))


@pytest.fixture(scope="session")
def suites() -> Path:
    """The folder of public conformance suites; tests that need it skip, by name, where it is absent."""
    if not SUITES.is_dir():
        pytest.skip(f"the suites folder is not here ({SUITES})")
    return SUITES


def _is_private_to_this_machine(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a Unix socket
    host = address[0]
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("connect", "connect_ex", "sendto"):
        real = getattr(socket.socket, name)

        def guarded(self: socket.socket, *args: Any, _real: Any = real) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_private_to_this_machine(args[-1]):
                raise AssertionError(f"a test reached out to {args[-1]!r}")
            return _real(self, *args)

        monkeypatch.setattr(socket.socket, name, guarded)
