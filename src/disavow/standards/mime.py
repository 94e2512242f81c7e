"""MIME (RFC 2045, 2046, 2047, 2231): parts, content types, transfer encodings, words and parameters.

An entity is a ``Message``; its parts are Messages over slices of its body. Everything an adversary controls is
capped: depth, number of parts, and no function here is more than linear in the bytes it is given.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from .message import Message

MAX_DEPTH = 24
MAX_PARTS = 1000
# Lines that begin like a delimiter, and lines of uuencoded text, which are looked at.
MAX_DELIMITERS = 100_000
MAX_UU_LINES = 200_000
# Encoded words of one value that are decoded; the rest stay as they are.
MAX_WORDS = 10_000

MAX_KNOWN = 1_000  # characters of a value that is remembered: a subject is read more than once, and comes again

_TOKEN = re.compile(rb"\s*([^\s/;]+)\s*/\s*([^\s;]+)")
_PARAMETER = re.compile(rb";\s*([^\s=;]+)\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]*))", re.S)
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\r\n]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")
_ESCAPE = re.compile(rb"\\(.)", re.S)
_HEX = re.compile(rb"%([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.sub(rb"[A-Za-z0-9+/]", b"", bytes(range(256)))
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} [^\n]*\n", re.M)


@dataclass(frozen=True, slots=True)
class ContentType:
    """RFC 2045 section 5: ``type`` is "text/plain" in lower case; ``parameters`` by lower-case name, decoded."""

    type: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    main: str = field(init=False)

    def __post_init__(self) -> None:
        """``main`` is the part before the slash."""
        object.__setattr__(self, "main", self.type.partition("/")[0])


_DEFAULT = ContentType()


def content_type(entity: Message) -> ContentType:
    """The entity's content type; text/plain when it names none that can be read (RFC 2045 section 5.2)."""
    kind = entity.known.get("content-type")
    if not isinstance(kind, ContentType):
        value = entity.first("content-type")
        kind = entity.known["content-type"] = _content_type(value) if value else _DEFAULT
    return kind


def disposition(entity: Message) -> tuple[str, dict[str, str]]:
    """Content-Disposition (RFC 2183): ("attachment", {"filename": …}); ("", {}) when there is none."""
    value = entity.first("content-disposition")
    return _disposition(value) if value else ("", {})


@lru_cache(maxsize=512)
def _disposition(value: bytes) -> tuple[str, dict[str, str]]:
    return value.partition(b";")[0].strip().lower().decode("latin-1"), _parameters(value)


def filename(entity: Message) -> str:
    """The name a sender gave the part, from Content-Disposition or else Content-Type; "" when none."""
    return disposition(entity)[1].get("filename") or content_type(entity).parameters.get("name", "")


@lru_cache(maxsize=512)
def _content_type(value: bytes) -> ContentType:
    match = _TOKEN.match(value)
    if not match:
        return _DEFAULT
    name = b"/".join(match.groups()).lower().decode("latin-1")
    return ContentType(name, _parameters(value[match.end() :]))


