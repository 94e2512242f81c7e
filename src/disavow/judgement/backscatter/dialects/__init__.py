"""Bounces that are no RFC 3464 reports, one program's or provider's format a file, found by its name.

A dialect has ``NAME``, ``sniff(message, text)`` (cheap: is this my format?) and ``read(message, text)``; ``text`` is
what the reporter said (``said.read``). What no dialect recognises is read by the grammar that all of them share.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Protocol

from ....standards.message import Message
from .. import prose
from ..notice import Delivery


class Dialect(Protocol):
    """What a file in this folder provides."""

    NAME: str

    def sniff(self, message: Message, text: str) -> bool:
        """Cheaply: is this a bounce in this dialect?"""

    def read(self, message: Message, text: str) -> Delivery:
        """What it says; without recipients when it was none after all."""


@cache
def known() -> tuple[Dialect, ...]:
    """Every dialect in this folder, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def read(message: Message, text: str) -> Delivery:
    """What the first dialect that recognises the bounce reads in it, else what its plain words say."""
    for dialect in known():
        if dialect.sniff(message, text):
            delivery = dialect.read(message, text)
            if delivery.recipients:
                return delivery
    return prose.read(message, text)
