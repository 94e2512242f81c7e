"""DKIM (RFC 6376, 8301, 8463, 8616): public suites, every cause, what was changed, and whatever bytes arrive."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPrivateNumbers,
    RSAPublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed, Misconfigured
from disavow.standards import dkim, dkim_canonical, dkim_signature
from disavow.standards.dkim_key import parse_private_key
from disavow.standards.dkim_sign import signed_field
from disavow.standards.message import Message
from disavow.standards.questions import Answer, Now, Question
from disavow.world.ask import ask

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
RSA = generate_private_key(65537, 2048)
ED25519 = Ed25519PrivateKey.generate()

MAIL = b"""\
From: Alice <alice@example.org>
To: bob@example.com
Subject: Dinner
Date: Wed, 25 Nov 2026 11:00:00 +0000
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Dear Bob,

is dinner  ready?
>From the garden, greetings
Alice
""".replace(b"\n", b"\r\n")


def record(key: dkim.PrivateKey, tags: bytes = b"") -> bytes:
    """The key record for a private key, with further tags in front of p=."""
    public = key.public_key()
    if isinstance(key, RSAPrivateKey):
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; " + tags + b"p=" + base64.b64encode(der)
    return b"v=DKIM1; k=ed25519; " + tags + b"p=" + base64.b64encode(public.public_bytes_raw())


def verify(raw: bytes, *records: bytes, keys: Mapping[str, Any] | None = None, **options: Any) -> tuple[Any, ...]:
    """The verifications, where every key name (or those in ``keys``) has these records, at noon on NOW."""

    def world(question: Question) -> Answer[Any]:
        if isinstance(question, Now):
            return Answer("ok", (NOW,))
        if keys is None:
            return Answer("ok", records) if records else Answer("nxdomain")
        answer = keys.get(question.name, Answer("nxdomain"))  # type: ignore[union-attr]
        return answer if isinstance(answer, Answer) else Answer("ok", (answer,))

    return ask(dkim.verify(Message(raw), **options), world)[0]


def signed(raw: bytes = MAIL, key: dkim.PrivateKey = RSA, **options: Any) -> bytes:
    given: dict[str, Any] = {"domain": "example.org", "selector": "s1", "timestamp": NOW, **options}
    return dkim.sign(Message(raw), key=key, **given) + raw


def one(raw: bytes, *records: bytes, **options: Any) -> dkim.Verification:
    (verification,) = verify(raw, *(records or (record(RSA),)), **options)
    return verification


# Public suites


def test_mail_dkim_corpus(suites: Path) -> None:
    cases = json.loads((suites / "dkim" / "mail-dkim-corpus.json").read_text())
    wrong = []
    for case in cases:
        keys = {name: text.encode() for name, text in case["dns"].items()}
        results = {found.result for found in verify(base64.b64decode(case["message_b64"]), keys=keys)}
        if ("pass" in results) != (case["expected"] == "pass"):
            wrong.append((case["id"], case["expected"], results))
    assert len(cases) == 57
    assert not wrong


def test_vectors_of_rfc_6376_and_8463(suites: Path) -> None:
    folder = suites / "dkim" / "dkimpy-data"
    ed25519 = parse_private_key((folder / "rfc8032_7_1.key").read_bytes())
    keys = {
        "test._domainkey.football.example.com": (folder / "test.txt").read_bytes().strip(),
        "brisbane._domainkey.football.example.com": record(ed25519),
        "sed._domainkey.test.ex": (folder / "eximtest.dns").read_bytes().strip(),
    }
    passing = {"rfc6376.signed.msg": 2, "rfc6376.signed.rsa.msg": 1, "ed25519test2.msg": 1}
    for name, count in passing.items():
        results = [found.result for found in verify((folder / name).read_bytes(), keys=keys)]
        assert results == ["pass"] * count, name
    (without_t,) = verify((folder / "rfc6376.signed.no_t.msg").read_bytes(), keys=keys)
    assert (without_t.result, without_t.signed_at) == ("fail", None)
    (bad,) = verify((folder / "test.message.baddomain").read_bytes(), keys=keys)
    assert (bad.result, bad.cause) == ("neutral", "syntax")


@pytest.mark.parametrize("canonicalization", ["simple/simple", "relaxed/simple", "simple/relaxed", "relaxed/relaxed"])
def test_every_key_of_the_suite_signs_what_its_record_verifies(suites: Path, canonicalization: str) -> None:
    folder = suites / "dkim" / "dkimpy-data"
    pairs = {
        "test.private": "test.txt",
        "1024_testkey.key": "1024_testkey_wo_markers.pub.rsa.txt",
        "2048_testkey.key": "2048_testkey_wo_markers.pub.rsa.txt",
        "2048_testkey_PKCS8.key": "2048_testkey_PKCS8.key.pub.txt",
        "ed25519test.key": "ed25519test.dns",
    }
    for private, public in pairs.items():
        text = (folder / public).read_bytes().strip()
        published = text if b"p=" in text else b"k=rsa; p=" + text
        for name in ("test.message", "test_extra.message", "rfc6376.msg", "rfc6376.w1258.msg"):
            key = parse_private_key((folder / private).read_bytes())
            raw = signed((folder / name).read_bytes(), key, canonicalization=canonicalization)
            assert one(raw, published).result == "pass", (private, name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test.txt", ("rsa", 1024)),
        ("1024_testkey_wo_markers.pub.rsa.txt", ("rsa", 1024)),
        ("2048_testkey_wo_markers.pub.txt", ("rsa", 2048)),
        ("ed25519test.dns", ("ed25519", 256)),
        ("test_tlsrpt.txt", ("rsa", 1024)),
        ("badk.txt", ("ed25519-sha256", 0)),
        ("badversion.txt", None),
        ("test_bad.txt", None),
    ],
)
def test_key_records_of_the_suite(suites: Path, name: str, expected: tuple[str, int] | None) -> None:
    text = (suites / "dkim" / "dkimpy-data" / name).read_bytes().strip()
    published = text if b"p=" in text else b"p=" + text
    if expected is None:
        with pytest.raises(Malformed):
            dkim.parse_key(published)
    else:
        key = dkim.parse_key(published)
        assert (key.type, key.bits) == expected


# Signing


@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("canonicalization", ["simple", "relaxed", "simple/relaxed", "relaxed/simple"])
@pytest.mark.parametrize("ends", [b"\r\n", b"\n"], ids=["crlf", "lf"])
def test_what_is_signed_verifies_whatever_the_line_ends(
    key: dkim.PrivateKey, canonicalization: str, ends: bytes
) -> None:
    raw = signed(key=key, canonicalization=canonicalization).replace(b"\r\n", ends)
    found = one(raw, record(key))
    assert (found.result, found.header, found.body, found.cause) == ("pass", "intact", "intact", "")
    assert (found.domain, found.selector, found.identity) == ("example.org", "s1", "@example.org")
    assert (found.signed_at, found.expires, found.unsigned_bytes) == (NOW, None, 0)


def test_the_field_is_folded_and_ends_with_a_line_end() -> None:
    field = dkim.sign(Message(MAIL), domain="example.org", selector="s1", key=RSA, timestamp=NOW)
    assert field.endswith(b"\r\n")
    assert max(map(len, field.split(b"\r\n"))) <= 80


def test_an_identity_may_hold_anything() -> None:
    found = one(signed(identity="a b;=é:@mail.example.org"))
    assert (found.result, found.identity) == ("pass", "a b;=é:@mail.example.org")


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": "@example.com"},
        {"fields": ("subject",), "oversign": ()},
    ],
)
def test_what_a_signer_must_not_do(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        signed(**wrong)


def test_a_short_key_signs_nothing() -> None:
    short = RSAPrivateNumbers(
        p=(p := 2**255 - 19),
        q=(q := 2**256 - 189),
        d=pow(65537, -1, (p - 1) * (q - 1)),
        dmp1=pow(65537, -1, p - 1),
        dmq1=pow(65537, -1, q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=RSAPublicNumbers(65537, p * q),
    ).private_key()
    with pytest.raises(Misconfigured):
        signed(key=short)


def test_a_message_without_from_is_not_signed() -> None:
    with pytest.raises(Malformed):
        signed(b"Subject: x\r\n\r\n")


# Each cause

SHA1 = re.compile(rb"a=rsa-sha256")


@pytest.mark.parametrize(
    ("raw", "result", "cause"),
    [
        (signed().replace(b"v=1;", b"v=2;"), "neutral", "syntax"),
        (signed().replace(b"v=1;", b"v=1; v=1;"), "neutral", "syntax"),
        (signed().replace(b"v=1;", b""), "neutral", "syntax"),
        (signed().replace(b"s=s1;", b"s=s 1;"), "neutral", "syntax"),
        (signed().replace(b"v=1;", b"v=1; q=http;"), "neutral", "syntax"),
        (signed().replace(b"t=", b"t=-"), "neutral", "syntax"),
        (signed().replace(b"c=relaxed/relaxed", b"c=nofws"), "neutral", "syntax"),
        (signed(expires=NOW), "neutral", "syntax"),
        (signed().replace(b"rsa-sha256", b"rsa-sha1"), "permerror", "sha1"),
        (signed().replace(b"rsa-sha256", b"rsa-md5"), "permerror", "algorithm-unknown"),
        (signed().replace(b"rsa-sha256", b"ed25519-sha256"), "permerror", "key-type"),
        (signed().replace(b"h=from:from:", b"h="), "permerror", "from-unsigned"),
        (signed().replace(b"v=1;", b"v=1; i=@example.com;"), "permerror", "identity-outside-domain"),
        (signed().replace(b"v=1;", b"v=1; i=@notexample.org;"), "permerror", "identity-outside-domain"),
        (signed(timestamp=None, expires=NOW - timedelta(seconds=1)), "policy", "expired"),
        (signed(timestamp=NOW + timedelta(days=2)), "policy", "future"),
        (signed().replace(b"Dear", b"Deer"), "fail", "body-changed"),
        (signed().replace(b"Dinner", b"Supper"), "fail", "header-changed"),
        (signed(key=ED25519).replace(b"Dinner", b"Supper"), "fail", "signature-wrong"),
        (signed(key=generate_private_key(65537, 2048)), "fail", "wrong-key"),
        (signed(length=20).partition(b"\r\n\r\n")[0] + b"\r\n\r\nDear\r\n", "fail", "body-shorter-than-signed"),
    ],
)
def test_every_failure_has_its_cause(raw: bytes, result: str, cause: str) -> None:
    found = one(raw, record(ED25519 if b"a=ed25519" in raw and cause != "key-type" else RSA))
    assert (found.result, found.cause) == (result, cause)
    assert dkim.CAUSES[cause] == result


@pytest.mark.parametrize(
    ("published", "result", "cause"),
    [
        ((), "permerror", "key-missing"),
        ((b"v=DKIM1; p=",), "permerror", "key-revoked"),
        ((b"v=DKIM1; p=AAAA",), "permerror", "key-syntax"),
        ((b"v=DKIM2; p=AAAA",), "permerror", "key-syntax"),
        ((b"k=rsa; v=DKIM1; p=AAAA",), "permerror", "key-syntax"),
        ((b"not a key",), "permerror", "key-syntax"),
        ((b"\xff",), "permerror", "key-syntax"),
        ((record(ED25519),), "permerror", "key-type"),
        ((b"v=DKIM1; k=mldsa; p=AAAA",), "permerror", "key-type"),
        ((record(RSA, b"h=sha1; "),), "permerror", "key-hash"),
        ((record(RSA, b"s=tlsrpt:other; "),), "permerror", "key-service"),
        ((record(RSA, b"s=tlsrpt:email; h=sha1:sha256; n=note; t=unknown; x=y; "),), "pass", ""),
        ((record(RSA).removeprefix(b"v=DKIM1; k=rsa; ") + b" ; ",), "pass", ""),
        ((b"v=spf1 -all", record(RSA)), "pass", ""),
        ((record(ED25519), record(RSA)), "pass", ""),
        ((b"v=DKIM1; p=", record(RSA)), "pass", ""),
    ],
)
def test_what_the_key_record_decides(published: tuple[bytes, ...], result: str, cause: str) -> None:
    (found,) = verify(signed(), *published)
    assert (found.result, found.cause) == (result, cause)


def test_a_key_that_nobody_can_look_up_is_a_temporary_error() -> None:
    answer: Answer[bytes] = Answer("temperror", why="SERVFAIL")
    (found,) = verify(signed(), keys={"s1._domainkey.example.org": answer})
    assert (found.result, found.cause, found.detail) == ("temperror", "key-unavailable", "SERVFAIL")


@pytest.mark.parametrize(
    ("bits", "result", "cause"),
    [
        (512, "permerror", "key-too-short"),
        (1023, "permerror", "key-too-short"),
        (1024, "fail", "wrong-key"),
        (8192, "fail", "wrong-key"),
        (8193, "policy", "key-too-long"),
    ],
)
def test_rsa_keys_of_the_wrong_size_are_not_even_tried(bits: int, result: str, cause: str) -> None:
    public = RSAPublicNumbers(65537, (1 << (bits - 1)) + 12345).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    found = one(signed(), b"p=" + base64.b64encode(der))
    assert (found.result, found.cause, found.bits) == (result, cause, bits)


@pytest.mark.parametrize("bits", [1024, 4096])
def test_rsa_keys_from_1024_to_4096_bits_verify(bits: int) -> None:
    key = generate_private_key(65537, bits)
    assert one(signed(key=key), record(key)).bits == bits
    assert one(signed(key=key), record(key)).result == "pass"


def test_t_s_wants_the_very_domain_and_t_y_is_told() -> None:
    raw = signed(identity="@mail.example.org")
    assert one(raw).result == "pass"
    assert one(raw, record(RSA, b"t=s; ")).cause == "identity-outside-domain"
    testing = one(signed(), record(RSA, b"t=y:s; "))
    assert (testing.result, testing.testing) == ("pass", True)


def test_a_clock_an_hour_ahead_is_no_lie() -> None:
    assert one(signed(timestamp=NOW + timedelta(minutes=59))).result == "pass"
    assert one(signed(expires=NOW + timedelta(seconds=1))).result == "pass"


def test_times_beyond_the_calendar_are_infinity() -> None:
    raw = signed().replace(b"v=1;", b"v=1; x=" + b"9" * 400 + b";")
    assert one(raw).cause == "header-changed"


# Which fields are meant


def test_repeated_fields_are_taken_from_the_bottom_up() -> None:
    raw = b"Received: 2\r\nReceived: 1\r\n" + MAIL
    done = signed(raw, fields=("from", "received"), oversign=())
    assert one(done).result == "pass"
    one_signed = signed(b"Received: 1\r\n" + MAIL, fields=("from", "received"), oversign=())
    field, rest = one_signed[: -len(MAIL) - 13], one_signed[-len(MAIL) - 13 :]
    assert one(field + b"Received: 2\r\n" + rest).result == "pass"
    assert one(field + rest.replace(b"From:", b"Received: 3\r\nFrom:", 1)).cause == "header-changed"


def test_a_from_added_later_fails_where_it_is_oversigned_and_is_told_where_not() -> None:
    forged = b"From: eve@example.net\r\n"
    found = one(forged + signed())
    assert (found.result, found.cause) == ("fail", "header-changed")
    assert (found.change, found.changed_fields) == ("field-added", ("from",))
    careless = signed(oversign=())
    found = one(forged + careless)
    assert (found.result, found.added_fields) == ("pass", ("from",))
    assert one(careless).added_fields == ()


@pytest.mark.parametrize(
    "hidden",
    [
        b"X: y\rFrom: eve@example.net\r\n",
        b"\0From: eve@example.net\r\n",
        b" From: eve@example.net\r\n",
        b"X: a\r\r\nX: b\rfRoM : e\r\n",
    ],
)
def test_a_from_that_only_lenient_readers_see_is_told(hidden: bytes) -> None:
    found = one(hidden + signed(oversign=()))
    assert (found.result, found.added_fields) == ("pass", ("from",))


def test_a_from_written_with_space_before_the_colon_counts() -> None:
    assert one(b"From : eve@example.net\r\n" + signed(oversign=())).added_fields == ("from",)
    assert one(b"FROM\t: eve@example.net\r\n" + signed()).result == "fail"


def test_a_signature_is_never_among_the_fields_it_names() -> None:
    fields = (*dkim.sign.__kwdefaults__["fields"], "dkim-signature")
    first = signed(fields=fields)
    both = signed(first, fields=fields, selector="s2")
    assert [found.result for found in verify(both, record(RSA))] == ["pass", "pass"]
    sealed = signed(fields=fields, oversign=("from", "dkim-signature"))
    assert one(sealed).result == "pass"
    again = signed(sealed, selector="s2")
    assert [found.result for found in verify(again, record(RSA))] == ["pass", "fail"]


# The body


@pytest.mark.parametrize(
    "body", [b"", b"\r\n", b"x", b"x\r\n\r\n \r\n", b" \t ", b"\r", b"a\rb \r", b"\0", b"a\nb\r\n"]
)
@pytest.mark.parametrize("form", ["simple", "relaxed"])
def test_odd_bodies_verify(body: bytes, form: str) -> None:
    raw = b"From: a@example.org\r\n\r\n" + body
    assert one(signed(raw, canonicalization=f"relaxed/{form}")).result == "pass"


def test_relaxed_bodies_may_change_their_white_space_only() -> None:
    raw = signed()
    assert one(raw.replace(b"dinner  ready", b"dinner \t ready")).result == "pass"
    assert one(raw.replace(b"Alice\r\n", b"Alice \r\n") + b"\r\n \r\n").result == "pass"
    assert one(raw.replace(b"dinner  ready", b"dinnerready")).cause == "body-changed"
    strict = signed(canonicalization="relaxed/simple")
    assert one(strict + b"\r\n\r\n").result == "pass"
    assert one(strict.replace(b"dinner  ready", b"dinner ready")).cause == "body-changed"


def test_l_says_how_much_is_unsigned() -> None:
    raw = signed(length=len(b"Dear Bob,\r\n"))
    assert one(raw).unsigned_bytes == len(dkim_canonical.relaxed_body(Message(MAIL).body)) - 11
    whole = signed(length=len(dkim_canonical.relaxed_body(Message(MAIL).body)))
    found = one(whole + b"Buy this!\r\n")
    assert (found.result, found.unsigned_bytes) == ("pass", 11)
    assert one(signed(length=0) + b"anything").result == "pass"


def test_l_counts_no_more_than_there_is() -> None:
    """RFC 6376 section 3.5: l= MUST NOT be larger than the canonical body, even if the hash is that of all of it."""
    octets = len(dkim_canonical.relaxed_body(Message(MAIL).body))
    with pytest.raises(Misconfigured, match="length"):
        signed(length=octets + 1)
    # A signer that does not care: everything fits but the number.
    signature = dkim_signature.parse(Message(signed(length=octets)).all("dkim-signature")[0].value)
    for length, result, cause in ((octets, "pass", ""), (octets + 1, "fail", "body-shorter-than-signed")):
        text = dkim_signature.format(signature._replace(length=length, signature=b""))
        field = signed_field(Message(MAIL), "DKIM-Signature", text, signature.fields, "relaxed", RSA)
        found = one(field + MAIL)
        assert (found.result, found.cause, found.header) == (result, cause, "intact")


body_text = st.lists(st.sampled_from([b" ", b"  ", b"\t", b"\r\n", b"\n", b"\r", b"a", b"b  c", b"."]), max_size=30)


@given(body_text.map(b"".join))
def test_canonical_bodies_are_those_of_the_plainest_reading(body: bytes) -> None:
    lines = re.sub(rb"\r?\n", b"\r\n", body).split(b"\r\n")
    relaxed = [re.sub(rb"[ \t]+", b" ", line).removesuffix(b" ") for line in lines]
    for mine, theirs in (
        (dkim_canonical.simple_body(body), lines),
        (dkim_canonical.relaxed_body(body).removesuffix(b"") or b"", relaxed),
    ):
        while theirs and not theirs[-1]:
            theirs.pop()
        assert mine == (b"".join(line + b"\r\n" for line in theirs) or (b"\r\n" if theirs is lines else b""))


def test_many_runs_of_spaces_are_reduced_like_few() -> None:
    body = b"a  b   c \r\n" * 20_000
    assert dkim_canonical.relaxed_body(body) == b"a b c\r\n" * 20_000
    assert dkim_canonical.relaxed_body(b"a" + b" " * 100_000 + b"b") == b"a b\r\n"


# What was done to it


@pytest.mark.parametrize(
    ("before", "after", "cause", "change", "fields"),
    [
        (b"Alice\r\n", b"Alice\r\n-- \r\nList footer\r\nhttps://example.net/\r\n", "body-changed", "footer-added", ()),
        (b"Dear Bob,", b"CAUTION: external mail\r\n\r\nDear Bob,", "body-changed", "banner-added", ()),
        (b"\r\n>From the", b"\r\n>>From the", "body-changed", "", ()),
        (b"Subject: Dinner", b"Subject: [cooks] Dinner", "header-changed", "subject-tagged", ("subject",)),
        (b"Subject: Dinner", b"Subject: ***SPAM*** Dinner", "header-changed", "subject-tagged", ("subject",)),
        (b"8bit", b"7bit", "header-changed", "encoding-renamed", ("content-transfer-encoding",)),
        (b"To: bob", b"Reply-To: list@example.net\r\nTo: bob", "header-changed", "field-added", ("reply-to",)),
        (
            b"From: Alice <alice@example.org>",
            b"From: Alice via list <list@example.net>\r\nX-Original-From: Alice <alice@example.org>",
            "header-changed",
            "from-rewritten",
            ("from",),
        ),
        (
            b"From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nSubject: Dinner",
            b"From: list@example.net\r\nReply-To: Alice <alice@example.org>\r\n"
            b"To: bob@example.com\r\nSubject: [l] Dinner",
            "header-changed",
            "subject-tagged",
            ("subject", "from", "reply-to"),
        ),
    ],
)
@pytest.mark.parametrize("key", [RSA, ED25519], ids=["rsa", "ed25519"])
def test_the_likely_change_is_named_where_undoing_it_verifies(
    key: dkim.PrivateKey, before: bytes, after: bytes, cause: str, change: str, fields: tuple[str, ...]
) -> None:
    raw = signed(key=key)
    assert before in raw
    found = one(raw.replace(before, after), record(key))
    assert (found.result, found.cause, found.change, found.changed_fields) == ("fail", cause, change, fields)


def test_a_list_that_tags_and_adds_a_footer_is_seen_through_in_both() -> None:
    raw = signed().replace(b"Subject: ", b"Subject: [cooks] ") + b"-- \r\nfooter\r\n"
    found = one(raw)
    assert (found.header, found.body, found.change) == ("changed", "changed", "footer-added")
    assert found.changed_fields == ("subject",)


@pytest.mark.parametrize(
    ("sent", "arrived", "change"),
    [
        (b"Gr\xc3\xbc\xc3\x9fe\r\n", b"Gr=C3=BC=C3=9Fe\r\n", "reencoded"),
        (b"a\r\nFrom here\r\n", b"a\r\n>From here\r\n", "from-quoted"),
        (b"a\r\n.b\r\n", b"a\r\n..b\r\n", "dots-doubled"),
        (b"a\r\n", b"\r\n", "body-missing"),
    ],
)
def test_what_happened_to_the_body_on_the_way(sent: bytes, arrived: bytes, change: str) -> None:
    header = b"From: a@example.org\r\n\r\n"
    raw = signed(header + sent, canonicalization="relaxed/simple")
    found = one(raw.removesuffix(sent) + arrived)
    assert (found.cause, found.change) == ("body-changed", change)


def test_a_re_encoded_body_is_decoded_by_its_new_encoding() -> None:
    sent = signed(b"From: a@example.org\r\n\r\nGr\xc3\xbc\xc3\x9fe an alle\r\n", fields=("from",))
    header = sent.partition(b"\r\n\r\n")[0]
    coded = base64.encodebytes(b"Gr\xc3\xbc\xc3\x9fe an alle\r\n").replace(b"\n", b"\r\n")
    found = one(header + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded)
    assert (found.cause, found.change) == ("body-changed", "reencoded")


# Several signatures


def test_each_signature_is_judged_on_its_own_from_top_to_bottom() -> None:
    raw = signed(signed(signed(), ED25519, selector="e1"), domain="example.net", selector="n1")
    keys = {"e1._domainkey.example.org": record(ED25519), "n1._domainkey.example.net": b"v=DKIM1; p="}
    found = verify(raw, keys=keys)
    assert [(v.domain, v.result, v.cause) for v in found] == [
        ("example.net", "permerror", "key-revoked"),
        ("example.org", "pass", ""),
        ("example.org", "permerror", "key-missing"),
    ]
    offsets = [v.offset for v in found]
    assert offsets == sorted(offsets)


def test_unreadable_signatures_do_not_use_up_the_places_of_good_ones() -> None:
    found = verify(b"DKIM-Signature: junk\r\n" * 200 + signed(), record(RSA), limit=1)
    assert [v.cause for v in found] == ["syntax"] * 10 + ["", "too-many-signatures"]
    assert found[10].result == "pass"
    assert "190 more" in found[-1].detail


def test_there_is_a_limit_and_it_is_told() -> None:
    raw = signed()
    field = raw[: -len(MAIL)]
    found = verify(field * 20 + MAIL, record(RSA))
    assert [v.result for v in found] == ["pass"] * 10 + ["policy"]
    assert found[-1].cause == "too-many-signatures"


def test_an_unsigned_message_asks_nothing() -> None:
    assert ask(dkim.verify(Message(MAIL)), lambda question: pytest.fail("asked")) == ((), ())


# Returned headers


def test_a_header_alone_proves_itself() -> None:
    raw = signed()
    header = Message(raw[: raw.index(b"\r\n\r\n") + 2])
    world = {"s1": Answer("ok", (record(RSA),))}["s1"]

    def answer(question: Question) -> Answer[Any]:
        return Answer("ok", (NOW,)) if isinstance(question, Now) else world

    (found,), _ = ask(dkim.verify_header(header), answer)
    assert (found.result, found.header, found.body) == ("pass", "intact", "unchecked")
    (found,), _ = ask(dkim.verify_header(Message(header.raw.replace(b"Dinner", b"Lunch"))), answer)
    assert (found.result, found.cause, found.body) == ("fail", "header-changed", "unchecked")
    (whole,), _ = ask(dkim.verify(header), answer)
    assert (whole.cause, whole.change, whole.header) == ("body-changed", "body-missing", "intact")


# Internationalised mail


def test_domains_and_selectors_may_be_u_labels() -> None:
    raw = signed(domain="bücher.example", selector="ä", identity="jürgen@bücher.example", fields=("from",))
    raw = raw.replace(b"d=xn--bcher-kva.example", "d=bücher.example".encode())
    (found,) = verify(raw, keys={"xn--4ca._domainkey.xn--bcher-kva.example": record(RSA)})
    assert (found.domain, found.identity) == ("xn--bcher-kva.example", "jürgen@xn--bcher-kva.example")
    assert found.cause == "header-changed"  # the key was found; d= was rewritten after signing
    (found,) = verify(signed(domain="bücher.example"), keys={"s1._domainkey.xn--bcher-kva.example": record(RSA)})
    assert found.result == "pass"


# Whatever arrives


def test_key_records_tell_what_an_audit_asks() -> None:
    key = dkim.parse_key(record(RSA, b"t=y:s; s=email; h=sha256; n=hello; "))
    assert (key.type, key.bits, key.hashes, key.services) == ("rsa", 2048, ("sha256",), ("email",))
    assert (key.flags, key.notes, key.revoked, key.testing, key.strict) == (("y", "s"), "hello", False, True, True)
    assert dkim.parse_key(b"p=").revoked


@given(st.binary(max_size=200) | st.text("vkp=; DKIM1rsa\t\r\n", max_size=60).map(str.encode))
def test_any_key_record_is_a_key_or_malformed(data: bytes) -> None:
    try:
        key = dkim.parse_key(data)
    except Malformed:
        return
    assert key.revoked or key.bits or key.type not in ("rsa", "ed25519")


@given(st.binary(max_size=300).map(lambda data: b"p=" + base64.b64encode(data)))
def test_any_key_bytes_are_a_key_or_malformed(data: bytes) -> None:
    for kind in (b"", b"k=ed25519; "):
        try:
            dkim.parse_key(kind + data)
        except Malformed as error:
            assert error.what


@given(st.binary(max_size=200))
def test_any_field_is_a_signature_or_malformed(value: bytes) -> None:
    try:
        dkim_signature.parse(value)
    except Malformed as error:
        assert error.what


TAG = st.text("abz-_.=;:@/ \t\r\n019é%", max_size=12)


@given(
    st.lists(
        st.tuples(st.sampled_from(["v", "a", "b", "bh", "c", "d", "h", "i", "l", "q", "s", "t", "x"]), TAG), max_size=14
    )
)
def test_any_tags_are_a_signature_or_malformed(listed: list[tuple[str, str]]) -> None:
    value = "; ".join(f"{name}={text}" for name, text in listed).encode()
    whole = b"v=1; a=rsa-sha256; b=AAAA; bh=AAAA; d=example.org; h=from; s=s1; " + value
    for text in (value, whole):
        try:
            found = dkim_signature.parse(text)
        except Malformed:
            continue
        assert dkim_signature.parse(dkim_signature.format(found).encode()) == found


moments = st.none() | st.integers(0, 99_999_999_999).map(lambda second: datetime.fromtimestamp(second, UTC))
signatures = st.builds(
    dkim_signature.Signature,
    algorithm=st.sampled_from(["rsa-sha256", "ed25519-sha256", "other"]),
    signature=st.binary(max_size=40),
    body_hash=st.binary(max_size=40),
    domain=st.just("example.org"),
    selector=st.sampled_from(["s1", "a.b", "_x"]),
    identity=st.text(max_size=10).map(lambda local: f"{local}@mail.example.org") | st.just("@example.org"),
    fields=st.lists(st.sampled_from(["from", "to", "x-y_z"]), max_size=5).map(tuple),
    header_form=st.sampled_from(["simple", "relaxed"]),
    body_form=st.sampled_from(["simple", "relaxed"]),
    length=st.none() | st.integers(0, 10**15),
    signed_at=moments,
    expires=st.none(),
)


@given(signatures)
def test_what_is_formatted_is_parsed_back(signature: dkim_signature.Signature) -> None:
    text = dkim_signature.format(signature)
    assert dkim_signature.parse(text.encode()) == signature
    assert dkim_signature.parse(b" " + dkim_signature.folded(text).encode()) == signature


@given(st.data())
def test_a_mutated_message_never_raises_and_never_passes_for_another(data: st.DataObject) -> None:
    raw = bytearray(SIGNED)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    for found in verify(bytes(raw), record(RSA)):
        assert found.result in {*dkim.CAUSES.values(), "pass"}
        assert bool(found.cause) == (found.result != "pass")


SIGNED = signed()


@pytest.mark.parametrize(
    "raw",
    [
        b"DKIM-Signature: " + b"a" * 10_000_000 + b"\r\n" + SIGNED,
        b"DKIM-Signature: v=1; h=" + b"from:" * 2_000_000 + b"\r\n" + SIGNED,
        b"X: " + b" " * 10_000_000 + b"\r\n" + SIGNED,
        b"Received: x\r\n" * 10_000 + SIGNED,
        SIGNED[: -len(MAIL)] * 10_000 + MAIL,
        b"DKIM-Signature: v=1\r\n" * 10_000 + SIGNED,
        SIGNED + b"\r\n" * 5_000_000,
        SIGNED + b" " * 10_000_000,
        SIGNED + b"a  " * 3_000_000,
        SIGNED.replace(b"Subject: ", b"Subject: " + b"[" * 30_000),
    ],
    ids=[
        "long tag",
        "long h=",
        "long field",
        "received",
        "signatures",
        "junk signatures",
        "lines",
        "spaces",
        "runs",
        "[",
    ],
)
def test_hostile_sizes_end_in_results(raw: bytes) -> None:
    assert all(found.result in {*dkim.CAUSES.values(), "pass"} for found in verify(raw, record(RSA)))
