"""DKIM verification of a whole message, from its bytes, keys in memory: ours, dkimpy and Debian's libopendkim."""

from __future__ import annotations

import base64
import ctypes
import random
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import dkim as dkimpy
from disavow.standards import dkim
from disavow.standards.message import Message
from disavow.standards.questions import Answer, Now, Question
from disavow.world.ask import ask

from .paired import ratio, row

SIZES = (2, 20, 200)
BAR_DKIMPY = 5
BAR_LIBOPENDKIM = {2: 1, 20: 1}
DRIVER = Path(__file__).with_name("libopendkim.c")
WORDS = b"invoice please find attached the report of this quarter and we will pay it to your account soon".split()

HEADER = b"""\
Return-Path: <news@example.org>
Received: from mx.example.net (mx.example.net [192.0.2.7])
\tby mail.example.com (Postfix) with ESMTPS id 4XyZ12abc
\tfor <someone@example.com>; Mon, 23 Nov 2026 10:00:00 +0000 (UTC)
Received: from web.example.org (web.example.org [198.51.100.9])
\tby mx.example.net (Postfix) with ESMTP id 4XyZ11abb;
\tMon, 23 Nov 2026 09:59:58 +0000 (UTC)
From: "Example News" <news@example.org>
To: Someone <someone@example.com>
Subject: Your invoice for the third quarter of the year
Date: Mon, 23 Nov 2026 09:59:57 +0000
Message-ID: <20261123095957.1234@web.example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit
List-Unsubscribe: <https://example.org/u/123>
X-Mailer: Example 1.0

"""


def body(size: int) -> bytes:
    """Text of about ``size`` octets in which one line in fifty has a doubled space and one a trailing one."""
    chance = random.Random(size)
    lines: list[bytes] = []
    while sum(map(len, lines[-1:])) + 75 * len(lines) < size:
        line = b" ".join(chance.choices(WORDS, k=14))
        lines.append(line.replace(b" ", b"  ", 1) if chance.random() < 0.02 else line + b" " * (chance.random() < 0.02))
    return b"\r\n".join(lines) + b"\r\n"


def main() -> None:
    """Print one row per size and peer."""
    key = generate_private_key(65537, 2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    for size in SIZES:
        unsigned = HEADER.replace(b"\n", b"\r\n") + body(size * 1000)
        field = dkim.sign(
            Message(unsigned), domain="example.org", selector="s", key=key, timestamp=datetime(2026, 11, 23, tzinfo=UTC)
        )
        compare(f"{size} KB", field + unsigned, record, BAR_LIBOPENDKIM.get(size, 0))


def compare(name: str, raw: bytes, record: bytes, bar: float) -> None:
    """The rows for one message."""
    answer = Answer("ok", (record,))
    moment = Answer("ok", (datetime.now(UTC),))

    def world(question: Question) -> Answer[object]:
        return moment if isinstance(question, Now) else answer

    def ours() -> None:
        (verification,), _ = ask(dkim.verify(Message(raw)), world)
        assert verification.result == "pass", verification

    def peer() -> None:
        assert dkimpy.verify(raw, dnsfunc=lambda name, timeout=5: record)

    row(f"DKIM rsa-2048 relaxed/relaxed, {name}", BAR_DKIMPY, ratio(ours, peer, rounds=5), "dkimpy")
    library = libopendkim()
    if library is None:
        print(f"DKIM {name}: libopendkim NOT measured (needs cc and Debian's libopendkim-dev)")
        return

    def other() -> None:
        assert library.verify(raw, ctypes.c_size_t(len(raw)), record)

    row(f"DKIM rsa-2048 relaxed/relaxed, {name}", bar, ratio(ours, other, rounds=7), "libopendkim")


def libopendkim() -> ctypes.CDLL | None:
    """Debian's libopendkim behind one C function, compiled once; None where it cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "libopendkim.so"
        command = ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(DRIVER), "-lopendkim"]
        try:
            subprocess.run(command, check=True, capture_output=True)
            return ctypes.CDLL(str(library))
        except (OSError, subprocess.CalledProcessError):
            return None


if __name__ == "__main__":
    main()
