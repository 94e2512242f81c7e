"""Zip archives, read from front to back: the entries themselves count, so a lost directory at the end loses nothing,
entries that overlap cannot multiply, and an archive may come through a pipe (APPNOTE.TXT sections 4.3 and 4.4)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ....errors import Malformed
from ..budget import Exhausted
from ..inflate import Engine, bzip2, deflate, inflate
from ..item import Item, Unreadable, printable
from ..notes import is_note_path
from ..stream import CHUNK, Stream
from . import read_inside

_ENTRY, _DIRECTORY, _END, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
_MARKS = (_ENTRY, _DIRECTORY, _END, b"PK\x06\x06", b"PK\x06\x08")  # what may follow an entry
_HEADER = struct.Struct("<4s5H3I2H")
_STORED = 0
_ENGINES: dict[int, Callable[[], Engine]] = {8: deflate, 12: bzip2}
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x0001, 0x0008, 0x0800
_IN_EXTRA = 0xFFFFFFFF


class _Entry(NamedTuple):
    """One local file header (section 4.3.7); ``packed`` is None where the size stands after the data."""

    name: str
    flags: int
    method: int
    checksum: int | None
    packed: int | None


def sniff(head: bytes, name: str) -> bool:
    """True for what begins with an entry, an empty directory, or the mark of a split archive."""
    return head.startswith((_ENTRY, _END, _DESCRIPTOR + _ENTRY, b"PK00" + _ENTRY))


def read(stream: Stream) -> Iterator[Item]:
    """The mails in the entries of the archive, called "archive/path"."""
    if not stream.peek(8).startswith((_ENTRY, _END)):
        stream.skip(4)
    while (mark := stream.peek(4)) == _ENTRY:
        entry = _header(stream)
        yield from _read_entry(stream, entry)
        yield from _to_next(stream)
    if mark not in _MARKS:
        raise Malformed("is cut short: the archive ends before its directory")


def _header(stream: Stream) -> _Entry:
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise Malformed("is cut short: the archive ends within an entry")
    _, _, flags, method, _, _, checksum, packed, _, name_size, extra_size = _HEADER.unpack(header)
    name = stream.read(name_size)
    extra = stream.read(extra_size)
    if packed == _IN_EXTRA:
        packed = _long_size(extra)
    later = bool(flags & _SIZES_FOLLOW) and not packed
    text = name.decode("utf-8" if flags & _UTF8 else _charset(name), "backslashreplace")
    return _Entry(printable(text), flags, method, None if later else checksum, None if later else packed)


def _charset(name: bytes) -> str:
    """Many programs write UTF-8 and do not say so; what is none is code page 437 (APPENDIX D)."""
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return "cp437"
    return "utf-8"


def _long_size(extra: bytes) -> int:
    """The packed size in the Zip64 extra field (section 4.5.3)."""
    while len(extra) >= 4:
        tag, size = struct.unpack("<2H", extra[:4])
        if tag == 1 and size >= 16 and len(extra) >= 20:
            return int.from_bytes(extra[12:20], "little")
        extra = extra[4 + size :]
    return 0


def _read_entry(stream: Stream, entry: _Entry) -> Iterator[Item]:
    """The items in one entry; afterwards ``stream`` is behind its data."""
    where = f"{stream.where}/{entry.name}"
    source = stream
    if entry.packed is not None:
        source = Stream(stream.part(entry.packed), where, stream.allowance, stream.depth + 1)
    if why := _obstacle(entry):
        yield Unreadable(where, why, at=stream.at)
        if entry.packed is None:
            stream.seek(_ENTRY, _DIRECTORY)
    else:
        chunks = _unpack(source, entry)
        if not entry.name.endswith("/") and not is_note_path(entry.name):
            yield from read_inside(stream, chunks, where)
        if entry.packed is None:
            _exhaust(chunks)
    if entry.packed is not None:
        _exhaust(source.part(entry.packed))


def _obstacle(entry: _Entry) -> str:
    """Why an entry cannot be read, "" if it can."""
    if entry.flags & _ENCRYPTED:
        return "is encrypted with a password"
    if entry.method != _STORED and entry.method not in _ENGINES:
        return f"is compressed in a way that is not read (zip method {entry.method})"
    return ""


def _unpack(source: Stream, entry: _Entry) -> Iterator[bytes]:
    """The bytes of an entry; Malformed where they end early or are damaged."""
    if engine := _ENGINES.get(entry.method):
        chunks = inflate(source, engine())
    elif entry.packed is None:
        chunks = _to_descriptor(source)
    else:
        chunks = source.part(entry.packed)
    checksum, size = 0, 0
    for chunk in chunks:
        checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
        yield chunk
    if entry.checksum not in (None, checksum):
        raise Malformed("is cut short or damaged: its checksum is wrong")


def _to_descriptor(stream: Stream) -> Iterator[bytes]:
    """Stored bytes whose number only the data descriptor behind them tells (section 4.3.9)."""
    given = 0
    while window := stream.peek(CHUNK):
        hit = window.find(_DESCRIPTOR)
        while hit >= 0 and int.from_bytes(window[hit + 8 : hit + 12], "little") != given + hit:
            hit = window.find(_DESCRIPTOR, hit + 1)
        yield stream.read(hit if hit >= 0 else max(len(window) - 15, 1))
        if hit >= 0:
            return
        given += max(len(window) - 15, 1)
    raise Malformed("is cut short: the archive ends too early")


def _to_next(stream: Stream) -> Iterator[Item]:
    """Goes past a data descriptor, or past damage, which is reported, to the next entry or the directory."""
    head = stream.peek(28)
    for size in (0, 16, 24, 12, 20):  # with and without its mark, sizes of 4 or 8 bytes
        if head.startswith(_MARKS, size):
            stream.skip(size)
            return
    at = stream.at
    if stream.seek(_ENTRY, _DIRECTORY):
        yield Unreadable(f"{stream.where}:@{at}", f"is damaged for {stream.at - at} bytes", at=at)


def _exhaust(chunks: Iterator[bytes]) -> None:
    """Passes by what nobody wanted to read."""
    try:
        for _ in chunks:
            pass
    except Exhausted:
        raise
    except Malformed:
        pass  # reported where it was read; the next entry is looked for
