"""How often one place is visited in a run, and by how many of us at once: many domains share one provider's servers."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from typing import TypeAlias

from ..judgement.public_addresses import Network
from ..standards.questions import Address

AT_ONCE = 2  # visits to one place
ALTOGETHER = 100  # visits to all places: each is a socket
VISITS = 100  # to one place in a run
PAUSE = 0.2  # seconds between two visits of one place, beginning to beginning
OFTEN = "not asked: this server was visited often enough in this run"
_PLACE = {4: 24, 6: 48}  # addresses that share so many bits are one place

Visit: TypeAlias = Callable[[Address], contextlib.AbstractAsyncContextManager[bool]]


class Courtesy:
    """Lets visits to a place in one by one: ``async with visit(address) as welcome``; not ``welcome``, not visited.

    A place is the /24 or /48 around an address, which is how providers spread their servers. Waiting for one's turn
    has no limit of time, but the visits of a run have a limit of number.
    """

    def __init__(
        self,
        at_once: int = AT_ONCE,
        visits: int = VISITS,
        pause: float = PAUSE,
        altogether: int = ALTOGETHER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._left: defaultdict[Network, int] = defaultdict(lambda: visits)
        self._doors: defaultdict[Network, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(at_once))
        self._next: defaultdict[Network, float] = defaultdict(float)
        self._street = asyncio.Semaphore(altogether)
        self._pause, self._clock = pause, clock

    @contextlib.asynccontextmanager
    async def visit(self, address: Address) -> AsyncIterator[bool]:
        """True when it is our turn; False when the place was visited often enough."""
        place = ip_network((address, _PLACE[address.version]), strict=False)
        if not self._left[place]:
            yield False
            return
        self._left[place] -= 1
        async with self._doors[place], self._street:
            await self._turn(place)
            yield True

    async def _turn(self, place: Network) -> None:
        now = self._clock()
        start = max(now, self._next[place])
        self._next[place] = start + self._pause
        if start > now:
            await asyncio.sleep(start - now)


@contextlib.asynccontextmanager
async def always(address: Address) -> AsyncIterator[bool]:
    """Every visit at once: for the few servers of one domain."""
    yield True
