"""The flood, read and examined: by one process, or by one a core where the mailboxes can be read more than once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from ..errors import DisavowError, Malformed
from ..judgement.case import Case, examine
from ..judgement.guess import SAMPLE_BYTES, SAMPLE_MAILS, guess
from ..judgement.identity import Identity
from ..world import sources, workers
from ..world.ask import World, ask
from ..world.sources import Arrival, Mail, Unreadable

Examined: TypeAlias = Case | Unreadable

# Bytes below which processes cost more than they save: one copies what it touches of this one's memory, some 50 ms.
WORTH_SHARING = 1_000_000


def items(mailboxes: Iterable[str]) -> Iterator[Arrival]:
    """Everything in the mailboxes; raises when there was no mail in any of them, with the first reason why."""
    failure: DisavowError | None = None
    anything = False
    for mailbox in mailboxes:
        try:
            for item in sources.read(mailbox):
                if isinstance(item, Mail):
                    anything = True
                else:
                    failure = failure or Malformed(f"{item.where} {item.why}")
                yield item
        except DisavowError as error:
            failure = failure or error
            yield Unreadable(mailbox, str(error))
    if failure and not anything:
        raise failure


class Flood:
    """The mails of some mailboxes; standard input is read once, files as often as it takes.

    ``processes`` is how many may share the work, 0 for one a core.
    """

    def __init__(self, mailboxes: tuple[str, ...], processes: int = 0) -> None:
        self._mailboxes = mailboxes
        self._processes = processes or workers.available()
        self._once = iter(items(mailboxes)) if "-" in mailboxes else None

    def _items(self) -> Iterator[Arrival]:
        return self._once or items(self._mailboxes)

    def guess(self, given: Identity) -> Identity:
        """``given`` with the owner guessed from the first mails."""
        sample: list[Arrival] = []
        room = SAMPLE_BYTES
        rest = self._items()
        for item in rest:
            sample.append(item)
            room -= len(item.raw) if isinstance(item, Mail) else 0
            if room <= 0 or len(sample) >= SAMPLE_MAILS:
                break
        if self._once:
            self._once = chain(sample, rest)
        return guess((item.raw for item in sample if isinstance(item, Mail)), given)

    def examined(self, me: Identity, world: World) -> Iterator[Examined]:
        """A case for each mail, in order; ``world`` is asked what the judgement wants to know."""
        # What is loaded stays, and mails make few cycles: collecting as often as usual costs an eighth of the time.
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        if self._once or self._processes < 2 or _size(self._mailboxes) < WORTH_SHARING:
            return (_examined(item, me, world) for item in self._items())
        return workers.in_order(self._items, lambda item: _examined(item, me, world), self._processes)


def _examined(item: Arrival, me: Identity, world: World) -> Examined:
    return ask(examine(item.raw, item.where, me), world)[0] if isinstance(item, Mail) else item


def _size(mailboxes: Iterable[str]) -> int:
    """Bytes on disk, as far as they can be told cheaply; a folder counts as large."""
    paths = [Path(mailbox) for mailbox in mailboxes]
    return sum(path.stat().st_size if path.is_file() else WORTH_SHARING * path.is_dir() for path in paths)
