"""Bounces of many systems, by people who had not read our rules: what is read in them, what is taken for one.

What was reached must not be lost again; how each collection was read the first time stands in its README.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from disavow.judgement.backscatter import classify, injection
from disavow.judgement.backscatter.notice import Notice
from disavow.judgement.identity import identify
from disavow.standards.message import Message

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
ME = identify(["example.org"])


class Collection:
    """A folder of mails with what each is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.labels: dict[str, dict[str, Any]] = tomllib.loads((CORPUS / name / "labels.toml").read_text("utf-8"))
        self.bounces = [name for name, label in self.labels.items() if label["kind"] == "dsn"]
        self.others = [name for name in self.labels if name not in self.bounces]

    def message(self, name: str) -> Message:
        return Message((CORPUS / self.name / name).read_bytes())

    @cached_property
    def read(self) -> dict[str, Notice]:
        return {name: classify.read(self.message(name)) for name in self.labels}

    def taken(self, names: list[str]) -> set[str]:
        """Those of ``names`` that are read as bounces."""
        return {name for name in names if self.read[name].kind in ("dsn", "reject-notice")}

    def wrong(self, right: Callable[[Notice, dict[str, Any]], bool]) -> list[str]:
        return [name for name in self.bounces if not right(self.read[name], self.labels[name])]


FIRST, SECOND = Collection("bounces"), Collection("bounces-second")
both = pytest.mark.parametrize("collection", [FIRST, SECOND], ids=lambda collection: collection.name)


@both
def test_the_collection_is_as_large_as_it_says(collection: Collection) -> None:
    assert {path.name for path in (CORPUS / collection.name).glob("*.eml")} == set(collection.labels)
    sizes = {"bounces": (184, 27), "bounces-second": (176, 40)}
    assert (len(collection.bounces), len(collection.others)) == sizes[collection.name]


@both
def test_every_bounce_is_one(collection: Collection) -> None:
    assert collection.taken(collection.bounces) == set(collection.bounces)


@pytest.mark.parametrize(("collection", "most"), [(FIRST, 0), (SECOND, 2)])
def test_what_only_looks_like_a_bounce_is_none(collection: Collection, most: int) -> None:
    assert len(collection.taken(collection.others)) <= most, collection.taken(collection.others)


@pytest.mark.parametrize(("collection", "fakes"), [(FIRST, 6), (SECOND, 7)])
def test_phishing_dressed_as_a_bounce_is_named(collection: Collection, fakes: int) -> None:
    found = [name for name, label in collection.labels.items() if label["kind"] == "fake-bounce"]
    assert len(found) == fakes
    assert [name for name in found if collection.read[name].kind != "fake-bounce"] == []


@both
def test_the_recipients(collection: Collection) -> None:
    wrong = collection.wrong(
        lambda notice, label: (
            {each.address.lower() for each in notice.delivery.recipients}
            == {address.lower() for address in label["recipients"]}
        )
    )
    assert len(wrong) <= 0.03 * len(collection.bounces), wrong


@both
def test_the_status_code(collection: Collection) -> None:
    wrong = collection.wrong(
        lambda notice, label: next((each.status for each in notice.delivery.recipients), "") == label["status"]
    )
    assert len(wrong) <= 0.07 * len(collection.bounces), wrong


@both
def test_the_reason(collection: Collection) -> None:
    wrong = collection.wrong(lambda notice, label: notice.reason in (label["reasons"] or [""]))
    assert len(wrong) <= 0.06 * len(collection.bounces), wrong


@both
def test_the_client_address_that_the_refusing_server_saw(collection: Collection) -> None:
    located = {
        name: injection.locate(collection.message(name), collection.read[name], ME) for name in collection.labels
    }
    wrong = [
        name
        for name in collection.bounces
        if str(located[name].client_ip or "") != collection.labels[name]["client_ip"]
    ]
    assert len(wrong) <= 0.03 * len(collection.bounces), wrong


@both
def test_the_original_that_came_back(collection: Collection) -> None:
    def right(notice: Notice, label: dict[str, Any]) -> bool:
        if not notice.returned or not label["message_id"]:
            return bool(notice.returned) or label["returned"] == "none"
        return (notice.returned[0].message.first("message-id") or b"").strip() == label["message_id"].encode()

    assert len(collection.wrong(right)) <= 0.03 * len(collection.bounces), collection.wrong(right)
