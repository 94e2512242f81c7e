"""Domain names as comparable text: lower-case A-labels without a trailing dot (RFC 5890, RFC 8616)."""

from __future__ import annotations

import re
from functools import lru_cache

import idna

from ..errors import Malformed

# 253 octets of name, generously padded; the conversion of U-labels is too slow for more.
MAX_TEXT = 1_000

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")


@lru_cache(maxsize=65_536)
def parse(text: str) -> str:
    """``text`` as lower-case A-labels without the final dot.

    Underscores are kept (DNS names such as ``_dmarc`` have them). Raises ``Malformed`` for anything that cannot
    be a domain name: empty or over-long labels, more than 253 octets, letters that IDNA 2008 forbids.
    """
    name = text.strip().removesuffix(".").lower() if len(text) <= MAX_TEXT else ""
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise Malformed(f"not a domain name: {error}", 0, text.encode("utf-8", "replace")) from None
    if not name or len(name) > 253 or not all(_LABEL.match(label) for label in name.split(".")):
        raise Malformed("not a domain name", 0, text.encode("utf-8", "replace"))
    return name


def is_within(name: str, domain: str) -> bool:
    """True if ``name`` is ``domain`` or below it; both as ``parse`` returns them."""
    return name == domain or name.endswith("." + domain)


def to_unicode(name: str) -> str:
    """``name`` with its A-labels shown as U-labels where they are valid; for people's eyes only."""
    try:
        return idna.decode(name) if "xn--" in name else name
    except (idna.IDNAError, UnicodeError):
        return name
