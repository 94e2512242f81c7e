"""The whole world outside as one answerer: DNS, HTTPS and SMTP, each by the part that knows how."""

from __future__ import annotations

from typing import Any

from ..standards.questions import Answer, Fetch, Greet, Question, Say
from .ask import AsyncWorld
from .dial import Dial, dial
from .fetch import Fetcher
from .smtp_session import Caller


class Internet:
    """Answers every kind of question; ``dns`` answers lookups, those of the other parts too."""

    def __init__(self, dns: AsyncWorld, ca_file: str = "", connect: Dial = dial) -> None:
        self._dns = dns
        self._fetch = Fetcher(dns, ca_file, connect=connect)
        self._call = Caller(dns, ca_file, connect=connect)

    async def ask(self, question: Question) -> Answer[Any]:
        """The answer, by whoever can give it."""
        if isinstance(question, Fetch):
            return await self._fetch.ask(question)
        if isinstance(question, Greet | Say):
            return await self._call.ask(question)
        return await self._dns(question)
