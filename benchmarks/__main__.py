"""Each module of this folder with a ``main()`` is a benchmark: ``python -m benchmarks [NAME …]``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path


def run(wanted: list[str]) -> None:
    here = Path(__file__).parent
    names = sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_") and path.stem != "paired")
    unknown = set(wanted) - set(names)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    for name in wanted or names:
        print(f"\n== {name}", flush=True)
        import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    run(sys.argv[1:])
