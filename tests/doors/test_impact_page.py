"""The page of ``impact``: the answer first, pictures with their tables, and what followed each change in words."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from click.testing import CliRunner
from stores import NOW, believable, hostile, row, stored

from disavow.doors import impact_table
from disavow.doors.cli import disavow
from disavow.judgement.impact.timeline import Day
from disavow.judgement.sighting import Sighting


def page(folder: Path, *rows: Sighting, options: tuple[str, ...] = ()) -> str:
    store, written = stored(folder / "store.duckdb", rows), folder / "page.html"
    words = ["impact", "example.org", "--store", str(store), "--html", str(written), *options]
    done = CliRunner().invoke(disavow, words, catch_exceptions=False)
    assert done.exit_code == 0
    return html.unescape(written.read_text("utf-8"))


@pytest.fixture
def text(tmp_path: Path) -> str:
    return page(tmp_path, *believable(), options=("--if", "p=reject; adkim=s"))


def test_the_share_that_is_refused_now_is_the_first_sentence(text: str) -> None:
    assert "<h1>Receivers refuse or set aside 100% of the mail forged as example.org.</h1>" in text
    assert 'class="verdict ours"' in text


def test_a_change_is_told_with_how_often_the_method_is_wrong_and_what_it_could_see(text: str) -> None:
    change = text[text.index('id="change-1"') : text.index('id="through"')]
    assert "the policy went from none to reject" in change and "Enforcement:" in change
    assert "Deterrence: cannot tell yet" in change
    assert "dates on which nothing was changed" in change and "four times in five" in change
    assert ">1 reject</text>" in text and 'href="#change-1"' in text


def test_the_weeks_are_drawn_and_listed_and_their_sums_are_right(text: str) -> None:
    table = text[text.index('id="weeks-table"') : text.index('id="changes"')]
    rows = [re.findall(r"<td[^>]*>(?:<a[^>]*>)?([^<]*)", line) for line in table.split("<tr")[2:]]
    assert sum(int(each[2].replace(",", "")) for each in rows) == 79 * 40 + 40 * 2
    bars = set(re.findall(r'href="#(week-[0-9-]+)"', text[text.index("<svg") : text.index('id="weeks-table"')]))
    assert bars == set(re.findall(r'<tr id="(week-[0-9-]+)"', table))


def test_the_league_leads_to_its_rows(text: str) -> None:
    assert "1. 100% of 1,165 · receiver.example" in text
    assert 'href="#receiver-1"' in text and '<tr id="receiver-1">' in text


def test_sources_have_their_reasons_and_a_policy_its_price(text: str) -> None:
    sources = text[text.index('id="sources"') : text.index('id="replay"')]
    assert "198.51.100.7" in sources and "forger" in sources and "none of the" in sources
    replay = text[text.index('id="replay"') :]
    assert "legitimate mails would be refused" in replay and "2001:db8::9" in replay
    assert "stopped reporting" in text


def test_without_enough_receivers_no_total_is_drawn_and_that_is_said(text: str) -> None:
    assert 'id="through-table"' not in text and "Got through: at least" in text


def test_with_enough_receivers_the_total_is_drawn_from_bound_to_bound(tmp_path: Path) -> None:
    text = page(tmp_path, *hostile())
    table = text[text.index('id="through-table"') : text.index('id="receivers"')]
    low, about, high = (int(n.replace(",", "")) for n in re.findall(r'<td class="n">([\d,]+)', table)[:3])
    assert 6 <= low <= about <= high and f"about {about:,} ({low:,} to {high:,})" in text


def test_changes_that_lie_close_have_their_numbers_only(tmp_path: Path) -> None:
    near = (NOW - timedelta(days=36)).date()
    text = page(tmp_path, *hostile(), options=("--change", str(near), "--change", "2020-01-01"))
    drawn = re.findall(r">(\d[a-z ]*)</text>", text)
    assert drawn.count("2") == drawn.count("3") == 2  # in the wide picture and in the narrow one
    assert "reject</text>" not in text and "2020</text>" not in text and 'id="change-1"' in text


def test_nothing_known_is_not_nothing_forged(tmp_path: Path) -> None:
    text = page(tmp_path)
    assert "That does not mean that there was no forgery" in text and "<svg" not in text


def test_only_mail_of_mine_is_told_plainly(tmp_path: Path) -> None:
    mine = [row(ago, dmarc="pass", dkim="pass", ours="ours", disposition="none") for ago in range(9, 2, -1)]
    text = page(tmp_path, *mine)
    assert "<h1>No trusted report tells of mail forged as example.org" in text
    assert "No receiver tells of failing mail" in text and 'verdict open"' in text


def test_a_week_is_under_its_monday() -> None:
    days = [Day(date(2026, 11, day), 1, 1, 2) for day in (22, 23, 29, 30)]
    assert impact_table.weekly(days) == [
        Day(date(2026, 11, 16), 1, 1, 2),
        Day(date(2026, 11, 23), 2, 2, 4),
        Day(date(2026, 11, 30), 1, 1, 2),
    ]


def test_of_many_sources_the_page_lists_some_and_counts_the_rest(tmp_path: Path) -> None:
    many = (row(9, source_ip=ip_address(f"198.51.100.{number}"), count=300 - number) for number in range(130))
    text = page(tmp_path, *many)
    assert len(re.findall(r"<td>198\.51\.100\.\d+ ", text)) == 100 and "30 more; all of them" in text
    assert "<summary>90 more</summary>" in text
