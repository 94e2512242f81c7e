"""The main job end to end against the standard library's mere parse of the same mails, and its memory.

Two rows a collection: the CPU time of one process, and the wall clock of what the command does, which shares a large
mailbox over the cores; the peer has one in both. Caches are warm in both; what a start costs is not in it.

Measured on two cores that others used too, CPU: example mailbox 0.30 to 0.44, joe job 0.76 to 0.83, flooded list 0.90
to 1.11, foreign bounces 0.28 to 0.32 (small, and all different). Wall clock of two processes, medians: joe job 1.35 to
1.49, flooded list 1.43 to 1.65, foreign bounces 0.50 to 0.55. The bar is met for the flooded list, nearly for the joe
job, and missed by far on short bounces, each of which the peer does in 0.2 ms.
"""

from __future__ import annotations

import email
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from disavow.doors.flood import Flood
from disavow.judgement.case import Case
from disavow.judgement.identity import Identity, identify
from disavow.judgement.investigation import Inquiry
from disavow.judgement.steps import next_steps
from disavow.world import sources, workers
from disavow.world.resolver import offline

from .paired import ratio, row

SUITES = Path(os.environ.get("DISAVOW_SUITES", Path(__file__).resolve().parents[2] / "shared" / "suites"))
DEMO = Path(__file__).resolve().parents[1] / "src" / "disavow" / "doors" / "demo" / "flood.mbox"
BAR = 1.5
MAILS = 100_000
MEGABYTES = 250


def main() -> None:
    """Print the ratio for each collection at hand, then the peak memory of a large mailbox."""
    for name, path, me in _collections():
        paths = (str(path),)
        raws = [item.raw for item in sources.read(*paths) if isinstance(item, sources.Mail)]
        for processes, what, clock in (
            (1, "CPU", time.process_time),
            (workers.available(), f"{workers.available()} cores, wall", time.perf_counter),
        ):
            measured = ratio(
                lambda p=paths, m=me, n=processes: investigate(p, m, n),
                lambda r=raws: [email.message_from_bytes(x) for x in r],
                clock=clock,
            )
            row(f"{name} ({len(raws)} mails), {what}", BAR, measured, "compat32")
    _memory()


def _collections() -> Iterator[tuple[str, Path, Identity]]:
    yield "example mailbox", DEMO, identify(["example.org"])
    list_owner = identify(["osst-users@lists.sourceforge.net"])
    for name, path in (
        ("joe-job", "inbox/joe-job-2020.mbox.gz"),
        ("flooded list", "inbox/flooded-list.mbox.gz"),
        ("foreign bounces", "bounces/sisimai/mail"),
    ):
        if (SUITES / path).exists():
            yield name, SUITES / path, list_owner


def investigate(paths: tuple[str, ...], me: Identity, processes: int) -> object:
    """What ``disavow investigate`` does between its arguments and its output."""
    inquiry = Inquiry(me)
    for each in Flood(paths, processes).examined(me, offline):
        if isinstance(each, Case):
            inquiry.add(each)
    found = inquiry.conclude()
    return found, next_steps(found)


def _memory() -> None:
    """Peak memory of the command on 100,000 mails, some of them large."""
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "large.mbox"
        _write(mailbox)
        command = [sys.executable, "-m", "disavow", "investigate", str(mailbox), "--me", "example.org", "--offline"]
        time = ["/usr/bin/env", "python3", "-c", _MEASURE, *command]
        done = subprocess.run(time, capture_output=True, text=True, check=False)
        used = done.stderr.strip().splitlines()[-1]
        print(f"{MAILS} mails, {mailbox.stat().st_size >> 20} MB: {used} (bar {MEGABYTES} MB)")


_MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"peak {used.ru_maxrss >> 10} MB, {used.ru_utime:.0f} s CPU", file=sys.stderr)
"""


def _write(mailbox: Path) -> None:
    """The example mails over and over, each with its own subject and Message-ID; every thousandth 4 MB large."""
    mails = [item.raw for item in sources.read(str(DEMO)) if isinstance(item, sources.Mail)]
    with mailbox.open("wb") as out:
        for number in range(MAILS):
            raw = mails[number % len(mails)].replace(b"parcel ", b"parcel %d" % number)
            raw = raw.replace(b"Message-ID: <", b"Message-ID: <%d." % number)
            out.write(b"From x@example.net Tue Nov  3 06:12:00 2026\n" + raw)
            if number % 1000 == 999:
                out.write(b"A" * 76 + b"\n" + (b"B" * 76 + b"\n") * 54_000)
            out.write(b"\n")
