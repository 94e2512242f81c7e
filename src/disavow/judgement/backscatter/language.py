"""Which language a text is in: by its script, and among those that share one by their commonest words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ... import tables
from .wording import fold

MAX_WORDS = 400
ENOUGH = 1  # words that only this language has, below which a text shows none

_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u3400-\u9fff]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "ar": re.compile("[\u0620-\u06ff]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
# Letters that Persian writes and Arabic does not.
_PERSIAN = re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc]")
# Characters that only the one or the other Chinese orthography writes, among those that mail uses.
_TRADITIONAL = re.compile("[們請郵復覆電與這為時間將聯繫帳號會後來實應對無產動點]")
_SIMPLIFIED = re.compile("[们请邮复电与这为时间将联系账号会后来实应对无产动点]")
_WORD = re.compile(r"[\w-]+")


@lru_cache(maxsize=1)
def _vocabulary() -> Mapping[str, tuple[str, ...]]:
    """Each word with the languages that have it."""
    table = tables.load(__package__, "languages")
    known: dict[str, tuple[str, ...]] = {}
    for tongue, words in table.items():
        for word in set(words.split()):
            known[fold(word)] = (*known.get(fold(word), ()), tongue)
    return known


def guess(text: str, spoken: Iterable[str] = ()) -> str:
    """The BCP 47 tag of the language that ``text`` is most likely in; "" when too little shows it.

    ``spoken`` are the languages of phrases already found in it, each a vote like a common word's.
    """
    if not text.isascii():
        for tongue, script in _SCRIPTS.items():
            # Names in Latin letters stand in every script, the other way round they do not.
            if len(script.findall(text[:2_000])) >= 8:
                return _NARROWER[tongue](text) if tongue in _NARROWER else tongue
    votes: dict[str, float] = dict.fromkeys(spoken, 0.0)
    for tongue in spoken:
        votes[tongue] += 1
    known = _vocabulary()
    for word in _WORD.findall(fold(text[:4_000]))[:MAX_WORDS]:
        for tongue in known.get(word, ()):
            votes[tongue] = votes.get(tongue, 0) + 1 / len(known[word])
    best = max(votes, key=lambda tongue: votes[tongue], default="")
    return best if best and votes[best] >= ENOUGH else ""


def _chinese(text: str) -> str:
    traditional, simplified = len(_TRADITIONAL.findall(text)), len(_SIMPLIFIED.findall(text))
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _arabic(text: str) -> str:
    return "fa" if len(_PERSIAN.findall(text)) > 1 else "ar"


_NARROWER = {"zh": _chinese, "ar": _arabic}
