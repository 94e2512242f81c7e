"""The seal: good for one message to one recipient, with one key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement import seal
from disavow.standards.message import Message

KEYS = {3: b"a secret"}
HEADER = b"From: Me <me@example.org>\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"


def sealed(recipient: str, header: bytes = HEADER, number: int = 3) -> Message:
    value = seal.format(Message(HEADER + b"\r\n"), recipient, KEYS[3], number)
    return Message(header + f"Disavow-Seal: {value}\r\n\r\n".encode())


def test_a_seal_holds_for_its_recipient() -> None:
    assert seal.verify(sealed("you@example.net"), ["a@example.net", "you@example.net"], KEYS) == "you@example.net"


def test_case_and_folding_on_the_way_do_no_harm() -> None:
    folded = HEADER.replace(b"From: Me ", b"From: Me\r\n ")
    assert seal.verify(sealed("You@Example.net", folded), ["you@example.net"], KEYS)


@pytest.mark.parametrize(
    ("message", "recipients", "keys"),
    [
        (sealed("you@example.net"), ["other@example.net"], KEYS),  # sent again to somebody else
        (sealed("you@example.net"), [], KEYS),
        (sealed("you@example.net"), ["you@example.net"], {3: b"another"}),
        (sealed("you@example.net"), ["you@example.net"], {4: b"a secret"}),
        (sealed("you@example.net", number=4), ["you@example.net"], KEYS),
        (sealed("you@example.net", HEADER.replace(b"<1@", b"<2@")), ["you@example.net"], KEYS),
        (Message(HEADER + b"\r\n"), ["you@example.net"], KEYS),
    ],
)
def test_it_holds_for_nothing_else(message: Message, recipients: list[str], keys: dict[int, bytes]) -> None:
    assert seal.verify(message, recipients, keys) == ""


@given(st.binary(max_size=200))
def test_no_bytes_hold_by_chance_or_raise(value: bytes) -> None:
    assert seal.verify(Message(HEADER + b"Disavow-Seal: " + value + b"\r\n\r\n"), ["you@example.net"], KEYS) == ""
