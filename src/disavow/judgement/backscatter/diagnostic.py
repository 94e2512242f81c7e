"""What a diagnostic text says about machines: who refused, at which address, and whom it was talking to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import NamedTuple

from ...standards.questions import Address

MAX_TEXT = 8_000

_V4 = r"(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.[\w-])"
_V6 = r"(?<![\w.:])(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:)[0-9A-Fa-f:]{3,39}(?:\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d)"
# The same, beginning with what a search can skip to.
_FOUR = re.compile(r"\d(?<![\w.]\d)(?<![\d:]:\d)(?<!ffff:\d)(?<![A-Za-z]-\d)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.[\w-])")
_SIX = re.compile(rf"(?:(?<![\w.])IPv6:)?({_V6})", re.I)
_LITERAL = re.compile(rf"[\[(](?:IPv6:)?({_V4}|{_V6})\]?(?::\d+)?[\])]?", re.I)

# How reporters introduce the host that they were talking to; the reply comes after.
_REMOTE = re.compile(
    r"(?:\A|\b(?:host|server|to|by|with|at|mx)[ \t:]{1,3})<?((?:[\w-]{1,63}\.){1,10}[\w-]{1,63})\.?>?"
    rf"[ \t]?[\[(](?:IPv6:)?({_V4}|{_V6})[\])]",
    re.I,
)
_REMOTE_ALONE = re.compile(
    r"(?:remote host|\bhost|connected to|giving up on|talking to|attempted|server)[ \t:]{1,3}"
    rf"[<\[(]?({_V4})[>\])]?(?= said| does| failed| but|:|\.|,)"
    rf"|^\W{{0,3}}({_V4})[>\])]? (?:does not like|failed after|said)"
    r"|(?:while talking to|host|mx)[ \t:]{1,3}<?((?:[\w-]{1,63}\.){1,10}[A-Za-z][\w-]{0,62})",
    re.I | re.M,
)
# Whoever says or refuses something is the server, not the client.
_ACTS = re.compile(r"[\])>]?(?::\d+)?\s(?:said|did|does|failed|refused|returned|responded|replied)\b", re.I)

# Where the words of the refusing server begin.
_SAID = re.compile(
    r"\b(?:said|responded|returned|replied|was|response|error)\b[^\d\n]{0,40}(?=[45]\d\d[ \-:#])"
    r"|(?<![\d.])[45]\d\d[ \-]"
)

# Words that introduce the client in a refusal, directly before its address.
_CLIENT = re.compile(
    r"(?:\bIPs?\b|client|sender|sending|source|connecting|peer|originat\w*|remote|from|relay|hosts?|address|connections?"
    r"|banned|blocked|listed|blacklist\w*|reputation|of|for|is|query\w*|lookup\w*|by|ip)"
    r"[^\w.]{0,12}(?:address|is|of|host|server|hop)?[\s:=\[(<'\"/-]{0,6}\Z",
    re.I,
)
_NOT_CLIENT = re.compile(
    r"\b(?:version|release|v|said|port|talk(?:ing)? to|connect(?:ed)? to|MTA\(\w*:?|server)[^\w.]{0,4}\Z", re.I
)


class Remote(NamedTuple):
    """The host that decided, as the reporter names it: ``name`` "" and ``address`` None where it does not."""

    name: str = ""
    address: Address | None = None


def remote(text: str) -> Remote:
    """The server that the reporter says it was talking to ("host mx.example.org[192.0.2.1] said")."""
    return _remote(text[:MAX_TEXT])


@lru_cache(maxsize=256)
def _remote(head: str) -> Remote:
    if _LITERAL.search(head) and (match := _REMOTE.search(head)):
        return Remote(match[1].lower(), literal(match[2]))
    if match := _REMOTE_ALONE.search(head):
        return Remote((match[3] or "").lower(), literal(match[1] or match[2] or ""))
    return Remote()


def client(text: str, but: Address | None = None) -> Address | None:
    """The address that the refusing server says it was talking to: the sender as it saw him; else None.

    Only the words of that server are looked at (from its reply code on), the address of a remote host ``but`` and
    loopback addresses are not taken; a word that introduces a client outranks an address without one.
    """
    return _client(text[:MAX_TEXT], but)


@lru_cache(maxsize=256)  # a flood's refusals are few texts
def _client(text: str, but: Address | None) -> Address | None:
    if not _FOUR.search(text) and text.count(":") < 2:
        return None
    said = _SAID.search(text)
    start = said.end() if said else 0
    others = {but}
    if "[" in text or "(" in text:
        others |= {literal(match[2]) for match in _REMOTE.finditer(text, 0, start or len(text))}
    bare: Address | None = None
    for at, end, address in _addresses(text, start):
        if not _plausible(address) or address in others or _ACTS.match(text, end):
            continue
        if _CLIENT.search(text, max(at - 40, start), at):
            return address
        if said and not bare and not _NOT_CLIENT.search(text, max(at - 24, start), at):
            bare = address
    return bare


def _addresses(text: str, start: int) -> Iterator[tuple[int, int, Address]]:
    """(where it begins, where it ends, address) for every literal from ``start`` on, those of IPv4 first."""
    for match in _FOUR.finditer(text, start):
        if address := literal(match[0]):
            yield match.start(), match.end(), address
    if text.count(":", start) >= 2:
        for match in _SIX.finditer(text, start):
            if address := literal(match[1]):
                yield match.start(), match.end(), address


def bracketed(text: str) -> Address | None:
    """The first address in brackets or parentheses, as in "dns; mx.example.org (192.0.2.1)"; else None."""
    match = _LITERAL.search(text[:MAX_TEXT]) if "[" in text or "(" in text else None
    return literal(match[1]) if match else None


@lru_cache(maxsize=4096)
def literal(text: str) -> Address | None:
    """``text`` as an address, IPv4 in IPv6 unwrapped; None if it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=4096)
def _plausible(address: Address) -> bool:
    return not (address.is_loopback or address.is_unspecified or address.is_multicast)
