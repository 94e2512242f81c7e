"""Where our DKIM differs from dkimpy's and mailauth's, on seeded mutants of signed mail, and who is right.

Every disagreement about whether a signature passes belongs to a class below, named with what the RFC says; one that
belongs to none ends the run with exit status 1. mailauth is asked where ``MAILAUTH`` names the folder of its
node_modules (``npm i mailauth@7.1.0`` there).
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.conftest import SUITES

import dkim as dkimpy
from disavow.standards import dkim
from disavow.standards.message import Message
from disavow.standards.questions import Answer, Now, Question
from disavow.world.ask import ask

MUTANTS = 5_000
SEED = 6376
NOW = datetime.now(UTC).replace(microsecond=0)

MAIL = (
    b"Received: from a.example.org by b.example.net; Wed, 25 Nov 2026 11:00:00 +0000\r\n"
    b"Received: from c.example.org by a.example.org;\r\n Wed, 25 Nov 2026 10:59:00 +0000\r\n"
    b"From: Alice <alice@example.org>\r\nTo: bob@example.com\r\nSubject: Dinner  tonight\r\n"
    b"Date: Wed, 25 Nov 2026 11:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n\r\n"
    b"Dear Bob,\r\n\r\nis dinner  ready? \r\n\r\nAlice\r\n\r\n"
)
BITS = (
    b" ",
    b"\t",
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n ",
    b";",
    b"=",
    b":",
    b"\0",
    b"\xc3\xa9",
    b"a",
    b"A",
    b"1",
    b"",
    b"",
    b".",
)
# What the middle of a message is replaced by: old, new.
SWAPS: tuple[tuple[bytes, bytes], ...] = (
    *((b"Subject:", b"subject :"), (b"From:", b"FROM:"), (b"To: ", b"To:\t"), (b"Dinner  ", b"Dinner ")),
    *(
        (b"\r\n", b"\n"),
        (b"Alice\r\n\r\n", b"Alice"),
        (b"Alice\r\n\r\n", b"Alice\r\n\r\n \r\n"),
        (b"ready? ", b"ready?"),
    ),
    *((b"relaxed/relaxed", b"relaxed"), (b"simple/simple", b"simple"), (b"c=relaxed/relaxed; ", b""), (b"c=", b"C=")),
    *((b"v=1;", b"v=1; l=5;"), (b"v=1;", b"v=1; l=999999;"), (b"v=1;", b"v=1; x=1;"), (b"v=1;", b"v=1; q=dns/txt;")),
    *((b"v=1;", b"v=2;"), (b"v=1;", b""), (b"v=1;", b"v=1;;"), (b"v=1;", b"v = 1 ;"), (b"v=1;", b"v=01;")),
    *((b"rsa-sha256", b"rsa-sha1"), (b"rsa-sha256", b"RSA-SHA256"), (b"ed25519", b"rsa"), (b"v=1;", b"v=1; zz=top;")),
    *(
        (b"v=1;", b"v=1; i=@mail.example.org;"),
        (b"v=1;", b"v=1; i=@example.com;"),
        (b"h=", b"h=x-none:"),
        (b"h=", b"h= "),
    ),
    *((b"From:", b"From: eve@example.net\r\nFrom:"), (b"Subject:", b"Subject: a\r\nSubject:"), (b"Dear", b"Deer")),
    *(
        (b"Received:", b"Received: x\r\nReceived:"),
        (b"example.org;", b"EXAMPLE.org;"),
        (b"bh=", b"bh= "),
        (b"b=", b"b=\r\n "),
    ),
)
RECORD_SWAPS: tuple[tuple[bytes, bytes], ...] = (
    *(
        (b"k=", b"t=y; k="),
        (b"k=", b"t=s; k="),
        (b"k=", b"h=sha1; k="),
        (b"k=", b"h=sha1:sha256; k="),
        (b"k=", b"s=email; k="),
    ),
    *(
        (b"k=", b"s=other; k="),
        (b"k=", b"g=bob; k="),
        (b"k=", b"n=hello world; k="),
        (b"v=DKIM1; ", b""),
        (b"v=DKIM1", b"v=DKIM2"),
    ),
    *(
        (b"k=rsa; ", b""),
        (b"k=", b"K="),
        (b"p=", b"p= "),
        (b"p=", b"p=;"),
        (b"p=", b"q="),
        (b"k=rsa", b"k=dsa"),
        (b"; p", b";; p"),
    ),
    *((b"k=", b"p=; k="), (b"k=", b"zz=1; k="), (b"v=DKIM1; k=", b"k="), (b"p=", b"v=DKIM1; p=")),
)


class Case(NamedTuple):
    """A message, the record that every key name has, and those of other names."""

    raw: bytes
    record: bytes
    others: Mapping[str, str] = {}

    def key(self, name: str) -> bytes:
        return self.others.get(name, "").encode() if self.others else self.record


class Disagreement(NamedTuple):
    case: Case
    ours: dkim.Verification
    theirs: bool
    message: str


def has_bare_cr(one: Disagreement) -> bool:
    return re.search(rb"\r(?!\n)", Message(one.case.raw).header) is not None


def has_junk_line(one: Disagreement) -> bool:
    return "junk-line" in Message(one.case.raw).defects


# (class, what decides it, whether a disagreement is of this class).
CLASSES: tuple[tuple[str, str, Callable[[Disagreement], bool]], ...] = (
    (
        "a key whose h= does not list sha256",
        "RFC 6376 section 6.1.2 item 6: the hash must be among those the key record names, else PERMFAIL",
        lambda one: one.ours.cause == "key-hash" and one.theirs,
    ),
    (
        "rsa-sha1",
        "RFC 8301 section 3.1: rsa-sha1 MUST NOT be used for signing or verifying",
        lambda one: one.ours.cause == "sha1" and one.theirs,
    ),
    (
        "white space before the colon of a field",
        "RFC 6376 section 3.4.2: relaxed deletes WSP before the colon, so the field may have it (RFC 5322 section 4.5)",
        lambda one: (
            "Unexpected characters" in one.message and re.search(rb"(?m)^[!-9;-~]+[ \t]+:", one.case.raw) is not None
        ),
    ),
    (
        "a second From that is not signed",
        "RFC 6376 section 5.4.2 signs the last instance only; 8.15 leaves it to us how to warn: added_fields does",
        lambda one: "from" in one.ours.added_fields and not one.theirs,
    ),
    (
        "a line in the header that is neither a field nor a continuation",
        "RFC 5322 section 2.2.3: only a line that begins with white space continues a field; RFC 6376 section 3.8 "
        "wants care with such input: the signed fields are judged, the line is a defect of the message",
        has_junk_line,
    ),
    (
        "a bare CR in the header",
        "RFC 6376 section 2.8: WSP is SP or HTAB, FWS needs CRLF; a bare CR is neither and stays in what is hashed",
        has_bare_cr,
    ),
    (
        "b= or bh= with characters that base64 does not have",
        "RFC 6376 section 2.10: base64string is letters, digits, +, /, = and FWS; else the tag list is invalid (3.2)",
        lambda one: one.ours.detail == "not base64" and one.theirs,
    ),
)


def cases() -> list[Case]:
    """The public corpus, and signed messages with their key records, most of them changed in one to three places."""
    chance = random.Random(SEED)
    bases = list(signed())
    made = list(corpus())
    for number in range(MUTANTS):
        raw, record, _ = chance.choice(bases)
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3)) if number >= len(bases) else 0):
            raw, record = mutated(chance, raw, record)
        made.append(Case(raw, record))
    return made


def corpus() -> Iterable[Case]:
    path = SUITES / "dkim" / "mail-dkim-corpus.json"
    for case in json.loads(path.read_text()) if path.exists() else ():
        yield Case(base64.b64decode(case["message_b64"]), b"", case["dns"])


def signed() -> Iterable[Case]:
    """Every kind of signature there is."""
    for key in (generate_private_key(65537, 2048), generate_private_key(65537, 1024), Ed25519PrivateKey.generate()):
        for canonicalization in ("relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"):
            for options in OPTIONS:
                field = dkim.sign(
                    Message(MAIL),
                    domain="example.org",
                    selector="s",
                    key=key,
                    canonicalization=canonicalization,
                    **options,
                )
                yield Case(field + MAIL, published(key))


OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"timestamp": NOW - timedelta(days=1), "expires": NOW + timedelta(days=9)},
    {"oversign": (), "fields": ("from", "to", "subject", "received")},
    {"length": 11},
)


def published(key: dkim.PrivateKey) -> bytes:
    if isinstance(key, RSAPrivateKey):
        der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)
    return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(key.public_key().public_bytes_raw())


def mutated(chance: random.Random, raw: bytes, record: bytes) -> tuple[bytes, bytes]:
    kind = chance.random()
    if kind < 0.45:
        return raw.replace(*chance.choice(SWAPS), chance.choice((1, -1))), record
    if kind < 0.65:
        return raw, record.replace(*chance.choice(RECORD_SWAPS), 1)
    if kind < 0.75:
        fields = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
        at, other = chance.randrange(len(fields)), chance.randrange(len(fields))
        fields[at], fields[other] = fields[other], fields[at]
        return b"\r\n".join(fields) + b"\r\n\r\n" + raw.partition(b"\r\n\r\n")[2], record
    at = chance.randrange(len(raw))
    return raw[:at] + chance.choice(BITS) + raw[at + chance.choice((0, 0, 1)) :], record


def ours(case: Case) -> tuple[dkim.Verification, ...]:
    def world(question: Question) -> Answer[Any]:
        if isinstance(question, Now):
            return Answer("ok", (NOW,))
        record = case.key(question.name)  # type: ignore[union-attr]
        return Answer("ok", (record,)) if record else Answer("nxdomain")

    return ask(dkim.verify(Message(case.raw)), world)[0]


def by_dkimpy(case: Case, index: int) -> tuple[bool, str]:
    try:
        return bool(
            dkimpy.DKIM(case.raw).verify(index, dnsfunc=lambda name, timeout=5: case.key(name.decode().rstrip(".")))
        ), ""
    except Exception as error:
        return False, f"{type(error).__name__}: {error}"


def against_dkimpy(made: list[Case]) -> Iterable[Disagreement]:
    for case in made:
        for index, verification in enumerate(ours(case)):
            passed, message = by_dkimpy(case, index)
            if passed != (verification.result == "pass"):
                yield Disagreement(case, verification, passed, message)


def against_mailauth(made: list[Case], folder: str) -> Iterable[Disagreement]:
    lines = [
        json.dumps(
            {
                "message": base64.b64encode(case.raw).decode(),
                "record": case.record.decode("latin-1"),
                "others": case.others,
                "now": int(NOW.timestamp()),
            }
        )
        for case in made
    ]
    asked = subprocess.run(
        ["node", str(Path(__file__).with_name("mailauth_dkim.mjs"))],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MAILAUTH": folder},
    )
    for case, line in zip(made, asked.stdout.splitlines(), strict=True):
        theirs = json.loads(line)
        for index, verification in enumerate(ours(case)):
            result, comment = theirs[index][:2] if index < len(theirs) else ("absent", "")
            if (result == "pass") != (verification.result == "pass"):
                yield Disagreement(case, verification, result == "pass", f"{result}: {comment}")


def told(name: str, disagreements: Iterable[Disagreement], made: list[Case]) -> int:
    """Print the classes with their counts; the number of disagreements that belong to none."""
    counts: Counter[str] = Counter()
    unexplained = []
    for one in disagreements:
        for title, sentence, belongs in CLASSES:
            if belongs(one):
                counts[f"{title}\n      {sentence}"] += 1
                break
        else:
            unexplained.append(one)
    print(
        f"\n{name}: {len(made)} cases, {sum(counts.values())} explained, {len(unexplained)} unexplained disagreements"
    )
    for title, count in counts.most_common():
        print(f"{count:5} {title}")
    for one in unexplained[:5]:
        print(f"  ??? ours {one.ours.result} {one.ours.cause} {one.ours.detail} theirs {one.theirs} {one.message}")
        print(f"      {one.case.raw[:2000]!r}\n      {one.case.record!r}")
    return len(unexplained)


def main() -> None:
    """Print every class of disagreement with each peer."""
    made = cases()
    unexplained = told("dkimpy", against_dkimpy(made), made)
    if folder := os.environ.get("MAILAUTH"):
        unexplained += told("mailauth, strict", against_mailauth(made, folder), made)
    else:
        print("mailauth NOT asked (MAILAUTH names no folder)")
    if unexplained:
        sys.exit(1)


if __name__ == "__main__":
    main()
