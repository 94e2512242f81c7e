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
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from typing import NamedTuple

REACH = 110
NEAR = 36
MAX_WORDS = 65_536  # remembered for the next text, if they have no more than
MAX_WORD = 40  # characters
MAX_CHARACTERS = 16_384  # likewise
MAX_HITS = 40  # of one stem in one text: a repeated word proves nothing more

_INVISIBLE = re.compile("[\u00ad\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u200b-\u200f\u2060\ufeff]")
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_RANGES = "\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_UNPARTED = re.compile(f"[{_RANGES}]+")
# A word of letters that are written apart ends where others begin: "IP" in "发信IP不在".
_PARTED = re.compile(rf"[^\W{_RANGES}]+")
_JOINT = re.compile(r" ([+&]) ")
_REACHES = {"+": REACH, "&": NEAR}
# Letters that do not decompose, and the signs that one hand writes for another.
_PLAIN = str.maketrans("ɑɡøłıđ’‘ʼ`´–—‐‑أإآى", "agolid'''''----اااي") | str.maketrans({"æ": "ae", "œ": "oe"})
_UMLAUT = re.compile("[äöüå]")
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})


class _Folded(dict[str, str]):
    """Each character as ``fold`` writes it, worked out when it is first met."""

    def __missing__(self, character: str) -> str:
        bare = _INVISIBLE.sub("", unicodedata.normalize("NFKD", character.translate(_PLAIN)))
        plain = unicodedata.normalize("NFC", bare).casefold().translate(_PLAIN)
        folded = _INVISIBLE.sub("", plain)
        if len(self) < MAX_CHARACTERS:
            self[character] = folded
        return folded


_folded = _Folded()


def fold(text: str) -> str:
    """``text`` in one line without case, accents, width, invisible characters: what two spellings share."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", "".join(map(_folded.__getitem__, text))).split())


class Text:
    """A text folded for finding, which finds the line again that something in it was made of, to quote it.

    ``plain`` is the folded text; ``matches`` what was found in it, once it was looked for.
    """

    __slots__ = ("_text", "matches", "plain")

    def __init__(self, text: str) -> None:
        self._text = text
        self.plain = fold(text)
        self.matches: tuple[Match, ...] | None = None

    def line_at(self, offset: int) -> str:
        """The original line in which ``offset`` of the folded text lies, stripped and cut to 200 characters."""
        end, last = 0, ""
        for line in self._text.splitlines():
            if folded := fold(line):
                end, last = end + len(folded) + 1, line.strip()[:200]
            if end > offset:
                break
        return last


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
    """Stems of which one must stand within ``reach`` of the first group's."""

    stems: frozenset[str]
    reach: int


class Lexicon:
    """Phrases compiled so that a text is looked through once, however many there are.

    The text's words, as a set, tell which stems can stand in it, and these which phrases can hold; only for the few
    that are left is looked where they stand.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self._phrases = tuple((phrase, _groups(phrase)) for phrase in phrases)
        common = Counter(stem for _, groups in self._phrases for group in groups for stem in group.stems)
        self._stems = _Stems(common)
        self._numbers: dict[str, list[int]] = {}  # a stem → the phrases that cannot do without it or its alternatives
        for number, (_, groups) in enumerate(self._phrases):
            rarest = min(groups, key=lambda group: sum(common[stem] for stem in group.stems))
            for stem in rarest.stems:
                self._numbers.setdefault(stem, []).append(number)

    def find(self, text: Text) -> tuple[Match, ...]:
        """Every phrase that holds in ``text``, each once, the highest rank first, then in the order of the text."""
        stems = self._stems.possible(text.plain)
        places = _Places(text.plain, stems)
        found: list[tuple[int, int, int]] = []
        for number in {number for stem in stems & self._numbers.keys() for number in self._numbers[stem]}:
            phrase, groups = self._phrases[number]
            for group in groups:
                if stems.isdisjoint(group.stems):
                    break
            else:
                offset = places.of(groups)
                if offset >= 0:
                    found.append((-phrase.rank, offset, number))
        return tuple(Match(self._phrases[number][0], offset, text) for _, offset, number in sorted(found))


class _Told(NamedTuple):
    """The stems that a word tells of: those that are one word, and those that have further ones or a hyphen."""

    whole: frozenset[str]
    longer: frozenset[str]


class _Stems:
    """The stems of a lexicon by the words that tell of them: a stem's only word, or its longest."""

    def __init__(self, stems: Iterable[str]) -> None:
        self._by_word: dict[str, list[str]] = {}  # → stems that have this very word
        self._by_beginning: dict[str, list[str]] = {}  # → stems that have a word which may go on after it
        self._unparted: dict[str, list[str]] = {}  # one or two letters → stems
        self._told: dict[str, _Told] = {}  # words met before
        self._silent: set[str] = set()  # words met before that tell of none
        for stem in stems:
            if run := _UNPARTED.match(stem):
                self._unparted.setdefault(run[0][:2], []).append(stem)
            elif word := stem if stem.isascii() and stem.isalnum() else max(_PARTED.findall(stem), key=len, default=""):
                told_by = self._by_beginning if stem.endswith(word) else self._by_word
                told_by.setdefault(word, []).append(stem)
        self._longest = max(map(len, self._by_beginning), default=0)

    def possible(self, plain: str) -> set[str]:
        """The stems that may stand in ``plain``; every one that does is among them."""
        known = self._told
        words = set((_WORD if plain.isascii() else _PARTED).findall(plain))
        told = [known.get(word) or self._tell(word) for word in words - self._silent]
        found: set[str] = set().union(*[whole for whole, _ in told])
        longer: set[str] = set().union(*[longer for _, longer in told if longer])
        found.update(stem for stem in longer if stem.removesuffix(".") in plain)
        if not plain.isascii():
            found.update(self._in_runs(plain))
        if _NUMBER.search(plain):
            found.add("#")
        return found

    def _in_runs(self, plain: str) -> Iterator[str]:
        for run in _UNPARTED.findall(plain):
            for key in {*run, *map("".join, pairwise(run))} & self._unparted.keys():
                yield from self._unparted[key]

    def _tell(self, word: str) -> _Told:
        beginnings = [self._by_beginning.get(word[:size], ()) for size in range(1, min(len(word), self._longest) + 1)]
        stems = frozenset(chain(self._by_word.get(word, ()), *beginnings))
        whole = frozenset(stem for stem in stems if stem.removesuffix(".").isalnum())
        told = _Told(whole, stems - whole)
        if len(word) <= MAX_WORD and len(self._silent) + len(self._told) < MAX_WORDS:
            if stems:
                self._told[word] = told
            else:
                self._silent.add(word)
        return told


