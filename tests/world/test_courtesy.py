"""Whoever audits ten thousand domains of one provider visits its servers as few would."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import Any

import pytest

from disavow.standards.questions import Address, Answer, Greet, Lookup, Question
from disavow.world.courtesy import OFTEN, Courtesy
from disavow.world.internet import Internet


def visited(courtesy: Courtesy, *addresses: str) -> tuple[list[bool], int]:
    """Who was let in, when all come at the same time, and how many were inside at once."""
    inside = most = 0

    async def come(address: str) -> bool:
        nonlocal inside, most
        async with courtesy.visit(ip_address(address)) as welcome:
            inside += welcome
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= welcome
            return welcome

    async def go() -> list[bool]:
        return list(await asyncio.gather(*map(come, addresses)))

    return asyncio.run(go()), most


def test_one_place_has_few_visitors_at_once() -> None:
    welcome, most = visited(Courtesy(at_once=2, pause=0), *(f"192.0.2.{number}" for number in range(20)))
    assert (welcome, most) == ([True] * 20, 2)


def test_places_do_not_wait_for_one_another_up_to_a_limit() -> None:
    places = [f"198.51.{number}.1" for number in range(20)]
    assert visited(Courtesy(at_once=1, pause=0), *places)[1] == 20
    assert visited(Courtesy(at_once=1, pause=0, altogether=7), *places)[1] == 7


def test_a_place_is_visited_so_often_and_no_more() -> None:
    welcome, _ = visited(Courtesy(visits=3, pause=0), *["2001:db8::1"] * 4, "2001:db8:1::1")
    assert welcome == [True, True, True, False, True]


def test_visits_of_a_place_begin_with_a_pause_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 6))

    async def go() -> None:
        courtesy = Courtesy(pause=0.5, clock=lambda: 10.0)
        for _ in range(3):
            async with courtesy.visit(ip_address("192.0.2.1")):
                pass

    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(go())
    assert slept == [0.5, 1.0]


async def _dns(question: Question) -> Answer[Any]:
    four = isinstance(question, Lookup) and question.type == "A"
    return Answer("ok", (ip_address("192.0.2.1"),)) if four else Answer("nodata")


def greeted(hosts: list[str], courtesy: Courtesy) -> tuple[list[Answer[Any]], int]:
    """The answers for ``hosts``, asked at the same time, and how many connections they cost."""
    connections = 0

    async def connect(address: Address, port: int) -> Any:
        nonlocal connections
        connections += 1
        await asyncio.sleep(0.01)
        raise ConnectionRefusedError

    async def go() -> list[Answer[Any]]:
        internet = Internet(_dns, connect=connect, visit=courtesy.visit)
        return list(await asyncio.gather(*(internet.ask(Greet(host, 25)) for host in hosts)))

    return asyncio.run(go()), connections


def test_a_server_of_many_domains_is_greeted_once() -> None:
    answers, connections = greeted(["mx.provider.example"] * 1000, Courtesy(pause=0))
    assert connections == 1
    assert {answer.values[0].failure for answer in answers} == {"connection refused"}


def test_a_server_of_many_names_is_greeted_a_few_times_and_then_unknown() -> None:
    answers, connections = greeted([f"{number}.provider.example" for number in range(20)], Courtesy(visits=5, pause=0))
    assert connections == 5
    assert [answer.why for answer in answers if answer.status == "temperror"] == [OFTEN] * 15
