"""Standard input, written "-": a mailbox, one mail, or an archive of either."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from ..budget import Budget
from ..formats import read_argument
from ..item import Item
from ..stream import CHUNK


def sniff(where: str) -> bool:
    """True for "-"."""
    return where == "-"


def read(where: str, budget: Budget) -> Iterator[Item]:
    """The mails in standard input; Malformed if there is nothing like mail."""
    descriptor = sys.stdin.fileno()
    yield from read_argument(iter(lambda: os.read(descriptor, CHUNK), b""), "stdin", budget)
