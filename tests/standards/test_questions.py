"""The time is a question like any other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disavow.errors import Unreachable
from disavow.standards.questions import now
from disavow.world.ask import ask, replay
from disavow.world.resolver import Zone, offline


@pytest.mark.parametrize("world", [Zone(""), offline])
def test_every_world_knows_the_time_and_the_transcript_keeps_it(world: object) -> None:
    moment, transcript = ask(now(), world)  # type: ignore[arg-type]
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert replay(now(), transcript)[0] == moment


def test_a_transcript_without_the_time_does_not_invent_one() -> None:
    with pytest.raises(Unreachable):
        replay(now(), ())
