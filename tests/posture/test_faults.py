"""The bar: each fault named with its level and replacement, and nothing beside it; nothing in what is right."""

from __future__ import annotations

import pytest

from disavow.judgement.audit import Audit
from disavow.words import LEVELS, say

from .believed import NUMBER, judged
from .cases import FAULTS
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


def test_the_table_is_complete() -> None:
    # Open relay and VRFY need a dialogue with the server that only its owner may start: the probe does that.
    assert len(FAULTS) + 2 >= 91
    assert len({case.name for case in (*FAULTS, *TABLE, *SHAPES)}) == len(FAULTS) + len(TABLE) + len(SHAPES)
    assert len(SHAPES) >= 20
