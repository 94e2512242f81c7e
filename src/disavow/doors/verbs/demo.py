"""Show the main job on an example mailbox, offline."""

from __future__ import annotations

from importlib import resources

import click

from .investigate import command as investigate


@click.command()
@click.option("--html", metavar="FILE", help="Write the report as one self-contained page.")
@click.pass_context
def command(ctx: click.Context, html: str | None) -> None:
    """What a forged owner sees: the verdict on an example mailbox that the package carries. Asks no network."""
    story = resources.files("disavow.doors") / "demo"
    with (
        resources.as_file(story / "flood.mbox") as mailbox,
        resources.as_file(story / "example.zone") as zone,
        resources.as_file(story / "aliases.csv") as aliases,
    ):
        arguments = [str(mailbox), "--me", "example.org", "--zone", str(zone), "--aliases", str(aliases)]
        click.echo("This is: disavow investigate flood.mbox --me example.org --zone example.zone --aliases aliases.csv")
        try:
            investigate.main([*arguments, *(("--html", html) if html else ())], standalone_mode=False)
        except click.exceptions.Exit:
            return
