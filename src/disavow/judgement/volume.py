"""How much was sent, when only what bounced was seen: capture–recapture.

Each forged message that is answered several times was "captured" several times. From how many were seen once and
how many twice follows how many were never seen (Chao 1984, 1987; the bias-corrected form, with its log-normal
interval). It assumes nothing about which messages bounce more easily, so it is a lower-bound estimate.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

MIN_ANSWERS = 20
MIN_REPEATED = 5


@dataclass(frozen=True, slots=True)
class Volume:
    """Recipients of a campaign: ``at_least`` were counted; the others are None where the data cannot tell."""

    at_least: int
    estimate: int | None = None
    low: int | None = None
    high: int | None = None


def unseen(captures: Sequence[int]) -> tuple[float, float, float] | None:
    """(estimate, low, high) of the number of messages, seen or not, from how often each seen one was answered.

    95 % interval. None where messages repeat too rarely to say anything.
    """
    seen, answers = len(captures), sum(captures)
    frequency = Counter(captures)
    once, twice = frequency[1], frequency[2]
    if answers < MIN_ANSWERS or seen - once < MIN_REPEATED:
        return None
    hidden = once * (once - 1) / (2 * (twice + 1))
    if hidden == 0:
        return float(seen), float(seen), float(seen)
    # Chao (1987), equations 8 and 10, for the bias-corrected estimator.
    variance = (
        once * (once - 1) / (2 * (twice + 1))
        + once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
        + once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
    )
    spread = math.exp(1.96 * math.sqrt(math.log(1 + variance / hidden**2)))
    return seen + hidden, seen + hidden / spread, seen + hidden * spread


def of_campaign(captures: Sequence[int], recipients: int) -> Volume:
    """The volume in recipients: ``captures`` answers per distinct message, ``recipients`` distinct ones named."""
    messages = unseen(captures)
    if messages is None or not captures or not recipients:
        return Volume(recipients)
    per_message = recipients / len(captures)
    estimate, low, high = (round(number * per_message) for number in messages)
    return Volume(recipients, estimate, max(low, recipients), high)
