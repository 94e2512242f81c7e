"""The pictures as drawn: links stay on the page, nothing of a name becomes markup, the quiet years are left out."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disavow.doors import charts, pictures

HREF = re.compile(r'<a [^>]*?href="([^"]*)"')


def test_every_mark_links_to_its_list_on_the_same_page() -> None:
    rows = [{"name": "mx.example.net", "count": 3, "href": "#list-1"}, {"name": "b", "count": 1, "href": "#list-2"}]
    assert set(HREF.findall(charts.draw(charts.bars(rows, "var(--s1)", 360)))) == {"#list-1", "#list-2"}


def test_a_lane_has_its_name_its_thread_and_its_days() -> None:
    dots = [{"lane": 1, "day": f"2026-11-0{n}", "count": n, "href": "#c"} for n in (1, 2)]
    thread = {"lane": 1, "title": "Campaign 1", "first": "2026-11-01", "last": "2026-11-02", "href": "#c"}
    svg = charts.draw(charts.lanes(dots, [thread], 360))
    assert HREF.findall(svg) == ["#c"] * 4  # a thread, two dots, a name
    assert "Campaign 1</text>" in svg and "NaN" not in svg and "1 Nov 2026" in svg


def test_the_timeline_stacks_what_it_is_given_and_names_its_axis() -> None:
    rows = [
        {"day": f"2026-11-0{n}", "group": group, "count": n, "href": f"#{group}-{n}"} for n in (1, 2) for group in "ab"
    ]
    svg = charts.draw(charts.timeline(rows, [("a", "red"), ("b", "blue")], "day", 900))
    assert set(HREF.findall(svg)) == {"#a-1", "#a-2", "#b-1", "#b-2"}
    assert "mails a day" in svg and "1 Nov 2026" in svg
    assert svg.count('fill="red"') >= 2 and svg.count('fill="blue"') >= 2


def test_one_day_alone_is_drawn() -> None:
    rows = [{"day": "2026-11-01", "group": "a", "count": 1, "href": "#a"}]
    svg = charts.draw(charts.timeline(rows, [("a", "red")], "day", 360))
    assert HREF.findall(svg) == ["#a"] and "1 Nov 2026" in svg


@settings(max_examples=10)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_any_name_stays_text(name: str) -> None:
    rows = [{"name": f'1. {name}<a xlink:href="x#">', "count": 2, "href": "#y"}]
    svg = charts.draw(charts.bars(rows, "var(--s2)", 360))
    root = ElementTree.fromstring(svg)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {"svg", "g", "path", "a", "text", "title"}
    assert set(HREF.findall(svg)) == {"#y"}


@pytest.mark.parametrize("before", [0, 1])
def test_a_name_is_not_cut_within_a_character(before: int) -> None:
    row = {"name": "x" * before + "\U0001f600" * 60, "count": 2, "href": "#y"}
    assert "\ufffd" in charts.draw(charts.bars([row], "var(--s2)", 360))


@pytest.mark.parametrize(
    ("totals", "drawn"),
    [
        ({"2026-11-01": 1}, ("2026-11-01", "2026-11-01")),
        ({"2026-11-01": 5, "2026-11-30": 5}, ("2026-11-01", "2026-11-30")),
        ({"2019-12-31": 1, "2026-11-01": 60, "2026-11-03": 60, "2027-05-01": 1}, ("2026-11-01", "2026-11-03")),
        ({"2019-12-31": 100, "2026-11-01": 1}, ("2019-12-31", "2019-12-31")),
        ({f"2026-{month:02}-01": 10 for month in range(1, 13)}, ("2026-01-01", "2026-12-01")),
    ],
)
def test_the_stretch_that_is_drawn(totals: dict[str, int], drawn: tuple[str, str]) -> None:
    assert pictures.busiest(totals) == drawn


@given(st.dictionaries(st.dates().map(str), st.integers(1, 50), min_size=1, max_size=30))
def test_what_is_drawn_holds_nearly_all(totals: dict[str, int]) -> None:
    first, last = pictures.busiest(totals)
    assert first in totals and last in totals and first <= last
    assert sum(n for each, n in totals.items() if first <= each <= last) >= pictures.MOST * sum(totals.values())
