"""What to publish instead: zone lines, and records with something changed."""

from __future__ import annotations

from ..standards import dmarc, spf
from ..standards import tags as tag_list
from .senders import Senders, Term

_STRING = 255  # octets of one string (RFC 1035 section 3.3)


def txt_line(name: str, text: str) -> str:
    """A zone line for a TXT record."""
    return f"{name}. TXT {quoted(text)}"


def quoted(text: str) -> str:
    """A TXT record in strings of at most 255 octets, whatever is not printable ASCII as \\DDD (RFC 1035 section 5.1).

    Each character of ``text`` stands for one octet.
    """
    strings = [text[start : start + _STRING] for start in range(0, len(text), _STRING)] or [""]
    return " ".join('"' + "".join(map(escaped, string)) + '"' for string in strings)


def escaped(character: str) -> str:
    """One character of a quoted string."""
    if character in '"\\':
        return f"\\{character}"
    return character if " " <= character <= "~" else f"\\{ord(character):03d}"


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
