"""Is a DKIM key an alias of a name that does not exist, and that a stranger could register?"""

from __future__ import annotations

from typing import Any

from ...standards.questions import Dialogue, Lookup, together
from ..fault import Faults, fault
from ..posture import Posture
from ..registration import unregistered
from ..selectors import Selector


def check(posture: Posture) -> Dialogue[Faults]:
    """A fault for each selector whose alias leads nowhere."""
    dangling = [one for one in posture.dkim.found if one.answer.aliases and not one.answer.values]
    return sum((yield from together(*map(_alias, dangling))), ())


def _alias(selector: Selector) -> Dialogue[Faults]:
    if selector.answer.status == "temperror":
        return ()
    target = selector.answer.aliases[-1]
    seen = (Lookup(selector.owner, "TXT"), Lookup(selector.owner, "CNAME"))
    args: dict[str, Any] = {"selector": selector.name, "domain": selector.domain, "target": target}
    better = f"remove: {selector.owner}. CNAME {selector.answer.aliases[0]}."
    if selector.answer.status == "nxdomain":
        stranger = yield from unregistered(target, selector.domain)
        if stranger:
            return (
                fault("dkim-takeover", *seen, Lookup(stranger, "NS"), stranger=stranger, replacement=better, **args),
            )
    return (fault("dkim-alias-dead", *seen, replacement=better, **args),)
