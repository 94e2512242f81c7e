"""Places: where mail lies, told by how the argument is written. One kind of place is one file with two functions.

``sniff(where)``: whether ``where`` is such a place; no two say yes to the same. ``read(where, budget)``: the items
there; Malformed (exit code 65) where there is nothing that could be read.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from ....errors import Malformed
from ..budget import Budget
from ..item import Item, printable


class Place(Protocol):
    """The two functions of a file in this folder, or of an entry point in the group ``disavow.places``."""

    def sniff(self, where: str) -> bool: ...
    def read(self, where: str, budget: Budget) -> Iterator[Item]: ...


@cache
def places() -> tuple[Place, ...]:
    """Every kind of place there is: the files here, then what other packages bring."""
    ours = [import_module(f".{module.name}", __name__) for module in pkgutil.iter_modules(__path__)]
    return (*ours, *(entry.load() for entry in entry_points(group="disavow.places")))


def recognise(where: str) -> Place:
    """The kind of place that ``where`` is; Malformed if it is none, as when no such file exists."""
    if place := next((place for place in places() if place.sniff(where)), None):
        return place
    raise Malformed(f"{printable(where)}: there is no such file or folder")
