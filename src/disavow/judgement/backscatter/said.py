"""The reporter's own words: the text of a status mail up to where the returned original begins."""

from __future__ import annotations

from ...standards import mime
from ...standards.message import Message
from . import inline, markup

MAX_SAID = 65_536  # characters
MAX_TEXTS = 6


def read(parts: tuple[Message, ...]) -> str:
    """The words before any returned original, lines ended by LF; HTML only where nobody wrote plain text.

    ``parts`` are all entities of ``mime.walk``; at most MAX_SAID characters come back, "" when there are no words.
    """
    plain: list[str] = []
    marked_up: list[str] = []
    for part in _own(parts):
        kind = mime.content_type(part)
        words = _words(part, kind)
        (marked_up if kind.type == "text/html" else plain).append(words)
        if len(plain) + len(marked_up) >= MAX_TEXTS:
            break
    spoken = "\n\n".join(plain)
    return (spoken if spoken.strip() else "\n\n".join(marked_up))[:MAX_SAID]


def _own(parts: tuple[Message, ...]) -> list[Message]:
    """Text parts that stand before any enclosed message; multiparts that have no parts hold text too."""
    own: list[Message] = []
    for number, part in enumerate(parts):
        kind = mime.content_type(part)
        if kind.main == "message" and own:
            break
        if kind.main == "text" and "rfc822" not in kind.type and not (number and part.all("received")):
            own.append(part)
        elif kind.main == "multipart" and number + 1 == len(parts):
            own.append(part)
    return own


def _words(part: Message, kind: mime.ContentType) -> str:
    raw = mime.decoded(part)
    charset = kind.parameters.get("charset", "")
    if kind.type == "text/html":
        raw, charset = markup.text(mime.decode(raw, charset)).encode(), "utf-8"
    if block := inline.locate(raw):
        # Without trace fields it may be a summary of the original, and the reporter goes on after it.
        raw = raw[: block.start] + (b"" if block.traced else raw[block.header_end :])
    return mime.decode(raw[: 4 * MAX_SAID], charset).replace("\r\n", "\n")
