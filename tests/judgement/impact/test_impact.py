"""What escaped, whose each source is, who fell silent, what another policy would have done."""

from __future__ import annotations

import random
from datetime import timedelta
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Misconfigured
from disavow.judgement.impact.answer import impact
from disavow.judgement.impact.escaped import escaped
from disavow.judgement.impact.policy import changes
from disavow.judgement.impact.provenance import decide, sources
from disavow.judgement.impact.replay import candidate as record
from disavow.judgement.impact.replay import is_refused, replay
from disavow.judgement.impact.silence import silent
from disavow.judgement.impact.timeline import timeline
from disavow.judgement.impact.week import week
from disavow.judgement.sighting import Sighting

from .campaigns import START, row

FORGER, MINE, PASSER = (ip_address(one) for one in ("192.0.2.1", "198.51.100.7", "203.0.113.9"))


def proof(reporter: str, count: int = 1) -> Sighting:
    return row(
        kind="autoreply", reporter=reporter, source_ip=None, dmarc="", ours="forged", signal="escaped", count=count
    )


def mine(day: int = 0, **fields: object) -> Sighting:
    given: dict[str, object] = {
        "source_ip": MINE,
        "dmarc": "pass",
        "dkim": "pass",
        "disposition": "none",
        "dkim_domains": "example.org:pass",
        "ours": "ours",
    }
    return row(day, **{**given, **fields})


def passed_on(day: int = 0, **fields: object) -> Sighting:
    given: dict[str, object] = {
        "source_ip": PASSER,
        "disposition": "none",
        "override": "mailing_list",
        "dkim_domains": "example.org:fail",
    }
    return row(day, **{**given, **fields})


def test_answers_prove_an_escape_and_reports_tell_of_the_rest() -> None:
    found = escaped(
        [
            row(ours="forged", count=90),
            row(ours="forged", disposition="none", count=10),
            row(ours="forged", disposition="none", override="local_policy", count=5),
            proof("mx.silent.example", 3),
            proof("mail.receiver.example", 2),
            row(kind="dsn", ours="forged", signal="accepted"),
            row(ours="ours", disposition="none", count=70),
        ]
    )
    assert (found.proved, found.accepted, found.forged) == (5, 10, 105)
    assert found.low == 13  # the two answers are among the ten that the same receiver says it accepted
    assert (found.both, found.estimate, found.high) == (1, None, None)


