from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards import fields
from disavow.standards.fields import NONE, Flaws, Typed


def test_groups_are_unfolded_decoded_and_keep_their_names() -> None:
    flaws: Flaws = {}
    body = b"A-b: 1\r\n\t 2\r\nC : =?utf-8?q?=C3=BC?=\r\n\r\n \r\nD:\r\nnot a field\r\n"
    assert fields.groups(body, flaws) == [[("A-b", "1 2"), ("C", "ü")], [("D", "not a field")]]
    assert list(flaws) == ["junk-line"]


def test_the_number_of_groups_is_limited() -> None:
    flaws: Flaws = {}
    assert len(fields.groups(b"a: b\n\n" * 50, flaws, most=10)) == 10 and list(flaws) == ["too-many-groups"]


@pytest.mark.parametrize(
    ("value", "typed", "flaw"),
    [
        ("DNS; mx.example.org", Typed("dns", "mx.example.org"), False),
        ("x-unix;a; b", Typed("x-unix", "a; b"), False),
        ("mx.example.org (a; b)", Typed("", "mx.example.org (a; b)"), True),
        ("; x", Typed("", "x"), True),
        ("", NONE, False),
        (None, NONE, False),
    ],
)
def test_a_type_is_told_from_the_text(value: str | None, typed: Typed, flaw: bool) -> None:
    flaws: Flaws = {}
    assert fields.typed(value, flaws) == typed and ("untyped" in flaws) is flaw


WORDS = st.lists(
    st.from_regex(r"[!-~]{1,30}", fullmatch=True).filter(lambda word: "=?" not in word), min_size=1, max_size=30
)


@given(st.lists(st.tuples(st.sampled_from(["A", "B-c"]), WORDS.map(" ".join)), min_size=1, max_size=3))
def test_what_is_formatted_is_read_again(block: list[tuple[str, str]]) -> None:
    flaws: Flaws = {}
    written = fields.format(block)
    assert fields.groups(written, flaws) == [block] and not flaws
    assert all(len(line) < 79 for line in written.split(b"\r\n"))


LINES = ("Action: failed", "Status: 5.1.1", "X-Y:", " folded", "\tfolded", "", " ", "junk", "a:b:c", "\x0b")


@given(st.lists(st.sampled_from(LINES)))
def test_the_quick_way_reads_what_the_careful_way_reads(lines: list[str]) -> None:
    body = "\n".join(lines).encode()
    quick_flaws: fields.Flaws = {}
    quick = fields.groups(body, quick_flaws)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fields, "_plain_groups", lambda text, most: [])
        flaws: fields.Flaws = {}
        assert (fields.groups(body, flaws), flaws) == (quick, quick_flaws)
