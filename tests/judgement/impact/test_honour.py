"""Who honours the policy, with intervals that hold for mails that come in campaigns."""

from __future__ import annotations

import random

import pytest

from disavow.judgement.impact.honour import league, outcome, refused
from disavow.judgement.impact.share import difference, share

from .campaigns import START, row, volumes


@pytest.mark.parametrize(
    ("policy", "disposition", "override", "expected"),
    [
        ("p=reject", "reject", "", "honoured"),
        ("p=reject", "quarantine", "", "downgraded"),
        ("p=quarantine", "quarantine", "", "honoured"),
        ("p=reject", "none", "mailing_list", "excused"),
        ("p=reject", "none", "", "ignored"),
        ("p=reject; pct=10", "none", "", "excused"),
        ("p=none", "none", "", None),
        ("p=none", "reject", "", None),
        ("p=quarantine; t=y", "none", "", None),
        ("", "none", "", None),
        ("no policy", "none", "", None),
        ("p=reject", "", "", None),
    ],
)
def test_an_outcome_is_judged_by_the_policy_that_the_receiver_saw(
    policy: str, disposition: str, override: str, expected: str | None
) -> None:
    assert outcome(row(policy=policy, disposition=disposition, override=override)) == expected


def test_a_subdomain_has_the_policy_of_sp() -> None:
    below = row(header_from="news.example.org", policy="p=reject; sp=none", disposition="none")
    assert outcome(below) is None
    assert outcome(row(policy="p=reject; sp=none", disposition="none")) == "ignored"


def test_only_failing_rows_of_trusted_reports_count() -> None:
    rows = [row(trust="C"), row(trust="D"), row(dmarc="pass"), row(kind="autoreply"), row(count=0), row(count=-4)]
    assert league(rows) == ()
    assert [one.messages for one in league([*rows, row(count=7)])] == [7]


def test_the_league_tells_receivers_apart() -> None:
    rows = [
        *(row(day, reporter="good.example", count=40) for day in range(20)),
        *(row(day, reporter="lax.example", disposition="none", count=30) for day in range(20)),
    ]
    good, lax = league(rows)
    assert (good.name, good.outcomes["honoured"], lax.outcomes["ignored"]) == ("good.example", 800, 600)
    assert good.honoured is not None
    assert good.honoured.low > 0.9
    assert lax.honoured is not None
    assert lax.honoured.high < 0.1


def test_the_share_is_close_and_its_interval_holds_though_mails_come_in_campaigns() -> None:
    covered, error, runs = 0, 0.0, 200
    for seed in range(runs):
        rng = random.Random(seed)
        days = []
        for count in volumes(rng, 60, 0, 1, memory=0.6, shock=0.6):
            chance = rng.betavariate(0.9 * 40, 0.1 * 40)
            days.append((sum(rng.random() < chance for _ in range(count)), count))
        found = share(days)
        assert found is not None
        covered += found.low <= 0.9 <= found.high
        error += abs(found.value - 0.9) / runs
    assert covered / runs >= 0.9
    assert error <= 0.03


def test_enforcement_before_and_after_a_change() -> None:
    rows = [
        *(row(day, disposition="none", policy="p=none", ours="forged", count=50) for day in range(30)),
        *(row(day, ours="forged", count=45) for day in range(30, 40)),
        *(row(day, ours="forged", disposition="none", count=5) for day in range(30, 40)),
        row(35, ours="ours", disposition="none", count=900),
    ]
    moment = row(30).begin
    before, after = refused(rows, None, moment), refused(rows, moment, None)
    assert before is not None
    assert after is not None
    size, low, high = difference(before, after)
    assert abs(size - 0.9) <= 0.03
    assert low <= 0.9 <= high
    assert refused(rows, None, START) is None


def test_no_mail_has_no_share_and_one_day_has_a_wide_one() -> None:
    assert share([]) is None
    assert share([(0, 0)]) is None
    few, many = share([(3, 3)]), share([(300, 300)])
    assert few is not None
    assert many is not None
    assert few.low < 0.5 < many.low
