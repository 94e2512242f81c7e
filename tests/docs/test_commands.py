"""Law 7: every verb and option is in the docs."""

from __future__ import annotations

from tests.docs.commands import PAGE, page


def test_the_reference_of_commands_is_what_the_program_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.docs.commands"
