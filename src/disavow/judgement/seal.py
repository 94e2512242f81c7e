"""A seal that my server puts on what it sends: an HMAC that comes back with a returned header.

Over From, Date, Message-ID, the envelope recipient and the key's number: without the recipient, anybody who holds one
mail of mine could send its header to others. The field is ``Disavow-Seal: 1 NUMBER HEX``, added once a recipient.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping

from ..standards.message import Message

FIELD = "Disavow-Seal"
MAX_SEALS = 20
MAX_RECIPIENTS = 50

_SHAPE = re.compile(rb"1 ([0-9]) ([0-9a-fA-F]{32})")
_SEALED = ("from", "date", "message-id")


def format(message: Message, recipient: str, key: bytes, number: int = 0) -> str:
    """The value of the seal for ``message`` on its way to ``recipient``; ``number`` (0 to 9) tells which key it is."""
    return f"1 {number} {_digest(message, recipient, key, number)}"


def verify(message: Message, recipients: Iterable[str], keys: Mapping[int, bytes]) -> str:
    """The recipient that a seal on ``message`` was made for, one of ``recipients``; "" if no seal is valid."""
    seals = [found for value in message.values(FIELD.lower())[:MAX_SEALS] if (found := _SHAPE.fullmatch(value))]
    if not seals:
        return ""
    wanted = list(dict.fromkeys(recipients))[:MAX_RECIPIENTS]
    for seal in seals:
        number = int(seal[1])
        key = keys.get(number)
        for recipient in wanted if key else ():
            if key and hmac.compare_digest(seal[2].decode().lower(), _digest(message, recipient, key, number)):
                return recipient
    return ""


def _digest(message: Message, recipient: str, key: bytes, number: int) -> str:
    """The first 16 octets of HMAC-SHA256 in hex; white space is one space, as relays fold lines anew."""
    parts = [b"disavow-seal", b"%d" % number, recipient.lower().encode("utf-8", "replace")]
    parts += (b" ".join((message.first(name) or b"").split()) for name in _SEALED)
    return hmac.new(key, b"\0".join(parts), hashlib.sha256).hexdigest()[:32]
