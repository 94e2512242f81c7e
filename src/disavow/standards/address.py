"""Mailboxes in header fields (RFC 5322 section 3.4 and 4.4), and who the authors of a message are.

Lenient on purpose, and linear: a From field that two programs may read in two ways is a favourite of forgers. What
follows the grammar decides; what another reader could take for the author is reported beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple, TypeAlias

from ..errors import Malformed
from . import mime, names
from .message import Field, Message, unfold

MAX_VALUE = 65_536
MAX_MAILBOXES = 1_000
MAX_SHOWN = 50
MAX_HIDDEN = 10

Kind: TypeAlias = Literal["atom", "quoted", "comment", "literal", "special"]

# The oddities of From that leave open which domain the author's is; all others leave one answer.
AMBIGUOUS = frozenset({"no-from", "no-domain", "bad-domain", "several-domains", "too-long"})

_SPACE = re.compile(r"[\s\x00]+")
_ATOM = re.compile(r"[^\s\x00\"()\[\]<>,;:@]+")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)("?)', re.S)
_LITERAL = re.compile(r"\[[^\[\]\n]{0,255}\]")
_COMMENT_MARK = re.compile(r"[()\\]")
_ESCAPED = re.compile(r"\\(.)", re.S)
_BREAK = re.compile(rb"[\x00\r\n]+(?:from[ \t]*:)?", re.I)
_HIDDEN = re.compile(rb"\r(from)[ \t]*:([^\r\n]*)", re.I)
_AT_DOMAIN = re.compile(r"[@\uff20\ufe6b]\s{0,4}([^\s@\"'()<>\[\],;:/\\]{3,255})")
_PLAIN = re.compile(rb"\s*([A-Za-z0-9 ._'-]*)<([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([A-Za-z0-9.-]+)>\s*\Z")
_BARE = re.compile(rb"\s*()([A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+)@([A-Za-z0-9.-]+)\s*\Z")


class Mailbox(NamedTuple):
    """``name`` as people see it, encoded words decoded; ``local`` unquoted; ``domain`` as A-labels.

    ``domain`` is as written when it is no domain name, "" when there is none.
    """

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """local@domain, or what there is of it."""
        return f"{self.local}@{self.domain}" if self.domain else self.local


class _Token(NamedTuple):
    kind: Kind
    text: str
    spaced: bool  # white space stood before it


@dataclass(frozen=True, slots=True)
class Authors:
    """Who From says wrote the message.

    ``domains``: every domain that some reader could take for the author's, as A-labels, without repetition;
    ``mailboxes`` in order; ``shown``: further domains of addresses that a display name, a comment, a quoted local
    part or a source route shows to people; ``oddities``: tags for whatever departs from one plain mailbox.
    """

    domains: tuple[str, ...]
    mailboxes: tuple[Mailbox, ...] = ()
    shown: tuple[str, ...] = ()
    oddities: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The one author domain that DMARC works on (RFC 9989 section 5.3.1); "" when it is ``ambiguous``."""
        return "" if self.ambiguous else self.domains[0]

    @property
    def ambiguous(self) -> tuple[str, ...]:
        """The oddities that leave open which domain the author's is; () when there is one answer."""
        return tuple(tag for tag in self.oddities if tag in AMBIGUOUS)


def authors(message: Message) -> Authors:
    """Every author that the From fields name, and why that is not plain. Never raises; no From gives no domain."""
    fields = [*message.all("from"), *_hidden_fields(message)]
    reading = _Reading()
    if len(fields) != 1:
        reading.note("several-from" if fields else "no-from")
    budget = MAX_VALUE
    for field in fields:
        if budget <= 0:
            reading.note("too-long")
            break
        budget -= len(field.value) + len(field.name)
        _read_field(message, field, reading)
    mailboxes = tuple(dict.fromkeys(_with_domain(reading.mailboxes)))
    found = dict.fromkeys(_domain(box.domain) for box in mailboxes if box.domain)
    domains = tuple(domain for domain in found if domain)
    if "" in found:
        reading.note("bad-domain")
    if len(domains) != 1 and fields:
        reading.note("several-domains" if domains else "no-domain")
    shown = dict.fromkeys(domain for domain in reading.shown if domain not in domains)
    return Authors(domains, mailboxes, tuple(shown)[:MAX_SHOWN], tuple(reading.odd))


def _hidden_fields(message: Message) -> list[Field]:
    """From fields that only those see for whom a bare CR inside another field ends a line."""
    header = message.header
    if header.count(b"\r") == header.count(b"\r\n"):
        return []
    found = islice(_HIDDEN.finditer(header), MAX_HIDDEN)
    return [Field(match[1], match[2], match.start(1)) for match in found]


