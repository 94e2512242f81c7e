"""Laws 7 and 8: every verb and option is in the docs, and the state of every standard."""

from __future__ import annotations

from tests.docs import commands, standards


def test_the_reference_of_commands_is_what_the_program_says() -> None:
    assert commands.PAGE.read_text("utf-8") == commands.page(), "run: python -m tests.docs.commands"


def test_the_page_of_standards_is_what_standards_toml_says() -> None:
    assert standards.PAGE.read_text("utf-8") == standards.page(), "run: python -m tests.docs.standards"
