"""Archives give what they hold, under its path; damage, bombs and absurdities are named and passed by."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.world.sources import Budget, Item, Mail, Unreadable
from disavow.world.sources.budget import Allowance
from disavow.world.sources.formats import read
from disavow.world.sources.stream import Stream

BUDGET = Budget()
FROM = b"From a@example.org Mon Nov 16 12:00:00 2020\n"
MAIL = b"From: a@example.org\nTo: b@example.net\nSubject: hello\n\nhello\n"
MAILS = {f"inner/{n}.eml": MAIL + random.Random(n).randbytes(3000).hex().encode() + b"\n" for n in range(20)}


class Pipe(io.RawIOBase):
    """A file that cannot seek: zipfile writes sizes behind the data then."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.written += data  # type: ignore[operator]
        return len(data)  # type: ignore[arg-type]


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def zipped_to_pipe(members: dict[str, bytes], method: int) -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", method) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            archive.writestr(name, data)
    return bytes(pipe.written)


def tarred(members: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as archive:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def items(data: bytes, budget: Budget = BUDGET, chunk: int = 1 << 16) -> list[Item]:
    chunks = (data[at : at + chunk] for at in range(0, len(data), chunk))
    return list(read(Stream(chunks, "a", Allowance(budget))))


def mails(read: list[Item]) -> dict[str, bytes]:
    return {item.where: item.raw for item in read if isinstance(item, Mail)}


def losses(read: list[Item]) -> list[str]:
    return [f"{item.where} {item.why}" for item in read if isinstance(item, Unreadable)]


ARCHIVES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zipped,
    "zip-stored": lambda members: zipped(members, zipfile.ZIP_STORED),
    "zip-bzip2": lambda members: zipped(members, zipfile.ZIP_BZIP2),
    "zip-piped": lambda members: zipped_to_pipe(members, zipfile.ZIP_DEFLATED),
    "zip-piped-stored": lambda members: zipped_to_pipe(members, zipfile.ZIP_STORED),
    "tar-pax": tarred,
    "tar-gnu": lambda members: tarred(members, tarfile.GNU_FORMAT),
    "tar-ustar": lambda members: tarred(members, tarfile.USTAR_FORMAT),
    "tgz": lambda members: gzip.compress(tarred(members)),
    "tbz": lambda members: bz2.compress(tarred(members)),
    "txz": lambda members: lzma.compress(tarred(members)),
    "zip.gz": lambda members: gzip.compress(zipped(members)),
}


@pytest.mark.parametrize("pack", ARCHIVES.values(), ids=ARCHIVES.keys())
@pytest.mark.parametrize("chunk", [100, 1 << 16])
def test_every_archive_gives_every_mail(pack: Callable[[dict[str, bytes]], bytes], chunk: int) -> None:
    read = items(pack(MAILS), chunk=chunk)
    assert mails(read) == {f"a/{name}": data for name, data in MAILS.items()}
    assert not losses(read)


