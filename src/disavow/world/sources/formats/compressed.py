"""Files compressed with gzip, bzip2 or xz, whatever lies in them: a mailbox, one mail, a tar."""

from __future__ import annotations

from collections.abc import Iterator

from ..inflate import bzip2, gzip, inflate_all, xz
from ..item import Item, Unreadable
from ..stream import Stream
from . import read_inside

_ENGINES = {b"\x1f\x8b\x08": gzip, b"BZh": bzip2, b"\xfd7zXZ\x00": xz}


def sniff(head: bytes, name: str) -> bool:
    """True for the magic numbers of gzip, bzip2 and xz."""
    return head.startswith(tuple(_ENGINES))


def read(stream: Stream) -> Iterator[Item]:
    """What lies in the compressed file, under its name; bytes after the compressed ones are reported."""
    magic = next(magic for magic in _ENGINES if stream.peek(len(magic)) == magic)
    whole = False

    def chunks() -> Iterator[bytes]:
        nonlocal whole
        yield from inflate_all(stream, _ENGINES[magic], magic)
        whole = True

    yield from read_inside(stream, chunks(), stream.where)
    if whole and stream.peek(1 << 16).strip(b"\0"):
        yield Unreadable(f"{stream.where}:@{stream.at}", "ends with bytes that are not compressed", at=stream.at)
