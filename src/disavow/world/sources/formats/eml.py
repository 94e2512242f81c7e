"""One mail in one file (RFC 5322), whatever the file is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ....errors import Malformed
from ..item import Item, Mail
from ..stream import Stream

_MARK = b"\xef\xbb\xbf"  # some editors put a byte order mark before a text
_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]{0,9}:")
_LATER_FIELD = re.compile(rb"(?:^|[\r\n])[!-9;-~]{1,80}[ \t]{0,9}:")
_TELLING = re.compile(
    rb"(?:^|[\r\n])(Received|Return-Path|Delivered-To|X-Original-To|From|To|Subject|Date|Message-ID|MIME-Version"
    rb"|Content-Type|Reply-To|Sender)[ \t]*:",
    re.I,
)
_HEADER_END = re.compile(rb"\n\r?\n|\r\r")
_OTHERS = (
    (b"\x89PNG", "is a picture"),
    (b"\xff\xd8\xff", "is a picture"),
    (b"GIF8", "is a picture"),
    (b"%PDF", "is a PDF document"),
    (b"\xd0\xcf\x11\xe0", "is an Outlook file; save the mail as .eml"),
    (b"!BDN", "is an Outlook mailbox (.pst); export it as .eml or mbox"),
    (b"7z\xbc\xaf", "is a 7-Zip archive; unpack it first"),
    (b"Rar!", "is a RAR archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it first"),
)


def sniff(head: bytes, name: str) -> bool:
    """True for a file that begins with header fields; one called .eml may begin with any, others must be telling."""
    if name.lower().endswith(".eml"):
        return begins_like_a_mail(head)
    head = head.removeprefix(_MARK)
    if not _FIELD.match(head):
        return False
    end = _HEADER_END.search(head)
    telling = {match.lower() for match in _TELLING.findall(head, 0, end.end() if end else len(head))}
    return len(telling) >= 2


def read(stream: Stream) -> Iterator[Item]:
    """The one mail in ``stream``, without a byte order mark."""
    limit = stream.allowance.budget.message
    pieces = list(stream.part(limit + 1))
    if sum(map(len, pieces)) > limit:
        raise Malformed(too_large(limit))
    yield Mail(b"".join(pieces).removeprefix(_MARK), stream.where)


def begins_like_a_mail(head: bytes) -> bool:
    """True when a header field stands among the first lines, after junk if need be, and nothing is binary."""
    return bool(_FIELD.match(head)) or (b"\0" not in head[:512] and bool(_LATER_FIELD.search(head, 0, 1024)))


def not_a_mail(head: bytes) -> str:
    """What a file that begins with ``head`` is instead of a mail, in words that follow its name."""
    for magic, what in _OTHERS:
        if head.startswith(magic):
            return what
    if not head.strip():
        return "is empty"
    return "is binary data, no mail" if b"\0" in head else "is no mail: it does not begin with header fields"


def too_large(limit: int) -> str:
    """Why a mail of more than ``limit`` bytes is passed by."""
    return f"is larger than {limit >> 20} MiB" if limit >> 20 else f"is larger than {limit} bytes"
