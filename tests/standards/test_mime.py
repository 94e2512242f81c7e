from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards.mime import unbase64


@pytest.mark.parametrize(
    ("encoded", "data"),
    [(b"aGVsbG8=", b"hello"), (b"aGVs bG8", b"hello"), (b"a-G_V!s\r\nbG8=\r\n", b"hello"), (b"a", b""), (b"", b"")],
)
def test_base64_is_read_through_foreign_characters_and_missing_padding(encoded: bytes, data: bytes) -> None:
    assert unbase64(encoded) == data


@given(st.binary())
def test_base64_comes_back(data: bytes) -> None:
    assert unbase64(base64.encodebytes(data)) == data
