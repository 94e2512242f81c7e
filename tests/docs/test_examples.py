"""The console blocks of the documentation are run (law 7), and show what really comes out.

A block is fenced as ``console``. Lines that begin with ``$ `` are commands (a backslash at the end continues one),
the lines below are what they print, standard error included. ``…`` at the end of a line stands for its rest, ``…``
alone for any number of lines. The commands of one page run in one folder that holds a copy of ``docs/examples``.
``$ echo $?`` shows the exit code of the command before.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_BLOCK = re.compile(r"^([ ]*)```console\n(.*?)^\1```", re.M | re.S)


def commands(page: Path) -> Iterator[tuple[str, list[str]]]:
    """(command, expected lines) in the order of the page."""
    for _, block in _BLOCK.findall(page.read_text("utf-8")):
        shown: list[str] = []
        command = ""
        for line in block.splitlines():
            if line.startswith("$ ") or command.endswith("\\"):
                if command and not command.endswith("\\"):
                    yield command, shown
                    command, shown = "", []
                command = command.removesuffix("\\") + line.removeprefix("$ ").strip()
                continue
            shown.append(line)
        if command:
            yield command, shown


def fits(expected: list[str], printed: list[str]) -> bool:
    """True if the lines are those that the page shows."""
    if not expected:
        return not printed
    first, rest = expected[0], expected[1:]
    if first.strip() == "…":
        return any(fits(rest, printed[skipped:]) for skipped in range(len(printed) + 1))
    if not printed:
        return False
    same = printed[0].startswith(first[:-1]) if first.endswith("…") else printed[0] == first
    return same and fits(rest, printed[1:])


def tidy(lines: list[str]) -> list[str]:
    """Without blank lines at both ends and spaces at line ends, which no reader sees."""
    return "\n".join(line.rstrip() for line in lines).strip("\n").splitlines()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(commands(page))], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_examples_of_a_page_are_true(page: Path, tmp_path: Path) -> None:
    if (ROOT / "docs" / "examples").is_dir():
        shutil.copytree(ROOT / "docs" / "examples", tmp_path, dirs_exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COLUMNS": "100", "NO_COLOR": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    code = 0
    for command, expected in commands(page):
        if command == "echo $?":
            assert tidy(expected) == [str(code)], f"{command} after the command before"
            continue
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        code = done.returncode
        printed = tidy(done.stdout.decode("utf-8", "replace").splitlines())
        assert fits(tidy(expected), printed), f"$ {command}\n" + "\n".join(printed)


def test_the_runner_reads_pages_as_it_says(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("text\n```console\n$ a \\\n  b\nout\n\nmore\n$ c\n```\n```sh\n$ not run\n```\n", "utf-8")
    assert list(commands(page)) == [("a b", ["out", "", "more"]), ("c", [])]


def test_an_ellipsis_stands_for_a_rest_or_for_lines() -> None:
    assert fits(["a…", "…", "z"], ["abc", "1", "2", "z"])
    assert fits(["…"], [])
    assert not fits(["a…"], ["b"])
    assert not fits(["a"], ["a", "b"])
    assert not fits(["a", "b"], ["a"])
