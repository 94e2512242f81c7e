"""Disavow: for people in whose name spammers send mail.

``disavow.verify(message, envelope)`` gives a verdict on one message; the names below are what programs need. They
are imported when they are first used, so that ``import disavow`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .doors.library import Verified, verify, verify_async, verify_many, verify_many_async
    from .errors import DisavowError, Malformed, Misconfigured, Unreachable
    from .judgement.envelope import Envelope
    from .judgement.finding import Finding
    from .standards.message import Message
    from .words import say
    from .world.ask import ask, ask_async, replay
    from .world.recursive import Dns
    from .world.resolver import Zone

__all__ = [
    "DisavowError",
    "Dns",
    "Envelope",
    "Finding",
    "Malformed",
    "Message",
    "Misconfigured",
    "Unreachable",
    "Verified",
    "Zone",
    "ask",
    "ask_async",
    "replay",
    "say",
    "verify",
    "verify_async",
    "verify_many",
    "verify_many_async",
]

_HOMES = {
    "doors.library": ("Verified", "verify", "verify_async", "verify_many", "verify_many_async"),
    "errors": ("DisavowError", "Malformed", "Misconfigured", "Unreachable"),
    "judgement.envelope": ("Envelope",),
    "judgement.finding": ("Finding",),
    "standards.message": ("Message",),
    "words": ("say",),
    "world.ask": ("ask", "ask_async", "replay"),
    "world.recursive": ("Dns",),
    "world.resolver": ("Zone",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME_OF[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
