"""Broken SPF records and what is proposed in their place."""

from __future__ import annotations

import pytest

from disavow.judgement.checks.spf_record import repaired
from disavow.standards import spf


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("v=spf1 inlcude:a.example -all", "v=spf1 include:a.example -all"),
        ("v=spf1 mx redirect=a.example redirect=b.example", "v=spf1 mx redirect=a.example"),
        ("v=spf1 a exp=a.example EXP=b.example -all", "v=spf1 a exp=a.example -all"),
    ],
)
def test_what_is_proposed_can_be_read(text: str, better: str) -> None:
    assert repaired(text) == better
    spf.parse(better)
