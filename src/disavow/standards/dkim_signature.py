"""The DKIM-Signature field (RFC 6376 section 3.5; RFC 8616 for internationalised mail), and what ARC shares with it."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from ..errors import Malformed
from . import names, tags
from .dkim_key import unfolded_base64

MAX_SIGNATURE_BYTES = 65_536
MAX_SIGNED_NAMES = 1000
MAX_KEY_NAME = 253
_KEPT = 1_024  # longer lists are read anew each time: a stranger shall not fill the cache

_REQUIRED = ("v", "a", "b", "bh", "d", "h", "s")
_PRINTABLE = re.compile(r"[!-~]*\Z")
# Where a long tag list may be folded: RFC 6376 allows white space there, and in simple form it is signed as it is.
_PIECE = re.compile(r"[^;:]{1,60}[;:]? ?|[;:] ?")
_FORMS = ("simple", "relaxed")
# RFC 6376 section 3.5: values beyond 12 digits may be taken for infinity.
_LATEST = int(datetime.max.replace(tzinfo=UTC).timestamp()) - 1
_UNSAFE = re.compile(rb"[^!-:<>-~]")


class Signature(NamedTuple):
    """The tags of one DKIM-Signature.

    ``algorithm``: a= as written; ``signature``, ``body_hash``: b= and bh= decoded; ``domain``, ``selector``: A-labels;
    ``identity``: i=, its domain as A-labels, by default "@" and the domain; ``fields``: h= in lower case;
    ``header_form``, ``body_form``: "simple" or "relaxed"; ``length``: l= in octets of the canonical body, None for all
    of it; ``signed_at``, ``expires``: t= and x=.
    """

    algorithm: str
    signature: bytes
    body_hash: bytes
    domain: str
    selector: str
    identity: str
    fields: tuple[str, ...]
    header_form: str = "simple"
    body_form: str = "simple"
    length: int | None = None
    signed_at: datetime | None = None
    expires: datetime | None = None

    @property
    def key_name(self) -> str:
        """Where the key is published (RFC 6376 section 3.6.2.1)."""
        return f"{self.selector}._domainkey.{self.domain}"


def parse(value: bytes) -> Signature:
    """The signature that a field value holds.

    RFC 6376 sections 3.5 and 6.1.1. Unknown tags are ignored. Raises ``Malformed`` for what the grammar does not
    allow, a missing or repeated tag, another version, an expiry before the signing time, or no known query method.
    """
    values = tag_list(value, _REQUIRED)
    if values["v"] != "1":
        raise Malformed("v= is not 1", 0, value)
    # RFC 6376 section 3.5: unknown query methods are skipped, at least one must be known.
    if "q" in values and "dns/txt" not in map(str.strip, values["q"].split(":")):
        raise Malformed("q= names no known way to find the key", 0, value)
    return read(values, _identity(values["i"]) if "i" in values else "")


def read(values: Mapping[str, str], identity: str = "") -> Signature:
    """The tags that DKIM-Signature and ARC-Message-Signature share; ``Malformed`` as ``parse``."""
    signed_at, expires = moment(values, "t"), moment(values, "x")
    if signed_at and expires and expires <= signed_at:
        raise Malformed("x= is not later than t=", 0, values["x"].encode())
    # RFC 8616 section 5: d= and s= may be U-labels; keys are looked up by A-labels.
    domain, selector = names.parse(values["d"]), names.parse(values["s"])
    if len(domain) + len(selector) > MAX_KEY_NAME - len("._domainkey."):
        raise Malformed("d= and s= are too long for a DNS name", 0, values["s"].encode())
    header_form, body_form = forms(values)
    return Signature(
        algorithm=values["a"],
        signature=unfolded_base64(values["b"]),
        body_hash=unfolded_base64(values["bh"]),
        domain=domain,
        selector=selector,
        identity=identity or "@" + domain,
        fields=signed_names(values["h"]),
        header_form=header_form,
        body_form=body_form,
        length=_octets(values["l"]) if "l" in values else None,
        signed_at=signed_at,
        expires=expires,
    )


def format(signature: Signature) -> str:
    """The tag list on one line, b= at its end; what ``parse`` reads back."""
    identity = None if signature.identity == "@" + signature.domain else _quoted(signature.identity)
    listed = (
        ("v", "1"),
        ("a", signature.algorithm),
        ("c", f"{signature.header_form}/{signature.body_form}"),
        ("d", signature.domain),
        ("s", signature.selector),
        ("t", seconds(signature.signed_at)),
        ("x", seconds(signature.expires)),
        ("i", identity),
        ("l", None if signature.length is None else str(signature.length)),
        ("h", ":".join(signature.fields)),
        ("bh", base64.b64encode(signature.body_hash).decode("ascii")),
        ("b", base64.b64encode(signature.signature).decode("ascii")),
    )
    return tags.format(tuple((name, value) for name, value in listed if value is not None))


def folded(text: str, pieces: re.Pattern[str] = _PIECE) -> str:
    """A tag list on lines of 64 columns where it can be, broken between ``pieces``: by default also at colons."""
    lines = [""]
    for piece in pieces.findall(text):
        if len(lines[-1]) + len(piece) > 64 and lines[-1]:
            lines.append("")
        lines[-1] += piece
    return "\r\n ".join(line.removesuffix(" ") for line in lines)


def tag_list(value: bytes, required: tuple[str, ...]) -> Mapping[str, str]:
    """The tags by name; ``Malformed`` if one of ``required`` is missing or the value is no tag list."""
    if len(value) > MAX_SIGNATURE_BYTES:
        raise Malformed("the signature is too long", MAX_SIGNATURE_BYTES, value)
    try:
        values = tags.by_name(value.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Malformed("the signature is not UTF-8", error.start, value) from None
    for name in required:
        if name not in values:
            raise Malformed(f"the signature has no {name}=", 0, value)
    return values


def forms(values: Mapping[str, str]) -> tuple[str, str]:
    """The canonicalizations of header and body that c= names; simple where it does not."""
    header, _, body = values.get("c", "simple").partition("/")
    if header not in _FORMS or (body or "simple") not in _FORMS:
        raise Malformed("c= names an unknown canonicalization", 0, values["c"].encode())
    return header, body or "simple"


def moment(values: Mapping[str, str], name: str) -> datetime | None:
    """A tag in seconds since 1970 as a moment, None without the tag."""
    if name not in values:
        return None
    return datetime.fromtimestamp(min(_octets(values[name]), _LATEST), UTC)


def signed_names(value: str) -> tuple[str, ...]:
    """The field names of h= in lower case; empty places, which sign nothing, are passed over."""
    # A signer lists the same names in all of its mail.
    return _known_names(value) if len(value) <= _KEPT else _names(value)


def _names(value: str) -> tuple[str, ...]:
    listed = tuple([name for piece in value.lower().split(":") if (name := piece.strip(" \t\r\n"))])
    if len(listed) > MAX_SIGNED_NAMES or not _PRINTABLE.match(":".join(listed)):
        raise Malformed("h= is not a list of field names", 0, value.encode())
    return listed


_known_names = lru_cache(maxsize=1024)(_names)


def _octets(digits: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise Malformed("not a number", 0, digits.encode())
    return int(digits) if len(digits) <= 18 else 10**18


def seconds(at: datetime | None) -> str | None:
    """The moment as t= and x= write it."""
    return str(int(at.timestamp())) if at else None


def _identity(value: str) -> str:
    """i= with its dkim-quoted-printable undone (RFC 6376 section 2.11) and its domain as A-labels."""
    plain = quopri.decodestring("".join(value.split()).encode()).decode("utf-8", "replace")
    local, at, domain = plain.rpartition("@")
    if not at:
        raise Malformed("i= has no @", 0, value.encode())
    return f"{local}@{names.parse(domain)}"


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda match: b"=%02X" % match[0][0], text.encode()).decode("ascii")
