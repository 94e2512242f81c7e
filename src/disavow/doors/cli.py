"""The command line: verbs are found by file name under ``verbs/`` and imported only when they are called."""

from __future__ import annotations

import ast
import os
import signal
import sys
from importlib import import_module, resources
from pathlib import Path

import click

from ..errors import DisavowError


class _Verbs(click.Group):
    """A group whose commands are the files of ``verbs/``; ``--help`` reads their first docstring lines only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        folder = Path(str(resources.files(__package__).joinpath("verbs")))
        return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f".verbs.{name}", __package__).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if verbs := [(name, _summary(name)) for name in self.list_commands(ctx)]:
            with formatter.section("Verbs"):
                formatter.write_dl(verbs)


def _summary(name: str) -> str:
    source = resources.files(__package__).joinpath("verbs", f"{name}.py").read_text("utf-8")
    return (ast.get_docstring(ast.parse(source)) or "").partition("\n")[0]


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="disavow", message="%(prog)s %(version)s")
def disavow() -> None:
    """For people in whose name spammers send mail, and for those who receive it.

    Start with: disavow investigate MAILBOX --me YOUR-DOMAIN
    """


def main() -> None:
    """The ``disavow`` command: no traceback reaches a user, every failure has its exit code."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        # click returns the code of an Exit when it does not end the process itself
        sys.exit(disavow(standalone_mode=False))
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except DisavowError as error:
        click.echo(f"disavow: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
