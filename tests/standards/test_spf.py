"""RFC 7208, on its public suite and beyond it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import spf
from disavow.standards.questions import Answer, Lookup, Mx, Question
from disavow.world.ask import ask
from disavow.world.resolver import Zone

CLIENT = ip_address("192.0.2.1")


class SuiteZone:
    """Answers from the zonedata of the openspf suite: SPF entries double as TXT, TIMEOUT covers what is not listed."""

    def __init__(self, zonedata: dict[str, list[Any]]) -> None:
        self.entries = {name.lower(): entries for name, entries in zonedata.items()}

    def __call__(self, question: Question) -> Answer[Any]:
        assert isinstance(question, Lookup)
        return self._answer(question.name, question.type, 0)

    def _answer(self, name: str, kind: str, aliases: int) -> Answer[Any]:
        entries = self.entries.get(name)
        if entries is None:
            return Answer("nxdomain")
        found = [entry[kind] for entry in entries if isinstance(entry, dict) and kind in entry]
        if kind == "TXT" and not found:
            found = [entry["SPF"] for entry in entries if isinstance(entry, dict) and "SPF" in entry]
        values = tuple(self._value(kind, value) for value in found if value != "NONE")
        if values:
            return Answer("ok", values)
        if "TIMEOUT" in entries:
            return Answer("temperror", why="timeout")
        alias = next((entry["CNAME"] for entry in entries if isinstance(entry, dict) and "CNAME" in entry), None)
        if alias is None:
            return Answer("nodata")
        if aliases > 8:
            return Answer("temperror", why="alias loop")
        return self._answer(alias.lower().removesuffix("."), kind, aliases + 1)

    def _value(self, kind: str, value: Any) -> Any:
        if kind == "TXT":
            strings = value if isinstance(value, list) else [value]
            return b"".join(string.encode("latin-1") for string in strings)
        if kind == "MX":
            return Mx(value[0], value[1].lower().removesuffix("."))
        if kind == "PTR":
            return value.lower().removesuffix(".")
        return ip_address(value)


def scenarios(suites: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((suites / "spf" / "rfc7208-tests.yml").read_text("utf-8")))


def checked(case: dict[str, Any], zone: SuiteZone) -> spf.Result:
    domain, sender = spf.identity(case["mailfrom"], case["helo"])
    return ask(spf.check_host(ip_address(case["host"]), domain, sender, case["helo"]), zone)[0]


def test_the_public_suite_with_its_explanations(suites: Path) -> None:
    wrong, count = [], 0
    for scenario in scenarios(suites):
        zone = SuiteZone(scenario["zonedata"])
        for name, case in scenario["tests"].items():
            count += 1
            allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
            expected = case.get("explanation")
            result = checked(case, zone)
            explanation = result.explanation or "DEFAULT"
            if result.result not in allowed or (expected is not None and explanation != expected):
                wrong.append((name, result.result, allowed, explanation, expected, result.problem))
    assert not wrong
    assert count == 203
