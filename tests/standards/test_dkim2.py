"""DKIM2 as far as it is read: the claimed way of a message, and whatever bytes arrive."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dkim2
from disavow.standards.message import Message

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
ONE = dkim2.Instance(1, (dkim2.Digest("sha256", b"h" * 32, b"b" * 32),))
TWO = ONE._replace(number=2, recipe=b'{"h":{}}')
SIGNED = (dkim2.Signed("s1", "ed25519-sha256", b"s" * 64),)
FIRST = dkim2.Signature(1, 1, AT, "example.org", SIGNED, "<alice@example.org>", ("<list@example.net>",))
SECOND = dkim2.Signature(2, 2, AT, "example.net", SIGNED, "<list-bounces@example.net>", ("<bob@example.com>",))


def message(*fields: dkim2.Instance | dkim2.Signature) -> Message:
    lines = [
        f"Message-Instance: {dkim2.format_instance(field)}"
        if isinstance(field, dkim2.Instance)
        else f"DKIM2-Signature: {dkim2.format_signature(field)}"
        for field in fields
    ]
    return Message("\r\n".join([*reversed(lines), "From: alice@example.org", "", ""]).encode())


def test_the_draft_is_named() -> None:
    assert dkim2.DRAFT.startswith("draft-ietf-dkim-dkim2-spec-")


def test_a_list_hands_on_what_it_was_given_and_says_how_to_undo_its_changes() -> None:
    chain = dkim2.explain(message(ONE, FIRST, TWO, SECOND))
    assert chain.problem == ""
    assert [hop.signature for hop in chain.hops] == [FIRST, SECOND]
    assert [(hop.changed, hop.can_undo, hop.problem) for hop in chain.hops] == [(False, False, ""), (True, True, "")]
    assert chain.instances == (ONE, TWO)


def test_a_message_without_dkim2_has_no_hops() -> None:
    assert dkim2.explain(Message(b"From: a@example.org\r\n\r\n")) == dkim2.Chain()


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (SECOND._replace(domain="example.com", mail_from="<x@example.com>"), "custody-broken"),
        (SECOND._replace(mail_from="<eve@example.com>"), "sender-of-another-domain"),
        (SECOND._replace(mail_from="<>"), ""),
        (SECOND._replace(mail_from="<x@lists.example.net>"), ""),
        (SECOND._replace(instance=3), "instance-missing"),
    ],
)
def test_a_hop_that_was_not_sent_the_message_shows(second: dkim2.Signature, problem: str) -> None:
    assert dkim2.explain(message(ONE, FIRST, TWO, second)).hops[1].problem == problem


def test_the_next_domain_may_be_named_instead_of_recipients() -> None:
    first = FIRST._replace(mail_from=None, recipients=(), next_domain="example.net")
    assert dkim2.explain(message(ONE, first, SECOND._replace(instance=1))).hops[1].problem == ""
    elsewhere = first._replace(next_domain="example.com")
    assert dkim2.explain(message(ONE, elsewhere, SECOND._replace(instance=1))).hops[1].problem == "custody-broken"


def test_a_message_without_instances_has_a_way_too() -> None:
    chain = dkim2.explain(message(FIRST._replace(instance=0)))
    assert (chain.problem, [hop.problem for hop in chain.hops]) == ("", [""])


def test_groups_of_later_drafts_are_read_as_one_list() -> None:
    text = dkim2.format_signature(FIRST._replace(signatures=SIGNED * 2)).replace(",s1:", "|s1:")
    assert dkim2.parse_signature(text.encode()).signatures == SIGNED * 2
    both = ONE._replace(digests=ONE.digests * 2)
    assert dkim2.parse_instance(dkim2.format_instance(both).replace(",", "|").encode()) == both


@pytest.mark.parametrize(
    "fields",
    [(ONE, FIRST, FIRST), (ONE, SECOND), (TWO, FIRST), (ONE, TWO, FIRST), tuple([ONE] * 60)],
    ids=["twice", "first missing", "instance missing", "unsigned instance", "too many"],
)
def test_fields_that_make_no_chain_say_why(fields: tuple[dkim2.Instance | dkim2.Signature, ...]) -> None:
    chain = dkim2.explain(message(*fields))
    assert chain.problem
    assert not chain.hops


def test_names_of_tags_are_the_same_in_either_case_and_folding_is_allowed() -> None:
    text = dkim2.format_signature(FIRST).replace("; ", ";\r\n\t").replace("t=", "T=", 1)
    assert dkim2.parse_signature(text.encode()) == FIRST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m=1",
        "m=0; h=sha256:AA==:AA==",
        "m=1; h=sha256:AA==",
        "m=1; h=a:b:c:d",
        "m=1; h=x,,y",
        "m=1; M=1; h=a:AA==:AA==",
    ],
)
def test_malformed_instances(text: str) -> None:
    with pytest.raises(Malformed):
        dkim2.parse_instance(text.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("i=1", "i=x"),
        ("t=", "t=-"),
        ("d=example.org", "d=a b"),
        ("; mf=", "; nd=example.com; mf="),
        ("s=s1:", "s=s1"),
        ("; s=", "; x="),
    ],
)
def test_malformed_signatures(old: str, new: str) -> None:
    text = dkim2.format_signature(FIRST)
    assert old in text
    with pytest.raises(Malformed):
        dkim2.parse_signature(text.replace(old, new).encode())


def test_a_nonce_has_a_length() -> None:
    assert dkim2.parse_signature(dkim2.format_signature(FIRST._replace(nonce="n" * 64)).encode()).nonce == "n" * 64
    with pytest.raises(Malformed):
        dkim2.parse_signature(dkim2.format_signature(FIRST._replace(nonce="n" * 65)).encode())


paths = st.text(max_size=10).map(lambda text: f"<{text}>")
signatures = st.builds(
    dkim2.Signature,
    number=st.integers(1, 999),
    instance=st.integers(1, 999),
    signed_at=st.integers(0, 10**11).map(lambda second: datetime.fromtimestamp(second, UTC)),
    domain=st.sampled_from(["example.org", "xn--bcher-kva.example"]),
    signatures=st.lists(st.just(SIGNED[0]), min_size=1, max_size=3).map(tuple),
    mail_from=paths,
    recipients=st.lists(paths, max_size=3).map(tuple),
    next_domain=st.none(),
    nonce=st.text("abc123", max_size=10),
    flags=st.lists(st.sampled_from(["exploded", "donotmodify"]), max_size=2).map(tuple),
)


@given(signatures)
def test_signatures_that_are_formatted_are_parsed_back(signature: dkim2.Signature) -> None:
    assert dkim2.parse_signature(dkim2.format_signature(signature).encode()) == signature


@given(
    st.integers(1, 999), st.lists(st.binary(max_size=32), min_size=1, max_size=3), st.none() | st.binary(max_size=20)
)
def test_instances_that_are_formatted_are_parsed_back(number: int, hashes: list[bytes], recipe: bytes | None) -> None:
    instance = dkim2.Instance(number, tuple(dkim2.Digest("sha256", one, one) for one in hashes), recipe)
    assert dkim2.parse_instance(dkim2.format_instance(instance).encode()) == instance


@given(st.binary(max_size=100) | st.text("imtdshrfn=;:,1Aa ", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_malformed(value: bytes) -> None:
    for parse in (dkim2.parse_instance, dkim2.parse_signature):
        try:
            parse(value)
        except Malformed as error:
            assert error.what
    dkim2.explain(Message(b"DKIM2-Signature: " + value + b"\r\nMessage-Instance: " + value + b"\r\n\r\n"))


def test_hostile_sizes_end_in_results() -> None:
    for value in (b"a" * 10_000_000, b"s=" + base64.b64encode(b"x" * 5_000_000), b"rt=" + b"," * 5_000_000):
        assert dkim2.explain(Message(b"DKIM2-Signature: " + value + b"\r\n\r\n")).problem
