"""ARC (RFC 8617): the public suite for validation and signing, what breaks a chain, and whatever bytes arrive."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards import arc, dkim
from disavow.standards.message import Message
from disavow.standards.questions import Answer, Question
from disavow.world.ask import ask

KEY = Ed25519PrivateKey.generate()
RECORD = b"v=DKIM1; k=ed25519; p=" + base64.b64encode(KEY.public_key().public_bytes_raw())
AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
MAIL = b"From: alice@example.org\r\nTo: list@example.net\r\nSubject: x\r\n\r\nhello\r\n"
SAID = 'lists.example.net; spf=pass (it was "sent; from" there) smtp.mailfrom=example.org'


def validate(raw: bytes, records: Mapping[str, bytes] | None = None) -> arc.Chain:
    """The chain; without ``records`` every key name has RECORD."""

    def world(question: Question) -> Answer[Any]:
        found = RECORD if records is None else records.get(question.name)  # type: ignore[union-attr]
        return Answer("ok", (found,)) if found else Answer("nxdomain")

    return ask(arc.validate(Message(raw)), world)[0]


def sealed(raw: bytes = MAIL, cv: arc.Status = "none", domain: str = "example.net", **options: Any) -> bytes:
    given: dict[str, Any] = {"selector": "s1", "key": KEY, "timestamp": AT, **options}
    return arc.seal(Message(raw), SAID, cv=cv, domain=domain, **given) + raw


def documents(path: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(path.read_text()))


def tags(text: str) -> dict[str, str]:
    return dict(tag.split("=", 1) for tag in re.sub(r"\s", "", text).split(";") if tag)


def test_validation_suite(suites: Path) -> None:
    cases = 0
    for document in documents(suites / "arc" / "arc-draft-validation-tests.yml"):
        records = {name: text.encode() for name, text in document["txt-records"].items()}
        for name, case in document["tests"].items():
            # The suite leaves open what a chain is that its newest seal calls failed; RFC 8617 section 5.2: failed.
            expected = str(case["cv"]).lower() or "fail"
            assert validate(case["message"].encode(), records).result == expected, name
            cases += 1
    assert cases == 171


def test_signing_suite_to_the_byte_and_with_comments_kept(suites: Path) -> None:
    cases = 0
    for document in documents(suites / "arc" / "arc-draft-sign-tests.yml"):
        key = dkim.parse_private_key(document["privatekey"].encode())
        for name, case in document["tests"].items():
            message = Message(case["message"].encode())
            said = arc.results(message, case["srv-id"])
            status = re.search(r"arc=(\w+)", said)
            fields = arc.seal(
                message,
                said,
                cv=status[1] if status else "none",
                domain=document["domain"],
                selector=document["sel"],
                key=key,
                fields=case["sig-headers"].split(":"),
                timestamp=datetime.fromtimestamp(case["t"], UTC),
            )
            made = Message(fields)
            found = {field: (made.first(field) or b"").decode() for field in FIELDS}
            assert tags(found["arc-seal"]) == tags(case["AS"]), name
            assert tags(found["arc-message-signature"]) == tags(case["AMS"]), name
            assert found["arc-authentication-results"].split() == case["AAR"].split(), name
            cases += 1
    assert cases == 17


FIELDS = ("arc-seal", "arc-message-signature", "arc-authentication-results")


def test_no_chain_asks_nothing() -> None:
    assert ask(arc.validate(Message(MAIL)), lambda question: pytest.fail("asked"))[0] == arc.Chain("none")


def test_a_chain_of_three_tells_who_vouches_for_what() -> None:
    raw = sealed(sealed(sealed(), "pass", "example.com"), "pass", "example.org")
    chain = validate(raw)
    assert (chain.result, chain.oldest_pass, chain.problem) == ("pass", 0, "")
    assert [one.number for one in chain.instances] == [1, 2, 3]
    assert [one.seal.domain for one in chain.instances] == ["example.net", "example.com", "example.org"]
    assert [one.cv for one in chain.instances] == ["none", "pass", "pass"]
    assert chain.instances[0].auth_results == SAID
    assert chain.instances[0].seal.signed_at == AT


def test_oldest_pass_is_where_the_message_was_last_changed() -> None:
    first = sealed()
    changed = first.replace(b"hello", b"hello\r\n-- \r\nfooter")
    chain = validate(sealed(changed, "pass", "example.com"))
    assert (chain.result, chain.oldest_pass) == ("pass", 2)
    chain = validate(sealed(sealed(changed, "pass"), "pass"))
    assert (chain.result, chain.oldest_pass) == ("pass", 2)


def without(raw: bytes, name: bytes) -> bytes:
    return re.sub(name + rb":[^\n]*\n(?:[ \t][^\n]*\n)*", b"", raw, count=1)


@pytest.mark.parametrize(
    ("raw", "problem", "at", "detail"),
    [
        (sealed().replace(b"hello", b"hi"), "signature", 1, "body-changed"),
        (sealed().replace(b"Subject: x", b"Subject: y"), "signature", 1, "signature-wrong"),
        (sealed().replace(b"spf=pass", b"spf=fail"), "seal", 1, "signature-wrong"),
        (sealed(cv="pass"), "status", 1, "cv=pass"),
        (sealed(sealed(), "none"), "status", 2, "cv=none"),
        (sealed(sealed(), "fail"), "sealed-as-failed", 2, ""),
        (sealed().replace(b"cv=none", b"cv=none; h=from"), "structure", 0, "ARC-Seal has an h= or bh="),
        (sealed().replace(b"i=1", b"i=51"), "structure", 0, "i= is not an instance"),
        (sealed().replace(b"i=1", b"i=2"), "structure", 0, "the sets are not complete from the first to the last"),
        (without(sealed(), b"ARC-Seal"), "structure", 0, "the sets are not complete from the first to the last"),
        (
            without(sealed(), b"ARC-Message-Signature"),
            "structure",
            0,
            "the sets are not complete from the first to the last",
        ),
        (sealed() + b"", "", 0, ""),
        (b"ARC-Seal: i=1\r\n" * 51 + MAIL, "structure", 0, "more than 50 sets"),
        (b"X: " + b"y" * 1_000_000 + b"\r\n" + sealed(), "header-too-long", 0, ""),
    ],
)
def test_what_breaks_a_chain_is_named(raw: bytes, problem: str, at: int, detail: str) -> None:
    chain = validate(raw)
    assert (chain.problem, chain.at, chain.detail) == (problem, at, detail)
    assert chain.result == ("fail" if problem else "pass")


def test_keys_that_are_missing_short_or_revoked_break_it() -> None:
    assert validate(sealed(), {}).detail == "key-missing"
    assert validate(sealed(), {"s1._domainkey.example.net": b"v=DKIM1; k=ed25519; p="}).detail == "key-revoked"
    assert validate(sealed(), {"s1._domainkey.example.net": RECORD}).result == "pass"


def test_a_failed_chain_gets_no_further_set() -> None:
    failed = sealed(sealed(), "fail")
    assert arc.seal(Message(failed), SAID, cv="fail", domain="example.org", selector="s1", key=KEY) == b""


def test_nothing_can_be_smuggled_in_with_the_results() -> None:
    said = "lists.example.net; none\r\nFrom: eve@example.net\r\n\r\nbody"
    fields = arc.seal(Message(MAIL), said, cv="none", domain="example.net", selector="s1", key=KEY)
    assert {field.name for field in Message(fields).fields} == {
        b"ARC-Seal",
        b"ARC-Message-Signature",
        b"ARC-Authentication-Results",
    }


def test_own_results_are_put_together_and_strangers_left_out() -> None:
    message = Message(
        b"Authentication-Results: mx.example.net; spf=pass (a; comment) smtp.mailfrom=x\r\n"
        b"Authentication-Results: mx.example.com; dkim=fail\r\n"
        b"Authentication-Results: mx.example.net 1 (it is us);\r\n dkim=none;\r\n\r\n"
    )
    assert arc.results(message, "mx.example.net") == (
        "mx.example.net; spf=pass (a; comment) smtp.mailfrom=x; dkim=none"
    )
    assert arc.results(message, "mx.example.org") == "mx.example.org; none"


CHAIN = sealed(sealed(), "pass", "example.com")


@given(st.data())
def test_a_mutated_chain_never_raises(data: st.DataObject) -> None:
    raw = bytearray(CHAIN)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    chain = validate(bytes(raw))
    assert bool(chain.problem) == (chain.result == "fail")


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.binary(max_size=40)), max_size=6))
def test_any_fields_are_a_chain_or_none(fields: list[tuple[str, bytes]]) -> None:
    raw = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in fields)
    assert validate(raw + MAIL).result in ("fail", "none")


@pytest.mark.parametrize("unit", [b"ARC-Seal: i=1;\r\n", b"ARC-Seal: " + b"a" * 900_000 + b"\r\n"])
def test_hostile_sizes_end_in_results(unit: bytes) -> None:
    assert validate(unit * (10_000_000 // len(unit)) + MAIL).result == "fail"
