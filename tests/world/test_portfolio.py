"""Many dialogues at once: each gets its own answers, few are in flight, and what fails is not lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards.questions import Answer, Dialogue, Lookup, Question, together, txt
from disavow.world.ask import Deliver, Post, Posted, ask
from disavow.world.portfolio import each
from disavow.world.resolver import Zone

ZONE = Zone('a.example. TXT "b.example"\nb.example. TXT "end"\n; SERVFAIL c.example.\n')


def follow(name: str) -> Dialogue[str]:
    answer = yield from txt(name)
    return (yield from follow(answer.values[0].decode())) if answer.values else f"{name}: {answer.status}"


def at_once(question: Question, deliver: Deliver) -> Answer[Any]:
    return ZONE(question)


class Later:
    """Answers after a while, the last question first."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, Deliver]] = []

    def __call__(self, question: Question, deliver: Deliver) -> None:
        if not self.asked:
            asyncio.get_running_loop().call_later(0.01, self._answer)
        self.asked.append((question, deliver))

    def _answer(self) -> None:
        asked, self.asked = self.asked, []
        for question, deliver in reversed(asked):
            deliver(question, ZONE(question))


async def _world(question: Question) -> Answer[Any]:
    await asyncio.sleep(0)
    return ZONE(question)


def run(names: list[str], post: Post, in_flight: int = 3) -> list[Any]:
    async def go() -> list[Any]:
        return [found async for found in each(names, follow, post, in_flight)]

    return asyncio.run(go())


@pytest.mark.parametrize("post", [at_once, Later(), Posted(_world)], ids=["at once", "later", "by tasks"])
@given(names=st.lists(st.sampled_from(("a.example", "b.example", "c.example", "d.example")), max_size=12))
def test_each_ends_as_it_would_alone(names: list[str], post: Post) -> None:
    found = run(names, post)
    alone = [ask(follow(name), ZONE) for name in names]
    assert sorted(result for result, _ in found) == sorted(result for result, _ in alone)
    told = {result: [exchange[:2] for exchange in transcript] for result, transcript in alone}
    wanted = {
        result: {tuple(one[:2] for one in transcript) for again, transcript in alone if again == result}
        for result in told
    }
    assert all(tuple(exchange[:2] for exchange in transcript) in wanted[result] for result, transcript in found)


def test_no_more_than_allowed_are_in_flight_and_the_list_is_read_as_places_become_free() -> None:
    later, read = Later(), 0

    def names() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield f"{read}.example"

    async def go() -> None:
        most = 0
        taken = 0
        async for _ in each(names(), follow, later, 5):
            most = max(most, len(later.asked))
            taken += 1
            assert read <= taken + 5
            if taken == 40:
                break
        assert most <= 5

    asyncio.run(go())


def test_a_question_of_several_in_one_round_is_asked_once() -> None:
    asked: list[Question] = []

    def post(question: Question, deliver: Deliver) -> Answer[Any]:
        asked.append(question)
        return ZONE(question)

    async def go() -> list[Any]:
        start = lambda name: together(follow(name), follow(name))  # noqa: E731
        return [found async for found, _ in each(["a.example"], start, post)]

    assert asyncio.run(go()) == [("end: nxdomain",) * 2]
    assert asked == [Lookup(name, "TXT") for name in ("a.example", "b.example", "end")]


def broken(name: str) -> Dialogue[str]:
    yield from txt(name)
    raise RuntimeError("a mistake of ours")


def test_a_mistake_in_a_dialogue_is_raised_where_the_results_are_read() -> None:
    async def go(post: Post) -> None:
        async for _ in each(["a.example"], broken, post):
            pass

    for post in (at_once, Later()):
        with pytest.raises(RuntimeError, match="mistake"):
            asyncio.run(go(post))


def test_a_world_that_breaks_could_not_say() -> None:
    async def world(question: Question) -> Answer[Any]:
        raise OSError("out of sockets")

    (found,) = run(["a.example"], Posted(world))
    assert found[0] == "a.example: temperror"
    assert found[1][0].answer.why == "OSError: out of sockets"
