"""Reports as they arrive, in mails with a packed attachment: ours and parsedmarc, rows per second in one run.

The reports are those of the generator in the suites, each different. Both look every distinct address up in the network
data at hand; parsedmarc works with ``offline=True``.
"""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from disavow.doors.arrivals import Arrivals
from disavow.judgement.identity import Identity
from disavow.judgement.sighting import Sighting
from disavow.world import sources
from disavow.world.networks import locator
from disavow.world.resolver import offline

from .paired import ratio, row

SUITES = Path(os.environ.get("DISAVOW_SUITES", Path(__file__).resolve().parents[2] / "shared" / "suites"))
SIZES = ((5, "few", "1 to 5 rows"), (8, "typ", "50 rows"))  # (bar, the generator's word for it, ours)
MAILS = 60
HUGE = 100_000
# Both keep what they know of an address from one report to the next.
KNOWN: dict[object, object] = {}
ROUNDS = 5


def generate(folder: str, *what: str) -> None:
    """Fills ``folder`` with reports, always the same ones."""
    generator = SUITES / "reports" / "generate.py"
    if not generator.exists():
        sys.exit(f"the suites are not here ({SUITES})")
    subprocess.run([sys.executable, str(generator), folder, *what], check=True)


def read(*wheres: str, known: dict[object, object] = KNOWN) -> int:
    """How many rows ``wheres`` hold, each address located once."""
    count = 0
    for sighting in sightings(*wheres):
        count += 1
        if sighting.source_ip is not None and sighting.source_ip not in known:
            known[sighting.source_ip] = LOCATE(sighting.source_ip)
    return count


def sightings(*wheres: str) -> Iterator[Sighting]:
    arrivals = Arrivals(Identity(), offline)
    for item in sources.read_reports(*wheres):
        yield from (learned for learned in arrivals.learn(item) if isinstance(learned, Sighting))


LOCATE = locator()


def main() -> None:
    import parsedmarc

    logging.disable(logging.CRITICAL)

    def peer(wheres: list[str]) -> int:
        found = (parsedmarc.parse_report_file(where, offline=True) for where in wheres)
        return sum(len(one["report"]["records"]) for one in found)

    with tempfile.TemporaryDirectory() as folder:
        generate(folder, "--few", f"{MAILS}", "--typ", f"{MAILS}", "--wrap", "eml")
        generate(folder, "--huge", "1", "--rows", f"{HUGE}", "--wrap", "gz")
        for bar, kind, name in SIZES:
            wheres = sorted(map(str, Path(folder, kind, "eml").iterdir()))
            rows = read(*wheres)
            assert peer(wheres) == rows
            measured = ratio(
                lambda wheres=wheres: read(*wheres),  # type: ignore[misc]
                lambda wheres=wheres: peer(wheres),  # type: ignore[misc]
                ROUNDS,
            )
            row(f"{MAILS} mails with reports of {name}", bar, measured, "parsedmarc")
            print(f"{'':<44} {rows / measured[1]:,.0f} rows/s, parsedmarc {rows / measured[2]:,.0f} rows/s")
        _huge(next(Path(folder, "huge", "gz").iterdir()))


def _huge(path: Path) -> None:
    ours = _alone(f"from benchmarks.reports import read; assert read({str(path)!r}) == {HUGE}")
    theirs = _alone(f"import parsedmarc; parsedmarc.parse_report_file({str(path)!r}, offline=True)")
    row(
        f"a report of {HUGE:,} rows",
        8,
        (theirs[0] / ours[0], ours[0], theirs[0]),
        "parsedmarc",
    )
    print(f"{'':<44} at most {ours[1]} MB held (bar 200 MB), parsedmarc {theirs[1]} MB")
    store = path.parent / "s.duckdb"
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
