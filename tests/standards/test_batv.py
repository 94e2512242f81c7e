from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import batv
from disavow.standards.batv import Tagged

KEYS = {3: b"secret", 4: b"other"}
DAY = 20_412


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("prvs=1234abcdef=User@example.org", Tagged("prvs", "User@example.org", "1234abcdef")),
        ("<PRVS=1234ABCDEF=user@example.org>", Tagged("prvs", "user@example.org", "1234ABCDEF")),
        ("prvs=user/1234abcdef@example.org", Tagged("prvs", "user@example.org", "1234abcdef")),
        ("prvs=1234abcdef=a=b@example.org", Tagged("prvs", "a=b@example.org", "1234abcdef")),
        ("btv1==0123abcd==user@example.org", Tagged("btv1", "user@example.org", "0123abcd")),
        ("msprvs1=17abc=bounces-1@example.org", Tagged("msprvs1", "bounces-1@example.org", "17abc")),
        ("SRS0=abcd=XY=example.net=user@forward.example", Tagged("srs0", "user@example.net", "abcd=XY")),
        ("srs0+ab+/=xy=example.net=user@forward.example", Tagged("srs0", "user@example.net", "ab+/=xy")),
        (
            ("SRS1=zz=first.example==abcd=XY=example.net=user@second.example"),
            Tagged("srs1", "user@example.net", "zz", "first.example"),
        ),
        ("list-return-5-john.doe=example.net@lists.example", Tagged("verp", "john.doe@example.net", "list-return-5-")),
    ],
)
def test_each_scheme_is_recognised(address: str, meant: Tagged) -> None:
    assert batv.parse(address) == meant


@pytest.mark.parametrize(
    "address", ["", "user@example.org", "prvs=x@example.org", "SRS0=a@example.org", "a=b@example.org", "@", "a-b=c@"]
)
def test_an_ordinary_address_is_malformed_as_a_tag(address: str) -> None:
    with pytest.raises(Malformed):
        batv.parse(address)


def test_a_tag_is_good_for_a_week_for_its_own_address_and_key() -> None:
    address = batv.format("User@example.org", KEYS[3], DAY, 3)
    assert batv.parse(address).original == "User@example.org"
    assert all(batv.verify(address, KEYS, DAY + later) for later in range(batv.LIFETIME + 1))
    assert not batv.verify(address, KEYS, DAY + batv.LIFETIME + 1)
    assert not batv.verify(address, KEYS, DAY - 1)
    assert batv.verify(address.upper(), KEYS, DAY)
    assert not batv.verify(address.replace("User", "Other"), KEYS, DAY)
    assert not batv.verify(address, {4: KEYS[3]}, DAY)
    assert not batv.verify(address, {3: KEYS[4]}, DAY)
    assert not batv.verify("user@example.org", KEYS, DAY) and not batv.verify("btv1==1==u@example.org", KEYS, DAY)


def test_the_day_of_expiry_runs_over() -> None:
    address = batv.format("user@example.org", KEYS[4], 996, 4)
    assert batv.verify(address, KEYS, 996) and batv.verify(address, KEYS, 1003) and not batv.verify(address, KEYS, 1004)


def test_what_is_no_address_gets_no_tag() -> None:
    for address, number in (("user", 0), ("@example.org", 0), ("user@example.org", 10)):
        with pytest.raises(Malformed):
            batv.format(address, b"", DAY, number)


@given(
    st.from_regex(r"[a-zA-Z0-9._=+-]{1,20}@[a-z]{1,9}\.example", fullmatch=True),
    st.binary(max_size=9),
    st.integers(0, 99_999),
)
def test_a_tagged_address_tells_what_was_tagged(address: str, key: bytes, day: int) -> None:
    tagged = batv.format(address, key, day)
    assert batv.parse(tagged) == Tagged("prvs", address, tagged.split("=")[1]) and batv.verify(tagged, {0: key}, day)


@given(st.text() | st.from_regex(r"(prvs=|srs[01][=+-]|=|-|[0-9a-f]{3}|@|btv1==|\.){0,12}"))
def test_any_text_is_a_tag_or_malformed(address: str) -> None:
    with suppress(Malformed):
        assert isinstance(batv.parse(address), Tagged)
    batv.verify(address, KEYS, DAY)


@pytest.mark.parametrize("piece", ["prvs=", "=", "a-", "SRS0=", "a.", "-a="])
def test_a_long_address_is_cut(piece: str) -> None:
    with suppress(Malformed):
        batv.parse(piece * (10_000_000 // len(piece)) + "@example.org")
