"""Own envelope tags: a valid one decides, a missing one speaks where all mail is tagged."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.judgement.backscatter.notice import Notice
from disavow.judgement.tagged import MAX_ADDRESSES, Arrived, Tags, for_forged, for_ours, parse, recipients
from disavow.standards import batv
from disavow.standards.message import Message

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
TAGS = Tags({0: b"a secret"}, NOW - timedelta(days=30))
GOOD = batv.format("me@example.org", b"a secret", DAY)


def test_a_key_file_is_read() -> None:
    tags = parse("# mine\n\n0 a secret\n1 another\nsince 2026-10-31\n")
    assert tags == Tags({0: b"a secret", 1: b"another"}, datetime(2026, 10, 31, tzinfo=UTC))


@pytest.mark.parametrize("text", ["", "since 2026-10-31", "0", "12 x", "0 x\nsince yesterday", "secret", "² x"])
def test_other_files_are_refused_without_telling_the_secret(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse(text)
    assert "x" not in str(caught.value).split()


@given(st.text())
def test_any_text_is_tags_or_malformed(text: str) -> None:
    with suppress(Malformed):
        assert parse(text).keys


@pytest.mark.parametrize("address", [GOOD, GOOD.upper(), GOOD.lower()])
def test_a_valid_tag_decides_also_case_folded(address: str) -> None:
    (evidence,) = for_ours(TAGS, Arrived(("x@example.org", address), NOW))
    assert (evidence.tag, evidence.strength) == ("ours-tagged", "decisive")


@pytest.mark.parametrize(
    ("address", "when"),
    [
        ("me@example.org", NOW),
        (batv.format("me@example.org", b"guessed", DAY), NOW),
        (GOOD, NOW + timedelta(days=8)),
    ],
)
def test_no_tag_a_wrong_tag_and_an_old_tag_are_no_evidence_of_mine(address: str, when: datetime) -> None:
    assert not list(for_ours(TAGS, Arrived((address,), when)))


@pytest.mark.parametrize(
    ("kind", "tags", "to", "expected"),
    [
        ("dsn", TAGS, "me@example.org", [("forged-untagged", "strong")]),
        ("dsn", TAGS, batv.format("me@example.org", b"guessed", DAY), [("forged-tag-invalid", "weak")]),
        ("human", TAGS, "me@example.org", []),  # people answer From, which bears no tag
        ("autoreply", TAGS, "me@example.org", []),
        ("dsn", Tags({0: b"a secret"}), "me@example.org", []),
        ("dsn", Tags({0: b"a secret"}, NOW - timedelta(days=7)), "me@example.org", []),
    ],
)
def test_a_missing_tag_speaks_only_for_reports_and_after_a_week(
    kind: str, tags: Tags, to: str, expected: list[tuple[str, str]]
) -> None:
    found = for_forged(tags, Arrived((to,), NOW), Notice(kind), (to,))  # type: ignore[arg-type]
    assert [(each.tag, each.strength) for each in found] == expected


def test_nothing_is_said_when_no_address_of_mine_is_there() -> None:
    assert not list(for_forged(TAGS, Arrived(("x@example.net",), NOW), Notice("dsn"), ()))


def test_recipients_come_from_the_server_first_and_are_few() -> None:
    many = ", ".join(f"a{number}@example.net" for number in range(1000))
    message = Message(f"To: {many}\nDelivered-To: me@example.org\n\n".encode())
    found = recipients(message)
    assert found[0] == "me@example.org"
    assert len(found) == MAX_ADDRESSES
