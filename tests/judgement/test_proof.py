"""A proof survives being written and read, and shows when it was changed."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.judgement import proof
from disavow.judgement.envelope import Envelope
from disavow.standards.questions import Answer, Fetch, Lookup, Mx, Now, Response, Say, Tlsa

AT = datetime(2026, 10, 5, 14, 20, 5, 123456, tzinfo=UTC)
PROOF = proof.Proof(
    message="00" * 32,
    envelope=Envelope(ip_address("2001:db8::1"), "mail.example.org", "", "received", 2, "mx.example.net", AT, ("a",)),
    exchanges=(
        (Lookup("example.org", "TXT"), Answer("ok", (b"v=spf1 -all", bytes(range(256))), ttl=60), AT),
        (Lookup("example.org", "MX"), Answer("ok", (Mx(10, "mx.example.org"), Mx(0, ""))), AT),
        (Lookup("a.example.org", "A"), Answer("ok", (ip_address("192.0.2.1"),), aliases=("b.example.org",)), AT),
        (Lookup("a.example.org", "AAAA"), Answer("nodata", authenticated=True), AT),
        (Lookup("1.2.0.192.in-addr.arpa", "PTR"), Answer("ok", ("a.example.org",)), AT),
        (Lookup("_25._tcp.a.example.org", "TLSA"), Answer("ok", (Tlsa(3, 1, 1, b"\x00\xff"),)), AT),
        (Lookup("gone.example.org", "TXT"), Answer("temperror", why="SERVFAIL"), AT),
        (Fetch("https://example.org/"), Answer("ok", (Response(200, (("a", "b"),), b"\x00\xff"),)), AT),
        (Say("192.0.2.1", 25, ("NOOP",)), Answer("ok", ("220 hi", "250 ok")), AT),
        (Now(), Answer("ok", (AT,)), AT),
    ),
    result={"verdict": {"answer": "forged", "because": ["é"]}},
    number=2,
)


def test_what_is_written_is_read() -> None:
    assert proof.parse(proof.format(PROOF)) == PROOF


def test_layout_does_not_matter() -> None:
    assert proof.parse(json.dumps(json.loads(proof.format(PROOF))).encode()) == PROOF


def test_every_changed_character_is_noticed() -> None:
    """Each byte that is no layout: one changed, and the proof is refused or says the same."""
    raw = proof.format(PROOF)
    for at in range(0, len(raw), 7):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        with suppress(Malformed):
            assert proof.parse(changed) == PROOF


def test_a_changed_answer_is_named() -> None:
    with pytest.raises(Malformed, match="changed after it was written"):
        proof.parse(proof.format(PROOF).replace(b"-all", b"+all"))


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"1", b"[" * 100_000, b'{"schema": "disavow/proof/1"}', b"\xff"])
def test_what_is_no_proof_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        proof.parse(raw)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["question", "answer", "at", "status", "values", "ask", "name", "type"]), inner
            )
        ),
    )
)
def test_any_well_digested_json_is_a_proof_or_malformed(questions: object) -> None:
    content = json.loads(proof.format(PROOF)) | {"questions": questions}
    content.pop("sha256")
    content["sha256"] = proof.digest(proof._canonical(content))
    with suppress(Malformed):
        proof.parse(json.dumps(content).encode())


def test_a_well_digested_but_unfit_answer_is_malformed() -> None:
    for answer in ({"status": "ok", "values": [1]}, {"status": "good", "values": []}, None, {"status": "ok"}):
        content = json.loads(proof.format(PROOF))
        content["questions"][2]["answer"] = answer
        content.pop("sha256")
        content["sha256"] = proof.digest(proof._canonical(content))
        with pytest.raises(Malformed):
            proof.parse(json.dumps(content).encode())
