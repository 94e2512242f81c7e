"""Sources of mail: whatever a person keeps mail in, read one message at a time, nothing lost silently."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import Malformed
from .budget import Budget
from .item import Item, Mail, Unreadable, printable
from .places import recognise

__all__ = ["Budget", "Item", "Mail", "Unreadable", "read"]

BUDGET = Budget()


def read(*wheres: str, budget: Budget = BUDGET) -> Iterator[Item]:
    """Every mail in every one of ``wheres``, in order: a path, "-" for standard input, or an address like imaps://….

    mbox, Maildir, folders and single mails, each gzipped, bzipped, xz or in a zip or tar, nested within ``budget``.
    What is there but cannot be read comes as Unreadable with its position. Memory holds one message.
    Raises Malformed (exit code 65) for an argument that is missing, cannot be opened, is no mail or holds none;
    all are looked for before the first is read.
    """
    for where, place in [(where, recognise(where)) for where in wheres]:
        number = 0
        for number, item in enumerate(place.read(where, budget), 1):  # noqa: B007
            yield item
        if not number:
            raise Malformed(f"{printable(where)} holds no mail")
