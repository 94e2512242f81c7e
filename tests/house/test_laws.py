"""The laws of the house (design section 3), each a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from disavow.words import LEVELS, sentences

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "disavow"
FLOORS = ("words", "standards", "judgement", "world", "doors")
WORLDLY = {
    *(
        "asyncio",
        "dns",
        "duckdb",
        "glob",
        "http",
        "httpx2",
        "io",
        "mailbox",
        "multiprocessing",
        "os",
        "pathlib",
    ),
    *("random", "secrets", "select", "selectors", "shutil", "signal", "smtplib", "socket", "sqlite3", "ssl"),
    *(
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "imaplib",
        "starlette",
        "click",
        "rich",
    ),
}
NAMELESS = {"utils", "util", "common", "helper", "helpers", "tools", "misc", "base", "manager", "managers"}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def floor(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first if first in FLOORS else ""


def imports(path: Path) -> Iterator[str]:
    """Absolute dotted names of everything a module imports."""
    package = ["disavow", *path.relative_to(SOURCE).parent.parts]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*prefix, *(node.module or "").split(".")]).strip(".")
            yield from (f"{stem}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_1_imports_only_point_down_and_the_pure_floors_are_pure(path: Path) -> None:
    mine = floor(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "disavow" and len(parts) > 1 and parts[1] in FLOORS and mine:
            assert FLOORS.index(parts[1]) <= FLOORS.index(mine), f"{mine} imports {name}"
        if mine in ("standards", "judgement"):
            assert parts[0] not in WORLDLY, f"{mine} imports {name}"


def test_1_no_import_cycles() -> None:
    names = {".".join(["disavow", *path.relative_to(SOURCE).with_suffix("").parts]): path for path in modules()}
    names = {name.removesuffix(".__init__"): path for name, path in names.items()}
    graph = {
        name: {
            known
            for imported in _eager(path)
            for known in (imported, imported.rpartition(".")[0])
            if known in names and known != name
        }
        for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, " → ".join((*path[path.index(name) :], name))
        if name not in done:
            for other in graph[name]:
                if not name.startswith(other + "."):  # a package's own __init__ is no cycle
                    visit(other, (*path, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def _eager(path: Path) -> set[str]:
    """What a module imports when it is imported: not inside functions, not for type checkers only."""
    tree = ast.parse(path.read_text("utf-8"))
    lazy = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
        for inner in ast.walk(node)
    }
    package = ["disavow", *path.relative_to(SOURCE).parent.parts]
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in lazy:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            prefix = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*prefix, *(node.module or "").split(".")]).strip(".")
            found |= {stem, *(f"{stem}.{alias.name}" for alias in node.names)}
    return found


def test_2_a_bare_yield_of_a_question_stands_only_in_questions() -> None:
    for path in modules():
        if path.name == "questions.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns and "Dialogue" in ast.dump(node.returns):
                bare = [inner for inner in _own(node) if isinstance(inner, ast.Yield)]
                assert not bare, f"{path.relative_to(ROOT)}:{bare[0].lineno} yields a question itself"


def _own(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes of a function without those of functions inside it."""
    stack: list[ast.AST] = list(function.body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def test_3_every_room_has_a_name() -> None:
    nameless = [path for path in modules() if path.stem in NAMELESS or path.parent.name in NAMELESS]
    assert not nameless


def test_5_every_tag_has_a_sentence_and_every_sentence_a_tag() -> None:
    said = set(sentences())
    used = {
        match
        for path in modules()
        for match in re.findall(r'(?:Finding|Evidence|finding|evidence)\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    literals = {
        node.value
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert used <= said, f"no sentence for {sorted(used - said)}"
    assert said <= literals, f"no code says {sorted(said - literals)}"
    for tag, entry in sentences().items():
        assert entry["sentence"] and entry.get("level", "info") in LEVELS, tag