def parse_mailbox(value: bytes) -> Mailbox:
    """The first mailbox in ``value``, leniently; ("", "", "") when there is none. Never raises."""
    simple = (_PLAIN.match(value) or _BARE.match(value)) if len(value) <= 320 else None
    if simple:
        name, local, domain = (part.decode("ascii") for part in simple.groups())
        return Mailbox(name.strip(), local, _labels(domain))
    found = _with_domain(_read(value, _Reading()).mailboxes)
    return found[0] if found else Mailbox("", "", "")


def addresses(value: bytes) -> tuple[str, ...]:
    """Every address in a header value, in order: ``local@domain`` with the domain as A-labels. Never raises."""
    return tuple(box.address for box in _with_domain(_read(value, _Reading()).mailboxes) if box.local)


def _with_domain(mailboxes: Sequence[Mailbox]) -> Sequence[Mailbox]:
    """Those with a domain if there are any: ``Smith, John <j@example.org>`` is one mailbox with a comma in its name."""
    return [box for box in mailboxes if box.domain] or mailboxes


def _domain(text: str) -> str:
    """``text`` as A-labels if it can be an author's domain, else ""."""
    try:
        return names.parse(text) if text else ""
    except Malformed:
        return ""


def _labels(text: str) -> str:
    return _domain(text) or text.lower()


class _Reading:
    """What has been read of a value so far."""

    def __init__(self) -> None:
        self.mailboxes: list[Mailbox] = []
        self.shown: list[str] = []
        self.odd: dict[str, None] = {}

    def note(self, tag: str) -> None:
        self.odd[tag] = None

    def show(self, text: str, tag: str) -> None:
        """Domains of addresses within words that people see."""
        candidates = islice(_AT_DOMAIN.finditer(text), MAX_SHOWN)
        found = [domain for match in candidates if "." in (domain := _domain(match[1].strip(".")))]
        if found and len(self.shown) < MAX_SHOWN:
            self.shown += found
            self.note(tag)


def _read_field(message: Message, field: Field, reading: _Reading) -> None:
    """One From field. Where NUL or a bare line end cuts it, others may see a piece, or a whole without the cut."""
    after = field.offset + len(field.name)
    if message.raw[after : after + 1] != b":":
        reading.note("space-before-colon")
    value = unfold(field.value)
    _read(value, reading)
    if cut := _BREAK.search(value, 0, MAX_VALUE):
        reading.note("nul" if b"\x00" in value else "bare-cr")
        value = value[:MAX_VALUE]
        for other in (value[: cut.start()], _BREAK.sub(b",", value), _BREAK.sub(b"", value)):
            _read(other, reading)


def _read(value: bytes, reading: _Reading) -> _Reading:
    """The mailboxes of an address list (RFC 5322 section 3.4), obsolete and broken forms included."""
    if len(value) > MAX_VALUE:
        reading.note("too-long")
        value = value[:MAX_VALUE]
    for entry in _entries(_tokens(mime.decode(value), reading), reading):
        if len(reading.mailboxes) >= MAX_MAILBOXES:
            reading.note("too-long")
            break
        if entry:
            _read_entry(entry, reading)
    return reading


# -- Tokens -------------------------------------------------------------------------------------------------------


def _tokens(text: str, reading: _Reading) -> Iterator[_Token]:
    """The lexical tokens (section 3.2); a quote or comment that never ends is read as if its mark were not there."""
    at, spaced = 0, False
    while at < len(text):
        if space := _SPACE.match(text, at):
            at, spaced = space.end(), True
            continue
        kind, content, end = _token(text, at)
        if end < 0:
            reading.note("unclosed")
            # No later mark of this kind can be closed either: one pass without them keeps this linear.
            text, at = text[at:].replace(text[at], " "), 0
            continue
        yield _Token(kind, content, spaced)
        at, spaced = end, False


def _token(text: str, at: int) -> tuple[Kind, str, int]:
    """(kind, content, end) of the token at ``at``; the end is -1 for a quote or comment that does not end."""
    char = text[at]
    if char == '"' and (quoted := _QUOTED.match(text, at)):
        return "quoted", _ESCAPED.sub(r"\1", quoted[1]), quoted.end() if quoted[2] else -1
    if char == "(":
        end = _comment_end(text, at)
        return "comment", text[at + 1 : end - 1], end
    if char == "[" and (literal := _LITERAL.match(text, at)):
        return "literal", literal[0], literal.end()
    if atom := _ATOM.match(text, at):
        return "atom", atom[0], atom.end()
    return "special", char, at + 1


def _comment_end(text: str, at: int) -> int:
    depth = 0
    skip = -1
    for mark in _COMMENT_MARK.finditer(text, at):
        if mark.start() == skip:
            continue
        if mark[0] == "\\":
            skip = mark.end()
            continue
        depth += 1 if mark[0] == "(" else -1
        if not depth:
            return mark.end()
    return -1


