"""The command line: verbs are found by file name under ``verbs/`` and imported only when they are called."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module

import click

from ..errors import DisavowError

# Plain os functions: --help must be quick, and importing pathlib or importlib.resources costs more than it does.
_VERBS = os.path.join(os.path.dirname(__file__), "verbs")


class _Verbs(click.Group):
    """A group whose commands are the files of ``verbs/``; ``--help`` reads their first docstring lines only."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        files = (name for name in os.listdir(_VERBS) if name.endswith(".py") and not name.startswith("_"))
        return sorted(name.removesuffix(".py") for name in files)

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
    with open(os.path.join(_VERBS, f"{name}.py"), encoding="utf-8") as source:
        return source.readline().strip().strip('"')


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
