"""Law 4: every phrase in reasons/ carries an example and its language, and says in it its own reason, and no other."""

from __future__ import annotations

import re

import pytest

from disavow.judgement.backscatter import reasons
from disavow.judgement.backscatter.wording import Phrase, Text

PHRASES = [phrase for reason in reasons.load().values() for phrase in reason.phrases]
LETTER_KINDS = ("vacation", "left-company", "address-retired", "ack", "unmonitored", "challenge")
BOUNCE_REASONS = ("user-unknown", "mailbox-full", "spam-content")
LANGUAGES = (
    *("ar", "bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hr", "hu", "it", "ja", "ko", "lv", "nb"),
    *("nl", "pl", "pt", "ro", "ru", "sk", "sv", "tr", "uk", "zh-Hans", "zh-Hant"),
)


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda phrase: f"{phrase.reason}-{phrase.language}-{phrase.text[:20]}")
def test_4_a_phrase_says_its_own_reason_in_its_example_and_no_other(phrase: Phrase) -> None:
    said = reasons.said(Text(phrase.example), phrase.about)
    assert phrase in [match.phrase for match in said], "the phrase does not hold in its example"
    assert said[0].phrase.reason == phrase.reason


def test_4_every_phrase_names_a_language_and_every_notion_is_known_in_all_of_them() -> None:
    assert all(re.fullmatch(r"[a-z]{2}(-Han[st])?", phrase.language) for phrase in PHRASES)
    for name in (*LETTER_KINDS, *BOUNCE_REASONS):
        spoken = {phrase.language for phrase in reasons.load()[name].phrases}
        assert set(LANGUAGES) <= spoken, f"{name} is not known in {sorted(set(LANGUAGES) - spoken)}"


def test_4_no_two_reasons_claim_one_code() -> None:
    codes = [code for reason in reasons.load().values() for code in reason.codes]
    assert len(codes) == len(set(codes))
    hints = [code for reason in reasons.load().values() for code in reason.hints]
    assert len(hints) == len(set(hints))
    assert not set(codes) & set(hints)


def test_4_examples_use_reserved_names_only() -> None:
    hosts = {
        host.lower()
        for phrase in PHRASES
        for host in re.findall(r"[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|de|fr|io|info|jp|cn|ru)\b", phrase.example)
    }
    assert all(re.search(r"(?:^|\.)example\.(?:com|net|org)$", host) for host in hosts), hosts
