"""Who could register a name: the domain that somebody has to own so that the name can exist."""

from __future__ import annotations

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from ..standards.questions import Dialogue, ns


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=65_536)
def registrable(name: str) -> str:
    """The part of ``name`` that is registered, or "" for a public suffix itself.

    Registrations happen below public suffixes, which the DNS does not show; so this asks the list, not a tree walk.
    """
    return str(_suffixes().privatesuffix(name) or "")


def unregistered(name: str, owner: str) -> Dialogue[str]:
    """The domain that a stranger could register to own ``name``, or "".

    "" too when ``name`` belongs to the owner of ``owner``, or when nobody could say whether it is registered.
    """
    domain = registrable(name)
    if not domain or domain == registrable(owner):
        return ""
    answer = yield from ns(domain)
    return domain if answer.status == "nxdomain" else ""
