"""Whose mailbox is this? The most frequent identity that status mails came back to; always said to be a guess."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from ..errors import Malformed
from ..standards import names
from ..standards.message import Message
from .backscatter import classify
from .backscatter.notice import STATUS_KINDS
from .identity import Identity

SAMPLE_MAILS = 500
SAMPLE_BYTES = 16 * 1024 * 1024

_ADDRESS = re.compile(rb"[^\s<>@,;:\"()\[\]]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_ADDRESSED = ("delivered-to", "x-original-to", "envelope-to", "to")
_CLAIMED = ("return-path", "from", "sender")


def guess(mails: Iterable[bytes], given: Identity) -> Identity:
    """``given`` with the owner's domain or address guessed from a sample of ``mails``.

    What counts is an address that a status mail was sent to and that the original it returns used as sender. Several
    addresses of one domain mean that the domain is the owner's; one address alone stands for itself.
    """
    counts: Counter[str] = Counter()
    for raw in mails:
        counts.update(_forged_in(Message(raw)))
    if not counts:
        return replace(given, how="guessed")
    domains: Counter[str] = Counter()
    for address, count in counts.items():
        domains[address.rpartition("@")[2]] += count
    domain = min(domains, key=lambda name: (-domains[name], name))
    locals_ = sorted(address for address in counts if address.endswith("@" + domain))
    if len(locals_) == 1:
        return replace(given, addresses=(locals_[0],), how="guessed")
    return replace(given, domains=(domain,), how="guessed")


def _forged_in(message: Message) -> set[str]:
    notice = classify.read(message)
    if notice.kind not in STATUS_KINDS:
        return set()
    addressed = _addresses(message, _ADDRESSED)
    claimed = {address for original in notice.returned for address in _addresses(original.message, _CLAIMED)}
    return addressed & claimed or claimed


def _addresses(message: Message, fields: tuple[str, ...]) -> set[str]:
    found = set()
    for name in fields:
        for value in message.values(name):
            for match in _ADDRESS.finditer(value, 0, 4096):
                local, _, domain = match[0].decode("latin-1").lower().rpartition("@")
                try:
                    found.add(f"{local}@{names.parse(domain)}")
                except Malformed:
                    continue
    return found
