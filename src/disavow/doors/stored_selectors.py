"""What the store knows for whoever looks at a domain, its DKIM selectors; and what he then tells the store."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..errors import DisavowError
from ..judgement.intake import history
from ..judgement.seen import Seen, read
from ..standards.questions import Lookup
from ..world.ask import Transcript

if TYPE_CHECKING:
    from ..world.stores import Store


class Selectors:
    """Called with a domain, the selectors that stored reports name; none without a ``store``."""

    def __init__(self, store: Store | None = None) -> None:
        from ..world.stores import reports

        self._store, self._reports = store, reports
        self._told = reports.domains(store) if store else frozenset()

    def __call__(self, domain: str) -> tuple[Seen, ...]:
        if self._store is None or not self._told.intersection(self._reports.above(domain)):
            return ()
        return read(self._reports.latest(self._store, domain), domain)

    def remember(self, domain: str, transcript: Transcript) -> None:
        """Notes the policy that the DNS was just seen to publish, so that reports can be compared with it."""
        asked = Lookup(history.name(domain), "TXT")
        for question, answer, at in transcript:
            if self._store and question == asked and (record := history.observed(answer)) is not None:
                self._store.remember([(asked.name, asked.type, record)], at)


@contextlib.contextmanager
def known(store: str | None) -> Iterator[Selectors]:
    """Tells the selectors of a domain; none where there is no store, unless one was named.

    The usual store is a help, not a need: one that cannot be opened now is said and left alone.
    """
    from ..world.stores import usual_place
    from . import kept

    if store is None and not usual_place().exists():
        yield Selectors()
        return
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(kept.opened(store))
        except DisavowError as error:
            if store is not None:
                raise
            click.echo(f"disavow: selectors are not taken from the store: {error}", err=True)
            yield Selectors()
            return
        yield Selectors(found)
