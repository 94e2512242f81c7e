"""A lookup that fails is unknown, and what strangers publish never breaks an audit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disavow.judgement.audit import audit
from disavow.judgement.posture import Subject
from disavow.standards.questions import Answer, Fetch, Greet, Greeting, Lookup, Mx, Now, Question, Response, Tlsa
from disavow.words import say
from disavow.world.ask import ask
from disavow.world.resolver import Zone

from .believed import judged, subject, world
from .shapes import SHAPES, TABLE
from .test_faults import alarms
from .zones import Case


@pytest.mark.parametrize("case", (*TABLE, *SHAPES[:4]), ids=lambda case: case.name)
def test_whichever_lookup_fails_nobody_is_accused(case: Case) -> None:
    answers, (_, transcript) = world(case), judged(case)
    for failing in [
        exchange.question
        for exchange in transcript
        if exchange.answer.status == "ok" and not isinstance(exchange.question, Now)
    ]:

        def answer(question: Question, failing: Question = failing) -> Answer[Any]:
            return Answer("temperror", why="SERVFAIL") if question == failing else answers(question)

        found, _ = ask(audit(replace(subject(case), thorough=False)), answer)
        assert alarms(found) == {}, failing


STARTS = (b"v=spf1 ", b"v=DMARC1;", b"v=DKIM1;", b"v=STSv1;", b"v=TLSRPTv1;", b"v=BIMI1;", b"v=spf1 include:")
RESTS = (b"a mx ptr -all", b"p=none; rua=mailto:@", b"p=", b"example.org")
TEXTS = st.one_of(
    st.binary(max_size=60),
    st.builds(bytes.__add__, st.sampled_from(STARTS), st.one_of(st.binary(max_size=40), st.sampled_from(RESTS))),
)
NAMES = st.sampled_from(("", "example.org", "a..b", "x" * 70, "mail.example.org", "192.0.2.1", "\xff", "com"))
VALUES = {
    "TXT": TEXTS,
    "SPF": TEXTS,
    "MX": st.builds(Mx, st.integers(0, 65535), NAMES),
    "NS": NAMES,
    "PTR": NAMES,
    "CNAME": NAMES,
    "A": st.ip_addresses(v=4),
    "AAAA": st.ip_addresses(v=6),
    "TLSA": st.builds(Tlsa, st.integers(0, 4), st.integers(0, 2), st.integers(0, 3), st.binary(max_size=40)),
}
STATUS = st.sampled_from(("ok", "ok", "nxdomain", "nodata", "temperror"))


@settings(max_examples=150)
@given(st.data())
def test_an_audit_of_anything_ends_with_sentences(data: st.DataObject) -> None:
    def answer(question: Question) -> Answer[Any]:
        if isinstance(question, Lookup):
            status = data.draw(STATUS)
            values = data.draw(st.lists(VALUES.get(question.type, st.text(max_size=30)), min_size=1, max_size=3))
            aliases = data.draw(st.lists(NAMES, max_size=1))
            return Answer(status, tuple(values) if status == "ok" else (), "why", aliases=tuple(aliases))
        if isinstance(question, Fetch):
            return Answer("ok", (Response(200, (), data.draw(st.binary(max_size=80))),))
        if isinstance(question, Greet):
            chain = tuple(data.draw(st.lists(st.binary(max_size=20), max_size=2)))
            return Answer("ok", (Greeting("220", ("STARTTLS",), (), "TLSv1", chain, "expired"),))
        return Zone("")(question)

    found, _ = ask(audit(Subject("example.org", ("s1",), ("a.example.org",), ("bl.test",), thorough=False)), answer)
    for fault in found.faults:
        assert say(fault.tag, fault.finding.args)
        assert 0 < fault.confidence <= 1


def test_records_that_include_without_end_are_read_within_a_budget() -> None:
    asked = 0

    def answer(question: Question) -> Answer[Any]:
        nonlocal asked
        asked += 1
        if isinstance(question, Lookup) and question.type == "TXT":
            terms = " ".join(f"include:i{number}.{question.name[-180:].lstrip('.')}" for number in range(20))
            return Answer("ok", (f"v=spf1 {terms} -all".encode(),))
        return Answer("nodata") if isinstance(question, Lookup) else Zone("")(question)

    found, _ = ask(audit(Subject("example.org", thorough=False)), answer)
    assert "spf-too-many-lookups" in {fault.tag for fault in found.faults}
    assert asked < 500
