"""HTML as the lines a person sees (only that: no layout, no scripts), in time linear in its length."""

from __future__ import annotations

import html
import re

MAX_HTML = 512_000

# A line ends with a block, however many of them begin or end there; a paragraph and <br> leave lines of their own.
# The first tag is written apart from those that follow, so that a search can skip to its "<".
_ONE = r"</?(?:div|tr|td|th|li|ul|ol|h[1-6]|table|tbody|pre|title|head|body)\b[^<>]*>\s*"
_BLOCK = re.compile(f"{_ONE}(?:{_ONE})*", re.I)
_BREAK = re.compile(r"<(?:br|/?p|hr)\b[^<>]*>", re.I)
_TAG = re.compile(r"<!?/?[A-Za-z!][^<>]*>")
_UNSEEN = re.compile(r"<(style|script)\b", re.I)


def text(source: str) -> str:
    """The words of an HTML document, one line per block or line break; at most MAX_HTML characters are read."""
    seen = _BREAK.sub("\n", _BLOCK.sub("\n", _visible(source[:MAX_HTML])))
    return html.unescape(_TAG.sub("", seen)).replace("\xa0", " ")


def _visible(source: str) -> str:
    """Without the contents of style and script elements."""
    kept: list[str] = []
    at = 0
    lower = source.lower()
    while opened := _UNSEEN.search(source, at):
        kept.append(source[at : opened.start()])
        closed = lower.find("</" + opened[1].lower(), opened.end())
        at = closed if closed >= 0 else len(source)
    kept.append(source[at:])
    return "".join(kept)
