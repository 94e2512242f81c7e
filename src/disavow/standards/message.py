"""Internet messages (RFC 5322 section 2): header fields and body as the bytes that arrived, nothing lost.

Tolerant on purpose: LF, CRLF and bare-CR files, junk lines, a missing blank line. Every tolerance is a defect
with a name; nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice, repeat
from operator import itemgetter
from typing import NamedTuple

MAX_FIELDS = 50_000

# As numbers: whether bytes hold one of these is asked for each field, and is answered ten times faster for a number.
LF, CR = b"\n\r"

# A field is a name, a colon and everything up to a line end that no continuation follows. Nothing is ever given back
# ("++", "*+"), so that a field of very many lines costs no memory.
_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n[ \t][^\n]*+)*+)(?:\n|\Z)", re.M)
_BARE_FOLDS = (b"\n ", b"\n\t")
_FOLDS = (b"\r\n ", b"\r\n\t", *_BARE_FOLDS)
_MBOX_LINE = re.compile(rb"\A>?From (?![ \t]*:)[^\n]*\n")


class Field(NamedTuple):
    """One header field as it arrived.

    ``name`` in the case it was written; ``value`` everything between the colon and the final line end, folding
    included; ``offset`` of the first byte of the name in ``Message.raw``.
    """

    name: bytes
    value: bytes
    offset: int


_NAME, _VALUE = itemgetter(1), itemgetter(2)
# As Field(…), but without a step of the interpreter.
_new = tuple.__new__


class Message:
    """A message or MIME entity over its raw bytes.

    ``raw`` is what arrived (with bare-CR line ends turned into LF when there are no others); ``body_at`` the
    offset where the body begins; ``defects`` names what had to be tolerated. ``known`` is where readers of the
    entity (its content type …) keep what they worked out.
    """

    # Messages are read by the million, and few fields of each: they are found at once, and taken out when asked for.
    __slots__ = ("_fields", "_firsts", "_found", "_index", "body_at", "defects", "known", "raw")

    raw: bytes
    body_at: int
    defects: tuple[str, ...]

    def __init__(self, raw: bytes) -> None:
        """Never raises: any bytes are a message, if need be one without fields and with defects."""
        defects: list[str] = []
        if LF not in raw and CR in raw:
            raw = raw.replace(b"\r", b"\n")
            defects.append("bare-cr")
        start = 0
        if mbox := _MBOX_LINE.match(raw):
            start = mbox.end()
            defects.append("mbox-line")
        end, self.body_at = _header_end(raw, start)
        self.raw = raw
        self._found = _find(raw, start, end, defects)
        self.defects = tuple(defects)
        self._index: dict[str, list[re.Match[bytes]]] | None = None
        self._fields: tuple[Field, ...] | None = None
        self._firsts: dict[str, bytes] = {}
        self.known: dict[str, object] = {}

    @property
    def body(self) -> bytes:
        """Everything after the empty line."""
        return self.raw[self.body_at :]

    @property
    def header(self) -> bytes:
        """Everything before the body, the empty line included."""
        return self.raw[: self.body_at]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields from top to bottom."""
        if self._fields is None:
            found = self._found
            values = map(bytes.removesuffix, map(_VALUE, found), repeat(b"\r"))
            rows = zip(map(_NAME, found), values, map(re.Match.start, found), strict=True)
            self._fields = tuple(map(_new, repeat(Field), rows))
        return self._fields

    @property
    def names(self) -> tuple[bytes, ...]:
        """The names of the fields as they are written, from top to bottom."""
        return tuple(map(_NAME, self._found))

    def all(self, name: str) -> list[Field]:
        """The fields called ``name`` (in lower case), from top to bottom."""
        matches = (self._index or self._indexed()).get(name)
        if matches is None:
            return []
        return [_new(Field, (found[1], found[2].removesuffix(b"\r"), found.start())) for found in matches]

    def first(self, name: str) -> bytes | None:
        """The unfolded, stripped value of the topmost field called ``name`` (in lower case), or None."""
        value = self._firsts.get(name)
        if value is None and (found := self._named(name)):
            value = self._firsts[name] = unfold(found[0][2])
        return value

    def values(self, name: str) -> list[bytes]:
        """The unfolded, stripped values of all fields called ``name`` (in lower case)."""
        return [unfold(found[2]) for found in self._named(name)]

    def repeated(self) -> dict[str, int]:
        """How often each name (in lower case) stands here, of those that stand here more than once."""
        return {name: len(found) for name, found in self._indexed().items() if len(found) > 1}

    def lacks(self, names: frozenset[str]) -> bool:
        """True if no field has any of ``names`` (in lower case)."""
        self._named("")
        return names.isdisjoint(self._index or ())

    def _named(self, name: str) -> Sequence[re.Match[bytes]]:
        return (self._index or self._indexed()).get(name, ())

    def _indexed(self) -> dict[str, list[re.Match[bytes]]]:
        if self._index is None:
            index = self._index = {}
            for name, found in zip(map(_key, map(_NAME, self._found)), self._found, strict=True):
                if name in index:
                    index[name].append(found)
                else:
                    index[name] = [found]
        return self._index


@lru_cache(maxsize=4096)
def _key(name: bytes) -> str:
    return name.lower().decode("ascii")


def unfold(value: bytes) -> bytes:
    """The value on one line (RFC 5322 section 2.2.3): line ends before white space removed, ends stripped."""
    if LF in value:
        for fold in _FOLDS if CR in value else _BARE_FOLDS:
            value = value.replace(fold, fold[-1:])
    return value.strip()


def _header_end(raw: bytes, start: int) -> tuple[int, int]:
    """(end of the last header line, start of the body)."""
    if raw.startswith((b"\n", b"\r\n"), start):
        return start, start + (1 if raw[start : start + 1] == b"\n" else 2)
    begin = max(start - 1, 0)
    bare = raw.find(b"\n\n", begin)
    full = raw.find(b"\n\r\n", begin, bare + 1 if bare >= 0 else len(raw))
    if full >= 0:
        return full + 1, full + 3
    return (bare + 1, bare + 2) if bare >= 0 else (len(raw), len(raw))


def _find(raw: bytes, start: int, end: int, defects: list[str]) -> list[re.Match[bytes]]:
    found = list(islice(_FIELD.finditer(raw, start, end), MAX_FIELDS))
    offsets = list(map(re.Match.start, found))
    ends = list(map(re.Match.end, found))
    last = ends[-1] if ends else start
    if len(found) == MAX_FIELDS and last < end:
        defects.append("too-many-fields")
    elif last < end or offsets != [start, *ends][: len(found)]:
        defects.append("junk-line")
    return found
