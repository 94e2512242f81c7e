"""Reading a mailbox apart: ours against the standard library's mailbox.mbox, and gigabytes per second of CPU."""

from __future__ import annotations

import mailbox
import tempfile
from collections import deque
from pathlib import Path

from disavow.world import sources

from .paired import ratio, row

FROM = b"From a@example.org Mon Nov 16 12:00:00 2020\n"
HEADER = b"From: a@example.org\nTo: b@example.net\nSubject: number %d\nMessage-ID: <%d@example.org>\n\n"
TEXT = b"Thirty-two bytes of a text line\n"


def main() -> None:
    for size, count in ((1_000, 20_000), (5_000, 6_000), (50_000, 600)):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "box.mbox"
            mail = HEADER + TEXT * (size // len(TEXT)) + b"\n"
            path.write_bytes(b"".join(FROM + mail % (n, n) for n in range(count)))
            measured = ratio(lambda path=path: _ours(path), lambda path=path: _stdlib(path), rounds=3)
            row(f"sources: mbox of {size // 1000} KB mails", 4, measured, "mailbox.mbox")
            print(f"{'':<44} {path.stat().st_size / measured[1] / 1e9:6.2f} GB/s")


def _ours(path: Path) -> None:
    deque(sources.read(str(path)), maxlen=0)


def _stdlib(path: Path) -> None:
    box = mailbox.mbox(path, create=False)
    deque((box.get_bytes(key) for key in box.iterkeys()), maxlen=0)
    box.close()


if __name__ == "__main__":
    main()
