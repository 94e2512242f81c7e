"""Pictures as data: Vega-Lite specifications, drawn to SVG on this machine. Colours are the page's own variables,
so that one picture serves light and dark; every mark is a link to the list behind it. Names stand above their bars,
not beside them: the reader's font may be wider than the one measured here, and nothing may be cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple, TypeAlias

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
# Where Vega shortens a name it may cut such a character in two, which the converter then refuses.
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_NAME = {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 13, "color": "var(--fg)"}
_LANE = {"field": "lane", "type": "nominal", "sort": None, "axis": None}


def draw(specification: Mapping[str, Any]) -> str:
    """The picture as an SVG element; needs no network and no browser."""
    text = _ASTRAL.sub("\ufffd", json.dumps({**specification, "config": _CONFIG}, ensure_ascii=False))
    svg: str = _converter().vegalite_to_svg(text, allowed_base_urls=[])
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


def intervals(rows: Sequence[Row], top: float, tick: str, width: int) -> dict[str, Any]:
    """Estimates with their intervals under their names, from 0 to ``top``: rows of name, value, low, high, href;
    ``tick`` is the number format of the axis."""
    row = {"y": {"field": "name", "type": "nominal", "sort": None, "axis": None}}
    axis = {"format": tick, "tickCount": 5, "domain": False}
    length = {"type": "quantitative", "title": None, "scale": {"domain": [0, top], "nice": False}, "axis": axis}
    line = {"type": "rule", "color": "var(--s1)", "strokeWidth": 6, "opacity": 0.4, "yOffset": 10}
    dot = {"type": "circle", "color": "var(--s1)", "size": 110, "opacity": 1, "yOffset": 10, "tooltip": True}
    return {
        "width": width - 60,
        "height": {"step": 48},
        "data": {"values": list(rows)},
        "encoding": {**row, "href": {"field": "href"}},
        "layer": [
            {"mark": line, "encoding": {"x": {**length, "field": "low"}, "x2": {"field": "high"}}},
            {"mark": dot, "encoding": {"x": {**length, "field": "value"}}},
            {"mark": {**_NAME, "limit": width * 0.7}, "encoding": {"x": {"value": 0}, "text": {"field": "name"}}},
        ],
    }


class Panel(NamedTuple):
    """Bars of one panel of ``weeks``: rows of day, end, group, count, base, top, href; ``order`` of (group, colour)."""

    title: str
    rows: Sequence[Row]
    order: Sequence[tuple[str, str]]


def weeks(panels: Sequence[Panel], marks: Sequence[Row], width: int) -> dict[str, Any]:
    """Panels one below the other, each with a scale of its own, over the same weeks; ``marks`` of day, text, align,
    href, within these weeks, are drawn through all of them."""
    days = [row[name] for panel in panels for row in panel.rows for name in ("day", "end")]
    ends = [f"{min(days)}T00:00:00Z", f"{max(days)}T00:00:00Z"]
    x = {
        "type": "temporal",
        "title": None,
        "axis": _days(days, width),
        "scale": {"type": "utc", "domain": ends},
    }
    drawn = [_panel(panel, marks, x, width, words=not number) for number, panel in enumerate(panels)]
    return {"spacing": 28, "vconcat": drawn, "resolve": {"scale": {"color": "independent"}}}


def _panel(panel: Panel, marks: Sequence[Row], x: Row, width: int, words: bool) -> dict[str, Any]:
    axis = {"tickCount": 4, "tickMinStep": 1, "domain": False, "format": "~s", "minExtent": 36}
    title = {"text": panel.title, "anchor": "start", "color": "var(--mute)", "fontSize": 13, "fontWeight": "normal"}
    colours = {"domain": [name for name, _ in panel.order], "range": [colour for _, colour in panel.order]}
    bars = {
        "x": {**x, "field": "day"},
        "x2": {"field": "end"},
        "y": {"field": "top", "type": "quantitative", "title": None, "axis": axis},
        "y2": {"field": "base"},
        "color": {"field": "group", "type": "nominal", "legend": None, "scale": colours},
        "tooltip": [{"field": name, "type": "nominal"} for name in ("day", "group", "count")],
        "href": {"field": "href"},
    }
    mark = {"data": {"values": list(marks)}}
    at = {"x": {**x, "field": "day"}, "href": {"field": "href"}}
    side = {"align": {"expr": "datum.align"}, "dx": {"expr": "datum.align == 'left' ? 5 : -5"}}
    text = {**mark, "mark": {**_NAME, "baseline": "top", "fontWeight": "bold", **side}}
    text |= {"encoding": {**at, "y": {"value": 0}, "text": {"field": "text"}}}
    return {
        "width": width - 60,
        "height": 150,
        "title": title,
        "layer": [
            {"data": {"values": list(panel.rows)}, "mark": "rect", "encoding": bars},
            {**mark, "mark": {"type": "rule", "color": "var(--fg)", "strokeDash": [5, 4]}, "encoding": at},
            *([text] if words else []),
        ],
    }
