"""One file: a mailbox, a mail, an archive of either, or a pipe that the shell made (<(…))."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from ....errors import Malformed
from ..budget import Budget
from ..formats import read_argument
from ..item import Item, printable
from ..stream import CHUNK

_SMALL = 1 << 16


def sniff(where: str) -> bool:
    """True for a path at which something lies that is no folder."""
    # Not by Path: what many small files cost is mostly this.
    return where != "-" and os.path.lexists(where) and not os.path.isdir(where)  # noqa: PTH112


def read(where: str, budget: Budget) -> Iterator[Item]:
    """The mails in the file; Malformed if it cannot be opened or holds nothing like mail."""
    yield from read_argument(chunks(where), printable(where), budget)


def chunks(path: str | os.PathLike[str]) -> Iterator[bytes]:
    """The bytes of a file, first a few and then many at a time; Malformed says why they cannot be had."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            _refuse_named_pipe(os.fspath(path), descriptor)
            os.set_blocking(descriptor, True)
            size = _SMALL
            while chunk := file.read(size):
                yield chunk
                size = CHUNK
    except OSError as error:
        raise Malformed(f"cannot be read: {(error.strerror or str(error)).lower()}") from error


def _refuse_named_pipe(path: str, descriptor: int) -> None:
    """A named pipe may have no writer, ever; the shell's pipes under /dev and /proc have one."""
    if stat.S_ISFIFO(os.fstat(descriptor).st_mode) and not path.startswith(("/dev/", "/proc/")):
        raise Malformed("is a named pipe; pass its bytes to standard input instead")