@pytest.mark.parametrize("pack", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_a_cut_archive_gives_what_it_has_and_says_what_is_lost(pack: Callable[[dict[str, bytes]], bytes]) -> None:
    data = pack(MAILS)
    read = items(data[: len(data) * 2 // 3])
    assert losses(read)
    assert set(mails(read).values()) < set(MAILS.values())
    if pack is not ARCHIVES["tbz"]:  # its one block is whole or lost
        assert mails(read)


@pytest.mark.parametrize("name", ["zip", "zip-piped", "tar-gnu"])
def test_damage_costs_only_what_is_damaged(name: str) -> None:
    data = bytearray(ARCHIVES[name](MAILS))
    for at in range(len(data) // 2, len(data) // 2 + 5000):
        data[at] ^= 0x55
    read = items(bytes(data))
    assert losses(read)
    assert len(mails(read)) >= len(MAILS) - 4


@given(st.sampled_from(list(ARCHIVES)), st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 255)), max_size=9))
def test_no_damage_raises(name: str, damage: list[tuple[int, int]]) -> None:
    data = bytearray(PACKED[name])
    for at, byte in damage:
        data[at % len(data)] = byte
    assert items(bytes(data))


PACKED = {name: pack({"a.eml": MAIL, "b.mbox": FROM + MAIL}) for name, pack in ARCHIVES.items()}


@given(st.sampled_from([b"", b"PK\3\4", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", FROM]), st.binary(max_size=400))
def test_any_bytes_are_items(magic: bytes, data: bytes) -> None:
    assert items(magic + data)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_mailbox_names_offsets_in_the_mailbox(pack: Callable[[bytes], bytes]) -> None:
    box = (FROM + MAIL + b"\n") * 3
    read = items(pack(box))
    assert [item.where for item in read] == [f"a:#{n + 1} @{n * len(box) // 3}" for n in range(3)]
    assert items(pack(box[:100]) + pack(box[100:])) == read  # members one after another are one file


def test_a_cut_mailbox_says_which_mail_is_cut() -> None:
    box = b"".join(FROM + mail + b"\n" for mail in MAILS.values())
    packed = gzip.compress(box)
    *whole, last = items(packed[: len(packed) // 2])
    assert whole
    assert all(isinstance(item, Mail) for item in whole)
    assert isinstance(last, Unreadable)
    assert "cut short" in last.why
    assert last.where == f"a:#{len(whole) + 1} @{last.at}"


def test_bytes_after_the_compressed_ones_are_reported() -> None:
    read = items(gzip.compress(MAIL) + MAIL)
    assert len(mails(read)) == 1
    assert "not compressed" in losses(read)[0]


def test_an_encrypted_entry_is_named_and_the_next_one_read() -> None:
    data = bytearray(zipped({"secret.eml": MAIL, "open.eml": MAIL}))
    data[6] |= 1
    read = items(bytes(data))
    assert list(mails(read)) == ["a/open.eml"]
    assert losses(read) == ["a/secret.eml is encrypted with a password"]


def bomb(head: bytes, size: int = 1 << 27) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1 << 20)
    return b"".join((engine.compress(head), *(engine.compress(zeros) for _ in range(size >> 20)), engine.flush()))


@pytest.mark.parametrize("head", [MAIL, FROM + MAIL, tarfile.TarInfo("a").tobuf()], ids=["mail", "mbox", "tar"])
def test_a_bomb_is_refused(head: bytes) -> None:
    read = items(gzip.compress(bomb(head)))
    assert not mails(read)
    assert any("bomb" in loss or "larger" in loss for loss in losses(read))


def test_the_first_mails_of_a_bomb_of_mails_are_read() -> None:
    read = items(gzip.compress((FROM + MAIL + b"\n") * 40_000), Budget(inflated=1 << 20, ratio=20))
    assert 0 < len(mails(read)) < 40_000
    assert "decompression bomb" in losses(read)[-1]


def test_packed_too_often_is_refused() -> None:
    data = MAIL
    for _ in range(9):
        data = gzip.compress(data)
    assert losses(items(data)) == ["a is packed more than 5 times"]


def test_an_archive_of_other_things_is_not_read_for_ever() -> None:
    read = items(zipped({f"{n}.bin": b"" for n in range(100)}), Budget(strays=10))
    assert len(read) == 11
    assert "more than 10 things" in losses(read)[-1]


@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
def test_absurd_sizes_in_a_tar_are_refused(kind: bytes) -> None:
    member = tarfile.TarInfo("a.eml")
    member.size, member.type = 1 << 60, kind
    assert losses(items(member.tobuf(tarfile.GNU_FORMAT) + MAIL))


@pytest.mark.parametrize("size", ["9" * 5000, "-1", "x", "", "9" * 18])
def test_absurd_sizes_in_a_pax_header_do_not_matter(size: str) -> None:
    member = tarfile.TarInfo("a.eml")
    member.size, member.pax_headers = len(MAIL), {"size": size}
    read = items(member.tobuf() + MAIL + bytes(-len(MAIL) % 512))
    assert len(read) == 1


def test_long_and_odd_names() -> None:
    name = "folder/" * 40 + "a\n\x1b[31m.eml"
    for data in (tarred({name: MAIL}), tarred({name: MAIL}, tarfile.GNU_FORMAT), zipped({name: MAIL})):
        (where,) = mails(items(data))
        assert where == "a/" + "folder/" * 40 + "a\\x0a\\x1b[31m.eml"


def test_notes_of_programs_are_no_loss() -> None:
    assert list(mails(items(zipped({"__MACOSX/._a.eml": b"\0", ".DS_Store": b"\0", "a.eml": MAIL})))) == ["a/a.eml"]


def test_another_zip_in_a_mail_is_not_opened(tmp_path: Path) -> None:
    (item,) = items(MAIL + os.urandom(10) + zipped(MAILS))
    assert isinstance(item, Mail)
