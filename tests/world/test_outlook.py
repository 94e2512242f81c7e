"""Outlook's .msg files, made here by the rules of [MS-CFB] and [MS-OXMSG], read through the real library."""

from __future__ import annotations

import builtins
import struct
import sys
from typing import Any

import pytest

from disavow.errors import Malformed, Misconfigured
from disavow.judgement import paste
from disavow.world import outlook

HEADER = (
    "Received: from mail.example.org (mail.example.org [192.0.2.25])\r\n\tby mx.example.net (Postfix) id 4Zb;\r\n"
    "\tMon, 10 Mar 2025 09:15:02 +0100\r\nFrom: Alice <alice@example.org>\r\nTo: bob@example.net\r\n"
    "Subject: Meeting\r\nDate: Mon, 10 Mar 2025 09:15:00 +0100\r\nMessage-ID: <1@example.org>\r\n"
)
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_SECTOR = 512
_MINI_CUTOFF = 4096


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file with all streams in the root, each padded into sectors of its own ([MS-CFB] section 2)."""
    padded = {name: data.ljust(_MINI_CUTOFF, b"\0") for name, data in streams.items()}
    chains: list[bytes] = list(padded.values())
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    entries = [_entry("Root Entry", 5, child=1)]
    sectors, starts = 0, {}
    for name, data in zip(padded, chains, strict=True):
        starts[name] = sectors
        sectors += -(-len(data) // _SECTOR)
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else _NONE
        entries.append(_entry(name, 2, right=right, start=starts[name], size=len(padded[name])))
    chains.append(b"".join(entries).ljust(-(-len(entries) * 128 // _SECTOR) * _SECTOR, b"\0"))
    directory = sectors
    fat: list[int] = []
    for data in chains:
        length = -(-len(data) // _SECTOR)
        fat += [len(fat) + step + 1 for step in range(length - 1)] + [_END]
    fat_at = len(fat)
    fat = [*fat, _FAT]
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    assert len(table) == _SECTOR
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, directory, 0, _MINI_CUTOFF, _END, 0, _END, 0)
    head += struct.pack("<I", fat_at) + b"\xff" * (4 * 108)
    return head + b"".join(data.ljust(-(-len(data) // _SECTOR) * _SECTOR, b"\0") for data in chains) + table


def _entry(name: str, kind: int, right: int = _NONE, child: int = _NONE, start: int = _END, size: int = 0) -> bytes:
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2, kind, 1, _NONE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def message_file(header: str = HEADER, body: str = "See you on Friday.\r\n") -> bytes:
    def text(value: str) -> bytes:
        return value.ljust(_MINI_CUTOFF // 2).encode("utf-16-le")

    properties = b"".join(
        struct.pack("<HHIII", 0x001F, tag, 6, size, 0) for tag, size in ((0x001A, 18), (0x007D, 4096), (0x1000, 4096))
    )
    return compound(
        {
            "__properties_version1.0": bytes(32) + properties,
            "__substg1.0_001A001F": "IPM.Note".encode("utf-16-le"),
            "__substg1.0_007D001F": text(header),
            "__substg1.0_1000001F": text(body),
        }
    )


def test_the_header_and_the_text_are_found() -> None:
    (reading,) = paste.read(outlook.read(message_file()))
    assert reading.message.first("subject") == b"Meeting"
    assert len(reading.message.all("received")) == 1
    assert b"See you on Friday." in reading.message.body


def test_a_file_without_a_header_says_so() -> None:
    with pytest.raises(Malformed, match="keeps no internet header"):
        outlook.read(message_file(header=""))


@pytest.mark.parametrize("cut", [0, 8, 100, 512, 600, 2_000, 6_000])
def test_a_broken_file_is_malformed(cut: int) -> None:
    with pytest.raises(Malformed):
        outlook.read(message_file()[:cut] + b"\xff" * 40)


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "extract_msg":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "extract_msg", raising=False)
    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(Misconfigured, match=r"disavow\[msg\]"):
        outlook.read(b"")
