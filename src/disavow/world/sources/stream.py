"""A stream: bytes of unknown number, read once from front to back, that may break off."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Malformed
from .budget import Allowance

CHUNK = 1 << 20


class Stream:
    """What a file, an archive member or standard input holds.

    ``where`` names it for people, ``at`` is the offset of the next byte, ``depth`` the number of wrappings around
    it, ``allowance`` what may still be spent. Bytes that cannot be had (a damaged archive, a failing disk) raise
    Malformed from ``chunk``, ``read`` and ``skip``, after everything before them was given.
    """

    __slots__ = ("_chunks", "_from", "_held", "allowance", "at", "broken", "depth", "where")

    def __init__(self, chunks: Iterator[bytes], where: str, allowance: Allowance, depth: int = 0) -> None:
        self.where, self.allowance, self.depth, self.at = where, allowance, depth, 0
        self.broken: Malformed | None = None
        self._chunks, self._held, self._from = chunks, b"", 0

    def peek(self, size: int) -> bytes:
        """Up to ``size`` of the next bytes, which stay in the stream; fewer only where it ends or breaks off."""
        while len(self._held) - self._from < size and (chunk := self._pull()):
            self._held, self._from = self._held[self._from :] + chunk, 0
        return self._held[self._from : self._from + size]

    def chunk(self, most: int = CHUNK) -> bytes:
        """The next bytes, up to ``most`` of those at hand; b"" at the end."""
        if self._from == len(self._held):
            self._held, self._from = self._pull(), 0
            if not self._held and self.broken:
                raise self.broken
        chunk = self._held[self._from : self._from + most]
        self._from += len(chunk)
        self.at += len(chunk)
        return chunk

    def unread(self, size: int) -> None:
        """Gives back ``size`` bytes of the last chunk."""
        self._from -= size
        self.at -= size

    def part(self, size: int) -> Iterator[bytes]:
        """The next ``size`` bytes in chunks, fewer only where the stream ends."""
        while size > 0 and (chunk := self.chunk(min(size, CHUNK))):
            size -= len(chunk)
            yield chunk

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only where the stream ends."""
        return b"".join(self.part(size))

    def skip(self, size: int) -> int:
        """Passes by up to ``size`` bytes and tells how many there were."""
        return sum(map(len, self.part(size)))

    def seek(self, *marks: bytes) -> bool:
        """Goes to the nearest of ``marks`` (all of one length); False where none follows."""
        while True:
            window = self.peek(CHUNK)
            if found := [hit for hit in map(window.find, marks) if hit >= 0]:
                self.skip(min(found))
                return True
            if len(window) < CHUNK:
                self.skip(len(window))
                return False
            self.skip(CHUNK - len(marks[0]) + 1)

    def _pull(self) -> bytes:
        try:
            chunk = next(self._chunks, b"")
        except Malformed as broken:
            self.broken = broken
            return b""
        if not self.depth:
            self.allowance.packed += len(chunk)
        return chunk
