"""A finding: a tag with arguments. Its sentence, severity and language live in ``words/``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Finding:
    """``tag`` names a sentence in words/en.toml, ``args`` fills its blanks.

    ``level`` is given only where it depends on the case; "" takes the level that ``words/`` states for the tag
    (critical, high, medium, low, info, good).
    """

    tag: str
    args: Mapping[str, object] = field(default_factory=dict)
    level: str = ""
