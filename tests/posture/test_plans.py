"""What is planned for each faulty and each correct domain: only what can be read, never weaker, and it mends."""

from __future__ import annotations

import pytest

from disavow.judgement.audit import audit
from disavow.judgement.checks.dmarc_policy import STRICTNESS
from disavow.judgement.draft import Wishes
from disavow.judgement.mending import SAFE
from disavow.judgement.publish import Plan, plan
from disavow.judgement.record_set import RecordSet
from disavow.judgement.rehearsal import rehearse
from disavow.standards import dkim_key, dmarc, mtasts, spf, tlsrpt_record
from disavow.words import LEVELS
from disavow.world.ask import ask

from .believed import subject, world
from .cases import FAULTS
from .shapes import SHAPES, TABLE
from .zones import Case

_GATED = {"dmarc-policy-none", "dmarc-policy-quarantine", "dmarc-testing", "dmarc-pct", "mta-sts-testing"}


def made(case: Case) -> Plan:
    return ask(plan(subject(case), Wishes()), world(case))[0]


def read(one: RecordSet) -> None:
    for text in one.values if one.type == "TXT" else ():
        if one.name.startswith("_dmarc."):
            assert not dmarc.parse(text.encode()).problems
        elif one.name.startswith("_smtp._tls."):
            tlsrpt_record.parse(text.encode())
        elif one.name.startswith("_mta-sts."):
            mtasts.parse_record(text.encode())
        elif "._domainkey." in one.name:
            dkim_key.parse_key(text.encode())
        else:
            spf.parse(text)


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_a_fault_is_mended_or_left_to_its_owner(case: Case) -> None:
    found = made(case)
    if found.unknown:
        assert not found.steps
        return
    for step in found.steps:
        for one in step.planned.records.values():
            read(one)
        for text in step.planned.files.values():
            mtasts.parse_policy(text.encode())
    then, _ = ask(rehearse(audit(subject(case)), found.steps[-1].planned), world(case))
    left = {fault.tag for fault in then.faults if fault.level in LEVELS[:3]}
    assert left <= {fault.tag for fault in found.left}
    guessed = {"spf-none"} if any(aside.tag == "publish-maybe-never" for aside in found.asides) else set()
    assert left & (SAFE | _GATED) == guessed
    # Nothing that was not there before may come with the plan.
    assert left <= {fault.tag for fault in found.audit.faults}


@pytest.mark.parametrize("case", [case for case in (*FAULTS, *SHAPES) if case.bare], ids=lambda case: case.name)
def test_a_domain_that_never_sends_is_locked(case: Case) -> None:
    found, _ = ask(plan(subject(case), Wishes(never_sends=True, no_mx=True)), world(case))
    assert [step.name for step in found.steps] == ["lock"]
    then, _ = ask(rehearse(audit(subject(case)), found.steps[0].planned), world(case))
    assert not then.at_least("medium")
    assert "parked-locked" in {fault.tag for fault in then.faults}


@pytest.mark.parametrize("case", (*TABLE, *SHAPES), ids=lambda case: case.name)
def test_nothing_of_a_correct_domain_is_weakened(case: Case) -> None:
    found = made(case)
    posture = found.audit.posture
    for step in found.steps:
        for change in step.changes:
            read(change.then)
            assert change.then.values, "nothing is taken away"
            if change.then.name == f"_dmarc.{found.domain}" and change.now.values:
                now, then = (dmarc.parse(one.values[0].encode("latin-1")) for one in (change.now, change.then))
                assert STRICTNESS[then.p or "none"] >= STRICTNESS[now.p or "none"]
                assert set(then.rua) >= set(now.rua)
            if change.then.name == found.domain and change.now.values and change.then.type == "TXT":
                assert change.then.values[0].lower().removesuffix("-all") == change.now.values[0].lower().removesuffix(
                    "~all"
                )
    then, _ = ask(rehearse(audit(subject(case)), found.steps[-1].planned), world(case))
    assert not then.at_least("medium")
    assert then.posture.spf.lookups == posture.spf.lookups
