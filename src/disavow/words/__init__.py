"""Tag to sentence: one TOML per language, so that command line, page, letter and SMTP reply say the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from .. import tables

LEVELS = ("critical", "high", "medium", "low", "info", "good")


@lru_cache(maxsize=8)
def sentences(language: str = "en") -> Mapping[str, Mapping[str, str]]:
    """All tags of a language: {"tag": {"level": …, "sentence": …}}."""
    return tables.load(__package__, language)


def say(tag: str, args: Mapping[str, object], language: str = "en") -> str:
    """The sentence of ``tag`` with ``args`` in its blanks; KeyError for a tag or blank that does not exist."""
    return sentences(language)[tag]["sentence"].format_map(args)


def level(tag: str, language: str = "en") -> str:
    """The severity that goes with ``tag``, one of ``LEVELS``."""
    return sentences(language)[tag].get("level", "info")
