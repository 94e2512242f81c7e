"""What a verification means: every word of the standards has a sentence, and claims never decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from disavow.judgement import evidence, explain
from disavow.judgement.standing import is_aligned, standing
from disavow.judgement.verify import Statement, Verification, verify
from disavow.standards import dkim, dkim_change, dmarc, spf
from disavow.standards.message import Message
from disavow.standards.questions import Answer, Lookup, Now, Question
from disavow.words import say
from disavow.world.ask import ask
from disavow.world.resolver import Zone

AT = datetime(2026, 10, 6, tzinfo=UTC)


def verified(raw: bytes = b"From: a@example.org\n\nHi\n", failing: bool = False) -> Verification:
    def world(question: Question) -> Answer[object]:
        if isinstance(question, Now):
            return Answer("ok", (AT,))
        if question == Lookup("_dmarc.example.org", "TXT"):
            return Answer("ok", (b"v=DMARC1; p=reject",))
        return Answer("temperror" if failing else "nxdomain")

    return ask(verify(Message(raw)), world)[0]


def test_every_cause_of_a_signature_has_its_sentence() -> None:
    assert evidence._CAUSES.keys() == dkim.CAUSES.keys()
    for tag in evidence._CAUSES.values():
        assert say(tag, {"domain": "example.org", "selector": "s", "bits": 1})


def test_every_change_has_its_sentence() -> None:
    """The changes that dkim_change names in its documentation are those that are explained."""
    named = {word for word in (dkim_change.Change.__doc__ or "").replace('"', " ").split() if "-" in word}
    assert evidence._CHANGES.keys() - {"reencoded"} == named - {"reencoded"}


def test_every_word_of_spf_has_its_sentence() -> None:
    assert evidence._SPF.keys() == set(get_args(spf.Word))


@pytest.mark.parametrize(
    ("passes", "ours", "trusted", "tag"),
    [
        (("dmarc",), True, True, "verify-authres-ours"),
        (("dmarc",), True, False, "verify-authres-forged"),
        (("dmarc",), False, False, "verify-authres-claim"),
        ((), True, False, ""),
    ],
)
def test_statements_are_told_and_decide_nothing(passes: tuple[str, ...], ours: bool, trusted: bool, tag: str) -> None:
    plain = verified()
    stated = replace(plain, statements=(Statement("mx.example.net", passes, ours, trusted),))
    before, after = explain.explain(plain), explain.explain(stated)
    assert (after.answer, after.headline, after.because) == (before.answer, before.headline, before.because)
    assert [finding.tag for finding in after.findings if "authres" in finding.tag] == ([tag] if tag else [])


def test_what_could_not_be_looked_up_is_not_called_false() -> None:
    claim = (Statement("mx.example.net", ("spf",), True, False),)
    stated = replace(verified(), statements=claim)
    assert "verify-authres-forged" not in {finding.tag for finding in explain.explain(stated).findings}


def test_seals_decide_nothing() -> None:
    plain = verified()
    sealed = replace(plain, arc=replace(plain.arc, result="pass"))
    assert explain.explain(sealed).answer == explain.explain(plain).answer


@pytest.mark.parametrize(
    ("signature", "worth"),
    [
        (dkim.Verification("pass", header="intact", body="intact"), "sound"),
        (dkim.Verification("pass", header="intact", body="unchecked"), "partial"),
        (dkim.Verification("pass", header="intact", body="intact", unsigned_bytes=1), "partial"),
        (dkim.Verification("pass", header="intact", body="intact", added_fields=("from",)), "partial"),
        (dkim.Verification("fail", "body-changed", header="intact", body="changed"), "changed"),
        (dkim.Verification("fail", "signature-wrong", header="changed", body="intact"), "unclear"),
        (dkim.Verification("temperror", "key-unavailable"), "unavailable"),
        (dkim.Verification("permerror", "key-missing"), "unavailable"),
        (dkim.Verification("permerror", "sha1"), "worthless"),
        (dkim.Verification("neutral", "syntax"), "worthless"),
    ],
)
def test_what_a_signature_is_worth(signature: dkim.Verification, worth: str) -> None:
    assert standing(signature) == worth


def test_without_a_policy_related_names_are_those_of_one_registered_domain() -> None:
    result = dmarc.Result("none", "news.example.org")
    assert is_aligned(result, "dkim", "example.org") and is_aligned(result, "dkim", "news.example.org")
    assert not is_aligned(result, "dkim", "example.com") and not is_aligned(result, "dkim", "")
    assert not is_aligned(dmarc.Result("none", "a.co.uk"), "dkim", "b.co.uk")


def test_the_policy_decides_what_is_related_for_each_mechanism() -> None:
    strict = dmarc.Alignment("spf", "pass", "mail.example.org", True, False)
    relaxed = dmarc.Alignment("dkim", "pass", "mail.example.org", False, True, "organizational")
    result = dmarc.Result("pass", "example.org", alignments=(strict, relaxed))
    assert not is_aligned(result, "spf", "mail.example.org") and is_aligned(result, "dkim", "mail.example.org")


@pytest.mark.parametrize(
    ("record", "shares"),
    [("p=reject; pct=20", [{"domain": "example.org", "pct": 20}]), ("p=reject", []), ("p=none; pct=20", [])],
)
def test_a_share_of_failing_mail_is_told_where_the_owner_names_one(record: str, shares: list[object]) -> None:
    zone = Zone(f'_dmarc.example.org. TXT "v=DMARC1; {record}"\n')
    verification, _ = ask(verify(Message(b"From: a@example.org\n\nHi\n")), zone)
    told = explain.explain(verification).findings
    assert [finding.args for finding in told if finding.tag == "verify-pct"] == shares
