"""Third parties' addresses, hidden before others see them; the owner's own stay readable."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias

from .identity import Identity

Mask: TypeAlias = Callable[[str], str]

_ADDRESS = re.compile(r"([^\s<>@,;:\"'()\[\]=]{1,64})@([A-Za-z0-9][A-Za-z0-9.-]{0,252})")


def masking(me: Identity) -> Mask:
    """A function that hides the local part of every address in a text that is not mine: ``kk…@example.net``."""

    def hidden(match: re.Match[str]) -> str:
        if me.owns_address(match[0].lower().rstrip(".")):
            return match[0]
        local = match[1]
        return f"{local[: 2 if len(local) > 3 else 1]}…@{match[2]}"

    return lambda text: _ADDRESS.sub(hidden, text) if "@" in text else text


def plain(text: str) -> str:
    """The text as it is: what ``--unmask`` asks for."""
    return text


def visible(mask: Mask) -> Mask:
    """``mask``, and every character that could steer a terminal or hide text made visible."""
    return lambda text: mask("".join(char if char.isprintable() else "\ufffd" for char in text))
