"""Files that may be reports, without a mail around them: XML (RFC 9990) and JSON (RFC 8460)."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Malformed
from .item import Document, Item
from .stream import Stream

_MARKS = b"\xef\xbb\xbf\xff\xfe"  # byte order marks of UTF-8 and UTF-16


def sniff(head: bytes, name: str) -> bool:
    """True for what begins with a tag or an object, in UTF-8 or UTF-16, or is called .xml or .json."""
    start = head.replace(b"\0", b"").lstrip(_MARKS).lstrip()
    named = name.lower().endswith((".xml", ".json"))
    return start.startswith((b"<", b"{")) or b"<feedback" in start or (named and bool(start))


def read(stream: Stream) -> Iterator[Item]:
    """The document in ``stream``. Raises Malformed after it where the stream breaks off."""
    broken: list[Malformed] = []
    chunks = _chunks(stream, broken)
    yield Document(chunks, stream.where)
    for _ in chunks:  # who took it may have stopped at a budget of his own
        pass
    if broken:
        raise broken[0]


def _chunks(stream: Stream, broken: list[Malformed]) -> Iterator[bytes]:
    try:
        while chunk := stream.chunk():
            yield chunk
    except Malformed as error:
        broken.append(error)
