"""Automatic answers written by someone who had not read our phrases: what is recognised, what is taken for one."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from disavow.judgement.backscatter import classify
from disavow.judgement.backscatter.notice import Notice
from disavow.standards import mime
from disavow.standards.message import Message

ROOT = Path(__file__).resolve().parents[3]
CORPUS = ROOT / "tests" / "corpus" / "autoreplies"
PHRASES = ROOT / "src" / "disavow" / "judgement" / "backscatter"
LABELS: dict[str, dict[str, Any]] = tomllib.loads((CORPUS / "labels.toml").read_text("utf-8"))
ANSWERS = [name for name, label in LABELS.items() if label["answer"]]


@cache
def read(name: str) -> Notice:
    return classify.read(Message((CORPUS / name).read_bytes()))


def is_answer(notice: Notice) -> bool:
    return notice.kind in ("autoreply", "challenge")


def taken_for_answers() -> list[str]:
    return [name for name in LABELS if is_answer(read(name))]


def test_the_corpus_is_as_large_and_as_mixed_as_it_says() -> None:
    assert {path.name for path in CORPUS.glob("*.eml")} == set(LABELS)
    assert len(ANSWERS) >= 240
    assert sum(not label["answer"] for label in LABELS.values()) >= 120
    assert len({LABELS[name]["language"] for name in ANSWERS}) >= 24
    assert 0.35 <= sum(not LABELS[name]["headers"] for name in ANSWERS) / len(ANSWERS) <= 0.5


def test_recall_of_automatic_answers() -> None:
    missed = {name: read(name).kind for name in ANSWERS if not is_answer(read(name))}
    # The first, blind run had 0.81. What is reached must not be lost again.
    assert 1 - len(missed) / len(ANSWERS) >= 0.95, missed


def test_precision_of_automatic_answers() -> None:
    taken = taken_for_answers()
    wrong = {name: read(name).detail for name in taken if not LABELS[name]["answer"]}
    assert 1 - len(wrong) / len(taken) >= 0.95, wrong


def test_what_a_machine_answered_is_told_apart() -> None:
    taken = [name for name in ANSWERS if is_answer(read(name))]
    wrong = Counter(
        (LABELS[name]["kind"], LABELS[name]["detail"], read(name).kind, read(name).detail)
        for name in taken
        if LABELS[name]["kind"] != read(name).kind
        or (LABELS[name]["kind"] == "autoreply" and LABELS[name]["detail"] != read(name).detail)
    )
    assert 1 - wrong.total() / len(taken) >= 0.88, wrong


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).casefold()


def _sentences(notice: Path) -> set[str]:
    """The longer sentences of one mail, decoded."""
    body = "\n".join(mime.text(part) for _, part in mime.walk(Message(notice.read_bytes())))
    return {_plain(part).strip() for part in re.split(r"[.!?。!?\n]+", body) if len(part.strip()) >= 25}


def test_no_sentence_was_carried_into_the_phrases() -> None:
    """Whoever wrote either had not read the other; a short everyday sentence may still stand in both."""
    known = _plain("\n".join(path.read_text("utf-8") for path in PHRASES.rglob("*.toml")))
    sentences = [(path.name, text) for path in CORPUS.glob("*.eml") for text in _sentences(path)]
    carried = [(name, text) for name, text in sentences if text in known]
    assert len(sentences) > 500
    assert len(carried) <= len(sentences) / 200, carried


@pytest.mark.parametrize(
    ("name", "mails", "recall", "precision"),
    [
        ("autoreplies-second", 225, 0.95, 0.98),
        ("autoreplies-third", 499, 0.95, 0.96),
        ("autoreplies-fourth", 145, 0.96, 0.98),
        ("autoreplies-fifth", 262, 0.96, 0.97),
        ("autoreplies-sixth", 232, 0.90, 0.95),
    ],
)
def test_the_later_collections(name: str, mails: int, recall: float, precision: float) -> None:
    """How each was read the first time is on record in its folder; what was reached must not be lost again."""
    folder = CORPUS.with_name(name)
    labels = tomllib.loads((folder / "labels.toml").read_text("utf-8"))
    assert {path.name for path in folder.glob("*.eml")} == set(labels)
    assert len(labels) == mails
    taken = {name for name in labels if is_answer(classify.read(Message((folder / name).read_bytes())))}
    answers = {name for name, label in labels.items() if label["answer"]}
    headed = {name for name in answers if labels[name]["headers"]}
    assert len(taken & answers) >= recall * len(answers), answers - taken
    assert len(taken & answers) >= precision * len(taken), taken - answers
    assert len(taken & headed) >= 0.97 * len(headed), headed - taken
