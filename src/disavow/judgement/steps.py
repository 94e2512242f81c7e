"""What to do now: steps in the order of their effect on this mailbox, each effect a share of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .finding import Finding
from .investigation import Investigation

# Kinds that a server can refuse with a tag on outgoing mail: they come with the null sender.
REFUSABLE = ("dsn", "mdn", "autoreply", "challenge")


@dataclass(frozen=True, slots=True)
class Step:
    """``effect`` is the share (0 to 1) of this mailbox's answers it would remove or explain; None for advice
    that removes nothing. ``command`` is what to type next, or ""."""

    finding: Finding
    effect: float | None
    command: str = ""


def next_steps(found: Investigation) -> tuple[Step, ...]:
    """The steps for one investigation, the most effective first, what not to do last."""
    steps = [*_if_ours(found), *_remove(found)]
    return (*sorted(steps, key=lambda step: -(step.effect or 0.0)), *_beware(found), *_keep(found))


def _share(part: int, found: Investigation) -> float:
    return round(part / found.status_mails, 3) if found.status_mails else 0.0


def _if_ours(found: Investigation) -> Iterator[Step]:
    if count := found.ours["ours"]:
        yield Step(Finding("step-check-ours", {"count": count}), _share(count, found))


def _remove(found: Investigation) -> Iterator[Step]:
    invented = sum(forged.count for forged in found.forged_addresses if forged.exists is False)
    if invented:
        yield Step(Finding("step-catch-all", {"percent": _percent(invented, found)}), _share(invented, found))
    elif len(found.forged_addresses) > 20:
        yield Step(Finding("step-list-addresses", {"addresses": len(found.forged_addresses)}), None)
    if found.reporters and found.ours["ours"] < found.status_mails:
        top = found.reporters[0]
        if top.seen.count * 10 >= found.status_mails:
            yield Step(
                Finding("step-tell-relay", {"name": top.name or str(top.ip), "count": top.seen.count}),
                _share(top.seen.count, found),
                f"disavow investigate MAILBOX --ndjson | grep {top.ip or top.name}",
            )
    refusable = sum(found.kinds.get(kind, 0) for kind in REFUSABLE)
    if refusable and not found.ours["ours"] * 2 > found.status_mails:
        yield Step(Finding("step-refuse-answers", {"count": refusable}), _share(refusable, found))
    if found.signals["accepted"] * 5 >= found.status_mails > 0 and not found.signals["enforced"]:
        yield Step(Finding("step-stricter-spf", {"count": found.signals["accepted"]}), None, _audit(found))


def _audit(found: Investigation) -> str:
    """What to type for the settings of the domain that this is about."""
    me = found.identity
    domain = next(iter(me.domains), "") or next(iter(me.addresses), "").rpartition("@")[2]
    return f"disavow audit {domain or 'DOMAIN'}"


def _percent(part: int, found: Investigation) -> int:
    return round(100 * part / found.status_mails) if found.status_mails else 0


def _beware(found: Investigation) -> Iterator[Step]:
    """What could hurt the owner; it removes nothing from the flood."""
    if count := found.kinds.get("challenge", 0):
        yield Step(Finding("step-no-challenge", {"count": count}), None)
    if count := found.kinds.get("fake-bounce", 0):
        yield Step(Finding("step-no-fake-bounce", {"count": count}), None)
    if count := found.signals["escaped"]:
        yield Step(Finding("step-escaped", {"count": count}), None, _audit(found))
    if count := found.kinds.get("human", 0):
        yield Step(Finding("step-people", {"count": count}), None)


def _keep(found: Investigation) -> Iterator[Step]:
    if count := found.signals["enforced"]:
        yield Step(Finding("step-keep-spf", {"count": count}), None, _audit(found))
    if found.verdict.answer == "forged":
        yield Step(Finding("step-no-password"), None)
