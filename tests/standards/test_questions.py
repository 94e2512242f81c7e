"""Questions and the dialogues that ask them."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from disavow.errors import Unreachable
from disavow.standards import questions
from disavow.standards.questions import Answer, Lookup, now
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


ZONE = Zone(
    """
example.org. A 192.0.2.1
example.org. AAAA 2001:db8::1
example.org. MX 10 mx.example.org.
example.org. NS ns.example.org.
example.org. TXT "one " "two"
www.example.org. CNAME example.org.
_25._tcp.mx.example.org. TLSA 3 1 0 00ff
1.2.0.192.in-addr.arpa. PTR MX.example.org.
"""
)


@pytest.mark.parametrize(
    ("dialogue", "values"),
    [
        (questions.txt("example.org"), (b"one two",)),
        (questions.a("example.org"), (ip_address("192.0.2.1"),)),
        (questions.aaaa("example.org"), (ip_address("2001:db8::1"),)),
        (questions.mx("example.org"), (questions.Mx(10, "mx.example.org"),)),
        (questions.ns("example.org"), ("ns.example.org",)),
        (questions.cname("www.example.org"), ("example.org",)),
        (questions.ptr(ip_address("192.0.2.1")), ("mx.example.org",)),
        (questions.tlsa("_25._tcp.mx.example.org"), (questions.Tlsa(3, 1, 0, b"\x00\xff"),)),
        (questions.lookup("example.org", "SOA"), ()),
    ],
)
def test_each_helper_gives_typed_values(
    dialogue: questions.Dialogue[Answer[object]], values: tuple[object, ...]
) -> None:
    assert ask(dialogue, ZONE)[0].values == values


def steps(*words: str) -> questions.Dialogue[str]:
    """Looks up each word in turn and says what it was told."""
    told = []
    for word in words:
        answer = yield from questions.txt(word)
        told.append(answer.values[0].decode())
    return "".join(told)


def test_dialogues_side_by_side_keep_their_order_and_ask_in_common_rounds() -> None:
    dialogue = questions.together(steps("a", "b", "c"), steps(), steps("d"), steps("a", "e"))
    rounds = []
    asked = next(dialogue)
    try:
        while True:
            rounds.append([question.name for question in asked if isinstance(question, Lookup)])
            asked = dialogue.send(tuple(Answer("ok", (name.encode(),)) for name in rounds[-1]))
    except StopIteration as stop:
        assert stop.value == ("abc", "", "d", "ae")
    assert rounds == [["a", "d", "a"], ["b", "e"], ["c"]]


def test_nothing_side_by_side_asks_nothing() -> None:
    assert ask(questions.together(), offline) == ((), ())
