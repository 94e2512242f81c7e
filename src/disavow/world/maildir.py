"""Mails moved between the folders of a Maildir++: nothing is deleted, nothing overwritten."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..errors import Malformed

MAX_MAIL = 64 << 20


def letters(maildir: Path) -> Iterator[Path]:
    """The mails of the inbox itself, new before read ones, in the order of their names; links are passed over.

    Raises Malformed for a folder that is no Maildir.
    """
    if not all((maildir / part).is_dir() for part in ("new", "cur", "tmp")):
        raise Malformed(f"{maildir} is no Maildir: it has no folders new, cur and tmp")
    for part in ("new", "cur"):
        for path in sorted((maildir / part).iterdir()):
            if not path.name.startswith(".") and stat.S_ISREG(path.lstat().st_mode):
                yield path


def open_letter(path: Path) -> bytes:
    """The mail's bytes. Raises Malformed when it is gone, too large or not readable."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_MAIL + 1)
    except OSError as error:
        raise Malformed(f"cannot be read ({error.strerror})") from None
    if len(raw) > MAX_MAIL:
        raise Malformed(f"is larger than {MAX_MAIL} bytes")
    return raw


def move(letter: Path, folder: str) -> Path:
    """Where the mail lies now: in ``folder``, made if need be, under the same name, which holds its flags.

    The mail gets its second name before it loses the first, so that it can neither be lost nor take another's place.
    Raises Malformed when it cannot be moved; then it is where it was.
    """
    home = letter.parents[1] / folder
    there = home / letter.parent.name / letter.name
    try:
        _make(home)
        if not (there.exists() and there.samefile(letter)):  # else the last run was cut short here
            os.link(letter, there, follow_symlinks=False)
        letter.unlink()
    except FileExistsError:
        raise Malformed(f"stays, as another mail in {folder} has its name") from None
    except OSError as error:
        raise Malformed(f"stays ({error.strerror})") from None
    return there


def _make(home: Path) -> None:
    for part in ("", "tmp", "new", "cur"):
        (home / part).mkdir(mode=0o700, exist_ok=True)
    (home / "maildirfolder").touch(mode=0o600)  # so Maildir++ tells folders from mailboxes
