"""The bar: each fault named with its level and replacement, and nothing beside it; nothing in what is right."""

from __future__ import annotations

import pytest

from disavow.judgement.audit import Audit
from disavow.words import LEVELS, say

from .believed import NUMBER, judged, probed
from .cases import FAULTS, PROBED_FAULTS
from .shapes import SHAPES, TABLE
from .zones import Case, address

ALARMING = LEVELS[: LEVELS.index("low") + 1]


def alarms(found: Audit) -> dict[str, str]:
    """What an owner would be alarmed by: tag and level."""
    return {fault.tag: fault.level for fault in found.faults if fault.level in ALARMING}


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_the_fault_is_named_with_level_evidence_and_replacement(case: Case) -> None:
    found, transcript = judged(case)
    assert alarms(found).keys() == case.tags.keys()
    first, level = next(iter(case.tags.items()))
    fault = next(fault for fault in found.faults if fault.tag == first)
    assert fault.level == level
    answered = {exchange.question for exchange in transcript}
    assert fault.rests_on and answered & set(fault.rests_on)
    ip = address(NUMBER)
    wanted = case.replacement.replace("{D}", case.name_of_domain)
    wanted = wanted.replace("{REVERSE}", ".".join(reversed(ip.split("."))))
    assert wanted in fault.replacement
    assert say(fault.tag, fault.finding.args)


@pytest.mark.parametrize("case", (*TABLE, *SHAPES), ids=lambda case: case.name)
def test_a_correct_domain_has_no_fault(case: Case) -> None:
    found, _ = judged(case)
    assert alarms(found) == {}
    assert found.grade == "A"


@pytest.mark.parametrize("case", PROBED_FAULTS, ids=lambda case: case.name)
def test_the_probe_names_what_only_a_dialogue_shows(case: Case) -> None:
    faults, transcript = probed(case)
    found = {fault.tag: fault.level for fault in faults if fault.level in ALARMING}
    assert found == case.tags
    answered = {exchange.question for exchange in transcript}
    assert all(answered & set(fault.rests_on) and say(fault.tag, fault.finding.args) for fault in faults)


def test_the_probe_accuses_no_correct_server() -> None:
    faults, _ = probed(TABLE[0])
    assert not [fault for fault in faults if fault.level in ALARMING]
    assert "relay-none" in {fault.tag for fault in faults}


def test_the_table_is_complete() -> None:
    assert len(FAULTS) + len(PROBED_FAULTS) >= 91
    assert len({case.name for case in (*FAULTS, *TABLE, *SHAPES)}) == len(FAULTS) + len(TABLE) + len(SHAPES)
    assert len(SHAPES) >= 20
