"""How much got through: what is proved, what is likely, and what is the most it may be.

Two sensors see forgeries: receivers that send reports, and receivers whose mailboxes answer. A vacation notice, a
challenge, a person's reply or a read receipt proves that one forgery arrived. From how many receivers both sensors
know follows how many neither knows (Lincoln and Petersen, in Chapman's form of 1951).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ...errors import Malformed
from ...standards import names
from ...standards.dmarc import organizational_domain_by_suffix
from ..sighting import Sighting
from .honour import is_failing, is_usable

MIN_BOTH = 5  # receivers that both sensors must know before the unseen ones are estimated
ANSWERS = frozenset(("autoreply", "challenge", "human", "mdn", "list"))  # only a delivered mail is answered so


@dataclass(frozen=True, slots=True)
class Escaped:
    """``proved`` forgeries answered by a mailbox; ``accepted`` of ``forged`` in reports.

    ``low``, ``estimate``, ``high`` are messages; ``estimate`` and ``high`` are None where ``unseen_receivers`` is:
    then too few receivers both report and answer.
    """

    proved: int
    accepted: int
    forged: int
    low: int
    estimate: int | None
    high: int | None
    reporting: int
    answering: int
    both: int
    unseen_receivers: float | None


def escaped(sightings: Iterable[Sighting]) -> Escaped:
    """What got through of the forgeries in ``sightings``; owners' own mail and untrusted reports are left out."""
    accepted, forged, proofs = Counter[str](), Counter[str](), Counter[str]()
    for sighting in sightings:
        receiver = _receiver(sighting.reporter)
        if is_usable(sighting) and is_failing(sighting) and sighting.ours == "forged":
            forged[receiver] += sighting.count
            accepted[receiver] += sighting.count * (sighting.disposition == "none" and not sighting.override)
        elif sighting.kind in ANSWERS and sighting.signal == "escaped" and sighting.ours == "forged":
            proofs[receiver] += sighting.count
    return _join(accepted, forged, proofs)


def _join(accepted: Counter[str], forged: Counter[str], proofs: Counter[str]) -> Escaped:
    proved, through, seen = proofs.total(), accepted.total(), forged.total()
    both = len(forged.keys() & proofs.keys())
    # What a mailbox answered at a reporting receiver is one of the mails that this one says it accepted.
    low = sum(max(proofs[name], accepted[name]) if name in proofs else 0 for name in forged) + sum(
        number for name, number in proofs.items() if name not in forged
    )
    unseen = _unseen(len(forged), len(proofs), both)
    estimate = high = None
    if unseen is not None:
        usual = _usual(forged, proofs) * (through / seen)
        silent = len(proofs.keys() - forged.keys())
        estimate = max(low, round(through + usual * (unseen[0] + silent)))
        high = max(estimate, round(through + _usual(forged, proofs) * (unseen[1] + silent)))
    return Escaped(
        proved, through, seen, low, estimate, high, len(forged), len(proofs), both, unseen[0] if unseen else None
    )


def _unseen(reporting: int, answering: int, both: int) -> tuple[float, float] | None:
    """(estimate, upper 97.5 % bound) of receivers that neither report nor answer; None where too few do both."""
    if both < MIN_BOTH:
        return None
    known = reporting + answering - both
    total = (reporting + 1) * (answering + 1) / (both + 1) - 1
    # Seber (1970): the variance of Chapman's estimate.
    variance = float(reporting + 1) * (answering + 1) * (reporting - both) * (answering - both)
    variance /= (both + 1) ** 2 * (both + 2)
    return max(total - known, 0.0), max(total + 1.96 * math.sqrt(variance) - known, 0.0)


def _usual(forged: Counter[str], proofs: Counter[str]) -> float:
    """The forgeries of a middling receiver that both sensors know: the large ones that report are not like the rest."""
    known = sorted(forged[name] for name in forged.keys() & proofs.keys())
    return float(known[len(known) // 2])


def _receiver(reporter: str) -> str:
    """One name for the organization: "Google", "google.com" and "mx.google.com" are one receiver."""
    try:
        return organizational_domain_by_suffix(names.parse(reporter)).partition(".")[0]
    except Malformed:
        return reporter.lower()
