"""The reporter's own words: the text of a status mail up to where the returned original begins."""

from __future__ import annotations

import re

from ...standards import mime
from ...standards.message import Message
from . import inline, markup

MAX_SAID = 65_536  # characters
MAX_TEXTS = 6

# Matched against lower case, near the beginning of a line.
_ANNOUNCED = re.compile(
    r"below (?:this|the next) line|copy of (?:the|your) (?:original )?message"
    r"|original (?:message|mail) ?(?:follows|:|-|$)"
    r"|unsent message|returned (?:message|mail) ?(?:follows|:|-|$)|forwarded message"
    r"|message text follows|message headers? follows?|headers? of the (?:original|source|returned|message)"
    r"|original message headers|mensaje original|mensagem original|ursprüngliche nachricht|message d'origine"
    r"|messaggio originale|исходное сообщение|原文如下|原始邮件|原邮件(?:内容|的一份|$)|原信件|元のメール",
    re.M,
)


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
    return _before_original((spoken if spoken.strip() else "\n\n".join(marked_up))[:MAX_SAID])


def _own(parts: tuple[Message, ...]) -> list[Message]:
    """Text parts that stand before any enclosed message; multiparts that have no parts hold text too."""
    own: list[Message] = []
    for number, part in enumerate(parts):
        kind = mime.content_type(part)
        if kind.main == "message" and own:
            break
        is_text = kind.main == "text" and "rfc822" not in kind.type and not (number and part.all("received"))
        if is_text or (kind.main == "multipart" and number + 1 == len(parts)):
            own.append(part)
    return own


def _before_original(text: str) -> str:
    """The text up to a line that announces the original, wherever no header was recognised after it."""
    lower = text.lower()
    for match in _ANNOUNCED.finditer(lower if len(lower) == len(text) else text):
        start = text.rfind("\n", 0, match.start()) + 1
        before = text[start : match.start()].strip()
        if len(before) <= 24 or (len(before) <= 64 and before[0] in "-=_*|"):
            return text[:start]
    return text


def _words(part: Message, kind: mime.ContentType) -> str:
    raw = mime.decoded(part)
    charset = kind.parameters.get("charset", "")
    if kind.type == "text/html":
        raw, charset = markup.text(mime.decode(raw, charset)).encode(), "utf-8"
    if block := inline.locate(raw):
        # Without trace fields it may be a summary of the original, and the reporter goes on after it.
        raw = raw[: block.start] + (b"" if block.traced else raw[block.header_end :])
    return mime.decode(raw[: 4 * MAX_SAID], charset).replace("\r\n", "\n")
