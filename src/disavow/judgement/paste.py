"""Mail as people hand it over: a file, pasted headers, a quotation, a web page, a forward.

Every repair is written down. A text that had to be repaired is no longer the bytes that were sent: signatures may
still verify over it, but their failure proves nothing.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice, pairwise
from typing import Literal, NamedTuple, TypeAlias

from ..errors import Malformed
from ..standards import dkim_signature, mime
from ..standards.dkim_canonical import Body
from ..standards.message import Message
from .finding import Finding

MAX_MESSAGES = 20
_MAX_QUOTE_DEPTH = 8
_MAX_SIGNATURES = 5
_LOOK = 65_536  # bytes in which the shape of a paste shows
MAX_PASTE = 500_000  # bytes that are repaired or searched for further messages; nobody pastes more

Where: TypeAlias = Literal["", "attached", "returned", "below"]

_NAMES = frozenset(
    b"""return-path received from to cc bcc subject date message-id reply-to sender delivered-to x-original-to
    dkim-signature authentication-results arc-seal arc-message-signature arc-authentication-results received-spf
    mime-version content-type content-transfer-encoding content-disposition in-reply-to references list-id
    list-unsubscribe x-mailer user-agent x-received resent-from resent-to envelope-to x-envelope-from
    auto-submitted precedence domainkey-signature x-spam-status thread-topic importance x-priority""".split()
)
_LINE = re.compile(rb"([A-Za-z][A-Za-z0-9_.-]*)[ \t]*:(.?)", re.S)
_SIGNATURE = re.compile(rb"(?:dkim-signature|arc-seal|arc-message-signature|domainkey-signature)\Z", re.I)
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]++={0,2}\s*+)++\Z")
_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|meta|div|pre|p|table|span|br|font)\b", re.I)
_TAG = re.compile(rb"(<[^<>]*>)")
_BLOCKS = frozenset((b"p", b"div", b"tr", b"li", b"pre", b"table", b"ul", b"ol", b"h1", b"h2", b"h3"))
_QUOTE = re.compile(rb"^[>|] ?", re.M)
_BLANK = re.compile(rb"\n[ \t\r]*\n")
_MBOX = re.compile(rb"\n\r?\n(?=From \S+ [^\n]*\d\d:\d\d[^\n]*\n)")
_MBOX_LINE = re.compile(rb"From [^\n]*\n[A-Za-z][A-Za-z-]*:")
_BLOCK_START = re.compile(rb"^(?:Return-Path|Received|Delivered-To|X-Original-To)[ \t]*:", re.I | re.M)
_TYPED = re.compile(rb"^[>* \t]*(?:From|Subject|Date|Sent|To)\*?:[^\n]*$", re.M | re.I)


class Reading(NamedTuple):
    """One message found in what was handed over.

    ``repairs`` what had to be undone or should be known; ``exact`` if these are the bytes as they arrived; ``where``
    it lay in the first one ("" for the first itself).
    """

    message: Message
    repairs: tuple[Finding, ...] = ()
    exact: bool = True
    where: Where = ""


def read(raw: bytes) -> tuple[Reading, ...]:
    """The messages in ``raw``, at most MAX_MESSAGES; raises ``Malformed`` if no header field is found in it."""
    text, repairs, exact = _repaired(raw)
    pieces = _pieces(text)
    found = [reading for piece in pieces for reading in _with_inner(piece, repairs, exact)]
    if not found:
        raise Malformed("no mail header found: paste the whole header, or give the message as a file", 0, raw)
    return tuple(found[:MAX_MESSAGES])


def is_outlook(raw: bytes) -> bool:
    """True for Outlook's .msg files (an OLE compound file), which need a library to read."""
    return raw.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def _repaired(raw: bytes) -> tuple[bytes, tuple[Finding, ...], bool]:
    """(text, what was repaired, whether the bytes of the message are still the ones that arrived)."""
    if _is_mail(raw):
        return raw, (), True
    done = [Finding("paste-cut", {"bytes": MAX_PASTE})] if len(raw) > MAX_PASTE else []
    raw, exact = raw[:MAX_PASTE], not done
    for repair, finding, keeps_bytes in _REPAIRS:
        repaired = repair(raw)
        if repaired != raw:
            raw, exact = repaired, exact and keeps_bytes
            done.append(finding)
    return raw, tuple(done), exact


def _is_mail(raw: bytes) -> bool:
    if not (_LINE.match(raw) or _MBOX_LINE.match(raw)) or _is_double_spaced(raw):
        return False
    message = Message(raw)
    return not set(message.defects) - {"mbox-line", "bare-cr"} and _known(message) >= 1


def _known(message: Message) -> int:
    return sum(field.name.lower() in _NAMES for field in message.fields[:200])


