"""Addresses with something folded into the local part: BATV tags, SRS, VERP.

draft-levine-smtp-batv-01 (prvs), Barracuda's btv1, the msprvs1 of Message Systems, the Sender Rewriting Scheme, and
variable envelope return paths. Compared without regard to case: verifiers and gateways on the way fold it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeAlias

from ..errors import Malformed

Scheme: TypeAlias = Literal["prvs", "btv1", "msprvs1", "srs0", "srs1", "verp"]

MAX_LENGTH = 1_000
LIFETIME = 7  # days that a tag is good for: draft-levine-smtp-batv-01 section 4

_TAG = r"([0-9])([0-9]{3})([0-9a-f]{6})"
_SCHEMES: tuple[tuple[Scheme, re.Pattern[str]], ...] = (
    ("prvs", re.compile(rf"prvs=(?P<tag>{_TAG})[=/](?P<user>.+)", re.I)),
    # An earlier draft, and software that kept to it, has the two the other way round.
    ("prvs", re.compile(rf"prvs=(?P<user>[^=]+)[=/](?P<tag>{_TAG})", re.I)),
    ("btv1", re.compile(r"btv1==(?P<tag>[^=]+)==(?P<user>.+)", re.I)),
    ("msprvs1", re.compile(r"msprvs1=(?P<tag>[^=]+)=(?P<user>.+)", re.I)),
    ("srs0", re.compile(r"srs0[=+-](?P<tag>[^=]+=[^=]+)=(?P<domain>[^=]+)=(?P<user>.+)", re.I)),
    (
        "srs1",
        re.compile(r"srs1[=+-](?P<tag>[^=]+)=(?P<via>[^=]+)={1,2}[^=]+=[^=]+=(?P<domain>[^=]+)=(?P<user>.+)", re.I),
    ),
    ("verp", re.compile(r"(?P<tag>[^=]*[-+])(?P<user>[^=\s]+)=(?P<domain>[a-z0-9-]+(?:\.[a-z0-9-]+)+\.?)", re.I)),
)
_PREFIXES = ("prvs=", "btv1==", "msprvs1=", "srs0", "srs1")


class Tagged(NamedTuple):
    """An address and what was folded into it.

    ``original``: of a BATV tag the address that was tagged; of SRS the sender that was rewritten; of VERP the recipient
    that the mail went to. ``tag``: the rest. ``via``: the domain of the first forwarder, in SRS1.
    """

    scheme: Scheme
    original: str
    tag: str
    via: str = ""


def parse(address: str) -> Tagged:
    """What the local part of ``address`` holds. Raises ``Malformed`` when it has none of these shapes."""
    local, _, domain = address.strip("<> \t")[:MAX_LENGTH].rpartition("@")
    for scheme, shape in _SCHEMES if local and domain else ():
        if (scheme != "verp" or not local.lower().startswith(_PREFIXES)) and (match := shape.fullmatch(local)):
            parts = match.groupdict()
            if scheme == "verp":
                # The recipient stands behind the last "-" or "+" of the sender's own part.
                return Tagged(scheme, f"{parts['user']}@{parts['domain'].rstrip('.')}", parts["tag"])
            return Tagged(
                scheme, f"{parts['user']}@{parts.get('domain') or domain}", parts["tag"], parts.get("via") or ""
            )
    raise Malformed("no tagged address", 0, address[:MAX_LENGTH].encode("utf-8", "replace"))


def format(address: str, key: bytes, day: int, number: int = 0) -> str:
    """``address`` with a prvs tag that is good until LIFETIME days after ``day`` (days since 1970).

    ``key`` is the secret, ``number`` (0 to 9) tells which of several it is. Raises ``Malformed`` for no address.
    """
    local, at, domain = address.rpartition("@")
    if not (local and at and domain and 0 <= number <= 9):
        raise Malformed("not an address", 0, address.encode("utf-8", "replace"))
    stamp = f"{number}{(day + LIFETIME) % 1000:03}"
    return f"prvs={stamp}{_digest(key, stamp, address)}={local}@{domain}"


def verify(address: str, keys: Mapping[int, bytes], day: int) -> bool:
    """True if ``address`` bears a prvs tag made with one of ``keys`` and not expired on ``day`` (days since 1970)."""
    try:
        tagged = parse(address)
    except Malformed:
        return False
    if tagged.scheme != "prvs":
        return False
    stamp, digest = tagged.tag[:4], tagged.tag[4:].lower()
    key = keys.get(int(stamp[0]))
    left = (int(stamp[1:]) - day) % 1000  # the day of expiry counts modulo 1000
    return key is not None and left <= LIFETIME and hmac.compare_digest(digest, _digest(key, stamp, tagged.original))


def _digest(key: bytes, stamp: str, address: str) -> str:
    """The first three octets of HMAC-SHA1 over the stamp and the address in lower case: folding does no harm."""
    text = (stamp + address.lower()).encode("utf-8", "replace")
    return hmac.new(key, text, hashlib.sha1).digest()[:3].hex()