def test_receivers_that_neither_sensor_knows_are_estimated() -> None:
    inside = 0
    for seed in range(60):
        rng = random.Random(seed)
        rows, truth = [], 0
        for number in range(120):
            name, through = f"r{number}.example", sum(rng.random() < 0.3 for _ in range(50))
            truth += through
            if rng.random() < 0.4:
                rows.append(row(reporter=name, ours="forged", disposition="none", count=through))
                rows.append(row(reporter=name, ours="forged", count=50 - through))
            if rng.random() < 0.5:
                rows.append(proof(name, max(1, through // 10)))
        found = escaped(rows)
        assert found.estimate is not None
        assert found.high is not None
        assert found.low <= found.estimate <= found.high
        inside += found.low <= truth <= found.high
    assert inside / 60 >= 0.9


def test_each_source_has_its_word() -> None:
    rows = [
        *(row(day, count=3) for day in range(5)),
        *(mine(day, count=100) for day in range(5)),
        *(passed_on(day, count=10) for day in range(5)),
        row(source_ip=ip_address("203.0.113.80"), ours="ours", count=4, disposition="none"),
    ]
    whose = {str(one.address): one.whose for one in sources(rows)}
    assert whose == {
        "192.0.2.1": "forger",
        "198.51.100.7": "mine",
        "203.0.113.9": "list",
        "203.0.113.80": "misconfigured",
    }
    decided = decide(rows, sources(rows))
    assert {one.ours for one in decided if one.source_ip == FORGER} == {"forged"}
    assert {one.ours for one in decided if one.source_ip == PASSER} == {"ours"}


def test_the_owner_overrules_and_nobody_forwards_more_than_was_sent() -> None:
    rows = [passed_on(count=500), row(count=9)]
    by = {
        one.address: one
        for one in sources(rows, {"192.0.2.0/24": "forwarder", "203.0.113.9": "not-mine", "x": "mine", "x/y": "mine"})
    }
    assert (by[FORGER].whose, by[PASSER].whose, by[PASSER].label) == ("forwarder", "forger", "not-mine")
    found = next(one for one in sources(rows, sent=120) if one.address == PASSER)
    assert found.excess == 380
    assert "source-excess" in [one.tag for one in found.reasons]


def test_backscatter_from_an_address_tells_of_its_forgeries() -> None:
    lone = row(dkim_domains="example.org:fail", override="", disposition="none")
    assert sources([lone])[0].whose != "forger"
    returned = row(kind="dsn", ours="forged", count=4)
    assert sources([lone, returned, returned])[0].forged > sources([lone])[0].forged


def test_untrusted_reports_decide_nothing() -> None:
    found = impact("example.org", [row(trust="D", count=10**6), row(trust="C")], START)
    assert (found.untrusted, found.days, found.receivers, found.sources) == (2, (), (), ())


@pytest.mark.parametrize(
    ("policy", "fields", "refused"),
    [
        ("p=reject", {}, True),
        ("p=none", {}, False),
        ("p=reject", {"dkim_domains": "mail.example.org:pass"}, False),
        ("p=reject; adkim=s", {"dkim_domains": "mail.example.org:pass"}, True),
        ("p=reject; adkim=s", {"dkim_domains": "example.org:pass"}, False),
        ("p=reject", {"spf_domains": "bounce.example.org:pass"}, False),
        ("p=reject; aspf=s", {"spf_domains": "bounce.example.org:pass"}, True),
        ("p=reject", {"spf_domains": "elsewhere.example:pass"}, True),
        ("p=reject; sp=none", {"header_from": "news.example.org"}, False),
        # The report tells that a signature was good, but not whose.
        ("p=reject; adkim=s", {"spf_domains": "elsewhere.example:pass", "dkim": "pass", "dmarc": "pass"}, False),
        ("p=reject; adkim=s", {"dkim_domains": "mail.example.org:pass", "dkim": "pass", "dmarc": "pass"}, True),
        ("p=quarantine; t=y", {}, False),
    ],
)
def test_a_row_is_judged_again(policy: str, fields: dict[str, str], refused: bool) -> None:
    assert is_refused(row(**fields), record(policy)) is refused


def test_the_replay_tells_harm_and_use_each_week() -> None:
    rows = [one for day in range(14) for one in (mine(day, count=99), passed_on(day, count=1), row(day, count=50))]
    found = replay(decide(rows, sources(rows)), "p=reject")
    assert (round(found.legitimate), round(found.refused), round(found.forged_refused)) == (700, 7, 350)
    assert found.low <= 7 <= found.high
    assert found.sources == ((PASSER, 14),)


@pytest.mark.parametrize("policy", ["", "reject", "p=maybe", "adkim=s"])
def test_what_is_no_policy_is_said(policy: str) -> None:
    with pytest.raises(Misconfigured):
        record(policy)


def test_a_reporter_that_stopped_is_noticed_and_a_rare_one_is_not() -> None:
    rows = [row(day, reporter="daily.example") for day in range(40)]
    rows += [row(day, reporter="weekly.example") for day in range(0, 56, 7)]
    rows += [row(day, reporter="still.example") for day in range(60)]
    now = START + timedelta(days=61)
    assert [one.reporter for one in silent(rows, now)] == ["daily.example"]


def test_changes_of_the_policy_are_found_though_some_receivers_lag() -> None:
    rows = [row(day, policy="p=none", reporter=f"{n}.example") for day in range(10) for n in range(3)]
    rows += [row(day, policy="p=reject", reporter=f"{n}.example") for day in range(10, 20) for n in range(2)]
    rows += [row(day, policy="p=none", reporter="lag.example") for day in range(10, 12)]
    assert [(one.day, one.before, one.after) for one in changes(rows)] == [(row(10).begin.date(), "none", "reject")]


def test_the_answer_keeps_enforcement_apart_from_deterrence() -> None:
    rows = [row(day, policy="p=none", disposition="none", count=40) for day in range(40)]
    rows += [row(day, count=40) for day in range(40, 60)]
    (effect,) = impact("example.org", rows, START + timedelta(days=60)).effects
    assert effect.difference is not None
    assert effect.difference[0] == pytest.approx(1.0)
    assert effect.volume.change == "cannot-tell"


def test_days_without_a_report_are_not_days_without_forgeries() -> None:
    rows = [row(0), mine(4)]
    assert [one.day.day for one in timeline(decide(rows, sources(rows)))] == [1, 5]


def test_the_week_is_compared_with_the_one_before() -> None:
    rows = [row(day, count=10) for day in range(14)] + [mine(day) for day in range(14)]
    rows.append(passed_on(12, count=6))
    found = week("example.org", rows, START + timedelta(days=14))
    assert (found.this.forged, found.last.forged, found.this.verified) == (70, 70, 7)
    assert found.new == ((PASSER, 6),)
    assert week("example.org", [], START).this.forged == 0


def test_an_unsigned_mail_tells_nothing_of_an_owner_who_never_signs() -> None:
    rows = [mine(dkim="fail", spf="pass", dkim_domains=""), row(count=30)]
    assert {one.whose for one in sources(rows) if one.address == FORGER} == {"undecided"}
    assert {one.whose for one in sources([mine(), row(count=30)]) if one.address == FORGER} == {"forger"}
    assert {one.whose for one in sources([row(count=30)])} == {"forger"}


def test_a_shared_machine_that_seldom_sends_for_me_is_undecided() -> None:
    shared = [mine(source_ip=FORGER, count=2), row(count=900)]
    assert [one.whose for one in sources(shared)] == ["undecided"]


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_a_reporter_may_write_anything(name: str, author: str, policy: str, domains: str) -> None:
    strange = row(
        reporter=name, header_from=author, policy=policy, dkim_domains=domains, override=domains, disposition=name
    )
    answer = proof(name)
    found = impact(author, [strange, answer, mine(policy=policy, header_from=author)], START + timedelta(days=1))
    assert found.rows == 3
    assert replay([strange], "p=reject").days == 1
