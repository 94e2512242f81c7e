"""A folder, with all folders below it: Maildirs, and files of every format that is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ..budget import Allowance, Budget
from ..formats import read as read_stream
from ..item import Item, Unreadable, printable
from ..notes import is_note
from ..stream import Stream
from .file import chunks


def sniff(where: str) -> bool:
    """True for a folder."""
    return where != "-" and Path(where).is_dir()


def read(where: str, budget: Budget) -> Iterator[Item]:
    """The mails in all files below the folder, in the order of their names; what is no mail is Unreadable."""
    for found in walk(where):
        if isinstance(found, Unreadable):
            yield found
        else:
            yield from _read_file(found, Allowance(budget))


def _read_file(path: Path, allowance: Allowance) -> Iterator[Item]:
    name = printable(str(path))
    if path.is_file():
        yield from read_stream(Stream(chunks(path), name, allowance))
    elif path.exists():
        yield Unreadable(name, "is no file but a pipe, socket or device")
    else:
        yield Unreadable(name, "is a link to nothing" if path.is_symlink() else "vanished while the folder was read")


def walk(top: str) -> Iterator[Path | Unreadable]:
    """The paths of all files below ``top``; every folder is read once, so that circles of links end."""
    pending, seen = [Path(top)], set[tuple[int, int]]()
    while pending:
        folder = pending.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            files, folders = _entries(folder)
        except OSError as error:
            yield Unreadable(printable(str(folder)), f"cannot be opened: {(error.strerror or str(error)).lower()}")
            continue
        yield from files
        pending.extend(reversed(folders))


def _entries(folder: Path) -> tuple[list[Path], list[Path]]:
    """(files, folders) directly in ``folder``, each in the order of their names.

    In a Maildir the files beside new/ and cur/ are its server's own, tmp/ is not delivered yet, and folders
    that begin with a dot are Maildirs too; elsewhere what is hidden stays hidden.
    """
    with os.scandir(folder) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    folders = [entry for entry in entries if (Path(entry.path) if entry.is_symlink() else entry).is_dir()]
    names = {entry.name for entry in folders}
    if {"new", "cur"} <= names:
        return [], [folder / entry.name for entry in folders if entry.name != "tmp"]
    files = [folder / entry.name for entry in entries if entry.name not in names and not is_note(entry.name)]
    return files, [
        folder / entry.name for entry in folders if not is_note(entry.name) or (folder / entry.name / "cur").is_dir()
    ]
