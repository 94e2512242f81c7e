"""Options that several verbs share, so that they are called and mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ..judgement.identity import Identity

F = TypeVar("F", bound=Callable[..., Any])


def dns(function: F) -> F:
    """``--offline``, ``--zone FILE``, ``--resolver HOST:PORT``: who answers DNS questions."""
    for option in (
        click.option("--resolver", metavar="HOST:PORT", help="Ask this DNS resolver instead of the system's."),
        click.option("--zone", metavar="FILE", help="Answer DNS questions from this master file; ask nobody."),
        click.option("--offline", is_flag=True, help="Ask nothing of the network; say what could not be checked."),
    ):
        function = option(function)
    return function


def identity(function: F) -> F:
    """``--me``, ``--server``, ``--selector``: who the owner is."""
    return side(click.option("--selector", multiple=True, help="A DKIM selector of mine (repeatable).")(function))


def side(function: F) -> F:
    """``--me``, ``--server``: which names and computers are on the owner's side."""
    for option in (
        click.option("--server", multiple=True, metavar="IP|CIDR|HOST", help="A mail server of mine (repeatable)."),
        click.option("--me", multiple=True, metavar="DOMAIN|ADDRESS", help="My domain or address (repeatable)."),
    ):
        function = option(function)
    return function


def records(function: F) -> F:
    """``--log FILE``, ``--batv-key FILE``: what the owner's own servers know about his mail."""
    for option in (
        click.option("--batv-key", metavar="FILE", help="The secrets that my envelope senders are tagged with."),
        click.option("--log", multiple=True, metavar="FILE", help="A log of my mail server, complete (repeatable)."),
    ):
        function = option(function)
    return function


def with_records(me: Identity, log: tuple[str, ...], batv_key: str | None) -> Identity:
    """``me`` with what the two options of ``records`` name; raises Misconfigured for files that cannot be used."""
    if log:
        from ..world.logs import read

        me = replace(me, sent=read(log))
    if batv_key:
        from ..world.tag_keys import read as read_keys

        me = replace(me, tags=read_keys(batv_key))
    return me


def resolver(offline: bool, zone: str | None, server: str | None) -> Any:
    """The resolver that the three options of ``dns`` describe: an object to call with a question."""
    from ..world.resolver import Zone
    from ..world.resolver import offline as nobody

    if zone:
        return Zone.read(zone)
    if offline:
        return nobody
    from ..world.recursive import Dns

    return Dns(server or "")
