"""Domain names as comparable text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Example.ORG", "example.org"),
        (" example.org. ", "example.org"),
        ("_dmarc.example.org", "_dmarc.example.org"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("x" * 63 + ".example", "x" * 63 + ".example"),
    ],
)
def test_names_become_lower_case_a_labels(text: str, name: str) -> None:
    assert names.parse(text) == name


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..", "a..example", ".example.org", "example.org..", "x" * 64 + ".example", "a b.example"),
        *("[192.0.2.1]", "a@example.org", "a\x00.example", "-a.example", "a-.example", "\ud800.example"),
        *("é" * 2_000_000, "a." * 150 + "example", "ü" * 200 + ".example", "\u2603\u200d.example"),
    ],
)
def test_what_cannot_be_a_name_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        names.parse(text)


@given(st.one_of(st.text(max_size=30), st.text("aé.-_xn0。", max_size=30)))
def test_any_text_is_a_name_or_malformed(text: str) -> None:
    try:
        name = names.parse(text)
    except Malformed:
        return
    assert names.parse(name) == name
    assert name.isascii()
    assert names.to_unicode(name)


def test_a_name_lies_within_itself_and_those_above() -> None:
    assert names.is_within("example.org", "example.org")
    assert names.is_within("a.b.example.org", "example.org")
    assert not names.is_within("notexample.org", "example.org")
    assert not names.is_within("org", "example.org")


def test_people_see_u_labels_where_they_are_valid() -> None:
    assert names.to_unicode("xn--bcher-kva.example") == "bücher.example"
    assert names.to_unicode("xn--.example") == "xn--.example"
    assert names.to_unicode("example.org") == "example.org"
