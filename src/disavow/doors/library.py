"""Disavow from Python: one message, or very many, verified with one call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

from ..errors import Malformed
from ..judgement import paste
from ..judgement.envelope import Envelope
from ..judgement.explain import Verdict, explain
from ..judgement.verify import Verification
from ..judgement.verify import verify as dialogue
from ..standards.message import Message
from ..standards.questions import Answer, Now, Question
from ..world import bulk
from ..world.ask import AsyncWorld, Transcript, ask, ask_async, replay, within, within_async

Resolver: TypeAlias = Callable[[Question], Answer[Any]]

SECONDS = 20  # RFC 7208 section 4.6.4: at least so long, and no check for ever


class Verified(NamedTuple):
    """``verdict.answer`` is genuine, forged or unproven; ``transcript`` holds every question with its answer."""

    verdict: Verdict
    verification: Verification
    transcript: Transcript


def verify(message: bytes, envelope: Envelope | None = None, *, resolver: Resolver | None = None) -> Verified:
    """The verdict on a message, with everything that led to it.

    ``message`` is the bytes as they arrived; ``envelope`` says who handed them over (without it SPF cannot be
    checked); ``resolver`` answers the questions: ``Dns()`` by default, a ``Zone``, or any function. What is not
    known after ``SECONDS`` counts as a DNS error. Never raises for anything in the message or the DNS.
    """
    return _verified(*ask(dialogue(Message(message), envelope), within(SECONDS, resolver or _dns())))


async def verify_async(
    message: bytes, envelope: Envelope | None = None, *, resolver: Resolver | None = None
) -> Verified:
    """The same without blocking; independent questions are in flight together."""
    world = within_async(SECONDS, _asynchronous(resolver or _dns()))
    return _verified(*await ask_async(dialogue(Message(message), envelope), world))


async def verify_many_async(
    messages: Iterable[tuple[bytes, Envelope | None]],
    *,
    resolver: Resolver | None = None,
    in_flight: int = bulk.IN_FLIGHT,
) -> AsyncIterator[Verified]:
    """The verdict on each (message, envelope), in order; up to ``in_flight`` messages are under way at once."""
    world = _asynchronous(resolver or _dns())
    dialogues = (dialogue(Message(message), envelope) for message, envelope in messages)
    async for verification, transcript in bulk.ask_many(dialogues, world, in_flight, SECONDS):
        yield _verified(verification, transcript)


def verify_many(
    messages: Iterable[tuple[bytes, Envelope | None]],
    *,
    resolver: Resolver | None = None,
    in_flight: int = bulk.IN_FLIGHT,
) -> Iterator[Verified]:
    """The same for callers without an event loop. ``messages`` is read as it is worked off, never ahead of that."""
    verdicts = verify_many_async(messages, resolver=resolver, in_flight=in_flight)

    async def following() -> Verified | None:
        return await anext(verdicts, None)

    with asyncio.Runner() as runner:
        while verified := runner.run(following()):
            yield verified


async def verify_reading(reading: paste.Reading, envelope: Envelope, resolver: Resolver) -> Verified:
    """The verdict on a message that ``paste.read`` found, with its repairs among the findings."""
    world = within_async(SECONDS, _asynchronous(resolver))
    verification, transcript = await ask_async(dialogue(reading.message, envelope), world)
    return Verified(explain(verification, reading.repairs, exact=reading.exact), verification, transcript)


def verify_replayed(reading: paste.Reading, envelope: Envelope, transcript: Transcript) -> Verified:
    """The verdict that a transcript leads to; nobody is asked. ``Malformed`` if it does not tell the time."""
    if not any(isinstance(exchange.question, Now) and exchange.answer.values for exchange in transcript):
        raise Malformed("the proof does not say when the message was checked")
    verification, again = replay(dialogue(reading.message, envelope), transcript)
    return Verified(explain(verification, reading.repairs, exact=reading.exact), verification, again)


def _verified(verification: Verification, transcript: Transcript) -> Verified:
    return Verified(explain(verification), verification, transcript)


def _dns() -> Resolver:
    from ..world.recursive import Dns

    return Dns()


def _asynchronous(resolver: Resolver) -> AsyncWorld:
    """The asynchronous side of a resolver that has one; else the resolver itself, called directly."""
    asks: AsyncWorld | None = getattr(resolver, "ask", None)
    if asks is not None:
        return asks

    async def call(question: Question) -> Answer[Any]:
        return resolver(question)

    return call
