from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.backscatter import reasons, wording
from disavow.judgement.backscatter.wording import MAX_HITS, MAX_WORD, NEAR, REACH, Lexicon, Phrase, Text, fold


def phrase(text: str, language: str = "en", rank: int = 0, reason: str = "r") -> Phrase:
    return Phrase("x", reason, language, text, "", rank)


def holds(notation: str, text: str) -> bool:
    return bool(Lexicon([phrase(notation)]).find(Text(text)))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Zurück", "zuruck"),
        ("STRASSE Straße", "strasse strasse"),
        ("İzin Işık", "izin isik"),
        ("d’été", "d'ete"),
        ("ＡＢＣ　ｄ", "abc d"),
        ("zero\u200bwidth\u00ad", "zerowidth"),
        ("ящик Ёлка", "ящик елка"),
        ("mess\u0251ges", "messages"),
    ],
)
def test_fold_leaves_what_two_spellings_share(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("notation", "text", "expected"),
    [
        ("postfach + voll", "Das Postfach von Kim ist leider voll.", True),
        ("postfach + voll", "voll ist das POSTFACH", True),
        ("postfach + voll", "Das Postfach ist leer.", False),
        ("voll", "tollvoll", False),
        ("am.", "amsterdam", False),
        ("am.", "I am here", True),
        ("a", "about", False),
        ("until & #", "until about 7", True),
        ("out of office", "I am out\nof  office", True),
        ("zurück", "wieder zurueck", True),
        ("休暇", "夏季休暇中です", True),
        ("spf & 失败", "SPF检查失败", True),
        ("חופשה", "אני בחופשה", True),
    ],
)
def test_a_phrase_holds_where_its_groups_stand_together(notation: str, text: str, expected: bool) -> None:
    assert holds(notation, text) is expected


def test_groups_hold_within_their_reach_only() -> None:
    assert holds("a1a + b2b", "a1a " + "x" * (REACH - 10) + " b2b")
    assert not holds("a1a + b2b", "a1a " + "x" * (REACH + 10) + " b2b")
    assert not holds("a1a & b2b", "a1a " + "x" * (NEAR + 10) + " b2b")


def test_words_of_letters_are_found_among_signs_that_are_not_parted() -> None:
    assert holds("ip. + 黑名单", "发信IP在黑名单中")
    assert holds("spf记录", "不在SPF记录中")
    assert holds("ip.", "IP가 차단되었습니다")
    assert not holds("ip.", "发信IPX不在")


def test_the_higher_rank_comes_first_and_quotes_its_own_line() -> None:
    lexicon = Lexicon([phrase("second", rank=1, reason="low"), phrase("third", rank=2, reason="high")])
    found = lexicon.find(Text("first line\nSecond Line\n  THIRD line"))
    assert [(match.phrase.reason, match.quote) for match in found] == [("high", "THIRD line"), ("low", "Second Line")]


def test_a_repeated_word_is_counted_up_to_a_limit() -> None:
    assert holds("word & other", "word " * MAX_HITS + "other")
    assert not holds("word & other", "word " * (MAX_HITS + 20) + "other")


@given(st.text(max_size=300))
def test_any_text_can_be_folded_quoted_and_searched(text: str) -> None:
    folded = Text(text)
    assert fold(fold(text)) == fold(text)
    assert folded.line_at(len(folded.plain)) in {"", *(line.strip()[:200] for line in text.splitlines())}
    Lexicon([phrase("a|b|ü + #"), phrase("日")]).find(folded)


def test_no_stem_of_a_phrase_is_dead() -> None:
    """A mark alone, or one that folding takes away, is found in no text."""
    dead = [
        (phrase.reason, phrase.language, stem)
        for reason in reasons.load().values()
        for phrase in reason.phrases
        for group in wording._groups(phrase)
        for stem in group.stems
        if not any(wording._places(stem, f" {stem.removesuffix('.')} 1"))
        or stem not in wording._Stems([stem]).possible(f" {stem.removesuffix('.')} 1")
    ]
    assert dead == []


def test_only_words_that_people_write_are_remembered() -> None:
    lexicon = Lexicon([phrase("word + other")])
    lexicon.find(Text("word " + " ".join("x" * (MAX_WORD + n) for n in range(3))))
    assert lexicon._stems._silent == {"x" * MAX_WORD}
