"""What one arrival teaches: sightings, the entry that closes them, what was tolerated, what was refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from ...standards.message import Message
from ..case import arrival
from ..sighting import Sighting
from ..trust import OWNER, Standing
from .history import History

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_CONTROLS = dict.fromkeys(
    (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)), "\ufffd"
)
_BLANKS = b" \t\r\n"
MAX_TEXT = 320


class Origin(NamedTuple):
    """``where`` it lay; ``proof``: the name of the artefact; ``standing``: who vouches; ``mail``: what it came in.

    ``history`` is what is known of the policies that were published, whoever reports about them.
    """

    where: str
    proof: str = ""
    standing: Standing = OWNER
    mail: Message | None = None
    history: History = MappingProxyType({})

    @property
    def received(self) -> datetime | None:
        """When it came, if it came in a mail that tells."""
        return arrival(self.mail) if self.mail else None


class Entry(NamedTuple):
    """One report, or one mail that is none: what counts once. It follows its sightings.

    ``kind``: aggregate, tls, failure or mail; ``content``: the digest of what it says; ``rows`` and ``messages``: how
    many rows were read, about how many messages.
    """

    kind: str
    content: str
    reporter: str = ""
    domain: str = ""
    report_id: str = ""
    begin: datetime = LONG_AGO
    end: datetime = LONG_AGO
    rows: int = 0
    messages: int = 0
    standing: Standing = OWNER
    proof: str = ""

    @property
    def key(self) -> str:
        """The same for the same report come twice; an id used for two reports makes two keys."""
        parts = (self.kind, self.reporter, self.domain, self.report_id, self.begin, self.end, self.content)
        return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "replace")).hexdigest()


class Lenience(NamedTuple):
    """Something tolerated in a report: ``tag`` as its standard's module names it; ``line`` 0 where unknown."""

    where: str
    tag: str
    line: int = 0
    text: str = ""


class Refused(NamedTuple):
    """Something of which nothing could be read: ``why`` completes the sentence "(what lies at) ``where`` …"."""

    where: str
    why: str


Learned: TypeAlias = Sighting | Entry | Lenience | Refused


class Digest:
    """``chunks`` passed on; ``content`` is their digest without blanks: a report indented anew is the same."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk.translate(None, _BLANKS))
            yield chunk

    @property
    def content(self) -> str:
        return self._hash.hexdigest()


def clean(text: str) -> str:
    """``text`` of a stranger, short and without control and direction characters."""
    text = text[:MAX_TEXT]
    return text if text.isascii() and text.isprintable() else text.translate(_CONTROLS)
