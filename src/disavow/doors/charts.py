"""Pictures as data: Vega-Lite specifications, drawn to SVG on this machine. Colours are the page's own variables,
so that one picture serves light and dark; every mark is a link to the list behind it. Names stand above their bars,
not beside them: the reader's font may be wider than the one measured here, and nothing may be cut off."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, TypeAlias

Row: TypeAlias = Mapping[str, Any]
Unit: TypeAlias = Literal["day", "month"]

_CONFIG = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--mute)",
        "titleColor": "var(--mute)",
        "gridColor": "var(--line)",
        "domainColor": "var(--line)",
        "tickColor": "var(--line)",
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
    },
}
# Vega takes "#list" for an address below its own site; a link here must stay on the page.
_ELSEWHERE = re.compile(r'<a xlink:href="[^"#]*#')
_NAME = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 13, "color": "var(--fg)"}
_LANE = {"field": "lane", "type": "nominal", "sort": None, "axis": None}


def draw(specification: Mapping[str, Any]) -> str:
    """The picture as an SVG element; needs no network and no browser."""
    svg: str = _converter().vegalite_to_svg({**specification, "config": _CONFIG}, allowed_base_urls=[])
    return _ELSEWHERE.sub('<a href="#', svg)


@lru_cache(maxsize=1)
def _converter() -> Any:
    import vl_convert

    return vl_convert


def timeline(rows: Sequence[Row], order: Sequence[tuple[str, str]], unit: Unit, width: int) -> dict[str, Any]:
    """Answers per day or month, stacked by group: rows of day, group, count, href; ``order`` of (group, colour)."""
    return {
        "width": width - 60,
        "height": 240,
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate" if unit == "day" else "utcyearmonth",
                "scale": {"type": "utc"},
                "title": None,
                "axis": _days([row["day"] for row in rows], width),
            },
            "y": {
                "field": "count",
                "type": "quantitative",
                "title": f"mails a {unit}",
                "axis": {"tickCount": 5, "tickMinStep": 1, "domain": False, "format": "d"},
            },
            "color": {
                "field": "group",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": [name for name, _ in order], "range": [colour for _, colour in order]},
            },
            "href": {"field": "href"},
        },
    }


def _days(days: Sequence[str], width: int) -> dict[str, Any]:
    """An axis of dates as people write them: the day where they lie close, the month and year where they do not."""
    axis = {"grid": False, "labelOverlap": "greedy", "labelSeparation": 12, "tickCount": max(3, width // 120)}
    first, last = min(days), max(days)
    if first[:4] == last[:4]:
        return axis | {"format": "%-d %b %Y", "tickMinStep": 86_400_000}
    return axis | {"format": "%b %Y"}


def bars(rows: Sequence[Row], colour: str, width: int) -> dict[str, Any]:
    """Horizontal bars under their names: rows of name, count, href, the largest first."""
    row = {"y": {"field": "name", "type": "nominal", "sort": None, "axis": None}}
    most = max(row["count"] for row in rows)
    length = {"field": "count", "type": "quantitative", "axis": None, "scale": {"domain": [0, most], "nice": False}}
    number = {**_NAME, "baseline": "middle", "dx": 6, "dy": 8}
    return {
        "width": width - 70,
        "height": {"step": 44},
        "data": {"values": list(rows)},
        "encoding": {**row, "href": {"field": "href"}},
        "layer": [
            {"mark": {"type": "bar", "color": colour, "height": 14, "yOffset": 8}, "encoding": {"x": length}},
            {"mark": number, "encoding": {"x": length, "text": {"field": "count", "type": "quantitative"}}},
            {"mark": {**_NAME, "limit": width * 0.7}, "encoding": {"x": {"value": 0}, "text": {"field": "name"}}},
        ],
    }


def lanes(dots: Sequence[Row], threads: Sequence[Row], width: int) -> dict[str, Any]:
    """Campaigns as swim-lanes: ``dots`` of lane, day, count, href, the area of each the number of mails that day;
    ``threads`` of lane, title, first, last, href."""
    day = {"type": "temporal", "timeUnit": "utcyearmonthdate", "scale": {"type": "utc"}, "title": None}
    axis = {"axis": _days([row["day"] for row in dots], width)}
    size = {"field": "count", "type": "quantitative", "legend": None, "scale": {"range": [40, 500], "zero": True}}
    thread = {"type": "rule", "color": "var(--s1)", "strokeWidth": 2, "yOffset": 10}
    dot = {"type": "circle", "color": "var(--s1)", "opacity": 1, "yOffset": 10, "tooltip": True}
    ends = {"x": {**day, **axis, "field": "first"}, "x2": {"field": "last", "timeUnit": "utcyearmonthdate"}}
    title = {"x": {"value": 0}, "text": {"field": "title", "type": "nominal"}}
    return {
        "width": width - 50,
        "height": {"step": 56},
        "encoding": {"y": _LANE, "href": {"field": "href"}},
        "layer": [
            {"data": {"values": list(threads)}, "mark": thread, "encoding": ends},
            {
                "data": {"values": list(dots)},
                "mark": dot,
                "encoding": {"x": {**day, **axis, "field": "day"}, "size": size},
            },
            {
                "data": {"values": list(threads)},
                "mark": {**_NAME, "dy": -6, "limit": width * 0.7},
                "encoding": title,
            },
        ],
    }
