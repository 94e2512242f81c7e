"""Formats: what the bytes of a source are, told by looking at them. One format is one file with two functions.

``sniff(head, name)``: whether a stream that begins with ``head`` (up to 4 KiB) and is called ``name`` has this format;
no two formats say yes to the same bytes. ``read(stream)``: the items in it; Malformed where it cannot be read on.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol

from ....errors import Malformed
from .. import document
from ..budget import Allowance, Budget, Exhausted
from ..item import Item, Unreadable
from ..stream import Stream
from .eml import not_a_mail

HEAD = 4096


class Format(Protocol):
    """The two functions of a file in this folder, or of an entry point in the group ``disavow.formats``."""

    def sniff(self, head: bytes, name: str) -> bool: ...
    def read(self, stream: Stream) -> Iterator[Item]: ...


@cache
def formats() -> tuple[Format, ...]:
    """Every format there is: the files here, then what other packages bring."""
    ours = [import_module(f".{module.name}", __name__) for module in pkgutil.iter_modules(__path__)]
    return (*ours, *(entry.load() for entry in entry_points(group="disavow.formats")))


def recognise(stream: Stream) -> Format | None:
    """The format of what ``stream`` holds, or None."""
    head = stream.peek(HEAD)
    known = next((format for format in formats() if format.sniff(head, stream.where)), None)
    if known is None and stream.allowance.budget.documents and document.sniff(head, stream.where):
        return document
    return known


def read(stream: Stream, known: Format | None = None) -> Iterator[Item]:
    """The mails in ``stream``, in the format that is ``known`` or whatever it is; what cannot be read is Unreadable.

    Raises nothing for a whole file; inside an archive Exhausted, because the rest of it is not read then.
    """
    try:
        if format := known or recognise(stream):
            yield from format.read(stream)
        else:
            head = stream.peek(HEAD) or stream.chunk()
            stream.allowance.stray()
            yield Unreadable(stream.where, not_a_mail(head), at=stream.at)
    except Malformed as error:
        if isinstance(error, Exhausted) and stream.depth:
            raise
        yield Unreadable(stream.where, error.what, at=stream.at)


def read_inside(stream: Stream, chunks: Iterator[bytes], name: str) -> Iterator[Item]:
    """The mails in something wrapped in ``stream``: ``chunks`` are its bytes, ``name`` is what to call it."""
    if stream.depth >= stream.allowance.budget.depth:
        raise Malformed(f"is packed more than {stream.allowance.budget.depth} times")
    yield from read(Stream(chunks, name, stream.allowance, stream.depth + 1))


def read_argument(chunks: Iterator[bytes], name: str, budget: Budget) -> Iterator[Item]:
    """The mails in what a person named: ``chunks`` are its bytes; Malformed if it is nothing like mail."""
    stream = Stream(chunks, name, Allowance(budget))
    known = recognise(stream)
    if known is None:
        raise Malformed(f"{name} {stream.broken or not_a_mail(stream.peek(HEAD))}")
    yield from read(stream, known)
