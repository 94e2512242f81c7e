"""Sources of mail: whatever a person keeps mail in, read one message at a time, nothing lost silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from ...errors import Malformed
from . import formats
from .budget import Allowance, Budget
from .item import Arrival, Document, Item, Mail, Unreadable, printable
from .places import recognise
from .stream import Stream

__all__ = ["Arrival", "Budget", "Document", "Item", "Mail", "Unreadable", "read", "read_reports", "unpack"]

BUDGET = Budget()


def read(*wheres: str, budget: Budget = BUDGET) -> Iterator[Arrival]:
    """Every mail in every one of ``wheres``, in order: a path, "-" for standard input, or an address like imaps://….

    mbox, Maildir, folders and single mails, each gzipped, bzipped, xz or in a zip or tar, nested within ``budget``.
    What is there but cannot be read comes as Unreadable with its position. Memory holds one message.
    Raises Malformed (exit code 65) for an argument that is missing, cannot be opened, is no mail or holds none;
    all are looked for before the first is read.
    """
    return (item for item in _read(wheres, budget) if not isinstance(item, Document))


def read_reports(*wheres: str, budget: Budget = BUDGET) -> Iterator[Item]:
    """Like ``read``, and every file that may be a report: XML and JSON, packed like mail, whatever it is called."""
    return _read(wheres, _with_documents(budget))


def unpack(data: bytes, name: str, budget: Budget = BUDGET) -> Iterator[Item]:
    """The reports and mails in one attachment; what it holds beside them is Unreadable. Raises nothing."""
    return formats.read(Stream(iter((data,)), printable(name), Allowance(_with_documents(budget))))


@lru_cache
def _with_documents(budget: Budget) -> Budget:
    return replace(budget, documents=True)


def _read(wheres: tuple[str, ...], budget: Budget) -> Iterator[Item]:
    for where, place in [(where, recognise(where)) for where in wheres]:
        number = 0
        for number, item in enumerate(place.read(where, budget), 1):  # noqa: B007
            yield item
        if not number:
            raise Malformed(f"{printable(where)} holds no mail")
