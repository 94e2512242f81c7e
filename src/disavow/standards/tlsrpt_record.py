"""The TXT record at ``_smtp._tls.DOMAIN``: where reports about failed TLS go (RFC 8460 section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Malformed
from . import tags

_DESTINATIONS = 100


@dataclass(frozen=True, slots=True)
class Record:
    """``rua``: the mailto: and https: addresses that get the reports, in order."""

    rua: tuple[str, ...]


def owner(domain: str) -> str:
    """The name at which the record stands."""
    return f"_smtp._tls.{domain}"


def is_record(text: bytes) -> bool:
    """True if a TXT record counts as one of TLS-RPT; all others are discarded before counting (section 3)."""
    return text.startswith(b"v=TLSRPTv1;")


def parse(text: bytes) -> Record:
    """The record; raises ``Malformed`` without ``v=TLSRPTv1;`` in front, without rua= or for another scheme."""
    if not is_record(text):
        raise Malformed("does not begin with v=TLSRPTv1;", 0, text)
    rua = dict(tags.parse(text.decode("utf-8", "replace"))).get("rua", "")
    uris = tuple(uri.strip() for uri in rua.split(",")[:_DESTINATIONS])
    for uri in uris:
        if not uri.lower().startswith(("mailto:", "https:")) or not uri.partition(":")[2]:
            raise Malformed("rua= names no mailto: or https: address", 0, text)
    return Record(uris)


def format(record: Record) -> bytes:
    """The record as it is published."""
    return f"v=TLSRPTv1; rua={','.join(record.rua)}".encode()
