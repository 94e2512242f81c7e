"""Capture–recapture: right on simulated floods, silent where it cannot know."""

from __future__ import annotations

import random
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.volume import of_campaign, unseen


def test_the_true_number_lies_in_the_interval_of_simulated_floods() -> None:
    rng = random.Random(1)
    covered, floods = 0, 200
    for _ in range(floods):
        sent = rng.randrange(40, 400)
        answers = Counter(rng.randrange(sent) for _ in range(rng.randrange(sent, sent * 3)))
        estimate = unseen(list(answers.values()))
        assert estimate is not None
        covered += estimate[1] <= sent <= estimate[2]
    assert covered / floods >= 0.9


def test_nothing_is_said_where_messages_do_not_repeat() -> None:
    assert unseen([1] * 500) is None
    assert unseen([]) is None
    assert of_campaign([1, 1, 1], 60).estimate is None


def test_nothing_is_added_where_every_message_came_back_often() -> None:
    assert unseen([5] * 40) == (40.0, 40.0, 40.0)


def test_recipients_scale_with_the_messages() -> None:
    volume = of_campaign([1] * 10 + [2] * 10 + [4] * 10, recipients=300)
    assert volume.at_least == 300
    assert volume.estimate is not None and volume.low is not None and volume.high is not None
    assert 300 <= volume.low <= volume.estimate <= volume.high


@given(st.lists(st.integers(1, 50), max_size=200))
def test_an_interval_holds_its_estimate_and_never_less_than_was_seen(captures: list[int]) -> None:
    result = unseen(captures)
    if result:
        estimate, low, high = result
        assert len(captures) <= low <= estimate <= high
