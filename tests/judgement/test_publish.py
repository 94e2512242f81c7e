"""Plans: every record in them can be read, and what they lead to has nothing open."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from test_coverage import NOW, clean, row

from disavow.doors.record_formats import lines
from disavow.judgement.audit import audit
from disavow.judgement.comparison import compare
from disavow.judgement.coverage import Coverage, measure
from disavow.judgement.draft import Wishes
from disavow.judgement.path import Step, due
from disavow.judgement.posture import Subject
from disavow.judgement.publish import Plan, plan
from disavow.judgement.record_set import Planned, RecordSet
from disavow.judgement.rehearsal import rehearse
from disavow.standards import dmarc, mtasts, spf, tlsrpt_record
from disavow.standards.questions import Answer, Now, Question
from disavow.words import say
from disavow.world.ask import ask
from disavow.world.resolver import Zone

_DER = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .public_key()
    .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
)
_TEXT = f"v=DKIM1; k=rsa; p={base64.b64encode(_DER).decode()}"
KEY = f'"{_TEXT[:250]}" "{_TEXT[250:]}"'

SELF_HOSTED = f"""
example.org. MX 10 mail.example.org.
example.org. A 203.0.113.5
mail.example.org. A 8.8.4.4
4.4.8.8.in-addr.arpa. PTR mail.example.org.
www.example.org. CNAME example.org.
example.org. TXT "v=spf1 mx ?all"
example.org. TXT "site-verification=1"
default._domainkey.example.org. TXT {KEY}
"""
GOOGLE = f"""
example.org. MX 1 smtp.google.com.
smtp.google.com. A 8.8.8.8
8.8.8.8.in-addr.arpa. PTR smtp.google.com.
example.org. TXT "v=spf1 include:_spf.google.com ~all"
_spf.google.com. TXT "v=spf1 ip4:8.8.8.0/24 ~all"
google._domainkey.example.org. TXT {KEY}
_dmarc.example.org. TXT "v=DMARC1; p=none; sp=none; pct=50; rua=mailto:d@example.org"
"""
INCLUDES = f"""
example.org. MX 10 mail.example.org.
mail.example.org. A 8.8.4.4
mail.example.org. TXT "v=spf1 a -all"
4.4.8.8.in-addr.arpa. PTR mail.example.org.
example.org. TXT "v=spf1 mx include:_spf.a.example include:gone.example include:_spf.b.example +all"
_spf.a.example. TXT "v=spf1 ip4:8.8.8.8 -all"
_spf.b.example. TXT "v=spf1 a:out.b.example -all"
out.b.example. A 9.9.9.9
example. NS ns.example.
s1._domainkey.example.org. TXT {KEY}
_dmarc.example.org. TXT "v=DMARC1; p=rejected; rua=d@example.org"
"""
NEVER = """
example.org. A 203.0.113.5
www.example.org. A 203.0.113.5
example.org. TXT "v=spf1 mx ~all"
"""


def made(zone: str, found: Coverage | None = None, **wishes: Any) -> Plan:
    world = Zone(zone)

    def answered(question: Question) -> Answer[Any]:
        return Answer("ok", (NOW,)) if isinstance(question, Now) else world(question)

    return ask(plan(Subject("example.org", servers=False), Wishes(**wishes), found), answered)[0]


def step(found: Plan, name: str) -> Step:
    (one,) = (one for one in found.steps if one.name == name)
    return one


def _places(planned: Planned) -> set[tuple[str, ...]]:
    return {(f"{name}.", type) for name, type in planned.records}


def readable(records: RecordSet) -> None:
    for text in records.values if records.type == "TXT" else ():
        if records.name.startswith("_dmarc."):
            assert not dmarc.parse(text.encode()).problems
        elif records.name.startswith("_smtp._tls."):
            tlsrpt_record.parse(text.encode())
        elif records.name.startswith("_mta-sts."):
            mtasts.parse_record(text.encode())
        elif "_domainkey" not in records.name:
            spf.parse(text)


CASES = {
    "never": (NEVER, {"never_sends": True}),
    "self-hosted": (SELF_HOSTED, {}),
    "google": (GOOGLE, {}),
    "includes": (INCLUDES, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_every_record_can_be_read_and_the_finished_plan_has_nothing_open(case: str) -> None:
    zone, wishes = CASES[case]
    found = made(zone, **wishes)
    for one in found.steps:
        for records in one.planned.records.values():
            readable(records)
        for text in one.planned.files.values():
            mtasts.parse_policy(text.encode())
    last = found.steps[-1].planned
    then, _ = ask(rehearse(audit(Subject("example.org", servers=False)), last), Zone(zone))
    assert [fault.tag for fault in then.at_least("medium")] == []
    for finding in (*found.asides, *(fault.finding for fault in found.left)):
        assert say(finding.tag, finding.args)


@pytest.mark.parametrize("case", CASES)
def test_a_domain_where_the_plan_was_carried_out_has_nothing_to_do(case: str) -> None:
    """What a plan holds is written as a zone and planned again: nothing is left, and the comparison agrees."""
    zone, wishes = CASES[case]
    last = made(zone, **wishes).steps[-1].planned
    old = [line for line in zone.splitlines() if tuple(line.split()[:2]) not in _places(last)]
    then = "\n".join((*old, *(line for one in last.records.values() for line in lines(one))))
    again = made(then, **wishes)
    changed = [(one.now, one.then) for each in again.steps for one in each.changes if each.name != "encryption"]
    assert changed == []
    compared, _ = ask(compare(Planned(last.records)), Zone(then))
    assert {one.state for one in compared} == {"published"}


def test_a_domain_that_never_sends_is_locked_at_once() -> None:
    found = made(NEVER, never_sends=True)
    (lock,) = found.steps
    assert (lock.number, lock.name, lock.ready, found.next) == (0, "lock", True, lock)
    assert {one.name: one.values for one in lock.planned.records.values()} == {
        "example.org": ("0 .",),
        "*._domainkey.example.org": ("v=DKIM1; p=",),
        "_dmarc.example.org": ("v=DMARC1; p=reject; sp=reject; np=reject; adkim=s; aspf=s",),
        "www.example.org": ("v=spf1 -all",),
    }
    assert lock.planned.text("example.org") == "v=spf1 -all"


def test_never_sends_is_not_guessed() -> None:
    found = made("example.org. A 203.0.113.5")
    assert found.steps[0].name == "close"
    assert "publish-maybe-never" in {one.tag for one in found.asides}
    assert ("example.org", "TXT") not in found.steps[0].planned.records
    assert not made(NEVER, measure("example.org", clean()), never_sends=True).steps[0].ready


def test_where_reports_go_is_the_owners_word() -> None:
    for never in (True, False):
        text = made(SELF_HOSTED, never_sends=never, rua="d@not.yet.example").steps[0].planned.text("_dmarc.example.org")
        assert dmarc.parse(text.encode()).rua == ("mailto:d@not.yet.example",)
    dead = made(NEVER + '_dmarc.example.org. TXT "v=DMARC1; p=none; rua=mailto:d@dead.example"', never_sends=True)
    assert dmarc.parse(dead.steps[0].planned.text("_dmarc.example.org").encode()).rua == ()
    assert "publish-no-rua" in {one.tag for one in made(NEVER, never_sends=True).asides}


def test_keys_of_a_domain_that_never_sends_are_taken_out() -> None:
    found = made(f"{NEVER}default._domainkey.example.org. TXT {KEY}", never_sends=True)
    assert found.steps[0].planned.records["default._domainkey.example.org", "TXT"].values == ()


def test_a_domain_that_only_takes_mail_keeps_its_servers() -> None:
    zone = SELF_HOSTED.replace("v=spf1 mx ?all", "v=spf1 -all")
    assert ("example.org", "MX") not in made(zone, never_sends=True).steps[0].planned.records
    assert ("example.org", "MX") in made(zone, never_sends=True, no_mx=True).steps[0].planned.records


def test_without_reports_the_policy_waits() -> None:
    found = made(SELF_HOSTED)
    assert found.next == step(found, "close")
    assert [one.ready for one in found.steps] == [True, False, False, False, False]
    assert step(found, "close").planned.text("_dmarc.example.org") == (
        "v=DMARC1; p=none; np=reject; rua=mailto:dmarc-reports@example.org"
    )
    assert {gate.state for gate in step(found, "reject").gates} == {"unknown"}


def test_steps_go_up_and_nothing_is_weakened() -> None:
    found = made(GOOGLE)
    policies = [dmarc.parse(one.planned.text("_dmarc.example.org").encode()) for one in found.steps]
    assert [(one.p, one.sp, one.np) for one in policies] == [
        ("none", "none", "reject"),
        ("quarantine", "quarantine", "reject"),
        *[("reject", "reject", "reject")] * 3,
    ]
    strict = made(GOOGLE.replace("p=none; sp=none; pct=50", "p=reject; np=reject"))
    assert step(strict, "quarantine").done
    assert step(strict, "reject").done
    assert {one.name for one in strict.steps if not one.done} == {"close", "strictest", "encryption"}


def test_a_policy_that_is_held_back_stays_so_until_the_gates_hold() -> None:
    zone = GOOGLE.replace("p=none; sp=none; pct=50", "p=reject; sp=none; t=y; pct=50")
    found = made(zone)
    text = {one.name: one.planned.text("_dmarc.example.org") for one in found.steps}
    assert "; sp=none; " in text["close"]
    assert "; sp=quarantine; " in text["quarantine"]
    assert all("t=y" in text[name] and "pct=50" in text[name] for name in ("close", "quarantine"))
    assert text["reject"] == "v=DMARC1; p=reject; sp=reject; rua=mailto:d@example.org; np=reject"


def test_what_is_due_is_the_step_before_the_one_that_waits() -> None:
    found = made(SELF_HOSTED)
    assert due(found.steps).name == "close"
    closed = made(GOOGLE.replace("p=none; sp=none; pct=50", "p=none; np=reject"))
    rest = tuple(one for one in closed.steps if one.name != "close")
    assert due((replace(found.steps[0], changes=(), files=()), *rest)).name == "close"
    assert due(tuple(replace(one, changes=(), files=()) for one in rest)).name == "encryption"


def test_records_of_others_at_the_same_name_stay() -> None:
    (change,) = (one for one in step(made(SELF_HOSTED), "close").changes if one.then.name == "example.org")
    assert change.then == RecordSet("example.org", "TXT", ("v=spf1 mx ~all",), ("site-verification=1",))
    assert change.now.values == ("v=spf1 mx ?all",)


def test_takeovers_are_closed_and_a_misspelt_policy_is_not_believed() -> None:
    close = step(made(INCLUDES), "close")
    assert close.planned.text("example.org") == "v=spf1 mx include:_spf.a.example include:_spf.b.example ~all"
    assert dmarc.parse(close.planned.text("_dmarc.example.org").encode()).p == "none"


def test_with_reports_the_gates_are_judged_and_the_price_is_told() -> None:
    lists = row(5, source_ip=row(5).source_ip, spf="fail", dkim="fail", dmarc="fail", count=7, ours="ours",
                spf_domains="example.org:fail", dkim_domains="example.org:fail")  # fmt: skip
    found = made(GOOGLE, measure("example.org", [*clean(), lists]))
    quarantine = step(found, "quarantine")
    assert quarantine.ready
    assert quarantine.cost is not None
    assert quarantine.cost.candidate == "p=quarantine; sp=quarantine; np=reject"
    assert quarantine.cost.sources == ((row(5).source_ip, 7),)
    assert quarantine.cost.forged_refused == quarantine.cost.forged > 0


def test_names_that_do_not_exist_but_send_are_not_shut() -> None:
    news = row(4, header_from="news.example.org", count=3)
    found = made(GOOGLE, measure("example.org", [*clean(), news]))
    assert dmarc.parse(step(found, "reject").planned.text("_dmarc.example.org").encode()).np is None
    (aside,) = (one for one in found.asides if one.tag == "publish-np-in-use")
    assert aside.args == {"names": "news.example.org"}


def test_an_alias_makes_room_for_the_record() -> None:
    zone = f'{SELF_HOSTED}_dmarc.example.org. CNAME d.vendor.example.\nd.vendor.example. TXT "v=DMARC1; p=none"'
    close = step(made(zone), "close")
    assert close.planned.records["_dmarc.example.org", "CNAME"].values == ()
    (change,) = (one for one in close.changes if one.then.type == "CNAME")
    assert change.now.values == ("d.vendor.example.",)
    assert "publish-alias" in {one.tag for one in made(zone).asides}


def test_a_strict_parent_needs_no_record_below_it() -> None:
    zone = f"""
