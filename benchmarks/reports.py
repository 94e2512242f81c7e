"""Reports as they arrive, in mails with a packed attachment: ours and parsedmarc, rows per second in one run.

Both look every distinct address up in the network data at hand; parsedmarc works with ``offline=True``.
"""

from __future__ import annotations

import gzip
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from disavow.doors.arrivals import Arrivals
from disavow.judgement.identity import Identity
from disavow.judgement.sighting import Sighting
from disavow.world import sources
from disavow.world.networks import locator
from disavow.world.resolver import offline

from .aggregate import report
from .paired import ratio, row

SIZES = ((5, 3), (8, 50))  # (bar, rows)
HUGE = 100_000
# Both keep what they know of an address from one report to the next.
KNOWN: dict[object, object] = {}
ROUNDS = 5


def mail(rows: int) -> bytes:
    """A report mail as most reporters send it: a gzipped report and a line of text."""
    message = EmailMessage()
    message["From"], message["To"] = "dmarc@example.com", "reports@example.org"
    message["Subject"] = f"Report Domain: example.org Submitter: example.com Report-ID: {rows}"
    message["Date"], message["Message-ID"] = "Mon, 02 Nov 2026 03:00:00 +0000", f"<{rows}@example.com>"
    message.set_content("This is a DMARC aggregate report.")
    name = "example.com!example.org!1793491200!1793577599.xml.gz"
    message.add_attachment(gzip.compress(report(rows)), maintype="application", subtype="gzip", filename=name)
    return message.as_bytes()


def read(where: str, known: dict[object, object] = KNOWN) -> int:
    """How many rows ``where`` holds, each address located once."""
    count = 0
    for sighting in sightings(where):
        count += 1
        if sighting.source_ip is not None and sighting.source_ip not in known:
            known[sighting.source_ip] = LOCATE(sighting.source_ip)
    return count


def sightings(where: str) -> Iterator[Sighting]:
    arrivals = Arrivals(Identity(), offline)
    for item in sources.read_reports(where):
        yield from (learned for learned in arrivals.learn(item) if isinstance(learned, Sighting))


LOCATE = locator()


def main() -> None:
    import parsedmarc

    with tempfile.TemporaryDirectory() as folder:
        for bar, rows in SIZES:
            path = Path(folder, f"{rows}.eml")
            path.write_bytes(mail(rows))
            theirs = parsedmarc.parse_report_file(str(path), offline=True)
            assert len(theirs["report"]["records"]) == read(str(path)) == rows
            measured = ratio(
                lambda path=path: read(str(path)),  # type: ignore[misc]
                lambda path=path: parsedmarc.parse_report_file(str(path), offline=True),  # type: ignore[misc]
                ROUNDS,
            )
            row(f"a mail with a report of {rows} rows", bar, measured, "parsedmarc")
            print(f"{'':<44} {rows / measured[1]:,.0f} rows/s, parsedmarc {rows / measured[2]:,.0f} rows/s")
        _huge(Path(folder, "huge.xml.gz"))


def _huge(path: Path) -> None:
    path.write_bytes(gzip.compress(report(HUGE), 1))
    ours = _alone(f"from benchmarks.reports import read; assert read({str(path)!r}) == {HUGE}")
    theirs = _alone(f"import parsedmarc; parsedmarc.parse_report_file({str(path)!r}, offline=True)")
    row(
        f"a report of {HUGE:,} rows",
        8,
        (theirs[0] / ours[0], *(seconds for seconds, _ in (ours, theirs))),
        "parsedmarc",
    )
    print(f"{'':<44} at most {ours[1]} MB held (bar 200 MB), parsedmarc {theirs[1]} MB")
    store = path.with_suffix(".duckdb")
    kept = _alone(
        f"import sys; sys.argv = ['disavow', 'intake', '--offline', '--store', {str(store)!r}, {str(path)!r}];"
        "from disavow.doors.cli import main; main()"
    )
    print(f"{'the same into a store':<44} {HUGE / kept[0]:,.0f} rows/s, at most {kept[1]} MB held")


def _alone(code: str) -> tuple[float, int]:
    """(CPU seconds, megabytes at most) of a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Not ru_maxrss: a child begins with its parent's.
    told = "print(next(line for line in open('/proc/self/status') if 'VmHWM' in line).split()[1])"
    code = f"import atexit; atexit.register(lambda: exec({told!r})); {code}"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(done.stdout.split()[-1]) >> 10


if __name__ == "__main__":
    main()
