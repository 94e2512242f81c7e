"""Many dialogues at once, a bounded number of them in flight, each result as soon as it is there."""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Generic, TypeAlias, TypeVar

from ..standards.questions import Answer, Answers, Dialogue, Question, Questions
from .ask import Exchange, Post, Transcript

S = TypeVar("S")
T = TypeVar("T")
Result: TypeAlias = tuple[T, Transcript] | Exception

IN_FLIGHT = 300
_SELDOM = (50_000, 20, 20)  # all that is in flight is in use: looking for garbage there takes a quarter of the time


async def each(
    subjects: Iterable[S], start: Callable[[S], Dialogue[T]], post: Post, in_flight: int = IN_FLIGHT
) -> AsyncGenerator[tuple[T, Transcript], None]:
    """The result and transcript of ``start(subject)`` for each subject, in the order in which they are ready.

    ``subjects`` is read as places become free, so that a long list needs no more memory than a short one.
    """
    waiting = iter(subjects)
    running: set[_Conversation[T]] = set()
    ready: deque[tuple[_Conversation[T], Result[T]]] = deque()
    arrived = asyncio.Event()
    usual = gc.get_threshold()

    def end(conversation: _Conversation[T], result: Result[T]) -> None:
        ready.append((conversation, result))
        arrived.set()

    try:
        gc.set_threshold(*_SELDOM)
        while True:
            for subject in islice(waiting, in_flight - len(running)):
                running.add(conversation := _Conversation(start(subject), post, end))
                conversation.advance()
            if not running:
                return
            await arrived.wait()
            arrived.clear()
            while ready:
                conversation, result = ready.popleft()
                running.remove(conversation)
                if isinstance(result, Exception):
                    raise result
                yield result
    finally:
        gc.set_threshold(*usual)
        for conversation in running:
            conversation.stop()


class _Conversation(Generic[T]):
    """One dialogue under way. It goes on by itself when the last answer of a round is there: no task waits for it."""

    __slots__ = ("_dialogue", "_end", "_known", "_missing", "_post", "_round")

    def __init__(self, dialogue: Dialogue[T], post: Post, end: Callable[[_Conversation[T], Result[T]], None]) -> None:
        self._dialogue, self._post, self._end = dialogue, post, end
        self._known: dict[Question, Exchange] = {}
        self._round: Questions = ()
        self._missing = 0

    def advance(self, answers: Answers | None = None) -> None:
        """Ask, and go on for as long as all answers are known already; without ``answers`` from the start."""
        try:
            self._round = next(self._dialogue) if answers is None else self._dialogue.send(answers)
            while not self._waits():
                self._round = self._dialogue.send(self._answers())
        except StopIteration as stop:
            self._end(self, (stop.value, tuple(self._known.values())))
        except Exception as error:  # raised where the results are read, not in a loop that would log it and go on
            self._end(self, error)

    def stop(self) -> None:
        """Ask nothing more."""
        self._dialogue.close()

    def _answers(self) -> Answers:
        known = self._known
        return tuple([known[question].answer for question in self._round])

    def _waits(self) -> bool:
        """Ask what is not known yet; True if an answer is still to come."""
        known = self._known
        for question in dict.fromkeys(self._round):
            if question not in known:
                answer = self._post(question, self._deliver)
                if answer is None:
                    self._missing += 1
                else:
                    known[question] = Exchange(question, answer, datetime.now(UTC))
        return self._missing > 0

    def _deliver(self, question: Question, answer: Answer[object]) -> None:
        self._known[question] = Exchange(question, answer, datetime.now(UTC))
        self._missing -= 1
        if not self._missing:
            self.advance(self._answers())
