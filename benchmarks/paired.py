"""Time ours and a peer alternately, so that a busy machine slows both."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]


def seconds(work: Callable[[], object], budget: float = 0.3, clock: Clock = time.process_time) -> float:
    """Seconds of one call of ``work`` by ``clock``, averaged over as many calls as fit in ``budget``."""
    gc.collect()
    calls, start = 0, clock()
    while (spent := clock() - start) < budget or not calls:
        work()
        calls += 1
    return spent / calls


def ratio(
    ours: Callable[[], object], peer: Callable[[], object], rounds: int = 7, clock: Clock = time.process_time
) -> tuple[float, float, float]:
    """(median of peer time / our time over the rounds, our median seconds, the peer's): above 1 we are faster.

    The default ``clock`` is the CPU time of this process; work that is shared out over processes needs the wall's.
    """
    pairs = []
    for number in range(rounds):
        first, second = (ours, peer) if number % 2 else (peer, ours)
        times = {first: seconds(first, clock=clock), second: seconds(second, clock=clock)}
        pairs.append((times[peer] / times[ours], times[ours], times[peer]))
    return median(p[0] for p in pairs), median(p[1] for p in pairs), median(p[2] for p in pairs)


def row(name: str, bar: float, measured: tuple[float, float, float], peer: str) -> None:
    """One line of a benchmark's table: what, the ratio, the bar, who is compared."""
    times_faster, ours, theirs = measured
    verdict = "met" if times_faster >= bar else "MISSED"
    times = f"{ours * 1e6:9.0f} µs, peer {theirs * 1e6:9.0f} µs"
    print(f"{name:<44} {times_faster:6.2f}x {peer:<14} bar {bar:>5}x  {verdict:<6} {times}")