class _Places:
    """Where stems stand in one folded text, each looked for once."""

    __slots__ = ("_known", "_plain", "_possible")

    def __init__(self, plain: str, possible: set[str]) -> None:
        self._plain = plain
        self._possible = possible
        self._known: dict[str, list[int]] = {}

    def of(self, groups: tuple[_Group, ...]) -> int:
        """The first offset around which all ``groups`` stand; -1 if nowhere."""
        first, *others = groups
        offsets = self._any(first)
        nearby = [(group.reach, self._any(group)) for group in others] if offsets else []
        for at in offsets:
            if all(any(abs(at - other) <= reach for other in theirs) for reach, theirs in nearby):
                return at
        return -1

    def _any(self, group: _Group) -> list[int]:
        return sorted(at for stem in group.stems & self._possible for at in self._each(stem))

    def _each(self, stem: str) -> list[int]:
        offsets = self._known.get(stem)
        if offsets is None:
            offsets = self._known[stem] = list(islice(_places(stem, self._plain), MAX_HITS))
        return offsets


def _places(stem: str, plain: str) -> Iterator[int]:
    """Where ``stem`` stands as it counts: at the beginning of a word, as a whole one, or anywhere."""
    if stem == "#":
        yield from (number.start() for number in _NUMBER.finditer(plain))
        return
    anywhere = _UNPARTED.match(stem) is not None
    word = stem.removesuffix(".")
    at = plain.find(word)
    while at >= 0:
        end = at + len(word)
        begins = anywhere or not _is_of_word(plain, at - 1)
        if begins and (word == stem or not _is_of_word(plain, end)):
            yield at
        at = plain.find(word, at + 1)


def _is_of_word(plain: str, at: int) -> bool:
    return 0 <= at < len(plain) and _PARTED.match(plain, at) is not None


def _groups(phrase: Phrase) -> tuple[_Group, ...]:
    joints = ["+", *_JOINT.findall(phrase.text)]
    parts = _JOINT.split(phrase.text)[::2]
    return tuple(_group(part, _REACHES[joint]) for joint, part in zip(joints, parts, strict=True))


def _group(text: str, reach: int) -> _Group:
    """The folded stems, also with umlauts written out ("zurück", "zurueck") where they have any."""
    plain = text.lower()
    spellings = (plain, plain.translate(_WRITTEN_OUT)) if _UMLAUT.search(plain) else (plain,)
    stems = [stem for each in spellings for stem in fold(each).split("|")]
    return _Group(frozenset(map(_whole, map(str.strip, stems))), reach)


def _whole(stem: str) -> str:
    """One or two letters begin too many words: they are a whole one."""
    return f"{stem}." if len(stem) < 3 and stem.isalpha() and not _UNPARTED.match(stem) else stem
