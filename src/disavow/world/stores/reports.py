"""The aggregate reports that a store keeps of a domain, as the XML they were."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from ...judgement.intake import mail
from ...judgement.intake.documents import aggregate
from ...standards.message import Message
from .. import sources
from ..sources import Document, Item, Mail
from .duckdb import Store

LATEST = 50  # reports read again
_BYTES = 8 << 20  # of one arrival


def domains(store: Store) -> frozenset[str]:
    """The domains that the aggregate reports in the store are about."""
    return frozenset(
        domain for (domain,) in store.query("SELECT DISTINCT domain FROM entries WHERE kind = 'aggregate'")
    )


def latest(store: Store, domain: str, many: int = LATEST) -> Iterator[Iterator[bytes]]:
    """The XML of the last ``many`` reports about ``domain`` or a name above it, the newest first.

    Reports whose author failed to prove who he is (grade D) are left out.
    """
    found = store.query(
        "SELECT place, content FROM artefacts JOIN entries ON proof = digest"
        " WHERE kind = 'aggregate' AND list_contains(?, domain) AND trust <> 'D' AND size <= ?"
        ' ORDER BY "end" DESC LIMIT ?',
        [list(above(domain)), _BYTES, many],
    )
    for place, content in found:
        arrived = zlib.decompressobj().decompress(content, _BYTES)
        yield from _documents(sources.unpack(arrived, place))


def above(domain: str) -> Iterator[str]:
    """``domain`` and the names above it: a report about one of these tells of its subdomains too."""
    while domain:
        yield domain
        domain = domain.partition(".")[2]


def _documents(items: Iterable[Item], inside: bool = False) -> Iterator[Iterator[bytes]]:
    for item in items:
        if isinstance(item, Document):
            chunks = iter(item.chunks)
            head = next(chunks, b"")
            if aggregate.sniff(head):
                yield _again(head, chunks)
        elif isinstance(item, Mail) and not inside:
            for attachment in mail.attachments(mail.parts(Message(item.raw))):
                yield from _documents(sources.unpack(attachment.data, attachment.name or item.where), True)


def _again(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from rest
