"""What came back: the original messages that a status mail encloses, in every form that reporters use.

First as MIME parts (RFC 3462, 3464 section 2, 5965, 8098), else written into a text (``inline``), else pieced
together from what the delivery report says about the original.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Literal

from ...standards import mime
from ...standards.message import Message
from . import inline, markup, prose
from .notice import Delivery, Returned

MAX_RETURNED = 16
MAX_TEXTS = 12

ENCLOSED = ("message/rfc822", "message/global")
_REPORTS = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/feedback-report",
    "message/disposition-notification",
    "message/global-disposition-notification",
)
# Fields of which a message that was really transported has at least one.
_ORDINARY = ("from", "received", "subject", "message-id", "date", "to", "return-path")


def find(message: Message, parts: tuple[Message, ...], delivery: Delivery) -> tuple[Returned, ...]:
    """The originals inside ``message``, outermost first; () when nothing was returned.

    ``parts`` are all entities of ``mime.walk(message)``, in order; ``delivery`` what ``delivery.read`` made of it.
    An original that is itself a report is followed by the original inside it. Never more than MAX_RETURNED.
    """
    for form in (_enclosed(parts), _written(parts), _summed_up(parts, delivery)):
        if found := tuple(islice(form, MAX_RETURNED)):
            return found
    return ()


def is_report(message: Message) -> bool:
    """True if the message's own type says that it reports on another one (RFC 6522)."""
    return mime.content_type(message).type == "multipart/report"


def _enclosed(parts: tuple[Message, ...]) -> Iterator[Returned]:
    """Originals that are MIME parts."""
    reported = False
    at = 1
    while at < len(parts):
        part = parts[at]
        kind = mime.content_type(part).type
        at += 1
        if kind in _REPORTS:
            reported = True
        elif kind in ENCLOSED and at < len(parts):
            inner = parts[at]
            report = is_report(inner)
            if reported or not report:
                yield from _original(inner, "message/rfc822")
            at += 1 if report else _entities(inner, parts, at)
        elif _holds_header(part, kind):
            yield from _original(Message(mime.decoded(part).lstrip(b"\r\n")), "text/rfc822-headers")
        elif part.all("received") and part.all("from"):
            # The original itself stands where its message/rfc822 wrapper was forgotten.
            yield Returned(part, "inline", _completeness(part))


def _holds_header(part: Message, kind: str) -> bool:
    """Types that mean "the header of the original": RFC 3462's, RFC 6533's, and what is written for them."""
    main, _, sub = kind.partition("/")
    if main in ("text", "message"):
        return "rfc822" in sub or sub in ("global-headers", "partial", "news", "external-body")
    return main == "application" and mime.filename(part).lower().endswith((".eml", ".msg", ".txt"))


def _entities(inner: Message, parts: tuple[Message, ...], at: int) -> int:
    """How many of ``parts`` from ``at`` on belong to ``inner``; counted only where something may follow it."""
    if all(mime.content_type(part).main != "message" for part in parts[at + 1 :]):
        return len(parts)
    return sum(1 for _ in mime.walk(inner))


def _original(message: Message, form: str) -> Iterator[Returned]:
    """The enclosed message, or the one in its text when junk stands before its header."""
    if any(message.all(name) for name in _ORDINARY):
        yield Returned(message, form, _completeness(message))
        if not is_report(message):  # a report's own parts are walked by the caller
            yield from _deeper(message)
    elif block := inline.locate(message.raw):
        original = inline.extract(message.raw, block)
        yield Returned(original, form, _completeness(original))


def _deeper(original: Message) -> Iterator[Returned]:
    """The original inside an original that is itself a bounce."""
    if prose.is_daemon(original) and original.raw[original.body_at :].strip():
        parts = tuple(part for _, part in mime.walk(original))
        yield from tuple(islice(_enclosed(parts), MAX_RETURNED)) or _written(parts)


def _completeness(message: Message) -> Literal["whole", "part", "none"]:
    """Whether the body is there; a multipart body without its closing delimiter was cut."""
    if not message.raw[message.body_at :].strip():
        return "none"
    kind = mime.content_type(message)
    boundary = kind.parameters.get("boundary", "")
    if kind.main == "multipart" and boundary:
        closing = b"--%s--" % boundary.encode("utf-8", "surrogateescape")
        return "whole" if message.raw.rfind(closing) >= message.body_at else "part"
    return "whole"


def _written(parts: tuple[Message, ...]) -> Iterator[Returned]:
    """Originals written into a text part (or into a body whose MIME structure is broken)."""
    for part in texts(parts):
        kind = mime.content_type(part)
        text = mime.decoded(part)
        is_html = kind.type == "text/html"
        if is_html:
            page = mime.decode(text, kind.parameters.get("charset", ""))[: markup.MAX_HTML]
            text = markup.text(page).encode() if inline.may_hold(page) else b""
        if block := inline.locate(text):
            original = _returned(text, block, is_html)
            yield original
            yield from _deeper(original.message)
            return


def texts(parts: tuple[Message, ...]) -> list[Message]:
    """The entities that hold words: text parts, and multiparts in which no part could be found."""
    found: list[Message] = []
    for at, part in enumerate(parts):
        kind = mime.content_type(part)
        leaf = kind.main == "text" or kind.type in _REPORTS or (kind.main == "multipart" and len(parts) <= at + 1)
        if leaf and len(found) < MAX_TEXTS:
            found.append(part)
    return found


def _returned(text: bytes, block: inline.Block, is_html: bool) -> Returned:
    original = inline.extract(text, block)
    form = "html" if is_html else inline.form(block, inline.marked(text, block))
    body = _completeness(original)
    if body == "whole" and (form in ("html", "quoted", "indented") or inline.truncated(text, block)):
        body = "part"
    return Returned(original, form, body)


def _summed_up(parts: tuple[Message, ...], delivery: Delivery) -> Iterator[Returned]:
    """What the report says about the original: a summary in its text, else fields of its delivery status."""
    for part in texts(parts):
        text = mime.decoded(part)
        block = inline.locate(text, inline.SUMMARY) if mime.content_type(part).type == "text/plain" else None
        if block and (block.prefix or block.worth > inline.SUMMARY):
            yield Returned(inline.extract(text, block), "fields", "none")
            return
    facts = dict(delivery.fields)
    lines = [f"{name}: {facts[key]}" for key, name in _FACTS if facts.get(key)]
    if lines:
        lines += [f"To: {recipient.address}" for recipient in delivery.recipients[:1]]
        yield Returned(Message("\n".join(lines).encode() + b"\n"), "fields", "none")


# Per-message fields of a delivery status that repeat something of the original's header.
_FACTS = (
    ("x-postfix-sender", "Return-Path"),
    ("x-original-message-id", "Message-ID"),
    ("x-actual-sender", "Return-Path"),
    ("x-original-from", "From"),
    ("x-original-subject", "Subject"),
    ("original-envelope-id", "X-Envelope-ID"),
)
