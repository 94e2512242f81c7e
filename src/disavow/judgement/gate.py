"""What must be true before a stricter policy is published, with its figures (RFC 9989 section 7.4)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from .checks.dmarc_policy import STRICTNESS
from .coverage import Coverage, Missed, age
from .finding import Finding
from .impact.replay import replay

State: TypeAlias = Literal["holds", "short", "unknown"]

DAYS = 30  # RFC 9989 section 7.4 asks for a month of reports at each step
REPORTERS = 4
FRESH = 3  # days
SIGNED = {"quarantine": 0.98, "reject": 0.995}
UNDECIDED = {"quarantine": 0.01, "reject": 0.001}
PASSED_ON = 0.001
LISTED = 0.995
NEVER = 60  # days of reports without mail of mine
TLS_DAYS = 14
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition: ``finding`` says in figures what is needed and what is; ``more`` names who is in the way."""

    name: str
    state: State
    finding: Finding
    more: tuple[Finding, ...] = ()


def _gate(name: str, holds: bool, tag: str, figures: Mapping[str, object], more: tuple[Finding, ...] = ()) -> Gate:
    return Gate(name, "holds" if holds else "short", Finding(tag, figures), () if holds else more)


def unknown(name: str, tag: str) -> Gate:
    """A gate that nobody can judge without reports."""
    return Gate(name, "unknown", Finding(tag))


def before_quarantine(found: Coverage | None, now: datetime) -> tuple[Gate, ...]:
    """A month of reports, and own mail signed."""
    if found is None:
        return (unknown("reports", "gate-reports-unknown"), unknown("dkim", "gate-dkim-unknown"))
    return (*_reports(found, now), _signed(found, "quarantine"), _undecided(found, "quarantine"))


def before_reject(found: Coverage | None, now: datetime) -> tuple[Gate, ...]:
    """The same again under quarantine, nearly all own mail signed, and hardly any that lists would break."""
    if found is None:
        return (*before_quarantine(found, now), unknown("policy", "gate-policy-unknown"))
    return (
        *_reports(found, now),
        _signed(found, "reject"),
        _undecided(found, "reject"),
        _asked_since(found, "quarantine"),
        _passed_on(found),
    )


def before_strictest(found: Coverage | None, now: datetime) -> tuple[Gate, ...]:
    """SPF may end in -all when DMARC rejects already, and every server of the owner is listed."""
    if found is None:
        return (unknown("reports", "gate-reports-unknown"), unknown("spf", "gate-spf-unknown"))
    share = found.listed / found.own if found.own else 0.0
    figures = {"share": _percent(share), "needed": _percent(LISTED), "own": f"{found.own:,}"}
    listed = _gate("spf", share >= LISTED, "gate-spf", figures, _named(found.unlisted, "gate-spf-source"))
    return (*_reports(found, now), _signed(found, "reject"), _asked_since(found, "reject"), listed, _passed_on(found))


def before_enforcing_tls(found: Coverage | None) -> tuple[Gate, ...]:
    """Two weeks of TLS reports without a failure (RFC 8460)."""
    if found is None or not found.tls.days:
        return (unknown("tls", "gate-tls-unknown"),)
    tls = found.tls
    figures = {"days": tls.days, "needed": TLS_DAYS, "failed": f"{tls.failed:,}", "sessions": f"{tls.sessions:,}"}
    return (_gate("tls", tls.days >= TLS_DAYS and not tls.failed, "gate-tls", figures),)


def strict_alignment(found: Coverage | None) -> bool:
    """True only if no mail of the owner, over a month, needed a relation between names that strict mode denies."""
    if found is None or not found.own or found.days < DAYS:
        return False
    own = [one for one in found.rows if one.ours == "ours"]
    relaxed, strict = (replay(own, f"p=reject; sp=reject{mode}") for mode in ("", "; adkim=s; aspf=s"))
    return strict.refused == relaxed.refused


def _reports(found: Coverage, now: datetime) -> Iterator[Gate]:
    enough = found.days >= DAYS and found.reporters >= REPORTERS
    figures = {"days": found.days, "reporters": found.reporters, "need_days": DAYS, "need_reporters": REPORTERS}
    yield _gate("reports", enough, "gate-reports", figures)
    old = age(found, now)
    yield _gate("fresh", old <= FRESH, "gate-fresh", {"days": old, "needed": FRESH})


def _signed(found: Coverage, target: str) -> Gate:
    """RFC 9989 section 7.4: who asks for rejection must not rely on SPF alone."""
    share = found.signed / found.own if found.own else 0.0
    figures = {"share": _percent(share), "needed": _percent(SIGNED[target]), "own": f"{found.own:,}"}
    return _gate("dkim", share >= SIGNED[target], "gate-dkim", figures, _named(found.unsigned, "gate-dkim-source"))


def _undecided(found: Coverage, target: str) -> Gate:
    share = found.undecided / found.own if found.own else float(found.undecided > 0)
    figures = {"count": f"{found.undecided:,}", "share": _rest(share), "allowed": _rest(UNDECIDED[target])}
    return _gate("undecided", share <= UNDECIDED[target], "gate-undecided", figures)


def _asked_since(found: Coverage, policy: str) -> Gate:
    strict = STRICTNESS[found.policy or "none"] >= STRICTNESS[policy]
    days = (found.last - found.since).days + 1 if found.since and strict else 0
    return _gate("policy", days >= DAYS, "gate-policy", {"days": days, "needed": DAYS, "policy": policy})


def _passed_on(found: Coverage) -> Gate:
    """RFC 9989 section 7.4: domains whose people post to lists should not ask for rejection."""
    share = found.passed_on / found.own if found.own else 0.0
    weekly = found.passed_on * 7 / max(found.days, 7)
    figures = {"weekly": f"{weekly:,.0f}", "share": _rest(share), "allowed": _rest(PASSED_ON)}
    return _gate("lists", share <= PASSED_ON, "gate-lists", figures)


def _named(missed: tuple[Missed, ...], tag: str) -> tuple[Finding, ...]:
    return tuple(
        Finding(tag, {"source": one.address, "missed": f"{one.missed:,}", "messages": f"{one.messages:,}"})
        for one in missed[:_NAMED]
    )


def _percent(share: float) -> str:
    """Rounded down, so that no figure that falls short looks like one that is enough."""
    return f"{math.floor(share * 10_000 + 1e-6) / 100:g} %"


def _rest(share: float) -> str:
    """Rounded up, so that no figure that is too much looks like one that is allowed."""
    return f"{math.ceil(share * 10_000 - 1e-6) / 100:g} %"


def never_sends(said: bool, published: bool, takes_mail: bool, found: Coverage | None, now: date) -> Gate | None:
    """Why the domain is known to send no mail; None if nothing proves it.

    ``said`` by the owner, or ``published`` (SPF authorises nobody) on a domain without mail, or told by reports.
    """
    if found is not None and found.own:
        args = {"own": f"{found.own:,}", "last": found.last}
        return Gate("never-sends", "short", Finding("gate-sends", args)) if said else None
    quiet = found is not None and found.days >= NEVER and (now - found.last).days <= NEVER
    if said:
        return Gate("never-sends", "holds", Finding("gate-never-said"))
    if published and not takes_mail:
        return Gate("never-sends", "holds", Finding("gate-never-published"))
    if quiet and found is not None and not takes_mail:
        return Gate("never-sends", "holds", Finding("gate-never-reported", {"days": found.days}))
    return None
