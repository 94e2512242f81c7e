from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dates

MOMENT = datetime(2020, 11, 16, 3, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 16 Nov 2020 11:40:00 +0800",
        "16 Nov 2020 11:40 +0800 (CST)",
        "Sun, 15 Nov 20 22:40:00 EST",
        "Mon, 16\r\n Nov 2020 03:40:00.123 GMT",
        "16-Nov-2020 03:40:00",
        "Mon Nov 16 03:40:00 2020",
        "2020-11-16T03:40:00Z",
        "2020-11-16T11:40:00+08:00",
        "Mon, 16 November 2020 03:40:00 -0000",
    ],
)
def test_the_customary_forms_name_one_moment(text: str) -> None:
    assert dates.parse(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "32 Nov 2020 03:40:00 +0000",
        "16 Foo 2020 03:40:00",
        "16 Nov 2020 25:00:00",
        "16 Nov 2020 03:60:00",
        "31 Dec 9999 23:59:59 -1400",
        "1 Jan 0000 0:00",
    ],
)
def test_what_is_no_date_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        dates.parse(text)


def test_two_digits_are_of_this_century_below_fifty() -> None:
    assert dates.parse("1 Jan 49 00:00 +0000").year == 2049
    assert dates.parse("1 Jan 50 00:00 +0000").year == 1950
    assert dates.parse("1 Jan 101 00:00 +0000").year == 2001


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(9998, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
)
def test_what_is_formatted_parses_to_the_same_moment(moment: datetime, minutes: int) -> None:
    aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
    assert dates.parse(dates.format(aware)) == aware


@given(st.text())
def test_any_text_is_a_date_or_malformed(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert dates.parse(text).tzinfo is UTC
