"""The whole world outside as one answerer: DNS, HTTPS and SMTP, each by the part that knows how."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from ..standards.questions import Answer, Fetch, Greet, Lookup, Now, Question, Say
from .ask import AsyncWorld, Deliver, Post, Posted
from .courtesy import Visit, always
from .dial import Dial, dial
from .fetch import Fetcher
from .smtp_session import Caller

_KEPT = 2_000  # visits remembered: a provider's server is greeted once for all its customers


class Internet:
    """Answers every kind of question; ``dns`` answers lookups, those of the other parts too.

    What was greeted or fetched is remembered, failures too, so that many domains with one server visit it once;
    ``visit`` says when it is our turn at a server (``Courtesy``).
    """

    def __init__(self, dns: AsyncWorld, ca_file: str = "", connect: Dial = dial, visit: Visit = always) -> None:
        self._dns = dns
        self._fetch = Fetcher(dns, ca_file, connect=connect, visit=visit)
        self._call = Caller(dns, ca_file, connect=connect, visit=visit)
        self._known: OrderedDict[Question, asyncio.Future[Answer[Any]]] = OrderedDict()

    async def ask(self, question: Question) -> Answer[Any]:
        """The answer, by whoever can give it."""
        if isinstance(question, Fetch):
            return await self._once(question, self._fetch.ask)
        if isinstance(question, Greet):
            return await self._once(question, self._call.ask)
        if isinstance(question, Say):
            return await self._call.ask(question)
        return await self._dns(question)

    async def _once(self, question: Question, world: AsyncWorld) -> Answer[Any]:
        known = self._known.get(question)
        if known is None:
            known = self._known[question] = asyncio.ensure_future(world(question))
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(question)
        # One who gives up must not take the answer away from the others.
        return await asyncio.shield(known)


def beside(dns: Post, others: AsyncWorld) -> Post:
    """``dns`` for lookups and the time; ``others`` for whatever takes a connection, each question a task."""
    posted = Posted(others)

    def post(question: Question, deliver: Deliver) -> Answer[Any] | None:
        if isinstance(question, Lookup | Now):
            return dns(question, deliver)
        posted(question, deliver)
        return None

    return post
