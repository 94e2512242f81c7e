"""Tape archives (POSIX ustar and pax, GNU, v7), read from front to back, past damage to the next good header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ....errors import Malformed
from ..item import Item, Unreadable, printable
from ..notes import is_note_path
from ..stream import Stream
from . import read_inside

_BLOCK = 512
_EMPTY = bytes(_BLOCK)
_MAX_EXTENSION = 1 << 20  # bytes of a pax header or a GNU long name
_RECORD = re.compile(rb"(\d{1,7}) ([^=]{1,99})=")
_SIZE = re.compile(rb"\d{1,18}")
_FILES = (b"0", b"\0", b"7")
_ELSEWHERE = (b"1", b"2", b"3", b"4", b"5", b"6", b"g", b"V")  # links, devices, folders, labels: no bytes of their own


class _Header(NamedTuple):
    name: bytes
    size: int
    type: bytes


def sniff(head: bytes, name: str) -> bool:
    """True when the first block is a header whose checksum is right."""
    return _parse(head[:_BLOCK]) is not None


def read(stream: Stream) -> Iterator[Item]:
    """The mails in the files of the archive, called "archive/path"."""
    override: dict[bytes, bytes] = {}
    while block := stream.read(_BLOCK):
        if block == _EMPTY:
            continue
        if (header := _parse(block)) is None:
            yield from _pass_damage(stream)
        elif header.type in (b"L", b"x"):
            override |= _extension(stream, header)
        else:
            size = int(stated) if _SIZE.fullmatch(stated := override.get(b"size", b"")) else header.size
            yield from _member(stream, override.get(b"path", header.name), header.type, size)
            override = {}


def _member(stream: Stream, path: bytes, kind: bytes, size: int) -> Iterator[Item]:
    name = printable(path.decode("utf-8", "surrogateescape"))
    where = f"{stream.where}/{name.removeprefix('./')}"
    end = stream.at + size + -size % _BLOCK
    if kind in _FILES and not name.endswith("/") and not is_note_path(name):
        yield from read_inside(stream, _whole(stream, size), where)
    elif kind not in (*_FILES, *_ELSEWHERE):
        yield Unreadable(where, "is stored in the archive in a way that is not read", at=stream.at)
    stream.skip(end - stream.at)


def _whole(stream: Stream, size: int) -> Iterator[bytes]:
    end = stream.at + size
    yield from stream.part(size)
    if stream.at < end:
        raise Malformed("is cut short: the archive ends too early")


def _extension(stream: Stream, header: _Header) -> dict[bytes, bytes]:
    """What a header that belongs to the next one says about it: its path, its size."""
    if header.size > _MAX_EXTENSION:
        raise Malformed("holds a name of absurd length")
    data = stream.read(header.size)
    stream.skip(-header.size % _BLOCK)
    return dict(_records(data)) if header.type == b"x" else {b"path": data.rstrip(b"\0")}


def _records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(keyword, value) of every record of a pax header: "length keyword=value", length counting all of it."""
    at = 0
    while (record := _RECORD.match(data, at)) and at + int(record[1]) > record.end():
        at += int(record[1])
        yield record[2], data[record.end() : at - 1]


def _pass_damage(stream: Stream) -> Iterator[Item]:
    """Says where the archive is damaged, and goes to the next block that is a header."""
    at = stream.at - _BLOCK
    while len(block := stream.peek(_BLOCK)) == _BLOCK and _parse(block) is None:
        stream.skip(_BLOCK)
    if len(block) < _BLOCK:
        stream.skip(len(block))
    yield Unreadable(f"{stream.where}:@{at}", f"is damaged for {stream.at - at} bytes", at=at)


def _parse(block: bytes) -> _Header | None:
    """The header that ``block`` is (POSIX.1-2017, pax, "ustar Interchange Format"), None if its checksum is wrong."""
    checksum = _number(block[148:156])
    if len(block) < _BLOCK or checksum is None or not block[0]:
        return None
    rest = block[:148] + b" " * 8 + block[156:]
    if checksum not in (sum(rest), sum(rest) - 256 * sum(byte > 127 for byte in rest)):  # some sum signed bytes
        return None
    name, prefix = (field.partition(b"\0")[0] for field in (block[:100], block[345:500]))
    if prefix and block[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    size = _number(block[124:136])
    return None if size is None else _Header(name, size, block[156:157])


def _number(field: bytes) -> int | None:
    """A number in octal digits, or in binary where the first bit says so (GNU); None if it is neither."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else 0 if not digits else None
