"""Words found in text whatever their inflection, case, accents or distance: how phrases of many languages match.

A phrase is written as groups joined by " + ", each a choice of stems joined by "|": ``postfach + voll|quota`` holds
where a word beginning with one of each group stands within ``REACH`` characters; joined by " & " the two must stand
within ``NEAR``. A stem ending in ".", or of one or two letters, is the whole word; "#" is any
number. In writing that does not part words, or
puts particles before them (Chinese, Japanese, Korean, Thai, Arabic, Hebrew), a stem holds anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from typing import NamedTuple

REACH = 110
NEAR = 36
MAX_HITS = 40  # of one stem in one text: a repeated word proves nothing more

_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_UNPARTED = re.compile("[\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_JOINT = re.compile(r" ([+&]) ")
_REACHES = {"+": REACH, "&": NEAR}
# Letters that do not decompose, and the signs that one hand writes for another.
_PLAIN = str.maketrans("ɑɡøłıđ’‘ʼ`´–—‐‑أإآى", "agolid'''''----اااي") | str.maketrans({"æ": "ae", "œ": "oe"})


def fold(text: str) -> str:
    """``text`` in one line without case, accents, width, invisible characters: what two spellings share."""
    if not text.isascii():
        bare = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN)))
        text = unicodedata.normalize("NFC", bare).casefold().translate(_PLAIN)
        text = _INVISIBLE.sub("", text)
    return _SPACE.sub(" ", text.lower())


class Text:
    """A text folded for finding, which remembers the lines it was made of so that they can be quoted.

    ``plain`` is the folded text; ``matches`` what was found in it, once it was looked for.
    """

    __slots__ = ("_starts", "lines", "matches", "plain")

    def __init__(self, text: str) -> None:
        self.lines = [line for line in map(str.strip, text.splitlines()) if line] or [""]
        folded = [fold(line) for line in self.lines]
        self.plain = " ".join(folded)
        self.matches: tuple[Match, ...] | None = None
        self._starts = [0]
        for line in folded:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def line_at(self, offset: int) -> str:
        """The original line in which ``offset`` of the folded text lies, cut to 200 characters."""
        return self.lines[min(bisect_right(self._starts, offset), len(self.lines)) - 1][:200]


class Phrase(NamedTuple):
    """A way of saying something: ``text`` in the notation of this module, ``example`` a sentence it holds in.

    ``about`` and ``reason`` are what it says; ``rank`` decides between phrases that hold in one text.
    """

    about: str
    reason: str
    language: str
    text: str
    example: str
    rank: int = 0


class Match(NamedTuple):
    """``phrase`` holds around ``offset`` of ``text``."""

    phrase: Phrase
    offset: int
    text: Text

    @property
    def quote(self) -> str:
        """The line of the text that shows it."""
        return self.text.line_at(self.offset)


class _Group(NamedTuple):
    stems: frozenset[str]
    reach: int


class Lexicon:
    """Phrases compiled so that a text is looked through once, however many there are."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._parted: dict[str, set[str]] = {}  # the first letters → stems that begin words
        self._unparted: dict[str, set[str]] = {}  # the first letters → stems that hold anywhere
        self._opened_by: dict[str, list[tuple[Phrase, list[_Group]]]] = {}
        for phrase in phrases:
            first, *others = _groups(phrase)
            for group in (first, *others):
                self._learn(group.stems)
            for stem in first.stems:
                self._opened_by.setdefault(stem, []).append((phrase, others))

    def _learn(self, stems: frozenset[str]) -> None:
        for stem in stems:
            if _UNPARTED.match(stem):
                self._unparted.setdefault(stem[:2], set()).add(stem)
            elif stem != "#":
                self._parted.setdefault(_key(stem.rstrip(".")), set()).add(stem)

    def find(self, text: Text) -> tuple[Match, ...]:
        """Every phrase that holds in ``text``, each once, the highest rank first, then in the order of the text."""
        hits = self._hits(text.plain)
        stems = frozenset(hits)
        found: dict[Phrase, int] = {}
        for stem in hits:
            for phrase, others in self._opened_by.get(stem, ()):
                for group in others:
                    if group.stems.isdisjoint(stems):
                        break
                else:
                    offset = _together(hits[stem], others, hits) if others else hits[stem][0]
                    if offset >= 0:
                        found[phrase] = min(offset, found.get(phrase, offset))
        matches = (Match(phrase, offset, text) for phrase, offset in found.items())
        return tuple(sorted(matches, key=lambda match: (-match.phrase.rank, match.offset)))

    def _hits(self, plain: str) -> dict[str, list[int]]:
        hits: dict[str, list[int]] = {}
        for word in _WORD.finditer(plain):
            at, end = word.span()
            for key in (plain[at : at + 3], plain[at : at + 5]) if end - at > 2 else _short_keys(plain, at, end):
                for stem in self._parted.get(key, ()):
                    if _stands(stem, plain, at):
                        _add(hits, stem, at)
        if not plain.isascii():
            for run in _UNPARTED.finditer(plain):
                for at in range(*run.span()):
                    for key in (plain[at : at + 2], plain[at]):
                        for stem in self._unparted.get(key, ()):
                            if plain.startswith(stem, at):
                                _add(hits, stem, at)
        for number in _NUMBER.finditer(plain):
            _add(hits, "#", number.start())
        return hits


def _key(stem: str) -> str:
    """The letters by which a stem is looked up: five, or three of a stem that has no five, or a short word's all."""
    return stem[:5] if len(stem) >= 5 else stem[:3]


def _short_keys(plain: str, at: int, end: int) -> tuple[str, str, str]:
    return plain[at:end], plain[at : at + 3], plain[at : at + 5]


def _add(hits: dict[str, list[int]], stem: str, at: int) -> None:
    offsets = hits.setdefault(stem, [])
    if len(offsets) < MAX_HITS:
        offsets.append(at)


def _groups(phrase: Phrase) -> list[_Group]:
    joints = ["+", *_JOINT.findall(phrase.text)]
    return [
        _Group(frozenset(variant for stem in group.split("|") for variant in _spellings(stem)), _REACHES[joint])
        for joint, group in zip(joints, _JOINT.split(phrase.text)[::2], strict=True)
    ]


def _spellings(stem: str) -> list[str]:
    """The folded stem, and with umlauts written out ("zurück", "zurueck") where it has any."""
    plain = stem.strip().lower()
    spelt = plain.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("å", "aa")
    return [_whole(fold(each)) for each in ((plain,) if spelt == plain else (plain, spelt))]


def _whole(stem: str) -> str:
    """One or two letters begin too many words: they are a whole one."""
    return f"{stem}." if len(stem) < 3 and stem.isalpha() and not _UNPARTED.match(stem) else stem


def _stands(stem: str, plain: str, at: int) -> bool:
    if not stem.endswith("."):
        return plain.startswith(stem, at)
    end = at + len(stem) - 1
    return plain.startswith(stem[:-1], at) and not plain[end : end + 1].isalnum()


def _together(first: list[int], others: list[_Group], hits: dict[str, list[int]]) -> int:
    """The first offset around which all groups stand; -1 if nowhere."""
    for at in first:
        if all(_stands_near(at, group, hits) for group in others):
            return at
    return -1


def _stands_near(at: int, group: _Group, hits: dict[str, list[int]]) -> bool:
    return any(abs(at - other) <= group.reach for stem in group.stems & hits.keys() for other in hits[stem])
