"""Pictures as data: Vega-Lite specifications, drawn to SVG on this machine. Colours are the page's own variables,
so that one picture serves light and dark; every mark is a link to the list behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

Row = Mapping[str, Any]
WIDTH = 860

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
        "labelLimit": 260,
    },
    "legend": {
        "labelColor": "var(--fg)",
        "titleColor": "var(--mute)",
        "orient": "top",
        "labelFontSize": 13,
        "labelLimit": 400,
        "columns": 2,
        "symbolType": "square",
    },
}


def draw(specification: Mapping[str, Any]) -> str:
    """The picture as an SVG element; needs no network and no browser."""
    svg: str = _converter().vegalite_to_svg({**specification, "config": _CONFIG})
    return svg


@lru_cache(maxsize=1)
def _converter() -> Any:
    import vl_convert

    return vl_convert


def timeline(rows: Sequence[Row], order: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Answers per day, stacked by group: rows of day, group, count, href; ``order`` of (group, colour)."""
    return {
        "width": WIDTH,
        "height": 240,
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "title": None,
                "axis": {"grid": False, "tickCount": 8},
            },
            "y": {
                "field": "count",
                "type": "quantitative",
                "title": "mails a day",
                "axis": {"tickCount": 5, "domain": False},
            },
            "color": {
                "field": "group",
                "type": "nominal",
                "title": None,
                "sort": [name for name, _ in order],
                "scale": {"domain": [name for name, _ in order], "range": [colour for _, colour in order]},
            },
            "href": {"field": "href"},
        },
    }


def bars(rows: Sequence[Row], colour: str = "var(--s1)") -> dict[str, Any]:
    """Horizontal bars with their numbers: rows of name, count, href, the largest first."""
    position = {
        "y": {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"domain": False, "ticks": False, "labelPadding": 8},
        }
    }
    length = {"x": {"field": "count", "type": "quantitative", "axis": None, "title": None}}
    return {
        "width": WIDTH - 320,
        "height": {"step": 30},
        "data": {"values": list(rows)},
        "encoding": {**position, **length, "href": {"field": "href"}},
        "layer": [
            {"mark": {"type": "bar", "color": colour, "height": 20}},
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": "var(--fg)", "fontSize": 13},
                "encoding": {"text": {"field": "count", "type": "quantitative"}},
            },
        ],
    }


def lanes(rows: Sequence[Row]) -> dict[str, Any]:
    """Campaigns as swim-lanes: rows of lane, day, count, href; a mark a day, its size the number of mails."""
    return {
        "width": WIDTH - 160,
        "height": {"step": 44},
        "data": {"values": list(rows)},
        "mark": {"type": "circle", "color": "var(--s1)", "opacity": 0.8},
        "encoding": {
            "y": {
                "field": "lane",
                "type": "nominal",
                "sort": None,
                "title": None,
                "axis": {"grid": True, "domain": False, "ticks": False, "labelPadding": 8},
            },
            "x": {
                "field": "day",
                "type": "temporal",
                "timeUnit": "utcyearmonthdate",
                "title": None,
                "axis": {"grid": False, "tickCount": 8},
            },
            "size": {"field": "count", "type": "quantitative", "title": "mails a day", "scale": {"range": [30, 900]}},
            "href": {"field": "href"},
        },
    }
