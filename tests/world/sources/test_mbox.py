"""A mailbox falls apart into its mails and into nothing else, in every dialect of mbox."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from disavow.world.sources.budget import Allowance, Budget
from disavow.world.sources.formats import mbox
from disavow.world.sources.item import Item, Mail, Unreadable
from disavow.world.sources.stream import Stream

FROM = b"From a@example.org Mon Nov 16 12:00:00 2020\n"
BUDGET = Budget()
HELLO = b"Subject: hello\n\nhello\n"


def items(data: bytes, chunk: int = 1 << 20, budget: Budget = BUDGET) -> list[Item]:
    chunks: Iterator[bytes] = (data[at : at + chunk] for at in range(0, len(data), chunk))
    return list(mbox.read(Stream(chunks, "m", Allowance(budget))))


def mails(data: bytes, chunk: int = 1 << 20) -> list[bytes]:
    read = items(data, chunk)
    assert all(isinstance(item, Mail) for item in read), read
    return [item.raw for item in read if isinstance(item, Mail)]


def mboxrd(messages: list[bytes]) -> bytes:
    return b"".join(FROM + re.sub(rb"(?m)^(>*From )", rb">\1", message) + b"\n" for message in messages)


lines = st.sampled_from([b"From here on", b">From there", b">>From", b"", b"text", FROM[:-1], b"\xff\x00", b"a" * 1500])
messages = st.lists(lines, max_size=8).map(lambda body: b"Subject: x\n\n" + b"".join(line + b"\n" for line in body))


@given(st.lists(messages, min_size=1, max_size=6), st.integers(1, 5000))
def test_mboxrd_is_lossless_however_it_is_cut_into_chunks(written: list[bytes], chunk: int) -> None:
    assert mails(mboxrd(written), chunk) == written


@given(st.binary(max_size=300), st.integers(1, 50))
@example(b"\n\n" + FROM + FROM + b"\n", 7)
def test_any_bytes_after_a_from_line_are_mails_or_unreadable(rest: bytes, chunk: int) -> None:
    read = items(FROM + rest, chunk)
    assert read
    assert [item.number for item in read] == list(range(1, len(read) + 1))
    assert read == items(FROM + rest)


@pytest.mark.parametrize(
    "line",
    [
        b"From a@example.org Mon Nov 16 12:00:00 2020",
        b"From a@example.org  Mon Nov  6 12:00:00 2020 -0800",
        b"From a@example.org Mon Nov 16 12:00:00 GMT 2020",
        b"From 1234567890@xxx Mon Nov 16 12:00:00 +0000 2020",
        b"From a@example.org Mon, 16 Nov 2020 12:00:00 +0000",
        b"From a at example.org  Mon Nov 16 12:00:00 2020",
        b"From a at example dot org  Mon Nov 16 12:00:00 2020",
        b"From - Mon Nov 16 12:00:00 2020",
        b"From MAILER-DAEMON Mon Nov 16 12:00 2020 remote from mail.example",
        b"From  Mon Nov 16 12:00:00 2020",
        b'From "a b"@example.org Mon Nov 16 12:00:00 2020',
        b"From a@example.org 2020-11-16T12:00:00Z",
    ],
)
@pytest.mark.parametrize("between", [b"", b"\n"], ids=["no-blank-line", "blank-line"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_every_dialect_of_from_line_begins_a_mail(line: bytes, between: bytes, end: bytes) -> None:
    data = (line + b"\n" + HELLO + between) * 3
    assert mails(data.replace(b"\n", end)) == [HELLO.replace(b"\n", end)] * 3


@pytest.mark.parametrize(
    "line",
    [
        b"From my point of view it works",
        b"From Monday on, at 12:00, we are closed",
        b"From: a@example.org",
        b"From a@example.org",
        b"From here to Mon Nov 16 12:00:00 2020",
        b"from a@example.org Mon Nov 16 12:00:00 2020",
    ],
)
def test_a_line_that_is_no_from_line_is_text(line: bytes) -> None:
    mail = HELLO + b"\n" + line + b"\nSubject: still text\n"
    assert mails(FROM + mail + b"\n" + FROM + HELLO) == [mail, HELLO]


def test_a_from_line_in_running_text_is_text() -> None:
    mail = HELLO + b"as in\n" + FROM + b"for example\n"
    assert mails(FROM + mail) == [mail]


def test_where_no_from_line_has_a_date_none_needs_one() -> None:
    assert mails(b"From a@example.org\n" + HELLO + b"\nFrom b@example.org\n" + HELLO) == [HELLO, HELLO]


def counted(body: bytes) -> bytes:
    return FROM + b"Subject: x\nContent-Length: %d\n\n" % len(body) + body + b"\n"


def test_a_counted_body_may_hold_from_lines() -> None:
    forwarded = b"see:\n\n" + FROM + HELLO + b"\n>From me\n"
    read = mails(counted(b"a\n") + counted(forwarded) + counted(b"b\n"))
    assert [raw.partition(b"\n\n")[2] for raw in read] == [b"a\n", forwarded, b"b\n"]


def test_a_sender_cannot_swallow_other_mails_with_content_length() -> None:
    other = FROM + HELLO + b"\n"
    swallow = FROM + b"Subject: x\nContent-Length: %d\n\n" % (len(other) + 2) + b"a\n\n"
    assert len(mails(other + swallow + other + other)) == 4


def test_a_mail_too_large_or_empty_or_binary_is_named_by_its_position() -> None:
    data = FROM + HELLO + b"\n" + FROM + HELLO * 100 + b"\n" + FROM + b"\n" + FROM + b"\x89PNG\0\0\n\n" + FROM + HELLO
    for chunk in (50, 1 << 20):
        read = items(data, chunk, Budget(message=1000))
        assert [type(item) for item in read] == [Mail, Unreadable, Unreadable, Unreadable, Mail]
        assert [item.why for item in read if isinstance(item, Unreadable)] == [
            "is larger than 1000 bytes",
            "is empty",
            "is a picture",
        ]
        for number, item in enumerate(read, 1):
            assert item.where == f"m:#{number} @{item.at}"
            assert data[item.at :].startswith(FROM)


@pytest.mark.parametrize(
    "phrase", [b"\nFrom ", b"\n>From ", b"\n", b">", b"\0", b"\nFrom x at y Mon Nov 16 12:0", b"\r"]
)
def test_repetition_is_one_mail(phrase: bytes) -> None:
    (item,) = items(FROM + HELLO + phrase * (1_000_000 // len(phrase)))
    assert isinstance(item, Mail)
