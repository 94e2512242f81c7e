"""How much a source may cost: everything that the sender of a mail or the maker of an archive decides has a limit."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...errors import Malformed

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits for one argument; reaching one is reported as Unreadable with its position.

    ``message``: bytes of one mail. ``inflated`` and ``ratio``: all unpacking together may give ``inflated`` bytes,
    and beyond them ``ratio`` times the packed bytes read. ``depth``: archives in archives. ``strays``: things
    inside archives and folders that are no mail. ``documents``: whether a file that may be a report (XML, JSON)
    is read too, or is such a thing.
    """

    message: int = 64 * MIB
    inflated: int = 64 * MIB
    ratio: int = 250
    depth: int = 5
    strays: int = 10_000
    documents: bool = False


class Exhausted(Malformed):
    """The budget for one argument is spent: nothing more of it is read."""


@dataclass(slots=True)
class Allowance:
    """What is left of a budget while one argument is read."""

    budget: Budget = field(default_factory=Budget)
    packed: int = 0
    inflated: int = 0
    strays: int = 0

    def inflate(self, size: int) -> None:
        """Counts ``size`` unpacked bytes; raises Exhausted when they are too many for what was packed."""
        self.inflated += size
        if self.inflated > self.budget.inflated + self.budget.ratio * self.packed:
            raise Exhausted(
                f"unpacks to more than {self.budget.ratio} times its size, as only a decompression bomb does"
            )

    def stray(self) -> None:
        """Counts one thing that is no mail; raises Exhausted when they are too many."""
        self.strays += 1
        if self.strays > self.budget.strays:
            raise Exhausted(f"holds more than {self.budget.strays} things that are no mail, and reading stopped there")