org. NS ns.example.
_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.org"
sub.example.org. MX 10 mail.example.org.
mail.example.org. A 8.8.4.4
sub.example.org. TXT "v=spf1 mx -all"
default._domainkey.sub.example.org. TXT {KEY}
"""
    found, _ = ask(plan(Subject("sub.example.org", servers=False), Wishes()), Zone(zone))
    assert not any(name == "_dmarc.sub.example.org" for one in found.steps for name, _ in one.planned.records)


def test_nothing_is_planned_on_a_failed_lookup() -> None:
    for name in ("example.org", "_dmarc.example.org"):
        found = made(f"; SERVFAIL {name}.\n{SELF_HOSTED}")
        assert found.steps == ()
        assert found.unknown


@pytest.mark.parametrize(
    ("published", "state", "differing"),
    [
        ('_dmarc.example.org. TXT "v=DMARC1;p=reject;  np=reject"', "published", ()),
        ('_dmarc.example.org. TXT "v=DMARC1; p=none; np=reject"', "differs", ("p",)),
        ("other.example.org. A 192.0.2.1", "missing", ()),
        ("; SERVFAIL _dmarc.example.org.", "unknown", ()),
    ],
)
def test_the_dns_is_compared_tag_by_tag(published: str, state: str, differing: tuple[str, ...]) -> None:
    planned = Planned().with_([RecordSet("_dmarc.example.org", "TXT", ("v=DMARC1; p=reject; np=reject",))])
    ((one,), _) = ask(compare(planned), Zone(published))
    assert (one.state, one.differing) == (state, differing)


def test_spf_is_compared_term_by_term_in_order_and_removals_are_seen() -> None:
    planned = Planned().with_(
        [RecordSet("example.org", "TXT", ("v=spf1 mx a -all",)), RecordSet("k._domainkey.example.org", "TXT")]
    )
    (first, second), _ = ask(
        compare(planned), Zone('example.org. TXT "v=spf1 a mx -all"\nk._domainkey.example.org. TXT "v=DKIM1; p="')
    )
    assert (first.state, first.differing) == ("differs", ("order",))
    assert (second.state, second.differing) == ("differs", ("v=DKIM1; p=",))


_TERMS = st.sampled_from(
    (
        "mx",
        "a",
        "?all",
        "+all",
        "-all",
        "~all",
        "ip4:8.8.8.8",
        "include:gone.example",
        "ptr",
        "inlcude:x",
        "redirect=x.test",
        "%{z}",
    )
)
_TAGS = st.sampled_from(
    (
        "p=none",
        "p=rejct",
        "p=reject",
        "sp=none",
        "np=none",
        "t=y",
        "pct=3",
        "rua=x",
        "adkim=s",
        "rua=mailto:a@b.example",
    )
)


@settings(max_examples=40)
@given(st.lists(_TERMS, max_size=6), st.lists(_TAGS, max_size=5), st.booleans())
def test_whatever_is_published_the_plan_can_be_read(terms: list[str], tags: list[str], never: bool) -> None:
    zone = (
        f'example.org. TXT "{" ".join(["v=spf1", *terms])}"\n_dmarc.example.org. TXT "{"; ".join(["v=DMARC1", *tags])}"'
    )
    found = made(f"{zone}\nexample.org. MX 5 mail.example.org.\nmail.example.org. A 8.8.4.4", never_sends=never)
    for one in found.steps:
        for records in one.planned.records.values():
            readable(records)
    strict = {"none": 0, "quarantine": 1, "reject": 2}
    final = dmarc.parse(found.steps[-1].planned.text("_dmarc.example.org").encode())
    assert strict[final.p or "none"] == 2
