"""How much of the owner's own mail is covered, and the gates that ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest

from disavow.judgement import gate
from disavow.judgement.coverage import Missed, age, measure
from disavow.judgement.sighting import Sighting
from disavow.words import say

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MINE, OTHER, LIST, FORGER = map(ip_address, ("192.0.2.1", "192.0.2.200", "198.51.100.5", "203.0.113.9"))


def row(ago: int, **fields: Any) -> Sighting:
    begin = NOW - timedelta(days=ago)
    given: dict[str, Any] = {
        "reporter": f"r{ago % 5}.example",
        "source_ip": MINE,
        "header_from": "example.org",
        "spf": "pass",
        "dkim": "pass",
        "dmarc": "pass",
        "ours": "ours",
        "disposition": "none",
        "count": 100,
        "trust": "A",
        "policy": "p=quarantine",
        "spf_domains": "example.org:pass",
        "dkim_domains": "example.org:pass",
        **fields,
    }
    return Sighting(begin, begin + timedelta(days=1), "aggregate", **given)


def clean(days: int = 40) -> Iterator[Sighting]:
    for ago in range(days, 1, -1):
        yield row(ago)
        yield row(ago, source_ip=FORGER, spf="fail", dkim="fail", dmarc="fail", ours="cannot-tell", count=50,
                  spf_domains="bad.example:pass", dkim_domains="")  # fmt: skip


def states(gates: tuple[gate.Gate, ...]) -> dict[str, str]:
    for one in gates:
        assert say(one.finding.tag, one.finding.args)
        assert all(say(more.tag, more.args) for more in one.more)
    return {one.name: one.state for one in gates}


def test_nothing_is_measured_without_trusted_reports() -> None:
    assert measure("example.org", ()) is None
    assert measure("example.org", [row(3, trust="D")]) is None


def test_own_signed_mail_counts_and_forgeries_do_not() -> None:
    found = measure("example.org", clean())
    assert found is not None
    assert (found.own, found.signed, found.listed, found.undecided) == (3900, 3900, 3900, 0)
    assert (found.days, found.reporters, found.policy, age(found, NOW)) == (40, 5, "quarantine", 1)


def test_all_gates_hold_for_a_domain_that_signs_everything() -> None:
    found = measure("example.org", clean())
    assert set(states(gate.before_quarantine(found, NOW)).values()) == {"holds"}
    assert set(states(gate.before_reject(found, NOW)).values()) == {"holds"}
    assert states(gate.before_strictest(found, NOW))["policy"] == "short"


@pytest.mark.parametrize(("days", "late", "short"), [(10, 0, "reports"), (40, 9, "fresh")])
def test_few_or_old_reports_are_not_enough(days: int, late: int, short: str) -> None:
    found = measure("example.org", clean(days))
    assert states(gate.before_quarantine(found, NOW + timedelta(days=late)))[short] == "short"


def test_a_server_that_does_not_sign_is_named() -> None:
    unsigned = [row(ago, source_ip=OTHER, dkim="none", dkim_domains="", count=5) for ago in range(40, 1, -1)]
    found = measure("example.org", [*clean(), *unsigned])
    assert found is not None
    assert found.unsigned == (Missed(OTHER, 195, 195),)
    (dkim,) = (one for one in gate.before_reject(found, NOW) if one.name == "dkim")
    assert dkim.state == "short"
    assert say(dkim.finding.tag, dkim.finding.args).startswith("DKIM signatures in your name verified on 95.23 %")
    assert say(dkim.more[0].tag, dkim.more[0].args).startswith("192.0.2.200 sent 195 of its 195 mails")


def test_mail_that_lists_break_is_neither_own_nor_forged() -> None:
    broken = row(5, source_ip=LIST, spf="fail", dkim="fail", dmarc="fail", ours="cannot-tell", count=30,
                 spf_domains="list.example:pass", dkim_domains="example.org:fail", override="mailing_list")  # fmt: skip
    found = measure("example.org", [*clean(), broken])
    assert found is not None
    assert (found.own, found.passed_on) == (3900, 30)
    assert states(gate.before_reject(found, NOW))["lists"] == "short"
    assert states(gate.before_quarantine(found, NOW))["dkim"] == "holds"


def test_reject_waits_for_a_month_of_quarantine() -> None:
    before = [row(ago, policy="p=none") for ago in range(60, 20, -1)]
    after = [row(ago) for ago in range(20, 1, -1)]
    found = measure("example.org", [*before, *after])
    (policy,) = (one for one in gate.before_reject(found, NOW) if one.name == "policy")
    assert (policy.state, policy.finding.args["days"]) == ("short", 20)


def test_strict_alignment_only_where_nothing_needs_the_other() -> None:
    assert not gate.strict_alignment(None)
    assert gate.strict_alignment(measure("example.org", clean()))
    relaxed = row(4, spf_domains="bounce.example.org:pass", dkim_domains="news.example.org:pass", count=1)
    assert not gate.strict_alignment(measure("example.org", [*clean(), relaxed]))


def test_tls_reports_are_counted_for_their_own_gate() -> None:
    def session(ago: int, result: str = "") -> Sighting:
        begin = NOW - timedelta(days=ago)
        return Sighting(begin, begin, "tls", header_from="example.org", override=result, count=10, trust="A")

    good = measure("example.org", [*clean(), *(session(ago) for ago in range(20, 1, -1))])
    bad = measure(
        "example.org",
        [*clean(), *(session(ago, "starttls-not-supported" if ago == 3 else "") for ago in range(20, 1, -1))],
    )
    assert states(gate.before_enforcing_tls(good)) == {"tls": "holds"}
    assert states(gate.before_enforcing_tls(bad)) == {"tls": "short"}
    assert states(gate.before_enforcing_tls(measure("example.org", clean()))) == {"tls": "unknown"}


def test_never_sends_needs_a_proof_and_bows_to_evidence() -> None:
    today, busy = NOW.date(), measure("example.org", clean())
    assert gate.never_sends(False, False, False, None, today) is None
    assert gate.never_sends(False, True, True, None, today) is None
    for said, published in ((True, False), (False, True)):
        found = gate.never_sends(said, published, False, None, today)
        assert found is not None
        assert found.state == "holds"
    denied = gate.never_sends(True, True, False, busy, today)
    assert denied is not None
    assert denied.state == "short"
    quiet = measure("example.org", [one for one in clean(80) if one.ours != "ours"])
    told = gate.never_sends(False, False, False, quiet, today)
    assert told is not None
    assert told.finding.tag == "gate-never-reported"
