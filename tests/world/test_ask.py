"""Asking, keeping the transcript, and replaying it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from disavow.standards.questions import Answer, Dialogue, Lookup, Now, Question, a, together, txt
from disavow.world.ask import ask, ask_async, replay, within, within_async
from disavow.world.resolver import Zone, offline

ZONE = Zone('a.example. TXT "b.example"\nb.example. TXT "end"\n; SERVFAIL c.example.\n')


def follow(name: str) -> Dialogue[str]:
    """The last of a chain of names, each told by the TXT record of the one before."""
    while True:
        answer = yield from txt(name)
        if answer.status != "ok":
            return f"{name}: {answer.status}"
        name = answer.values[0].decode()


class Counting:
    def __init__(self) -> None:
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Answer[Any]:
        self.asked.append(question)
        return ZONE(question)


def test_the_transcript_holds_each_question_once_in_order() -> None:
    world = Counting()
    before = datetime.now(UTC)
    result, transcript = ask(together(follow("a.example"), follow("b.example"), follow("a.example")), world)
    assert result == ("end: nxdomain",) * 3
    assert [exchange.question for exchange in transcript] == world.asked
    assert world.asked == [Lookup(name, "TXT") for name in ("a.example", "b.example", "end")]
    assert all(before <= exchange.at <= datetime.now(UTC) for exchange in transcript)


def test_a_replay_reaches_the_same_result_and_asks_nobody() -> None:
    result, transcript = ask(follow("a.example"), ZONE)
    again, replayed = replay(follow("a.example"), transcript)
    assert again == result
    assert [exchange[:2] for exchange in replayed] == [exchange[:2] for exchange in transcript]


def test_a_question_that_a_transcript_does_not_hold_fails() -> None:
    result, transcript = replay(follow("a.example"), ask(follow("a.example"), ZONE)[1][:1])
    assert result == "b.example: temperror"
    assert transcript[1].answer.why == "not in the transcript"


def test_asynchronously_a_round_is_in_flight_at_once() -> None:
    flying, most = 0, 0

    async def world(question: Question) -> Answer[Any]:
        nonlocal flying, most
        flying += 1
        most = max(most, flying)
        await asyncio.sleep(0)
        flying -= 1
        return ZONE(question)

    dialogues = [follow(name) for name in ("a.example", "b.example", "c.example", "a.example")]
    result, transcript = asyncio.run(ask_async(together(*dialogues), world))
    assert result == ("end: nxdomain", "end: nxdomain", "c.example: temperror", "end: nxdomain")
    assert most == 3
    assert len(transcript) == 4


def test_when_the_time_is_over_every_question_but_the_time_fails() -> None:
    assert ask(a("a.example"), within(60, ZONE))[0].status == "nodata"
    over = within(0, ZONE)
    answer = over(Lookup("a.example", "TXT"))
    assert (answer.status, answer.why) == ("temperror", "not asked: 0 seconds are over")
    assert over(Now()).status == "ok"


def test_whoever_is_asked_side_by_side_has_the_same_time() -> None:
    clock = iter((0.0, 19.9, 20.0, 20.1, 20.1)).__next__

    async def world(question: Question) -> Answer[Any]:
        return ZONE(question)

    async def asked() -> list[str]:
        answer = within_async(20, world, clock)
        questions: list[Question] = [Lookup("a.example", "A"), Lookup("a.example", "TXT"), Now()]
        return [(await answer(question)).status for question in questions]

    assert asyncio.run(asked()) == ["nodata", "temperror", "ok"]


def test_offline_nobody_is_asked() -> None:
    assert ask(follow("a.example"), offline)[0] == "a.example: temperror"
