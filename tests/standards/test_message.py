"""Messages as bytes: nothing lost, everything tolerated, every tolerance named, all of it in linear time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards.message import MAX_FIELDS, Field, Message, unfold

SIMPLE = b"From: a@example.org\nSubject: one\n two\nSubject: three\n\nbody\n"


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"], ids=["lf", "crlf", "cr"])
def test_fields_in_order_with_any_line_ends(ends: bytes) -> None:
    message = Message(SIMPLE.replace(b"\n", ends))
    assert [field.name for field in message.fields] == [b"From", b"Subject", b"Subject"]
    assert message.first("subject") == b"one two"
    assert message.values("subject") == [b"one two", b"three"]
    assert message.body.strip() == b"body"
    assert message.defects == (("bare-cr",) if ends == b"\r" else ())


def test_a_field_knows_where_it_stands_and_what_was_written() -> None:
    raw = b"A: 1\r\nB\t:  2\r\n\t3 \r\n\r\n"
    message = Message(raw)
    assert message.fields == (Field(b"A", b" 1", 0), Field(b"B", b"  2\r\n\t3 ", 6))
    assert all(raw[field.offset :].startswith(field.name) for field in message.fields)
    assert (message.header, message.body) == (raw, b"")


@pytest.mark.parametrize(
    ("raw", "names", "body"),
    [
        (b"", [], b""),
        (b"\n", [], b""),
        (b"\nbody", [], b"body"),
        (b"\r\nbody", [], b"body"),
        (b"A: 1", [b"A"], b""),
        (b"A: 1\n", [b"A"], b""),
        (b"A: 1\n\n", [b"A"], b""),
        (b"A: 1\n\r\nb", [b"A"], b"b"),
        (b"A: 1\r\n\nb", [b"A"], b"b"),
        (b"A: 1\n \nB: 2\n\nb", [b"A", b"B"], b"b"),
        (b"A:\nB:\n\nb", [b"A", b"B"], b"b"),
        (b"A: x\rB: y\n\nb", [b"A"], b"b"),
        (b"A: 1\n\n\nb", [b"A"], b"\nb"),
    ],
)
def test_where_the_header_ends(raw: bytes, names: list[bytes], body: bytes) -> None:
    message = Message(raw)
    assert [field.name for field in message.fields] == names
    assert message.body == body
    assert message.header + message.body == message.raw


@pytest.mark.parametrize(
    ("raw", "defects", "names"),
    [
        (b"From x@example.org Wed Nov 25\nA: 1\n\n", ("mbox-line",), [b"A"]),
        (b">From x@example.org Wed Nov 25\nA: 1\n\n", ("mbox-line",), [b"A"]),
        (b"From x@example.org\n\nbody", ("mbox-line",), []),
        (b"A: 1\njunk\nB: 2\n\n", ("junk-line",), [b"A", b"B"]),
        (b"junk\nmore\nB: 2\n\n", ("junk-line",), [b"B"]),
        (b" folded from nothing\nB: 2\n\n", ("junk-line",), [b"B"]),
        (b"A: 1\njunk\n\n", ("junk-line",), [b"A"]),
        (b"only junk", ("junk-line",), []),
        (b"\xfcmlaut: 1\nB: 2\n\n", ("junk-line",), [b"B"]),
        (b"A:\n" * (MAX_FIELDS + 5), ("too-many-fields",), [b"A"] * MAX_FIELDS),
    ],
)
def test_every_tolerance_has_a_name(raw: bytes, defects: tuple[str, ...], names: list[bytes]) -> None:
    message = Message(raw)
    assert message.defects == defects
    assert [field.name for field in message.fields] == names


def test_names_are_found_in_any_case_and_by_any_text() -> None:
    message = Message(b"FROM: x\nfrom: y\n\n")
    assert [field.value for field in message.all("from")] == [b" x", b" y"]
    assert message.all("bücher") == []
    assert message.first("to") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b" a\r\n b ", b"a b"),
        (b"a\n\tb", b"a\tb"),
        (b"a\r\n \r\n b", b"a  b"),
        (b"a\nb", b"a\nb"),
        (b"a\rb", b"a\rb"),
        (b"a\r\r\n b", b"a\r b"),
        (b"\r\n a", b"a"),
    ],
)
def test_unfolding(value: bytes, expected: bytes) -> None:
    assert unfold(value) == expected


pieces = st.lists(
    st.sampled_from([b"A", b": ", b"\n", b"\r\n", b"\r", b" ", b"\t", b"x", b"\0", b"From "]), max_size=30
)


@given(pieces.map(b"".join) | st.binary(max_size=80))
def test_any_bytes_are_a_message_and_nothing_is_lost(raw: bytes) -> None:
    message = Message(raw)
    assert message.header + message.body == message.raw
    assert message.raw in (raw, raw.replace(b"\r", b"\n"))
    end = 0
    for field in message.fields:
        assert field.offset >= end
        end = field.offset + len(field.name)
        assert message.raw[field.offset : end] == field.name
        value_at = message.raw.index(b":", end) + 1
        assert message.raw[value_at : value_at + len(field.value)] == field.value
        end = value_at + len(field.value)
    covered = sum(len(field.name) + len(field.value) for field in message.fields)
    assert covered <= message.body_at


@given(st.lists(st.tuples(st.sampled_from([b"A", b"b-c", b"X1"]), st.sampled_from([b"", b" v", b" a\r\n b"]))))
def test_well_formed_fields_are_all_there(fields: list[tuple[bytes, bytes]]) -> None:
    raw = b"".join(name + b":" + value + b"\r\n" for name, value in fields) + b"\r\nbody"
    message = Message(raw)
    assert [(field.name, field.value) for field in message.fields] == fields
    assert (message.body, message.defects) == (b"body", ())


UNITS = [b"a", b" ", b"\n", b"\r", b"a:\n", b":", b" \n", b"a \n", b"a:\n ", b"From x\n", b"a:b\r\n", b"\0"]


@pytest.mark.parametrize("unit", UNITS)
def test_ten_megabytes_of_anything_are_read(unit: bytes) -> None:
    raw = unit * (10_000_000 // len(unit))
    message = Message(raw)
    assert len(message.fields) <= MAX_FIELDS
    assert len(unfold(raw)) <= len(raw)


def test_names_are_as_written_and_agree_with_the_fields() -> None:
    message = Message(b"From: a@example.org\r\nX-Odd : 1\r\n\r\nfrom: body\r\n")
    assert message.names == (b"From", b"X-Odd")
    assert message.names == tuple(field.name for field in message.fields)
    assert message.all("x-odd") == [message.fields[1]]
    assert message.repeated() == {}
    assert Message(b"A: 1\nb: 2\na: 3\n\n").repeated() == {"a": 2}
