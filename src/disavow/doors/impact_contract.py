"""What other programs read of reports: the contracts "disavow/impact/1", "disavow/sources/1", "disavow/digest/1"."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from ..judgement.finding import Finding
from ..judgement.impact.answer import Effect, Impact
from ..judgement.impact.provenance import Source
from ..judgement.impact.replay import Replay
from ..judgement.impact.week import Week
from ..words import level, say
from .contract import when


def impact(found: Impact, again: Replay | None) -> dict[str, Any]:
    """The whole answer as one JSON object."""
    effects = [_effect(one) for one in found.effects]
    return {"schema": "disavow/impact/1", **_named(found), "effects": effects, "replay": _replay(again)}


def sources(domain: str, found: Iterable[Source]) -> dict[str, Any]:
    """The sources, most mail first."""
    return {"schema": "disavow/sources/1", "domain": domain, "sources": [_named(one) for one in found]}


def digest(seen: Week) -> dict[str, Any]:
    """The week."""
    return {"schema": "disavow/digest/1", **_named(seen), "new": _counted(seen.new)}


def _effect(effect: Effect) -> dict[str, Any]:
    difference = effect.difference
    named = dict(zip(("size", "low", "high"), difference, strict=True)) if difference else None
    return {**_named(effect), "difference": named}


def _replay(again: Replay | None) -> dict[str, Any] | None:
    return {**_named(again), "sources": _counted(again.sources)} if again else None


def _counted(found: Iterable[tuple[Any, int]]) -> list[dict[str, Any]]:
    return [{"address": _named(address), "messages": count} for address, count in found]


def _named(value: Any) -> Any:
    """``value`` with every field under its name: no reader has to count places in a tuple."""
    if isinstance(value, Finding):
        return {
            "tag": value.tag,
            "level": value.level or level(value.tag),
            "sentence": say(value.tag, value.args),
        }
    if is_dataclass(value):
        return {field.name: _named(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        named = getattr(value, "_asdict", None)
        return {name: _named(one) for name, one in named().items()} if named else [_named(one) for one in value]
    if isinstance(value, datetime):
        return when(value)
    return value if isinstance(value, str | int | float | dict | None) else str(value)
