"""Domains whose name servers do not answer: after a few questions in vain nobody waits for the next."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from ..judgement.registration import registrable

VAIN = 4  # questions about one domain, none of them answered
PATIENCE = 30.0  # seconds for which such a domain is left alone
_KEPT = 10_000

SILENT = "not asked: the name servers of {domain} did not answer {count} questions before"


class Silence:
    """Remembers by domain how many questions in a row got no answer; ``clock`` tells seconds. Threads may share it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._vain: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def about(self, name: str) -> str:
        """Why it is of no use to ask about ``name`` now; "" when it may be asked."""
        domain = self._known(name)
        count, last = self._vain.get(domain, (0, 0.0))
        if count < VAIN or self._clock() - last > PATIENCE:
            return ""
        return SILENT.format(domain=domain, count=count)

    def fell(self, name: str) -> None:
        """Nobody answered a question about ``name``."""
        domain = _owned(name)
        count, _ = self._vain.pop(domain, (0, 0.0))
        self._vain[domain] = count + 1, self._clock()
        if len(self._vain) > _KEPT:
            self._vain.popitem(last=False)

    def broke(self, name: str) -> None:
        """Somebody answered a question about ``name``, and be it with an error."""
        self._vain.pop(self._known(name), None)

    def _known(self, name: str) -> str:
        """The domain around ``name`` that is remembered, "" for none. Asked about each question: so without a list."""
        while self._vain and name:
            if name in self._vain:
                return name
            name = name.partition(".")[2]
        return ""


def _owned(name: str) -> str:
    """What has name servers in common with ``name``: its registered domain, or its zone of reverse names."""
    return name.partition(".")[2] if name.endswith(".arpa") else registrable(name) or name
