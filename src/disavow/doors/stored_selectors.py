"""The DKIM selectors that stored reports know, for whoever looks at a domain's keys."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TypeAlias

import click

from ..errors import DisavowError
from ..judgement.seen import Seen, read

Selectors: TypeAlias = Callable[[str], tuple[Seen, ...]]


@contextlib.contextmanager
def known(store: str | None) -> Iterator[Selectors]:
    """Tells the selectors of a domain; none where there is no store, unless one was named.

    The usual store is a help, not a need: one that cannot be opened now is said and left alone.
    """
    from ..world.stores import reports, usual_place
    from . import kept

    if store is None and not usual_place().exists():
        yield lambda domain: ()
        return
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(kept.opened(store))
        except DisavowError as error:
            if store is not None:
                raise
            click.echo(f"disavow: selectors are not taken from the store: {error}", err=True)
            yield lambda domain: ()
            return
        told = reports.domains(found)

        def selectors(domain: str) -> tuple[Seen, ...]:
            return read(reports.latest(found, domain), domain) if told.intersection(reports.above(domain)) else ()

        yield selectors
