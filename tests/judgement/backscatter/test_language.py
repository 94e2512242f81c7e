from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.backscatter.language import guess


@pytest.mark.parametrize(
    ("text", "tongue"),
    [
        ("The house is not for you and this is your key", "en"),
        ("Das Haus ist nicht für Sie und wird bis Montag geschlossen", "de"),
        ("Jeg har lest e-post fra deg og sa det til meg", "nb"),
        ("Jeg har læst mail fra dig og sagde det til mig", "da"),
        ("Bon dia, soc fora i us respondré quan torni a la feina", "ca"),
        ("Hoy no trabajo, te llamo cuando pueda", "es"),
        ("Ciao, oggi non lavoro e ti richiamo domani", "it"),
        ("Вы пишете мне, но это не для вас", "ru"),
        ("Ви пишете мені, але це не для вас, і ще щось", "uk"),
        ("Аз съм тук и ще се обадя от офиса", "bg"),
        ("これはテストのメールです。よろしくお願いします。", "ja"),
        ("您好，这个邮件现在无法发送，请联系我们", "zh-Hans"),
        ("您好,這個郵件現在無法發送,請聯繫我們", "zh-Hant"),
        ("Ég er ekki við í dag, þetta verður skoðað hjá okkur á morgun.", "is"),
        ("من تا هفته آینده در مرخصی هستم و به ایمیل‌ها پاسخ نمی‌دهم", "fa"),
        ("أنا خارج المكتب حتى الأسبوع القادم", "ar"),
        ("मैं सोमवार तक छुट्टी पर हूँ", "hi"),
        ("שלום לכולם, זאת הודעה", "he"),
        ("xyzzy", ""),
        ("", ""),
    ],
)
def test_a_language_shows_in_its_script_and_commonest_words(text: str, tongue: str) -> None:
    assert guess(text) == tongue


def test_phrases_that_were_found_vote_too() -> None:
    assert guess("xyzzy", ["pl", "pl", "cs"]) == "pl"


@given(st.text(max_size=200))
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert isinstance(guess(text), str)
