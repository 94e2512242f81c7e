"""The whole answer: each number counted once, the verdict with its reasons and with what would change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
from answers import DAY, FORGED, ME, OURS, SPAM, UNKNOWN, concluded

from disavow.judgement.case import Case
from disavow.judgement.identity import identify
from disavow.judgement.investigation import Investigation


def tags(found: Investigation) -> list[str]:
    return [reason.tag for reason in found.verdict.because]


@pytest.mark.parametrize(
    ("cases", "answer"),
    [
        ([FORGED], "forged"),
        ([OURS], "ours"),
        ([FORGED, OURS], "mixed"),
        ([UNKNOWN], "cannot-tell"),
        ([SPAM], "cannot-tell"),
        ([], "cannot-tell"),
    ],
)
def test_the_answer_follows_from_the_mails(cases: list[Case], answer: str) -> None:
    assert concluded(cases).verdict.answer == answer


def test_mail_that_answers_nothing_is_counted_by_its_kind_alone() -> None:
    found = concluded([FORGED, SPAM, SPAM])
    assert (found.mails, found.status_mails, found.kinds) == (3, 1, {"spam": 2, "dsn": 1})
    assert sum(found.ours.values()) == sum(found.signals.values()) == 1


@pytest.mark.parametrize(
    ("forged", "unknown", "confidence"),
    [(2, 0, "low"), (3, 0, "medium"), (9, 0, "medium"), (10, 0, "high"), (10, 10, "high"), (10, 11, "medium")],
)
def test_confidence_is_a_matter_of_number_and_share(forged: int, unknown: int, confidence: str) -> None:
    assert concluded([FORGED] * forged + [UNKNOWN] * unknown).verdict.confidence == confidence


def test_a_guessed_owner_is_never_sure() -> None:
    found = concluded([FORGED] * 50, replace(ME, how="guessed"))
    assert found.verdict.confidence == "low"
    assert "change-identity" in [finding.tag for finding in found.verdict.would_change]


def test_reasons_name_what_was_counted() -> None:
    found = concluded([FORGED] * 12)
    assert tags(found)[0] == "because-refused-by-spf" and found.verdict.because[0].args == {"count": 12}
    assert "because-unsigned" in tags(found) and "because-one-mail" in tags(found)
    (foreign,) = (reason for reason in found.verdict.because if reason.tag == "because-foreign-sources")
    assert foreign.args == {"mine": 0, "sources": 1}


def test_a_signature_of_mine_comes_before_all_other_reasons_and_forbids_the_unsigned_one() -> None:
    found = tags(concluded([OURS, FORGED]))
    assert found[0] == "because-signed" and "because-unsigned" not in found


def test_sources_are_compared_with_my_servers_where_these_are_known() -> None:
    mine = OURS._replace(source=ip_address("192.0.2.5"))
    sources = concluded([FORGED, FORGED, mine]).sources
    assert [(str(one.ip), one.seen.count, one.ours) for one in sources] == [
        ("198.51.100.7", 2, False),
        ("192.0.2.5", 1, True),
    ]
    assert concluded([FORGED], identify(["example.org"])).sources[0].ours is None


def test_first_and_last_are_the_days_of_answers_alone() -> None:
    later, spam = FORGED._replace(when=DAY + timedelta(days=5)), SPAM._replace(when=DAY + timedelta(days=90))
    found = concluded([later, FORGED, spam])
    assert (found.first, found.last) == (DAY, DAY + timedelta(days=5))
    assert found.days == {
        "2026-11-03": {"group-refused-by-policy": 1},
        "2026-11-08": {"group-refused-by-policy": 1},
    }


def test_which_of_my_addresses_are_forged_and_where_each_leaked() -> None:
    invented = FORGED._replace(forged_address="xq81@example.org")
    found = concluded([FORGED, invented, invented], aliases={"ada@example.org": "a shop"})
    known = [(one.address, one.count, one.exists, one.leaked_from) for one in found.forged_addresses]
    assert known == [("xq81@example.org", 2, False, ""), ("ada@example.org", 1, True, "a shop")]
    assert concluded([FORGED]).forged_addresses[0].exists is None


def test_the_answer_does_not_depend_on_the_order_of_the_mails() -> None:
    others = [FORGED._replace(reporter=f"mx{i}.example.net", source=ip_address(f"198.51.100.{i}")) for i in range(9)]
    forth, back = concluded([*others, OURS, UNKNOWN]), concluded([UNKNOWN, OURS, *reversed(others)])
    assert (forth.verdict, forth.sources, forth.reporters) == (back.verdict, back.sources, back.reporters)
