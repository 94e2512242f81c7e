"""Why mail was answered: one TOML a reason, with the codes and the words that give it away in many languages.

A file's keys: ``about`` (delivery, or the kind of letter that says it), ``family`` (reasons that callers may treat
alike), ``rank`` (of two reasons that both fit the words, the higher is meant), ``sisimai`` (the names that p5-sisimai
gives the same thing), ``codes`` (RFC 3463 codes that settle it; without the class where it does not matter), ``hints``
(codes that only suggest it), and ``[[phrase]]`` with language, text, example, and ``weak = true`` where the words may
also stand beside the true reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from .... import tables
from ..wording import Lexicon, Match, Phrase, Text

WEAKER = 30  # by how much a weak phrase falls behind its reason's others


@dataclass(frozen=True, slots=True)
class Reason:
    """One file of this folder; ``name`` is the file's."""

    name: str
    about: str
    family: str
    rank: int
    sisimai: tuple[str, ...]
    codes: tuple[str, ...]
    hints: tuple[str, ...]
    phrases: tuple[Phrase, ...]


@lru_cache(maxsize=1)
def load() -> Mapping[str, Reason]:
    """All reasons by name."""
    return {name: _reason(name, tables.load(__package__, name)) for name in tables.names(__package__)}


def _reason(name: str, table: dict[str, Any]) -> Reason:
    rank = table["rank"]
    return Reason(
        name=name,
        about=table["about"],
        family=table["family"],
        rank=rank,
        sisimai=tuple(table.get("sisimai", ())),
        codes=tuple(table.get("codes", ())),
        hints=tuple(table.get("hints", ())),
        phrases=tuple(_phrase(table["about"], name, rank, **each) for each in table["phrase"]),
    )


def _phrase(about: str, name: str, rank: int, language: str, text: str, example: str, weak: bool = False) -> Phrase:
    return Phrase(about, name, language, text, example, rank - (WEAKER if weak else 0))


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(phrase for reason in load().values() for phrase in reason.phrases)


def said(text: Text, about: str) -> list[Match]:
    """The phrases of the reasons ``about`` this that hold in ``text``, the likeliest reason's first."""
    if text.matches is None:
        text.matches = _lexicon().find(text)
    return [match for match in text.matches if match.phrase.about == about]


def by_code(code: str, settled: bool = True) -> str:
    """The reason that an RFC 3463 ``code`` settles, or else only suggests; "" if it does not."""
    table = _codes(settled)
    return table.get(code) or table.get(code.partition(".")[2], "")


@lru_cache(maxsize=2)
def _codes(settled: bool) -> Mapping[str, str]:
    return {code: reason.name for reason in load().values() for code in (reason.codes if settled else reason.hints)}
