"""What an intake read, counted: the contract "disavow/intake/1"."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..judgement.intake.learned import Entry, Lenience, Refused
from ..words import say, sentences
from ..world.sources import Item, Mail


@dataclass(slots=True)
class Tally:
    """``rows`` and ``messages`` are of the aggregate reports read; ``sightings`` are new, ``duplicates`` were known.

    ``domains`` are those whose policy the aggregate reports tell of, as they name them.
    """

    mails: int = 0
    reports: int = 0
    rows: int = 0
    messages: int = 0
    sightings: int = 0
    duplicates: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    trust: Counter[str] = field(default_factory=Counter)
    domains: set[str] = field(default_factory=set)
    leniencies: list[Lenience] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def item(self, item: Item) -> None:
        """Counts what a source gave."""
        self.mails += isinstance(item, Mail)

    def entry(self, entry: Entry, added: int) -> None:
        """Counts a report or mail that brought ``added`` sightings, -1 where it was known."""
        self.rows += entry.rows
        self.messages += entry.messages
        self.kinds[entry.kind] += 1
        if entry.kind == "aggregate":
            self.domains.add(entry.domain)
        if entry.kind != "mail":
            self.reports += 1
            self.trust[entry.standing.grade] += 1
        if added < 0:
            self.duplicates += 1
        else:
            self.sightings += added

    def contract(self) -> dict[str, Any]:
        """As other programs read it (docs/reference/intake.md)."""
        return {
            "schema": "disavow/intake/1",
            **{name: getattr(self, name) for name in ("mails", "reports", "rows", "messages", "sightings")},
            "duplicates": self.duplicates,
            "kinds": dict(self.kinds),
            "trust": dict(self.trust),
            "leniencies": [lenience._asdict() for lenience in self.leniencies],
            "refused": [refused._asdict() for refused in self.refused],
        }


def told(lenience: Lenience) -> str:
    """What was tolerated, as a sentence."""
    if lenience.tag in sentences():
        return say(lenience.tag, {"text": lenience.text})
    return say("tolerated-missing", {"text": lenience.tag.partition("-")[2].replace("-", " ")})