def _parameters(value: bytes) -> dict[str, str]:
    """RFC 2045 parameters with RFC 2231 continuations, charsets and percent-encoding put together."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for match in _PARAMETER.finditer(value, 0, 16_384):
        name, quoted, bare = match.groups()
        raw = bare if quoted is None else _ESCAPE.sub(rb"\1", quoted) if b"\\" in quoted else quoted
        key, star, rest = name.lower().decode("latin-1").partition("*")
        if not star:
            plain.setdefault(key, words(raw))
            continue
        number = rest.rstrip("*")
        pieces.setdefault(key, {})[int(number) if number.isdecimal() else 0] = (raw, name.endswith(b"*"))
    for key, numbered in pieces.items():
        plain[key] = _joined(numbered)
    return plain


def _joined(numbered: dict[int, tuple[bytes, bool]]) -> str:
    charset, joined = "utf-8", b""
    for number in sorted(numbered):
        raw, encoded = numbered[number]
        if encoded and number == 0 and raw.count(b"'") >= 2:
            name, _, raw = raw.split(b"'", 2)
            charset = name.decode("latin-1") or charset
        joined += _HEX.sub(lambda match: bytes([int(match[1], 16)]), raw) if encoded else raw
    return decode(joined, charset)


def parts(entity: Message) -> tuple[Message, ...]:
    """The direct parts of a multipart entity, or the message inside a message/rfc822; () for a leaf.

    Splitting follows RFC 2046 section 5.1.1; a missing closing delimiter or a lost last line is tolerated.
    """
    inside = entity.known.get("parts")
    if not isinstance(inside, tuple):
        inside = entity.known["parts"] = _parts(entity)
    return inside


def _parts(entity: Message) -> tuple[Message, ...]:
    kind = content_type(entity)
    if kind.main == "multipart":
        boundary = kind.parameters.get("boundary", "").rstrip().encode("utf-8", "surrogateescape")
        return tuple(map(Message, _split(entity.raw, entity.body_at, b"--" + boundary))) if boundary else ()
    if kind.type in ("message/rfc822", "message/global"):
        return (Message(decoded(entity)),)
    return ()


def walk(entity: Message) -> Iterator[tuple[int, Message]]:
    """(depth, entity) for the entity and everything inside it, in order, within MAX_DEPTH and MAX_PARTS."""
    stack = [(0, entity)]
    for _ in range(MAX_PARTS):
        if not stack:
            return
        depth, part = stack.pop()
        yield depth, part
        if depth < MAX_DEPTH and (inside := parts(part)):
            stack.extend((depth + 1, inner) for inner in reversed(inside))


def _split(raw: bytes, start: int, delimiter: bytes) -> list[bytes]:
    """What stands between the delimiter lines, up to the closing one."""
    pieces: list[bytes] = []
    line = b"\n" + delimiter
    opened = -1
    found = start if raw.startswith(delimiter, start) else raw.find(line, start) + 1
    for _ in range(MAX_DELIMITERS):
        if found < max(start, 1):
            break
        at = found + len(delimiter)
        line_end = raw.find(b"\n", at)
        line_end = line_end if line_end >= 0 else len(raw)
        tail = raw[at : min(line_end, at + 80)].strip()
        if tail in (b"", b"--"):
            if opened >= 0:
                pieces.append(raw[opened : _before_line_end(raw, found)])
            if tail or len(pieces) == MAX_PARTS:
                return pieces
            opened = line_end + 1
        found = raw.find(line, line_end) + 1
    if opened >= 0:
        pieces.append(raw[opened:])
    return pieces


def _before_line_end(raw: bytes, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    return at - 2 if raw[at - 2 : at] == b"\r\n" else at - 1


def decoded(entity: Message) -> bytes:
    """The body with its Content-Transfer-Encoding undone (RFC 2045 section 6), as far as it can be."""
    undo = _DECODERS.get((entity.first("content-transfer-encoding") or b"").lower())
    if undo is None:
        return entity.body
    body = entity.known.get("decoded")
    if not isinstance(body, bytes):
        body = entity.known["decoded"] = undo(entity.body)
    return body


def text(entity: Message) -> str:
    """The decoded body as text in its declared charset; undecodable bytes become U+FFFD."""
    return decode(decoded(entity), content_type(entity).parameters.get("charset", ""))


def unbase64(data: bytes) -> bytes:
    """Base64 with foreign characters ignored (RFC 2045 section 6.8) and missing padding supplied."""
    clean = data.translate(None, _NOT_BASE64)
    return binascii.a2b_base64(clean[: len(clean) - (len(clean) % 4 == 1)] + b"=" * (-len(clean) % 4))


def _uudecoded(body: bytes) -> bytes:
    """The file between "begin" and "end"; what cannot be decoded ends it."""
    begin = _UU_BEGIN.search(body)
    out = []
    for line in body[begin.end() if begin else 0 :].split(b"\n", MAX_UU_LINES)[:MAX_UU_LINES]:
        decoded = b"" if line.strip() in (b"end", b"`") else _uu_line(line.rstrip(b"\r"))
        if not decoded:
            break
        out.append(decoded)
    return b"".join(out)


def _uu_line(line: bytes) -> bytes:
    # Some encoders pad a line wrongly: the length in its first byte says how much counts.
    for attempt in (line, line[: (((line[0] - 32) & 63) * 4 + 5) // 3]) if line else ():
        try:
            return binascii.a2b_uu(attempt)
        except binascii.Error:
            continue
    return b""


_DECODERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"base64": unbase64,
    b"quoted-printable": quopri.decodestring,
    **dict.fromkeys((b"x-uuencode", b"uuencode", b"x-uue"), _uudecoded),
}


@lru_cache(maxsize=64)
def _codec(charset: str) -> str:
    name = charset.strip().strip("\"'").lower()
    try:
        codec = codecs.lookup(_ALIASES.get(name, name) or "utf-8")
    except (LookupError, ValueError):
        return ""
    # Codecs that are no charsets (base64, rot13, idna …) are not for strangers' bytes.
    return codec.name if codec._is_text_encoding and codec.name not in ("idna", "punycode", "undefined") else ""


_ALIASES = {
    "": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-windows-949": "cp949",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "iso-8859-1": "cp1252",
    "iso-8859-6-i": "iso-8859-6",
    "iso-8859-6-e": "iso-8859-6",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "x-euc-jp": "euc-jp",
    "iso-2022-jp-ms": "iso-2022-jp-ext",
    "cp50220": "iso-2022-jp-ext",
    "x-mac-cyrillic": "mac-cyrillic",
    "unknown-8bit": "utf-8",
    "utf-7": "",
    "unicode-1-1-utf-7": "",
}


def decode(data: bytes, charset: str = "") -> str:
    """``data`` as text; without a usable charset UTF-8 if it is that, else Windows-1252. Never raises."""
    codec = _codec(charset)
    if codec and codec != "utf-8":
        return data.decode(codec, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8" if codec and charset else "cp1252", "replace")


def words(value: bytes) -> str:
    """A header value as a person reads it: RFC 2047 encoded words decoded, raw 8-bit guessed."""
    text = decode(value)
    if "=?" not in text:
        return text
    return (_known_words if len(text) <= MAX_KNOWN else _decode_words)(text)


def _decode_words(text: str) -> str:
    text = _BETWEEN_WORDS.sub("", text)
    out: list[str] = []
    at = 0
    pending, pending_charset = b"", ""
    for match in islice(_WORD.finditer(text), MAX_WORDS):
        charset, encoding, payload = match.group(1).partition("*")[0], match.group(2).lower(), match.group(3)
        raw = payload.encode("utf-8", "surrogateescape")
        data = unbase64(raw) if encoding == "b" else quopri.decodestring(raw, header=True)
        # A multibyte character may be cut between adjacent words of one charset: decode those together.
        if match.start() != at or charset.lower() != pending_charset:
            out.append(decode(pending, pending_charset))
            pending = b""
        out.append(text[at : match.start()])
        pending += data
        pending_charset = charset.lower()
        at = match.end()
    out.append(decode(pending, pending_charset))
    out.append(text[at:])
    return "".join(out)


_known_words = lru_cache(maxsize=1_024)(_decode_words)
