"""Reports that are documents of their own, one kind a file, found by its name.

A kind has ``sniff(head)`` (cheap: do these first bytes look like mine?) and ``read(chunks, origin, me)``, which gives
what it learns: the sightings, then the entry they belong to; or why it is refused.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Protocol

from ...identity import Identity
from ..learned import Learned, Origin, Refused

HEAD = 4096


class Kind(Protocol):
    """What a file in this folder provides."""

    def sniff(self, head: bytes) -> bool:
        """Cheaply: is this one of mine?"""

    def read(self, chunks: Iterable[bytes], origin: Origin, me: Identity) -> Iterator[Learned]:
        """What it says, as it comes; raises nothing for what the bytes are."""


@cache
def kinds() -> tuple[Kind, ...]:
    """Every kind in this folder, in the order of their names."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in names)


def read(chunks: Iterable[bytes], origin: Origin, me: Identity) -> Iterator[Learned]:
    """What the document says: its sightings and its entry, or why it is refused. Holds no more than its head."""
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= HEAD:
            break
    start = head[:HEAD].replace(b"\0", b"")  # UTF-16 looks like ASCII then
    for kind in kinds():
        if kind.sniff(start):
            yield from kind.read(chain((head,), source), origin, me)
            return
    yield Refused(origin.where, "is no report of a kind known here")
