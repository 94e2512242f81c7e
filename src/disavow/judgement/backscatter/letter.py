"""A mail as the person sees it who opens it: sender, subject, the first text, without the quoted original."""

from __future__ import annotations

import html
import re
from functools import cached_property

from ...standards import mime
from ...standards.message import Message
from . import language, reasons, said
from .wording import Match, Text

MAX_TEXT = 5_000  # characters read for their meaning; what a mail is stands at its beginning
_SPOKEN = ("autoreply", "automatic", "courtesy")

MAX_BYTES = 65_536  # bytes of a part decoded to get them

_TAG = re.compile(r"<[^<>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/td|/table)\b[^<>]*>", re.I)
_HIDDEN = re.compile(r"<(style|script|title|!--)", re.I)
_ADDRESS = re.compile(r"[^\s<>\"(),:;]+@[^\s<>\"(),:;]+")
_QUOTED_HEADER = re.compile(
    r"\s*[-_*]{3,}\s*"
    r"(?:original|forwarded|urspr|weitergeleitete|message d|mensaje|mensagem|messaggio|oorspronk|пере|исход)"
    r"|\s*(?:on|am|le|el|op|em|il|den|dne|dnia) .{6,120}"
    r"(?:wrote|schrieb|crit|escribi|schreef|escreveu|scritto|skrev|napsal|pisze|napisa|escriure)[^:]{0,60}:\s*$"
    r"|\s*(?:from|von|de|da|van|od|от|från|fra|发件人|寄件者|差出人)\s?[:：].{0,200}@",
    re.I,
)
# The mark after a word (French parts the two), not in a link ("?" in Greek is ";").
_QUESTION = re.compile(r"(?:[^\s/?=&][ \u00a0\u202f]?[?？؟]|[α-ωά-ώ];)(?=[\s\"»)]|\Z)")
# What such a line cannot be without, found faster.
_QUOTED_MARK = re.compile(r"[-_*]{3}|[:：]")


