"""Mailboxes of bounces end to end beside p5-sisimai, which decodes bounces and does nothing else with them."""

from __future__ import annotations

import gzip
import subprocess
import tempfile
from pathlib import Path
from statistics import median

from disavow.judgement.identity import identify

from .investigate import SUITES, investigate
from .paired import row, seconds

PEER = ["perl", str(Path(__file__).with_name("sisimai.pl"))]
BAR = 2.0
ROUNDS = 3
ME = identify(["osst-users@lists.sourceforge.net"])


def main() -> None:
    """One row for each collection; needs Debian's libsisimai-perl and the suites."""
    if subprocess.run(["perl", "-MSisimai", "-e1"], capture_output=True, check=False).returncode:
        print("p5-sisimai NOT measured (needs Debian's libsisimai-perl)")
        return
    compare("foreign bounces", SUITES / "bounces" / "sisimai" / "mail")
    with tempfile.TemporaryDirectory() as folder:
        mailbox = Path(folder) / "joe-job.mbox"
        mailbox.write_bytes(gzip.decompress((SUITES / "inbox" / "joe-job-2020.mbox.gz").read_bytes()))
        compare("joe-job", mailbox)


def compare(name: str, path: Path) -> None:
    """The row for one folder or mbox."""
    rounds = [(seconds(lambda: investigate([str(path)], ME, 1)), peer(path)) for _ in range(ROUNDS)]
    ours, theirs = (median(times) for times in zip(*rounds, strict=True))
    row(name, BAR, (median(peer / mine for mine, peer in rounds), ours, theirs), "p5-sisimai")


def peer(path: Path) -> float:
    """Its CPU seconds."""
    return float(subprocess.run([*PEER, str(path)], capture_output=True, check=True, text=True).stdout)


if __name__ == "__main__":
    main()
