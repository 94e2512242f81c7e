"""Files, folders, Maildirs and standard input, with everything that lies about in file systems."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from disavow.errors import Malformed
from disavow.world.sources import Item, Mail, Unreadable, read

FROM = b"From a@example.org Mon Nov 16 12:00:00 2020\n"
MAIL = b"From: a@example.org\nTo: b@example.net\nSubject: hello\n\nhello\n"


def names(items: list[Item], top: Path) -> list[str]:
    return [item.where.removeprefix(f"{top}/") for item in items if isinstance(item, Mail)]


def test_a_maildir_with_its_folders(tmp_path: Path) -> None:
    for folder in ("", ".Sent", ".Lists.a"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
            (tmp_path / folder / part / "1.M1P1.host:2,S").write_bytes(MAIL)
        (tmp_path / folder / "dovecot-uidlist").write_text("3 V1")
    items = list(read(str(tmp_path)))
    assert len(items) == 6
    assert not [name for name in names(items, tmp_path) if "tmp" in name]


def test_a_folder_of_mails_whatever_they_are_called(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "b").write_bytes(MAIL)
    (tmp_path / "sub" / "17.").write_bytes(MAIL)
    (tmp_path / "sub" / "box").write_bytes((FROM + MAIL + b"\n") * 2)
    (tmp_path / "sub" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    (tmp_path / ".hidden").write_bytes(b"\0")
    items = list(read(str(tmp_path)))
    assert names(items, tmp_path) == ["a.eml", "b", "sub/17.", "sub/box:#1 @0", f"sub/box:#2 @{len(FROM + MAIL) + 1}"]
    assert [item for item in items if isinstance(item, Unreadable)] == [
        Unreadable(f"{tmp_path}/sub/picture.png", "is a picture")
    ]


def test_circles_pipes_sockets_and_broken_links(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "circle").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "nothing").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as unix:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket is short
        unix.bind("socket")
        os.chdir(here)
        items = list(read(str(tmp_path)))
    assert names(items, tmp_path) == ["a.eml"]
    assert sorted(item.where.rpartition("/")[2] for item in items if isinstance(item, Unreadable)) == [
        "nothing",
        "pipe",
        "self",
        "socket",
    ]


def test_names_of_odd_bytes_can_be_shown(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n.eml")).write_bytes(MAIL)
    (item,) = read(str(tmp_path))
    assert item.where == f"{tmp_path}/\\xff\\x0a.eml"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0", "is a picture"),
        (b"%PDF-1.7\n", "is a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Outlook file; save the mail as .eml"),
        (bytes(range(256)), "is binary data, no mail"),
        (b"Dear diary,\n", "is no mail: it does not begin with header fields"),
        (b"name: x\nversion: 1\n", "is no mail: it does not begin with header fields"),
    ],
)
def test_a_file_that_is_no_mail_is_one_clear_sentence(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(Malformed) as error:
        list(read(str(tmp_path / "x")))
    assert str(error.value) == f"{tmp_path}/x {why}"
    assert error.value.exit_code == 65


def test_an_argument_that_gives_nothing_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for where, why in {
        "missing": "there is no such file",
        "missing\0": "there is no such file",
        "empty": "holds no mail",
        "pipe": "is a named pipe",
    }.items():
        with pytest.raises(Malformed, match=why):
            next(read(str(tmp_path / where)))
    with pytest.raises(Malformed, match="binary data"):
        next(read("/dev/zero"))
    with pytest.raises(Malformed, match="no such file"):
        next(read(str(tmp_path / "a.eml"), str(tmp_path / "missing")))  # before anything is read


def test_permission_denied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(Malformed, match=r"a\.eml cannot be read: permission denied"):
        next(read(str(tmp_path / "a.eml")))
    assert list(read(str(tmp_path))) == [Unreadable(f"{tmp_path}/a.eml", "cannot be read: permission denied")]


def test_a_directory_that_fails_to_open_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locked").mkdir()
    (tmp_path / "a.eml").write_bytes(MAIL)
    real = os.scandir

    def denied(path: Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", denied)
    mail, locked = read(str(tmp_path))
    assert isinstance(mail, Mail)
    assert locked == Unreadable(f"{tmp_path}/locked", "cannot be opened: permission denied")


def test_several_arguments(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_bytes(MAIL)
    assert names(list(read(str(tmp_path / "b"), str(tmp_path / "a"))), tmp_path) == ["b", "a"]


@pytest.mark.parametrize("data", [FROM + MAIL, MAIL])
def test_standard_input(data: bytes) -> None:
    code = "from disavow.world.sources import read\nfor item in read('-'): print(item.where, len(item.raw))"
    done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, check=True)
    where = b"stdin:#1 @0" if data.startswith(FROM) else b"stdin"
    assert done.stdout == b"%s %d\n" % (where, len(MAIL))
