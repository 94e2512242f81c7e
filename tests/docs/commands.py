"""The reference of all verbs and options, as the program itself tells it: ``python -m tests.docs.commands``."""

from __future__ import annotations

from pathlib import Path

import click

from disavow.doors.cli import disavow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "commands.md"
HEAD = """# Commands

Data goes to standard output, talk and progress to standard error. `-` is standard input. `NO_COLOR` is honoured.
Exit codes: 0 fine, 1 a finding, 2 wrong usage, 3 unproven (`verify`), 65 input that cannot be read, 75 something
outside did not answer, 78 a setting or option that cannot be used, 130 interrupted.
"""


def page() -> str:
    """The page as it should stand."""
    context = click.Context(disavow, info_name="disavow")
    verbs = {name: disavow.get_command(context, name) for name in disavow.list_commands(context)}
    return HEAD + "".join(_section(verb, name) for name, verb in verbs.items() if verb)


def _section(verb: click.Command, name: str) -> str:
    context = click.Context(verb, info_name=f"disavow {name}", terminal_width=100)
    usage = verb.get_usage(context).removeprefix("Usage: ")
    rows = [record for option in verb.params if (record := option.get_help_record(context))]
    options = "".join(f"| `{_cell(name)}` | {_cell(meaning)} |\n" for name, meaning in rows if meaning)
    text = "\n\n".join(" ".join(part.split()) for part in (verb.help or "").split("\n\n"))
    table = f"\n| option | meaning |\n|---|---|\n{options}" if options else ""
    return f"\n## disavow {name}\n\n`{' '.join(usage.split())}`\n\n{text}\n{table}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
