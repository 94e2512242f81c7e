"""Moving in a Maildir: nothing lost, nothing overwritten, and a run that was cut short is taken up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from disavow.errors import Malformed
from disavow.world import maildir


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for part in ("new", "cur", "tmp"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    (tmp_path / "mail" / "cur" / "1.a.host:2,RS").write_text("one")
    (tmp_path / "mail" / "new" / "2.b.host").write_text("two")
    return tmp_path / "mail"


def test_letters_are_those_of_the_inbox_without_links_and_hidden_files(home: Path) -> None:
    (home / "cur" / "link").symlink_to(home / "new" / "2.b.host")
    (home / "cur" / ".hidden").write_text("")
    (home / ".Sent" / "cur").mkdir(parents=True)
    assert [path.name for path in maildir.letters(home)] == ["2.b.host", "1.a.host:2,RS"]


def test_what_is_no_maildir_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        list(maildir.letters(tmp_path))


def test_a_mail_moves_with_its_flags_into_a_folder_that_is_made(home: Path) -> None:
    there = maildir.move(home / "cur" / "1.a.host:2,RS", ".X")
    assert there == home / ".X" / "cur" / "1.a.host:2,RS"
    assert there.read_text() == "one"
    assert not (home / "cur" / "1.a.host:2,RS").exists()
    assert {path.name for path in (home / ".X").iterdir()} == {"new", "cur", "tmp", "maildirfolder"}


def test_another_mail_of_that_name_is_not_overwritten(home: Path) -> None:
    maildir.move(home / "cur" / "1.a.host:2,RS", ".X")
    (home / "cur" / "1.a.host:2,RS").write_text("another")
    with pytest.raises(Malformed, match="name"):
        maildir.move(home / "cur" / "1.a.host:2,RS", ".X")
    assert (home / "cur" / "1.a.host:2,RS").read_text() == "another"
    assert (home / ".X" / "cur" / "1.a.host:2,RS").read_text() == "one"


def test_a_move_cut_short_is_finished(home: Path) -> None:
    letter = home / "new" / "2.b.host"
    (home / ".X" / "new").mkdir(parents=True)
    os.link(letter, home / ".X" / "new" / "2.b.host")
    assert maildir.move(letter, ".X").read_text() == "two"
    assert not letter.exists()


def test_a_mail_that_is_gone_or_huge_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Malformed):
        maildir.open_letter(home / "cur" / "gone")
    with pytest.raises(Malformed):
        maildir.move(home / "cur" / "gone", ".X")
    monkeypatch.setattr(maildir, "MAX_MAIL", 2)
    with pytest.raises(Malformed, match="larger"):
        maildir.open_letter(home / "new" / "2.b.host")