def _from_unicode(raw: bytes) -> bytes:
    """Text as Windows saves it: with a byte order mark, in UTF-16."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace").encode("utf-8")
    return raw.removeprefix(b"\xef\xbb\xbf")


def _from_bare_cr(raw: bytes) -> bytes:
    return raw.replace(b"\r", b"\n") if b"\n" not in raw else raw


def _from_base64(raw: bytes) -> bytes:
    """A MIME part copied as it stands on the wire."""
    if b":" in raw[:_LOOK] or not _BASE64.match(raw[:_LOOK].strip()[:4_000] or b"-"):
        return raw
    decoded = mime.unbase64(raw)
    return decoded if _is_mail(decoded) else raw


def _from_html(raw: bytes) -> bytes:
    """The text of a web page or an HTML clipboard, line breaks where the page shows them."""
    if not _HTML.match(raw):
        return raw
    out: list[bytes] = [b"\n"]
    hidden = pre = False
    for piece in _TAG.split(raw):
        if _is_tag(piece):
            name = piece.strip(b"<>/ ").split(b" ")[0].lower()
            opens = not piece.startswith(b"</")
            hidden = opens and name in (b"style", b"script", b"head", b"title")
            pre = opens if name == b"pre" else pre
            if name == b"br" or (name in _BLOCKS and not out[-1].endswith(b"\n")):
                out.append(b"\n")
        elif piece and not hidden:
            text = piece if pre else b" ".join(piece.splitlines())
            out.append(text.lstrip(b" \t") if out[-1].endswith(b"\n") and not pre else text)
    return html.unescape(b"".join(out).decode("utf-8", "replace")).replace("\xa0", " ").encode("utf-8")


def _is_tag(piece: bytes) -> bool:
    """True for ``<p class=…>``; an address that a careless page did not escape is text."""
    return piece.startswith(b"<") and not (b"@" in piece and b" " not in piece.partition(b"@")[0])


def _unquoted(raw: bytes) -> bytes:
    """Without the ``>`` of a quotation, if most lines carry one."""
    for _ in range(_MAX_QUOTE_DEPTH):
        lines = [line for line in raw[:_LOOK].split(b"\n") if line.strip()]
        if sum(line.startswith((b">", b"|")) for line in lines) * 10 < len(lines) * 6 or not lines:
            break
        raw = _QUOTE.sub(b"", raw)
    return raw


def _dedented(raw: bytes) -> bytes:
    """Without an indentation that all lines of the header share."""
    lines = raw.strip(b"\r\n").split(b"\n")
    header = lines[: next((number for number, line in enumerate(lines) if not line.strip()), len(lines))]
    indent = min((len(line) - len(line.lstrip(b" \t")) for line in header), default=0)
    return b"\n".join(line[indent:] if not line[:indent].strip() else line for line in lines) if indent else raw


def _without_blank_lines(raw: bytes) -> bytes:
    return raw.lstrip(b" \t\r\n") if raw[:1] in (b"\r", b"\n") or not raw[:200].strip() else raw


def _without_junk(raw: bytes) -> bytes:
    """From the first line on that begins a known header field."""
    at = 0
    while at < min(len(raw), _LOOK):
        match = _LINE.match(raw, at)
        if (match and match[1].lower() in _NAMES) or _MBOX_LINE.match(raw, at):
            return raw[at:]
        at = raw.find(b"\n", at) + 1 or len(raw)
    return raw


def _single_spaced(raw: bytes) -> bytes:
    """Without the empty line after every line that some programs add."""
    return b"\n".join(raw.split(b"\n")[0::2]) if _is_double_spaced(raw) else raw


def _is_double_spaced(raw: bytes) -> bool:
    lines = [bool(line.strip()) for line in raw[:8_192].split(b"\n", 12)[:12]]
    return len(lines) >= 6 and all(lines[0::2]) and not any(lines[1::2])


def _refolded(raw: bytes) -> bytes:
    """Lines of the header that begin no field are continuations that lost their white space."""
    blank = _BLANK.search(raw)
    end = blank.start() + 1 if blank else len(raw)
    lines = raw[:end].split(b"\n")
    name = b""
    for number, line in enumerate(lines):
        if not line.strip() or line[:1] in b" \t" or (number == 0 and line.startswith(b"From ")):
            continue
        begun = _begins(line, name)
        if begun is None:
            lines[number] = b"\t" + line
        else:
            name = begun
    return b"\n".join(lines) + raw[end:]


def _begins(line: bytes, name: bytes) -> bytes | None:
    """The name of the field that ``line`` begins, None if it continues the field called ``name``."""
    match = _LINE.match(line)
    if not match:
        return None
    spaced = match[2].strip() == b""
    # "Subject:Date:To; bh=…" is the wrapped h= of a signature, not a Subject.
    if _SIGNATURE.match(name) and not spaced:
        return None
    return match[1] if spaced or match[1].lower() in _NAMES else None


_Repair: TypeAlias = tuple[Callable[[bytes], bytes], Finding, bool]
_REPAIRS: tuple[_Repair, ...] = (
    (_from_unicode, Finding("paste-unicode"), False),
    (_from_bare_cr, Finding("paste-bare-cr"), True),
    (_from_base64, Finding("paste-base64"), True),
    (_from_html, Finding("paste-html"), False),
    (_unquoted, Finding("paste-quoted"), False),
    (_dedented, Finding("paste-indented"), False),
    (_without_blank_lines, Finding("paste-blank-lines"), True),
    (_without_junk, Finding("paste-junk"), True),
    (_single_spaced, Finding("paste-double-spaced"), False),
    (_refolded, Finding("paste-unfolded"), False),
)


def _pieces(text: bytes) -> tuple[bytes, ...]:
    """Messages that stand one below the other: an mbox, or two headers in one paste."""
    if text.startswith(b"From "):
        cuts = [0, *(match.end() for match in islice(_MBOX.finditer(text), MAX_MESSAGES)), len(text)]
        return tuple(text[start:end] for start, end in pairwise(cuts))
    first = Message(text)
    if mime.content_type(first).main in ("multipart", "message") or _is_signed_to_its_end(first):
        return (text,)  # what lies inside has its own place
    starts = _header_starts(text, first.body_at)
    cuts = [0, *(at for at in starts if not _is_announced(text, at)), len(text)]
    return tuple(text[start:end] for start, end in pairwise(cuts))


def _is_signed_to_its_end(message: Message) -> bool:
    """True if a signature is about this very body: then no other message stands below."""
    body = Body(message.body)
    for field in message.all("dkim-signature")[:_MAX_SIGNATURES]:
        with suppress(Malformed):
            signature = dkim_signature.parse(field.value)
            if signature.length is None and body.hash(signature.body_form, None) == signature.body_hash:
                return True
    return False


def _header_starts(text: bytes, at: int) -> Iterator[int]:
    """Where, from ``at`` on, a complete header begins."""
    for _ in range(MAX_MESSAGES):
        match = _BLOCK_START.search(text, at, MAX_PASTE)
        if not match:
            return
        block = text[match.start() : match.start() + _LOOK]
        if _is_header(block):
            yield match.start()
        at = match.start() + max(Message(block).body_at, 1)


def _is_header(text: bytes) -> bool:
    message = Message(text)
    return bool(message.all("received") and message.all("from") and (message.all("date") or message.all("message-id")))


def _is_announced(text: bytes, at: int) -> bool:
    """True if the line before says that a copy follows: "--- Below this line …", "Forwarded message:"."""
    before = text[max(at - 400, 0) : at].rstrip().rpartition(b"\n")[2].strip()
    return before.startswith((b"-", b"=", b"*")) or before.endswith((b":", b"-"))


def _with_inner(piece: bytes, repairs: tuple[Finding, ...], exact: bool) -> Iterator[Reading]:
    """The message, unless it is only the wrapping of another one, and the messages inside it."""
    message = Message(piece)
    inner = tuple(_inner(message))
    if _known(message) and (not inner or message.all("from") or message.all("received")):
        yield Reading(message, (*repairs, *_remarks(message)), exact)
    for part, where in inner:
        yield Reading(part, repairs, exact and where != "below", where)


def _inner(message: Message) -> Iterator[tuple[Message, Where]]:
    """The messages attached to, returned by, or copied into the text of this one."""
    carried: Where = "returned" if mime.content_type(message).type == "multipart/report" else "attached"
    enclosing = mime.MAX_DEPTH
    for depth, part in islice(mime.walk(message), 200):
        kind = mime.content_type(part).type
        enclosing = enclosing if depth > enclosing else mime.MAX_DEPTH
        if kind in ("message/rfc822", "message/global"):
            enclosing = min(enclosing, depth)
            yield from ((inner, carried) for inner in mime.parts(part) if _known(inner))
        elif kind in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            headers = Message(mime.decoded(part))
            if _known(headers):
                yield headers, "returned"
        elif kind == "text/plain" and depth <= enclosing:
            yield from _copied(mime.decoded(part))


def _copied(text: bytes) -> Iterator[tuple[Message, Where]]:
    """The first complete header inside a text, quoted or not, with what follows it."""
    unquoted = (_QUOTE.sub(b"", text[:MAX_PASTE]),) if b"\n>" in text else ()
    for candidate in (text, *unquoted):
        for at in islice(_header_starts(candidate, 0), 1):
            yield Message(candidate[at:]), "below"
            return


def _remarks(message: Message) -> Iterator[Finding]:
    """What the message itself shows of how it was handed over."""
    if "bare-cr" in message.defects:
        yield Finding("paste-bare-cr")
    if _has_typed_header(message):
        yield Finding("paste-forwarded-as-text")


def _has_typed_header(message: Message) -> bool:
    """True if the text shows the few lines that a mail program types above a forwarded text."""
    for _, part in islice(mime.walk(message), 20):
        if mime.content_type(part).type == "text/plain":
            names = {line.strip(b">* \t").partition(b":")[0].lower() for line in _TYPED.findall(part.body[:_LOOK])}
            return b"from" in names and b"subject" in names
    return False
