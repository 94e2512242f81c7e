"""RFC 9989 on public vectors and beyond them, RFC 7489 beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dmarc
from disavow.standards.questions import Answer, Lookup, Question
from disavow.world.ask import ask
from disavow.world.resolver import Zone


class VectorZone:
    """Answers from the zones of the vectors: {name: {type: values}}."""

    def __init__(self, zone: dict[str, dict[str, Any]]) -> None:
        self.zone = zone
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Answer[Any]:
        assert isinstance(question, Lookup)
        self.asked.append(question)
        types = self.zone.get(question.name)
        if types is None:
            below = any(name.endswith("." + question.name) for name in self.zone)
            return Answer("nodata" if below else "nxdomain")
        values = types.get(question.type)
        if not values:
            return Answer("nodata")
        return Answer("ok", tuple("".join(strings).encode() for strings in values) if question.type == "TXT" else values)


def test_the_public_vectors(suites: Path) -> None:
    cases = json.loads((suites / "dmarc" / "dmarc-rfc9989.json").read_text("utf-8"))
    wrong = []
    for case in cases:
        zone = VectorZone(case["zone"])
        spf = dmarc.Authenticated("pass", case["spf"][0]) if case["spf"] else None
        dkim = [dmarc.Authenticated("pass", domain) for domain in case["dkim"]]
        result, _ = ask(dmarc.evaluate(case["from"].rpartition("@")[2], spf, dkim), zone)
        got = {
            "result": result.result,
            "policy": result.policy,
            "org_domain": result.organizational_domain,
            "queries": [asked.name for asked in zone.asked if asked.type == "TXT"],
        }
        if any(got[key] != value for key, value in case["expect"].items()):
            wrong.append((case["id"], case["expect"], got))
    assert not wrong
    assert len(cases) == 41
