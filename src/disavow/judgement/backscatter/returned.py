"""What came back: the original messages that a status mail encloses, in every form that reporters use."""

from __future__ import annotations

from ...standards import mime
from ...standards.message import Message
from .notice import Delivery, Returned

_HEADERS = ("text/rfc822-headers", "text/rfc822-header", "message/rfc822-headers", "message/global-headers")


def find(message: Message, parts: tuple[Message, ...], delivery: Delivery) -> tuple[Returned, ...]:
    """The originals inside ``message``, outermost first; () when nothing was returned.

    ``parts`` are all entities of ``mime.walk(message)``, in order; ``delivery`` what ``delivery.read`` made of it.
    """
    found: list[Returned] = []
    for part in parts[1:]:
        kind = mime.content_type(part).type
        if kind in ("message/rfc822", "message/global"):
            found.append(Returned(Message(mime.decoded(part)), "message/rfc822", "whole"))
        elif kind in _HEADERS:
            found.append(Returned(Message(mime.decoded(part)), "text/rfc822-headers", "none"))
    return tuple(found)
