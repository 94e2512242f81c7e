"""Words found in text whatever their inflection, case, accents or distance: how phrases of many languages match.

A phrase is written as groups joined by " + ", each a choice of stems joined by "|": ``postfach + voll|quota`` holds
where a word beginning with one of each group stands within ``REACH`` characters; joined by " & " the two must stand
within ``NEAR``. A stem ending in "." is the whole word; "#" is any number. In languages that do not part words, or
put particles before them, a stem holds anywhere.
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

UNPARTED = frozenset(("ar", "he", "ja", "ko", "th", "zh-Hans", "zh-Hant"))

_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u200b-\u200f\u2060\ufeff]")
_JOINT = re.compile(r" ([+&]) ")
_REACHES = {"+": REACH, "&": NEAR}
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe", "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"}
    | {"–": "-", "—": "-", "‐": "-", "‑": "-", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي"}
)


def fold(text: str) -> str:
    """``text`` in one line without case, accents, width, invisible characters: what two spellings share."""
    if not text.isascii():
        bare = _INVISIBLE.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN)))
        text = unicodedata.normalize("NFC", bare).casefold().translate(_PLAIN)
        text = _INVISIBLE.sub("", text)
    return _SPACE.sub(" ", text.lower())


class Text:
    """A text folded for finding, which remembers the lines it was made of so that they can be quoted."""

    __slots__ = ("_starts", "lines", "plain")

    def __init__(self, text: str) -> None:
        self.lines = [line for line in map(str.strip, text.splitlines()) if line] or [""]
        folded = [fold(line) for line in self.lines]
        self.plain = " ".join(folded)
        self._starts = [0]
        for line in folded:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def line_at(self, offset: int) -> str:
        """The original line in which ``offset`` of the folded text lies, cut to 200 characters."""
        return self.lines[min(bisect_right(self._starts, offset), len(self.lines)) - 1][:200]


class Phrase(NamedTuple):
    """A way of saying something: ``text`` in the notation of this module, ``example`` a sentence it holds in.

    ``rank`` decides between phrases that hold in one text: the higher is meant.
    """

    reason: str
    language: str
    text: str
    example: str
    rank: int = 0


class Match(NamedTuple):
    """``phrase`` holds in the text, around ``offset`` of its folded form."""

    phrase: Phrase
    offset: int


class Lexicon:
    """Phrases compiled so that a text is looked through once, however many there are."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._starts: dict[str, set[str]] = {}  # first three letters → stems
        self._anywhere: set[str] = set()
        self._opened_by: dict[str, list[tuple[Phrase, list[_Group]]]] = {}
        for phrase in phrases:
            first, *others = _groups(phrase)
            for group in (first, *others):
                self._learn(group.stems, phrase.language)
            for stem in first.stems:
                self._opened_by.setdefault(stem, []).append((phrase, others))

    def _learn(self, stems: tuple[str, ...], language: str) -> None:
        for stem in stems:
            if language in UNPARTED:
                self._anywhere.add(stem)
            elif stem != "#":
                self._starts.setdefault(stem.rstrip(".")[:3], set()).add(stem)

    def find(self, text: Text) -> list[Match]:
        """Every phrase that holds in ``text``, each once, in the order of the phrases' first words there."""
        hits = self._hits(text.plain)
        found: dict[Phrase, int] = {}
        for stem in hits:
            for phrase, others in self._opened_by.get(stem, ()):
                offset = _together(hits[stem], others, hits)
                if offset >= 0:
                    found[phrase] = min(offset, found.get(phrase, offset))
        return sorted((Match(phrase, offset) for phrase, offset in found.items()), key=lambda match: match.offset)

    def _hits(self, plain: str) -> dict[str, list[int]]:
        hits: dict[str, list[int]] = {}
        for word in _WORD.finditer(plain):
            at = word.start()
            for size in (3, 2, 1):
                for stem in self._starts.get(plain[at : at + size], ()) if size == 3 or len(word[0]) == size else ():
                    if _stands(stem, plain, at):
                        hits.setdefault(stem, []).append(at)
        if not plain.isascii():
            for stem in self._anywhere:
                at = plain.find(stem)
                while at >= 0 and len(hits.setdefault(stem, [])) < MAX_HITS:
                    hits[stem].append(at)
                    at = plain.find(stem, at + 1)
        if number := [match.start() for match in _NUMBER.finditer(plain)]:
            hits["#"] = number
        return {stem: offsets[:MAX_HITS] for stem, offsets in hits.items()}


class _Group(NamedTuple):
    stems: tuple[str, ...]
    reach: int


def _groups(phrase: Phrase) -> list[_Group]:
    joints = ["+", *_JOINT.findall(phrase.text)]
    return [
        _Group(tuple(variant for stem in group.split("|") for variant in _spellings(stem)), _REACHES[joint])
        for joint, group in zip(joints, _JOINT.split(phrase.text)[::2], strict=True)
    ]


def _spellings(stem: str) -> list[str]:
    """The folded stem, and with umlauts written out ("zurück", "zurueck") where it has any."""
    spelt = stem.strip().lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("å", "aa")
    return list(dict.fromkeys((fold(stem.strip()), fold(spelt))))


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
    return any(abs(at - other) <= group.reach for stem in group.stems for other in hits.get(stem, ()))
