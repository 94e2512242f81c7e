"""Options that several verbs share, so that they are called and mean the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
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


@dataclass(frozen=True, slots=True)
class Owner:
    """What the options of ``owner`` say: who the owner is, what his servers know, and who answers DNS questions."""

    me: tuple[str, ...]
    server: tuple[str, ...]
    selector: tuple[str, ...]
    log: tuple[str, ...]
    batv_key: str | None
    offline: bool
    zone: str | None
    resolver: str | None

    def world(self) -> Any:
        """Who answers: an object to call with a question."""
        return resolver(self.offline, self.zone, self.resolver)

    def given(self) -> Identity:
        """Who the owner says he is; raises Misconfigured for names or files that cannot be used."""
        from ..judgement.identity import identify

        me = identify(self.me, self.server, self.selector)
        if self.log:
            from ..world.logs import read

            me = replace(me, sent=read(self.log))
        if self.batv_key:
            from ..world.tag_keys import read as read_keys

            me = replace(me, tags=read_keys(self.batv_key))
        return me

    def located(self, me: Identity, world: Any) -> Identity:
        """``me`` with the addresses of its servers, as far as ``world`` may be asked."""
        from ..judgement.servers import locate
        from ..world.ask import ask

        return ask(locate(me), world)[0] if self.zone or not self.offline else me


def owner(function: Callable[..., None]) -> Callable[..., None]:
    """The options of ``identity`` and ``dns``, and ``--log FILE``, ``--batv-key FILE``: all in one ``Owner``."""

    @wraps(function)
    def call(**values: Any) -> None:
        told = Owner(**{field.name: values.pop(field.name) for field in fields(Owner)})
        function(owner=told, **values)

    for option in (
        dns,
        click.option("--batv-key", metavar="FILE", help="The secrets that my envelope senders are tagged with."),
        click.option("--log", multiple=True, metavar="FILE", help="A log of my mail server, complete (repeatable)."),
        identity,
    ):
        call = option(call)
    return call


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