class Letter:
    """The view on a message that classification shares; each property is worked out once, when asked for."""

    def __init__(self, message: Message, parts: tuple[Message, ...]) -> None:
        self.message = message
        self.parts = parts
        self.types = tuple(mime.content_type(part).type for part in parts)

    @cached_property
    def subject(self) -> str:
        """The topmost Subject, decoded, cut to 500 characters; "" when there is none."""
        return mime.words((self.message.first("subject") or b"")[:2_000])[:500]

    @cached_property
    def author(self) -> str:
        """The topmost From, decoded: name and address; "" when there is none."""
        return mime.words((self.message.first("from") or b"")[:1_000])

    @cached_property
    def address(self) -> str:
        """The last address in From, in lower case; "" when there is none."""
        found = _ADDRESS.findall(self.author)
        return found[-1].lower() if found else ""

    @cached_property
    def own(self) -> tuple[Message, ...]:
        """The entities that are the letter itself: nothing inside an enclosed message."""
        for number, kind in enumerate(self.types):
            if kind in ("message/rfc822", "message/global"):
                return self.parts[:number]
        return self.parts

    @cached_property
    def is_html_only(self) -> bool:
        """True if the first text that says anything is HTML, with no plain alternative."""
        shown = self._shown
        return shown is not None and mime.content_type(shown).type == "text/html"

    @cached_property
    def source(self) -> str:
        """The decoded first text part as it was sent, HTML and quoted lines included, cut to MAX_BYTES."""
        return _text(self._shown) if self._shown else ""

    @property
    def beginning(self) -> str:
        """The first octets of the text part as they stand, undecoded: enough to find a plain word fast."""
        shown = self._shown
        return shown.raw[shown.body_at : shown.body_at + 3_000].decode("latin-1") if shown else ""

    @cached_property
    def html(self) -> str:
        """The decoded first HTML part, cut to MAX_BYTES; "" when there is none."""
        for part in self.own:
            if mime.content_type(part).type == "text/html":
                return _text(part)
        return ""

    @cached_property
    def body(self) -> str:
        """What the first text says: HTML made plain, the quoted original and what follows it left out."""
        return unquoted(plain(self.source) if self.is_html_only else self.source)[:MAX_TEXT]

    @cached_property
    def reported(self) -> str:
        """What a reporter says himself, up to where an original begins, whose words are somebody else's."""
        return said.read(self.parts)

    @cached_property
    def headline(self) -> Text:
        """The subject, folded for finding phrases."""
        return Text(self.subject)

    @cached_property
    def prose(self) -> Text:
        """The body, folded for finding phrases."""
        return Text(self.body)

    @cached_property
    def language(self) -> str:
        """The BCP 47 tag of the language that the body is in, else the subject; "" when too little shows it."""
        spoken = [match.phrase.language for about in _SPOKEN for match in reasons.said(self.prose, about)]
        return language.guess(self.body, spoken) or language.guess(self.subject)

    def says(self, about: str) -> list[Match]:
        """The phrases ``about`` this in subject and body: of the letter's own language first, then by rank."""
        both = reasons.said(self.headline, about) + reasons.said(self.prose, about)
        return sorted(both, key=lambda match: (match.phrase.language != self.language, -match.phrase.rank))

    def own_words(self, said: list[Match]) -> list[Match]:
        """Those of ``said`` that are of the letter's language, all where that is unknown: others only look alike."""
        return [match for match in said if self.language in ("", match.phrase.language)]

    @cached_property
    def quotes(self) -> bool:
        """True if the text carries a quoted original, as people's replies do."""
        shown = plain(self.source) if self.is_html_only else self.source
        return len(unquoted(shown)) < len(shown.strip()) - 40

    @cached_property
    def asks(self) -> bool:
        """True if the text asks its reader something, as people do and machines hardly ever."""
        return asking(self.body)

    @cached_property
    def _shown(self) -> Message | None:
        typed = tuple(zip(self.types, self.own, strict=False))
        texts = [part for kind, part in typed if kind == "text/plain" and _says(part)]
        others = [part for kind, part in typed if kind in ("text/html", "text/enriched")]
        if texts and others and self.parts.index(others[0]) < self.parts.index(texts[0]):
            # A list's footer is a plain part of its own after the letter; an alternative comes before its HTML.
            return others[0]
        return next(iter(texts or others), None)


def asking(text: str) -> bool:
    """True if ``text`` holds a question mark that ends something."""
    return bool(_QUESTION.search(text))


def _says(part: Message) -> bool:
    return bool(part.body[:2_000].strip())


def _text(part: Message) -> str:
    raw = part.raw
    return mime.text(Message(raw[: part.body_at + MAX_BYTES]) if len(raw) > part.body_at + MAX_BYTES else part)


def plain(source: str) -> str:
    """HTML as text: elements that show nothing dropped, block ends as line ends. Linear."""
    kept: list[str] = []
    at, lower = 0, source.lower()
    while hidden := _HIDDEN.search(source, at):
        kept.append(source[at : hidden.start()])
        close = "-->" if hidden[1] == "!--" else f"</{hidden[1].lower()}>"
        end = lower.find(close, hidden.end()) if len(kept) < 200 else -1
        if end < 0:
            break
        at = end + len(close)
    else:
        kept.append(source[at:])
    return html.unescape(_TAG.sub(" ", _BREAK.sub("\n", "".join(kept).replace("\n", " "))))


def unquoted(text: str) -> str:
    """The lines above a quoted original, without lines that begin with ">"; all of them if nothing else is left."""
    lines: list[str] = []
    for line in text[: 4 * MAX_TEXT].splitlines():
        if lines and _QUOTED_MARK.search(line) and _QUOTED_HEADER.match(line[:400]):
            break
        if not line.startswith(">"):
            lines.append(line)
    return "\n".join(lines).strip() or text[:MAX_TEXT]
