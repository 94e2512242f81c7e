"""The verdict on whole messages: the cases under tests/corpus/verify, each with its reason.

A case is a .toml: the ``message`` (an .eml beside it) is signed as ``sign`` says, changed as ``change`` says, sealed as
``seal`` says, changed again, and judged as mx.example.net received it. ``zone.dns`` is the world.
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement import envelope as envelopes
from disavow.judgement import paste
from disavow.judgement.envelope import Envelope
from disavow.judgement.explain import Verdict, explain
from disavow.judgement.stamp import stamp
from disavow.judgement.verify import Verification, verify
from disavow.standards import arc, authres, dkim, received
from disavow.standards.message import Message
from disavow.standards.questions import Answer, Now, Question
from disavow.words import say
from disavow.world.ask import ask, replay
from disavow.world.resolver import Zone, offline

FOLDER = Path(__file__).parents[1] / "corpus" / "verify"
CASES = sorted(FOLDER.glob("*.toml"))
NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)


@cache
def keys() -> dict[str, RSAPrivateKey | Ed25519PrivateKey]:
    return {"rsa": generate_private_key(65537, 2048), "ed": Ed25519PrivateKey.from_private_bytes(bytes(range(32)))}


def published(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    """The key record as a TXT value, in strings of legal length."""
    if isinstance(key, RSAPrivateKey):
        kind, encoding, form = "rsa", Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    else:
        kind, encoding, form = "ed25519", Encoding.Raw, PublicFormat.Raw
    public = key.public_key().public_bytes(encoding, form)
    text = f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"
    return " ".join(f'"{text[at : at + 250]}"' for at in range(0, len(text), 250))


def world(extra: str = "", now: datetime = NOW) -> Callable[[Question], Answer[Any]]:
    text = (FOLDER / "zone.dns").read_text("utf-8")
    text = text.replace("TXT {rsa}", f"TXT {published(keys()['rsa'])}")
    text = text.replace("TXT {ed25519}", f"TXT {published(keys()['ed'])}")
    zone = Zone(f"{text}\n{extra}\n")
    return lambda question: Answer("ok", (now,)) if isinstance(question, Now) else zone(question)


def prepared(case: dict[str, Any]) -> bytes:
    """The message of a case, signed and then changed."""
    raw = (FOLDER / case["message"]).read_bytes()
    for options in case.get("sign", ()):
        key = keys()[options["selector"]]
        at = raw.index(b"From:")
        raw = raw[:at] + dkim.sign(Message(raw), key=key, **options).replace(b"\r\n", b"\n") + raw[at:]
    raw = changed(raw, case.get("change", ()))
    for options in case.get("seal", ()):
        at = raw.index(b"From:")
        rest = {name: value for name, value in options.items() if name != "results"}
        sealed = arc.seal(Message(raw), options["results"], key=keys()[options["selector"]], **rest)
        raw = raw[:at] + sealed.replace(b"\r\n", b"\n") + raw[at:]
    return changed(raw, case.get("change_again", ()))


def changed(raw: bytes, changes: list[dict[str, str]]) -> bytes:
    for change in changes:
        assert change["old"].encode() in raw, change
        raw = raw.replace(change["old"].encode(), change["new"].encode())
    return raw


def judged(case: dict[str, Any], raw: bytes) -> tuple[Verification, Verdict]:
    (reading,) = paste.read(raw)
    envelope = envelopes.read(reading.message, received_by=case.get("received_by", "mx.example.net"))
    if given := case.get("envelope"):
        envelope = envelopes.given(envelope, ip_address(given["ip"]), given.get("helo"), given.get("mail_from"))
    dialogue = verify(reading.message, envelope)
    verification, transcript = ask(dialogue, world(case.get("zone", ""), case.get("now", NOW)))
    verdict = explain(verification, reading.repairs, exact=reading.exact)
    again, _ = replay(verify(reading.message, envelope), transcript)
    assert explain(again, reading.repairs, exact=reading.exact) == verdict
    return verification, verdict


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = tomllib.loads(path.read_text("utf-8"))
    expected = case["expected"]
    verification, verdict = judged(case, prepared(case))
    findings = (verdict.headline, *verdict.because, *verdict.findings)
    sentences = "\n".join(say(finding.tag, finding.args) for finding in findings)
    assert verdict.answer == expected["answer"], sentences
    assert set(expected.get("says", ())) <= {finding.tag for finding in findings}, sentences
    found: dict[str, Any] = {
        "spf": verification.spf.result if verification.spf else None,
        "dkim": [one.result for one in verification.dkim],
        "dmarc": verification.dmarc[0].result if verification.dmarc else None,
        "arc": verification.arc.result,
        "ip": str(verification.envelope.ip),
        "trusted": verification.envelope.trusted,
    }
    for name, value in found.items():
        assert expected.get(name, value) == value, name
    field = stamp(verification, "mx.example.net")
    assert authres.parse(authres.format(field)) == field


def test_offline_nothing_is_forged_and_nothing_genuine() -> None:
    for path in CASES:
        case = tomllib.loads(path.read_text("utf-8"))
        message = Message(prepared(case))
        envelope = envelopes.read(message, received_by="mx.example.net")
        verification, _ = ask(verify(message, envelope), offline)
        assert explain(verification).answer == "unproven", path.stem


@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                b"From: a@example.org\n",
                b"From: <a@example.org><b@evil.example>\n",
                b"Received: from x ([192.0.2.1]) by mx.example.net\n",
                b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=rsa; h=From; bh=AA==; b=AA==\n",
                b"Return-Path: <>\n",
                b"Authentication-Results: mx.example.net; dmarc=pass\n",
                b"ARC-Seal: i=1; cv=none\n",
                b"\n",
                b"\x00",
                b"x",
            ]
        )
    ).map(b"".join)
)
def test_any_bytes_have_a_verdict(raw: bytes) -> None:
    message = Message(raw)
    envelope = envelopes.read(message, received_by="mx.example.net")
    verification, _ = ask(verify(message, envelope), world())
    verdict = explain(verification)
    for finding in (verdict.headline, *verdict.because, *verdict.findings):
        assert say(finding.tag, finding.args)


def test_without_an_envelope_only_signatures_speak() -> None:
    raw = prepared({"message": "plain.eml", "sign": [{"domain": "example.org", "selector": "rsa"}]})
    verification, _ = ask(verify(Message(raw), Envelope()), world())
    assert verification.spf is None and explain(verification).answer == "genuine"


def test_mail_of_strangers_has_verdicts_that_can_be_said(suites: Path) -> None:
    """Real mail, nobody to ask: everything is unproven, and a transcript leads to the same again."""
    seen = 0
    for path in sorted((suites / "bounces" / "joe-job-2020" / "as-received").iterdir())[:150]:
        for reading in paste.read(path.read_bytes()):
            top = next(iter(received.chain(reading.message)), received.Hop())
            dialogue = verify(reading.message, envelopes.read(reading.message, received_by=top.by))
            verification, transcript = ask(dialogue, offline)
            verdict = explain(verification, reading.repairs, exact=reading.exact)
            assert verdict.answer == "unproven"
            for finding in (verdict.headline, *verdict.because, *verdict.findings):
                assert say(finding.tag, finding.args)
            again, _ = replay(verify(reading.message, verification.envelope), transcript)
            assert explain(again, reading.repairs, exact=reading.exact) == verdict
            seen += 1
    assert seen > 250
