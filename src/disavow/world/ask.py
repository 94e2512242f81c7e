"""Ask the world what a dialogue wants to know, and keep the transcript: the transcript is the proof."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from ..standards.questions import Answer, Dialogue, Now, Question

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
World: TypeAlias = Callable[[Question], Answer[Any]]
AsyncWorld: TypeAlias = Callable[[Question], Awaitable[Answer[Any]]]
Deliver: TypeAlias = Callable[[Question, Answer[Any]], None]
# The answer where it is known at once, else None: then ``Deliver`` is called with it, later and once.
Post: TypeAlias = Callable[[Question, Deliver], Answer[Any] | None]


class Exchange(NamedTuple):
    """One question with its answer and the moment it came."""

    question: Question
    answer: Answer[Any]
    at: datetime


Transcript: TypeAlias = tuple[Exchange, ...]


def ask(dialogue: Dialogue[T], world: World) -> tuple[T, Transcript]:
    """The result of ``dialogue`` and its transcript; the same question is put to the world once."""
    known: dict[Question, Exchange] = {}
    try:
        questions = next(dialogue)
        while True:
            answers = []
            for question in questions:
                exchange = known.get(question)
                if exchange is None:
                    exchange = known[question] = Exchange(question, world(question), datetime.now(UTC))
                answers.append(exchange.answer)
            questions = dialogue.send(tuple(answers))
    except StopIteration as stop:
        return stop.value, tuple(known.values())


async def ask_async(dialogue: Dialogue[T], world: AsyncWorld) -> tuple[T, Transcript]:
    """Like ``ask``; independent questions of one round are in flight at the same time."""
    import asyncio  # late: most commands need none

    known: dict[Question, Exchange] = {}

    async def put(question: Question) -> None:
        known[question] = Exchange(question, await world(question), datetime.now(UTC))

    try:
        questions = next(dialogue)
        while True:
            asked = [question for question in dict.fromkeys(questions) if question not in known]
            # A single question needs no task of its own: most rounds of a portfolio have just one.
            await (put(asked[0]) if len(asked) == 1 else asyncio.gather(*map(put, asked)))
            questions = dialogue.send(tuple(known[question].answer for question in questions))
    except StopIteration as stop:
        return stop.value, tuple(known.values())


class Posted:
    """``world`` as a ``Post``: for whoever asks so much that waiting for each answer would cost more than the answer.

    Each question is a task; a world that raises is one that could not say.
    """

    def __init__(self, world: AsyncWorld) -> None:
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()

    def __call__(self, question: Question, deliver: Deliver) -> None:
        """Asks, and delivers the answer."""
        import asyncio

        task = asyncio.ensure_future(self._ask(question, deliver))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, question: Question, deliver: Deliver) -> None:
        try:
            answer = await self._world(question)
        except Exception as error:  # whatever it is, the dialogue must not wait for ever
            answer = Answer("temperror", why=f"{type(error).__name__}: {error}"[:200])
        deliver(question, answer)


def replay(dialogue: Dialogue[T], transcript: Transcript) -> tuple[T, Transcript]:
    """The result that ``transcript`` leads to; a question it does not hold is answered by temperror."""
    answers = {exchange.question: exchange.answer for exchange in transcript}
    return ask(dialogue, lambda question: answers.get(question, Answer("temperror", why="not in the transcript")))


def within(seconds: float, world: World) -> World:
    """``world`` until ``seconds`` have passed since this call; from then on every question but the time fails.

    RFC 7208 section 4.6.4 wants such an end for a check, after at least 20 seconds.
    """
    end = time.monotonic() + seconds

    def answer(question: Question) -> Answer[Any]:
        if time.monotonic() < end or isinstance(question, Now):
            return world(question)
        return _too_late(seconds)

    return answer


def within_async(seconds: float, world: AsyncWorld, clock: Callable[[], float] = time.monotonic) -> AsyncWorld:
    """Like ``within``; ``clock`` tells the seconds that count."""
    end = clock() + seconds

    async def answer(question: Question) -> Answer[Any]:
        if clock() < end or isinstance(question, Now):
            return await world(question)
        return _too_late(seconds)

    return answer


def _too_late(seconds: float) -> Answer[Any]:
    return Answer("temperror", why=f"not asked: {seconds:g} seconds are over")
