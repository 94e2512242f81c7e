"""Tag=value lists (RFC 6376 section 3.2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import tags


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v=1", (("v", "1"),)),
        (" v = 1 ;\r\n\t d=example.org ; ", (("v", "1"), ("d", "example.org"))),
        ("a=b=c", (("a", "b=c"),)),
        ("p=;", (("p", ""),)),
        ("v=1;;; ;", (("v", "1"),)),
        ("", ()),
    ],
)
def test_lists_as_they_are_published(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert tags.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "what", "at"),
    [
        ("v=1; v=2", "stands twice", 4),
        ("v=1; junk", "not a tag=value", 4),
        ("v=1; 1a=2", "not a tag=value", 4),
        ("=1", "not a tag=value", 0),
        ("v=1;;d=x", "an empty tag", 4),
    ],
)
def test_what_makes_the_whole_list_invalid(text: str, what: str, at: int) -> None:
    with pytest.raises(Malformed, match=what) as caught:
        tags.parse(text)
    assert caught.value.at == at


@given(st.one_of(st.text("ab=; \r\n1_", max_size=40), st.text(max_size=40)))
def test_any_text_is_parsed_or_malformed(text: str) -> None:
    try:
        found = tags.parse(text)
    except Malformed:
        return
    assert tags.parse(tags.format(found)) == found


@pytest.mark.parametrize("unit", [";", "=", " ", "a", "a=1;", "\r\n"])
def test_a_long_list_is_parsed_in_one_pass(unit: str) -> None:
    try:
        found = tags.parse("v=1;" + unit * 2_000_000)
    except Malformed as error:
        assert error.what
    else:
        assert found[0][0] == "v"
