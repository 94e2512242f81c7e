"""The records of one type at one name: what stands in the DNS, or what should."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from ..standards import spf
from ..standards.questions import Answer, Mx
from .checks.spf_record import is_near_miss

Key: TypeAlias = tuple[str, str]

_LINE = re.compile(r"(\S+)\. (TXT|MX) (.+)\Z")
_REMOVED = re.compile(r"remove: (\S+)\. (CNAME)\b")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(\d{3}|.)")
_FILE = re.compile(r"(https://\S+):\Z")
_DMARC = re.compile(rb"\s*v\s*=\s*dmarc", re.I)


@dataclass(frozen=True, slots=True)
class RecordSet:
    """``values`` of one ``type`` at ``name``; none where nothing may stand there.

    TXT values are texts in which each character is an octet, MX values are "10 mail.example.org.". ``kept`` are TXT
    values at the same name that are about something else, and must stay.
    """

    name: str
    type: str
    values: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        """Where it stands."""
        return self.name, self.type

    @property
    def all(self) -> tuple[str, ...]:
        """Everything that stands there afterwards."""
        return (*self.values, *self.kept)


@dataclass(frozen=True, slots=True)
class Planned:
    """Record sets by their place, and the texts of files by their URL."""

    records: Mapping[Key, RecordSet] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The TXT record planned at ``name``, "" without one."""
        found = self.records.get((name, "TXT"))
        return found.values[0] if found and found.values else ""

    def with_(self, records: Iterable[RecordSet], files: Mapping[str, str] | None = None) -> Planned:
        """These in the places of those that stood there."""
        added = {one.key: one for one in records}
        return Planned({**self.records, **added}, {**self.files, **(files or {})})


def read(replacement: str) -> Planned | None:
    """What a fault says to publish (``republish``); None if it holds anything that a program cannot publish."""
    lines = replacement.splitlines()
    start = next((number for number, line in enumerate(lines) if _FILE.match(line)), len(lines))
    found = [_read(line) for line in lines[:start]]
    if not lines or not all(found):
        return None
    files = {lines[start][:-1]: "\n".join(lines[start + 1 :]) + "\n"} if start < len(lines) else {}
    return Planned({one.key: one for one in _joined(one for one in found if one)}, files)


def _read(line: str) -> RecordSet | None:
    if removed := _REMOVED.match(line):
        return RecordSet(removed[1], removed[2])
    match = _LINE.match(line)
    if match is None or "(" in line:  # "(the public half of a new key)": only its owner can fill that in
        return None
    if match[2] == "MX":
        return RecordSet(match[1], "MX", (match[3],))
    text = "".join(_ESCAPED.sub(_unescaped, string) for string in _STRING.findall(match[3]))
    return RecordSet(match[1], "TXT", (text,))


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1])) if len(match[1]) == 3 else match[1]


def _joined(found: Iterable[RecordSet]) -> Iterator[RecordSet]:
    """One set for each place."""
    places: dict[Key, RecordSet] = {}
    for one in found:
        before = places.get(one.key)
        places[one.key] = replace(one, values=(*before.values, *one.values)) if before else one
    yield from places.values()


def current(name: str, type: str, answer: Answer[Any]) -> RecordSet:
    """What stands at ``name`` itself: what an alias leads to does not."""
    if type == "CNAME" or answer.aliases:
        return RecordSet(name, type, tuple(f"{target}." for target in answer.aliases[:1]) if type == "CNAME" else ())
    if type == "MX":
        return RecordSet(name, type, tuple(sorted(map(_mx, answer.values))))
    texts = [text for text in answer.values if isinstance(text, bytes)]
    mine = tuple(text.decode("latin-1") for text in texts if _is_ours(name, text))
    return RecordSet(name, type, mine, tuple(text.decode("latin-1") for text in texts if not _is_ours(name, text)))


def _mx(record: Mx) -> str:
    return f"{record.preference} {record.exchange}."


def _is_ours(name: str, text: bytes) -> bool:
    """True for a record that a plan decides on: all at a name like ``_dmarc``, and elsewhere SPF or a stray DMARC."""
    return "_" in name or spf.is_record(text) or is_near_miss(text) or _DMARC.match(text) is not None