# -- Mailboxes ----------------------------------------------------------------------------------------------------


def _entries(tokens: Iterable[_Token], reading: _Reading) -> Iterator[list[_Token]]:
    """The tokens of each list member: commas and semicolons divide, a colon before any bracket ends a group's name."""
    entry: list[_Token] = []
    inside = False
    for token in tokens:
        if token.kind != "special" or (inside and token.text != ">"):
            entry.append(token)
        elif token.text in ",;":
            yield entry
            entry = []
        elif token.text == ":":
            reading.note("group")
            reading.show(_words(entry), "address-in-name")
            entry = []
        else:
            inside = token.text == "<"
            entry.append(token)
    if inside:
        reading.note("unclosed")
    yield entry


def _read_entry(entry: Sequence[_Token], reading: _Reading) -> None:
    """One mailbox (section 3.4): what stands in brackets is the address, else the one word that has an @."""
    comments = [token for token in entry if token.kind == "comment"]
    outside, brackets = _bracketed(entry)
    found = [box for tokens in brackets or [outside] for box in _addresses(tokens, bool(brackets), reading)]
    name = _words(outside if brackets else comments)
    reading.mailboxes += [box._replace(name=name) for box in found]
    if len(found) > 1:
        reading.note("several-in-one")
    if comments and entry[-1].kind != "comment":
        reading.note("comment-in-address")
    if brackets or not any(box.domain for box in found):
        reading.show(_words(outside), "address-in-name")
    reading.show(_words(comments), "address-in-comment")


def _bracketed(entry: Sequence[_Token]) -> tuple[list[_Token], list[list[_Token]]]:
    """(tokens outside of angle brackets, tokens inside each pair), comments left out (section 3.2.2)."""
    outside: list[_Token] = []
    brackets: list[list[_Token]] = []
    current = outside
    for token in entry:
        if token.kind == "special" and token.text in "<>":
            current = outside
            if token.text == "<":
                current = []
                brackets.append(current)
        elif token.kind != "comment":
            current.append(token)
    return outside, brackets


def _words(tokens: Sequence[_Token]) -> str:
    """The tokens as people read them: encoded words decoded, quotes gone."""
    text = "".join((" " if token.spaced else "") + token.text for token in tokens).strip()
    return mime.words(text.encode("utf-8", "replace")) if text else ""


def _addresses(tokens: Sequence[_Token], bracketed: bool, reading: _Reading) -> Iterator[Mailbox]:
    words = list(_address_words(_after_route(tokens, reading)))
    with_domain = [word for word in words if any(token.kind == "special" for token in word)]
    if len(words) > len(with_domain) and with_domain:
        reading.note("space-in-address" if bracketed else "no-brackets")
    for word in with_domain:
        yield from _address(word, reading)
    if len(words) == 1 and not with_domain:
        yield Mailbox("", "".join(token.text for token in words[0]), "")


def _after_route(tokens: Sequence[_Token], reading: _Reading) -> Sequence[_Token]:
    """What follows a source route (section 4.4), or ``mailto:`` and its like."""
    colons = [index for index, token in enumerate(tokens) if token.kind == "special" and token.text == ":"]
    if not colons:
        return tokens
    reading.note("route")
    reading.show(_words(tokens[: colons[-1]]), "route")
    return tokens[colons[-1] + 1 :]


def _address_words(tokens: Sequence[_Token]) -> Iterator[list[_Token]]:
    """Tokens that belong together: no space between them, or only around an @ or a dot (obsolete, section 4.4)."""
    word: list[_Token] = []
    for token in tokens:
        is_at = token.kind == "special" and token.text == "@"
        if token.kind == "special" and not is_at:
            apart, token_counts = True, False
        else:
            glued = is_at or token.text.startswith(".") or (bool(word) and word[-1].text.endswith(("@", ".")))
            apart, token_counts = token.spaced and not glued, True
        if apart and word:
            yield word
            word = []
        if token_counts:
            word.append(token)
    if word:
        yield word


def _address(word: Sequence[_Token], reading: _Reading) -> Iterator[Mailbox]:
    """The mailbox that a word is; one for each @ of a word with several, as programs differ in which they take."""
    ats = [index for index, token in enumerate(word) if token.kind == "special"]
    if len(ats) > 1:
        reading.note("several-at")
    local = "".join(token.text for token in word[: ats[0]])
    if any(token.kind == "quoted" for token in word[: ats[0]]):
        reading.note("quoted-local")
    reading.show(mime.words(local.encode("utf-8", "replace")), "address-in-local")
    for at, end in zip(ats, [*ats[1:], len(word)], strict=True):
        domain = "".join(token.text for token in word[at + 1 : end])
        if domain.startswith("["):
            reading.note("address-literal")
        if domain or len(ats) == 1:
            yield Mailbox("", local, _labels(domain))
