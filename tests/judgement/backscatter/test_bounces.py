"""Bounces of many systems, by someone who had not read our rules: what is read in them, what is taken for one."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from disavow.judgement.backscatter import classify, injection
from disavow.judgement.backscatter.notice import Notice
from disavow.judgement.identity import identify
from disavow.standards.message import Message

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "bounces"
LABELS: dict[str, dict[str, Any]] = tomllib.loads((CORPUS / "labels.toml").read_text("utf-8"))
BOUNCES = [name for name, label in LABELS.items() if label["kind"] == "dsn"]
ME = identify(["example.org"])


def message(name: str) -> Message:
    return Message((CORPUS / name).read_bytes())


@cache
def read(name: str) -> Notice:
    return classify.read(message(name))


def is_bounce(name: str) -> bool:
    return read(name).kind in ("dsn", "reject-notice")


def share(right: Callable[[str], bool]) -> tuple[float, list[str]]:
    wrong = [name for name in BOUNCES if not right(name)]
    return 1 - len(wrong) / len(BOUNCES), wrong


def test_every_bounce_is_one() -> None:
    assert len(BOUNCES) == 184
    assert [name for name in BOUNCES if not is_bounce(name)] == []


def test_what_only_looks_like_a_bounce_is_none() -> None:
    others = [name for name in LABELS if name not in BOUNCES]
    assert len(others) == 27
    assert [name for name in others if is_bounce(name)] == []


def test_phishing_dressed_as_a_bounce_is_named() -> None:
    fakes = [name for name, label in LABELS.items() if label["kind"] == "fake-bounce"]
    assert len(fakes) == 6
    assert [name for name in fakes if read(name).kind != "fake-bounce"] == []


def test_the_recipients() -> None:
    right, wrong = share(
        lambda name: (
            {each.address.lower() for each in read(name).delivery.recipients}
            == {address.lower() for address in LABELS[name]["recipients"]}
        )
    )
    assert right >= 0.97, wrong


def test_the_status_code() -> None:
    right, wrong = share(
        lambda name: next((each.status for each in read(name).delivery.recipients), "") == LABELS[name]["status"]
    )
    assert right >= 0.93, wrong


def test_the_reason() -> None:
    right, wrong = share(lambda name: read(name).reason in (LABELS[name]["reasons"] or [""]))
    assert right >= 0.85, wrong


def test_the_client_address_that_the_refusing_server_saw() -> None:
    def right(name: str) -> bool:
        found = injection.locate(message(name), read(name), ME).client_ip
        return str(found or "") == LABELS[name]["client_ip"]

    assert share(right)[0] >= 0.97, share(right)[1]


def test_the_original_that_came_back() -> None:
    def right(name: str) -> bool:
        found, label = read(name).returned, LABELS[name]
        if not found or not label["message_id"]:
            return bool(found) or label["returned"] == "none"
        return (found[0].message.first("message-id") or b"").strip() == label["message_id"].encode()

    assert share(right)[0] >= 0.97, share(right)[1]
