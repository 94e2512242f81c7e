"""What to publish instead: zone lines, and records with something changed."""

from __future__ import annotations

from ..standards import dmarc, spf
from ..standards import tags as tag_list
from .senders import Senders, Term


def txt_line(name: str, text: str) -> str:
    """A zone line for a TXT record, in strings of at most 255 octets (RFC 1035 section 3.3.14)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    strings = [escaped[start : start + 250] for start in range(0, len(escaped), 250)] or [""]
    return f"{name}. TXT " + " ".join(f'"{string}"' for string in strings)


def line(name: str, type: str, *data: object) -> str:
    """A zone line for any other record."""
    return f"{name}. {type} " + " ".join(map(str, data))


def spf_without(node: Senders, *terms: Term) -> str:
    """The record of ``node`` without ``terms``."""
    kept = (term.text for term in (node.record.terms if node.record else ()) if term not in terms)
    return " ".join(["v=spf1", *kept])


def spf_ended(record: spf.Record, end: str) -> str:
    """The record with all its terms, but for ``all`` and redirect, before ``end``."""
    others = [term.text for term in record.terms if term.name not in ("all", "redirect")]
    return " ".join(["v=spf1", *others, end])


def dmarc_with(record: dmarc.Record, **changes: str | None) -> str:
    """The record as published with these tags changed or added; None takes a tag out."""
    published = {name: value for name, value in record.tags if name != "v"}
    changed = {**published, **changes}
    first = [("v", "DMARC1"), ("p", changed.pop("p", None) or "none")]
    return tag_list.format((*first, *((name, value) for name, value in changed.items() if value is not None)))
