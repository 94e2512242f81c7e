"""Logs of mail servers: what was really sent. One file a format, found by its name.

``--log /var/log/mail.log`` reads its rotated neighbours too (``mail.log.1``, ``mail.log.2.gz``,
``mail.log-20261101``), the oldest first. Times without a zone are in the zone of this machine (``TZ``).
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, BinaryIO

from ...errors import Misconfigured
from ...judgement.sent import Entry, Period, Sent, index

MAX_LINE = 65_536
MAX_BYTES = 8 << 30  # of one file, unpacked
MAX_ENTRIES = 5_000_000
SAMPLE = 200  # lines that a format has for being recognised

_ROTATED = re.compile(r"[.-][0-9]{1,14}(?:\.gz)?|\.gz")


def read(paths: Iterable[str]) -> Sent:
    """The index of what the logs at ``paths`` say was sent, and the periods for which they say everything.

    Lines that are not understood are passed over. Raises Misconfigured for a file that cannot be read or that is no
    log of a known kind, and beyond MAX_ENTRIES.
    """
    periods: list[Period] = []
    return index(_entries(paths, periods), periods)


def _entries(paths: Iterable[str], periods: list[Period]) -> Iterator[Entry]:
    count = 0
    for path in paths:
        family = rotated(Path(path))
        format = _recognise(family)
        reader = format.Reader()  # one for all: a message may be queued in one file and sent in the next
        for file in family:
            for entry in _file(file, format, reader, periods):
                count += 1
                if count > MAX_ENTRIES:
                    raise Misconfigured("--log", f"more than {MAX_ENTRIES} deliveries", "give fewer files")
                yield entry


def _file(path: Path, format: Any, reader: Any, periods: list[Period]) -> Iterator[Entry]:
    latest = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    first: datetime | None = None
    last = ""
    for line in _lines(path):
        first = first or format.when(line, latest)
        # Only the very last line's time is wanted: reading the others' would cost more than all the rest.
        last = line if line[:1].isalnum() else last
        yield from reader.read(line)
    end = format.when(last, latest)
    if first and end and first <= end:
        periods.append(Period(first, end))


def rotated(path: Path) -> list[Path]:
    """``path`` and the files that rotation made of it, the one that was written to first in front."""
    try:
        beside = list(path.parent.iterdir()) if path.is_file() else []
    except OSError:
        beside = []
    family = {path, *(each for each in beside if _is_rotated(each, path.name))}
    return sorted(family, key=lambda each: (each.stat().st_mtime if each.exists() else 0, each.name))


def _is_rotated(path: Path, name: str) -> bool:
    return path.name.startswith(name) and bool(_ROTATED.fullmatch(path.name[len(name) :])) and path.is_file()


def _recognise(family: list[Path]) -> Any:
    """The module of this folder that knows the log: the first of whose kind a line is."""
    formats = [import_module(f".{module.name}", __package__) for module in iter_modules(__path__)]
    for path in family:
        for _, line in zip(range(SAMPLE), _lines(path), strict=False):
            for format in formats:
                if format.recognises(line):
                    return format
    known = ", ".join(format.__name__.rpartition(".")[2] for format in formats)
    raise Misconfigured("--log", f"{family[-1]} is no log of a known kind", f"known are {known}")


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file, plain or gzipped, each cut to MAX_LINE; reading ends at MAX_BYTES."""
    try:
        with _open(path) as file:
            size = 0
            while (line := file.readline(MAX_LINE)) and size < MAX_BYTES:
                size += len(line)
                yield line.decode("utf-8", "replace").rstrip("\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Misconfigured("--log", f"{path}: {error}") from None


def _open(path: Path) -> BinaryIO | gzip.GzipFile:
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")
