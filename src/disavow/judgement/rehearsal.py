"""A dialogue held as if records that are only planned stood in the DNS already."""

from __future__ import annotations

from typing import Any, TypeVar

from ..standards.questions import Answer, Dialogue, Fetch, Lookup, Mx, Question, Response, answers
from .record_set import Planned, RecordSet

T = TypeVar("T")


def rehearse(dialogue: Dialogue[T], planned: Planned) -> Dialogue[T]:
    """The result of ``dialogue`` in the world as it will be; what is not planned is asked of the world as it is."""
    try:
        questions = next(dialogue)
        while True:
            known = {question: answer for question in questions if (answer := _planned(question, planned))}
            open_ = tuple(question for question in questions if question not in known)
            asked = (yield from answers(*open_)) if open_ else ()
            for question, answer in zip(open_, asked, strict=True):
                known[question] = _beside(question, answer, planned)
            questions = dialogue.send(tuple(known[question] for question in questions))
    except StopIteration as stop:
        result: T = stop.value
        return result


def _planned(question: Question, planned: Planned) -> Answer[Any] | None:
    if isinstance(question, Fetch) and question.url in planned.files:
        return Answer("ok", (Response(200, (), planned.files[question.url].encode()),))
    if isinstance(question, Lookup) and (found := planned.records.get((question.name, question.type))):
        return _answer(found)
    return None


def _answer(found: RecordSet) -> Answer[Any]:
    if not found.all:
        return Answer("nodata")
    if found.type == "MX":
        return Answer("ok", tuple(_mx(value) for value in found.values))
    return Answer("ok", tuple(value.encode("latin-1") for value in found.all))


def _mx(value: str) -> Mx:
    preference, _, exchange = value.partition(" ")
    return Mx(int(preference), exchange.removesuffix("."))


def _beside(question: Question, answer: Answer[Any], planned: Planned) -> Answer[Any]:
    """The world's answer, unless a planned wildcard or a planned name below makes the name exist (RFC 4592)."""
    if not isinstance(question, Lookup):
        return answer
    if answer.aliases and (question.name, "CNAME") in planned.records:  # an alias is only ever planned to be gone
        answer = Answer("nxdomain")
    if answer.status != "nxdomain" or answer.aliases:
        return answer
    places = [one.name for one in planned.records.values() if one.all]
    if any(name == question.name or name.endswith(f".{question.name}") for name in places):
        return Answer("nodata")
    for name in places:
        if name.startswith("*.") and question.name.endswith(name[1:]):
            found = planned.records.get((name, question.type))
            return _answer(found) if found else Answer("nodata")
    return answer
