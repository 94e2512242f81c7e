"""The package's TOML is read as it stands now, whatever was kept of it."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

import pytest

from disavow import tables


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "toml_house").mkdir()
    (tmp_path / "toml_house" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "toml_house", raising=False)
    return tmp_path / "toml_house"


def test_a_table_is_what_the_parser_reads_and_follows_the_file(house: Path) -> None:
    file = house / "colours.toml"
    for text in ('[[phrase]]\ntext = "grün|verde"\nrank = 3\n', 'about = "x"\n', "a = [1, 2]\n[b]\nc = true\n"):
        file.write_text(text, "utf-8")
        os.utime(file, (len(text), len(text)))
        assert tables.load("toml_house", "colours") == tomllib.loads(text)
        assert tables.load("toml_house", "colours") == tomllib.loads(text)


def test_what_is_no_toml_is_an_error(house: Path) -> None:
    (house / "broken.toml").write_text("about =", "utf-8")
    assert tables.names("toml_house") == ["broken"]
    with pytest.raises(tomllib.TOMLDecodeError):
        tables.load("toml_house", "broken")
    with pytest.raises(OSError, match="nowhere"):
        tables.load("toml_house", "nowhere")
