"""A share of mails with its interval, where mails come in campaigns and not one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

# Student's t at 97.5 % for 1 … 30 degrees of freedom; beyond, 1.96 plus what is left.
_T = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)


class Share(NamedTuple):
    """``of`` mails were counted, ``value`` of them (0 to 1) had the property; 95 % interval ``low`` to ``high``."""

    value: float
    low: float
    high: float
    of: int


def share(days: Sequence[tuple[int, int]]) -> Share | None:
    """The share over days of (having the property, all); None if there was no mail.

    Wilson's interval (1927) for as many independent mails as the days' disagreement leaves (design effect).
    """
    days = [day for day in days if day[1] > 0]
    having, total = sum(day[0] for day in days), sum(day[1] for day in days)
    if not total:
        return None
    value = having / total
    independent = total / _design_effect(days, value, total)
    low, high = _wilson(value, independent, _student(len(days) - 1))
    return Share(value, low, high, total)


def difference(before: Share, after: Share) -> tuple[float, float, float]:
    """(after minus before, low, high) with Newcombe's interval (1998) for two independent shares."""
    size = after.value - before.value
    down = math.hypot(after.value - after.low, before.high - before.value)
    up = math.hypot(after.high - after.value, before.value - before.low)
    return size, size - down, size + up


def _design_effect(days: Sequence[tuple[int, int]], value: float, total: int) -> float:
    """How many mails of one campaign say as much as one mail alone; at least 1."""
    chance = value * (1 - value) * total
    if len(days) < 2 or not chance:
        return 1.0
    spread = sum((having - value * all_) ** 2 for having, all_ in days) * len(days) / (len(days) - 1)
    return min(max(spread / chance, 1.0), float(total))


def _student(freedom: int) -> float:
    if freedom < 1:
        return 1.96  # a single day: nothing shows how days differ
    return _T[freedom - 1] if freedom <= len(_T) else 1.96 + 2.5 / freedom


def _wilson(value: float, number: float, z: float) -> tuple[float, float]:
    shrink = 1 + z * z / number
    centre = (value + z * z / (2 * number)) / shrink
    half = z * math.sqrt(value * (1 - value) / number + z * z / (4 * number * number)) / shrink
    return max(centre - half, 0.0), min(centre + half, 1.0)
