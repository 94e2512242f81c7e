"""Compressed bytes unpacked a little at a time: no more is ever held than one chunk, however much is packed in it."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

from ...errors import Malformed
from .stream import CHUNK, Stream

MAX_DICTIONARY = 80 << 20  # xz -9 needs 65 MiB
_INPUT = 1 << 15  # what an engine does not use of it, it copies
_DAMAGED = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


class Engine(Protocol):
    """What bz2.BZ2Decompressor and lzma.LZMADecompressor have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class Deflate:
    """zlib's decompressor with the interface of the two others."""

    def __init__(self, wbits: int) -> None:
        self._engine = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._engine.eof

    @property
    def needs_input(self) -> bool:
        return not self._engine.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._engine.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._engine.decompress(self._engine.unconsumed_tail + data, max(max_length, 0))


def gzip() -> Engine:
    """RFC 1952."""
    return Deflate(wbits=31)


def deflate() -> Engine:
    """RFC 1951, as in zip archives."""
    return Deflate(wbits=-15)


def bzip2() -> Engine:
    """What bzip2 writes."""
    return bz2.BZ2Decompressor()


def xz() -> Engine:
    """.xz and .lzma files, with a dictionary of up to ``MAX_DICTIONARY`` bytes."""
    return lzma.LZMADecompressor(memlimit=MAX_DICTIONARY)


def inflate(stream: Stream, engine: Engine) -> Iterator[bytes]:
    """The unpacked chunks of one compressed run; what follows it stays in ``stream``.

    Raises Malformed where the run ends early, is damaged, or unpacks to more than the allowance.
    """
    data = b""
    while not engine.eof:
        fresh = b""
        if engine.needs_input:
            fresh = data = stream.chunk(_INPUT)
            if not data:
                raise Malformed("the compressed data end too early")
        try:
            chunk = engine.decompress(fresh, CHUNK)
        except _DAMAGED as error:
            stream.unread(len(data))  # what follows the damage may be in it
            raise Malformed("the compressed data are damaged") from error
        stream.allowance.inflate(len(chunk))
        if chunk:
            yield chunk
    stream.unread(len(engine.unused_data))


def inflate_all(stream: Stream, new: Callable[[], Engine], magic: bytes) -> Iterator[bytes]:
    """The unpacked chunks of all runs that follow one another in ``stream``, each beginning with ``magic``."""
    while stream.peek(len(magic)) == magic:
        yield from inflate(stream, new())
