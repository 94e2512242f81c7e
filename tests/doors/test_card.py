"""The card on the terminal: at any width, without colours, through a pipe, and with a forger's words in it."""

from __future__ import annotations

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from floods import NASTY, bounce, mbox
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from conftest import Run
from disavow.doors import card, demo
from disavow.doors.flood import Flood
from disavow.judgement.case import Case
from disavow.judgement.identity import identify
from disavow.judgement.investigation import Inquiry, Investigation
from disavow.judgement.mask import masking
from disavow.judgement.steps import next_steps
from disavow.world.resolver import Zone

STORY = Path(demo.__file__).parent
ME = identify(("example.org",), (), ())


def investigated(mailbox: Path) -> Investigation:
    zone = Zone((STORY / "example.zone").read_text("utf-8"))
    inquiry = Inquiry(ME)
    for each in Flood((str(mailbox),)).examined(ME, zone):
        assert isinstance(each, Case)
        inquiry.add(each)
    return inquiry.conclude()


def printed(found: Investigation, width: int, color: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=color, highlight=False, legacy_windows=False)
    card.show(console, found, next_steps(found), masking(ME))
    card.close(console, found, 1.25, "report.html")
    return out.getvalue()


@pytest.fixture(scope="module")
def story() -> Investigation:
    return investigated(STORY / "flood.mbox")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_the_card_fits_its_terminal(story: Investigation, width: int) -> None:
    lines = printed(story, width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_the_card_answers_in_order(story: Investigation, width: int) -> None:
    text = printed(story, width)
    titles = ["NOT HACKED", "Why", "What arrived", "Who answered you", "Campaigns", "What to do now", "in 1.2 s"]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)
    assert "confidence high" in text and "example.org" in text


def test_colours_are_for_terminals_only(story: Investigation) -> None:
    assert "\x1b[" in printed(story, 80, color=True)
    assert "\x1b" not in printed(story, 80)


def test_no_color_is_kept(run: Run) -> None:
    assert "\x1b" not in run("demo").out  # the fixture sets NO_COLOR


def test_others_addresses_are_masked(story: Investigation) -> None:
    text = printed(story, 100)
    assert "de…@example.net" in text and "desk.parcel@" not in text


def test_a_forgers_words_are_neither_markup_nor_escapes(tmp_path: Path) -> None:
    helo = f"[/b][red]{NASTY[-20:]}.example"
    mails = (bounce(n, NASTY, helo, claims=f"[/nothing] {NASTY}") for n in range(6))
    text = printed(investigated(mbox(tmp_path / "hostile.mbox", *mails)), 80)
    assert "[/nothing]" in text  # as it was written, and without effect
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


def test_a_name_without_end_does_not_fill_the_screen(tmp_path: Path) -> None:
    mails = (bounce(n, "Long", "x" * 10_000 + ".example", claims="w" * 10_000) for n in range(3))
    text = printed(investigated(mbox(tmp_path / "long.mbox", *mails)), 80)
    assert len(text.splitlines()) < 60


def test_one_is_said_as_one(tmp_path: Path) -> None:
    text = printed(investigated(mbox(tmp_path / "one.mbox", bounce(1, "One", "mx.example.net"))), 100)
    assert "1 mail, 0 unreadable" in text and "1 server" in text and "1 mails" not in text


def test_a_mailbox_without_answers_says_so(tmp_path: Path) -> None:
    lunch = "From: ada@example.com\nSubject: Lunch?\nTo: ada@example.org\n\nToday at one?\n"
    text = printed(investigated(mbox(tmp_path / "none.mbox", lunch)), 80)
    assert "NO ANSWERS" in text and "Nothing: these mails ask for no action." in text
    assert "What arrived" not in text and "Campaigns" not in text


def test_a_span_says_nothing_twice() -> None:
    assert card.span(date(2026, 11, 3), date(2026, 11, 3)) == "3 Nov 2026"
    assert card.span(date(2026, 11, 3), date(2026, 11, 15)) == "3–15 Nov 2026"
    assert card.span(date(2026, 11, 3), date(2026, 12, 1)) == "3 Nov – 1 Dec 2026"
    assert card.span(date(2025, 11, 3), date(2026, 11, 3)) == "3 Nov 2025 – 3 Nov 2026"


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(0, 2000))
def test_a_span_ends_with_its_last_day(first: date, days: int) -> None:
    last = first + timedelta(days)
    assert card.span(first, last).endswith(card.day(last))
    assert card.span(first, last).startswith(str(first.day))
