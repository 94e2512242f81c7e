"""The key file is read or refused; a secret is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from disavow.errors import Misconfigured
from disavow.world import tag_keys


def test_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("0 a secret\n")
    assert tag_keys.read(str(tmp_path / "keys")).keys == {0: b"a secret"}


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"hush-hush\n"])
def test_other_files_are_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "keys").write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        tag_keys.read(str(tmp_path / "keys"))
    assert "hush" not in str(caught.value)
