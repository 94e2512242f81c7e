"""The package's TOML is read as it stands now, whatever was kept of it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from disavow import tables


def test_a_table_is_what_the_parser_reads_and_follows_the_file(tmp_path: Path) -> None:
    file = tmp_path / "colours.toml"
    for text in ('[[phrase]]\ntext = "grün|verde"\nrank = 3\n', 'about = "x"\n', "a = [1, 2]\n[b]\nc = true\n"):
        file.write_text(text, "utf-8")
        os.utime(file, (len(text), len(text)))
        assert tables.load(file) == tomllib.loads(text)
        assert tables.load(file) == tomllib.loads(text)


def test_what_is_no_toml_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("about =", "utf-8")
    with pytest.raises(tomllib.TOMLDecodeError):
        tables.load(tmp_path / "broken.toml")
    with pytest.raises(OSError, match="nowhere"):
        tables.load(tmp_path / "nowhere.toml")
