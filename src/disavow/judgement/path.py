"""The safe steps from what is published to the strictest: each with its gates, its changes and its price."""

from __future__ import annotations

from dataclasses import dataclass

from .gate import Gate
from .impact.replay import Replay
from .record_set import Planned, RecordSet


@dataclass(frozen=True, slots=True)
class Change:
    """One place in the DNS: what is there ``now``, what ``then``; ``ttl`` seconds that the answer now may live."""

    now: RecordSet
    then: RecordSet
    ttl: int = 0

    @property
    def replaces(self) -> bool:
        """True if something is there that caches may still hold afterwards."""
        return bool(self.now.values)


@dataclass(frozen=True, slots=True)
class Step:
    """``name`` says what it is for; ``planned`` is all that stands after it, ``changes`` what it does to that.

    ``cost``: what stored reports say it would do to a week's mail, None without reports or where the policy stays.
    """

    number: int
    name: str
    planned: Planned
    changes: tuple[Change, ...]
    files: tuple[tuple[str, str], ...] = ()
    gates: tuple[Gate, ...] = ()
    cost: Replay | None = None

    @property
    def done(self) -> bool:
        """True if nothing is left to do."""
        return not self.changes and not self.files

    @property
    def ready(self) -> bool:
        """True if all gates hold; what cannot be judged does not."""
        return all(gate.state == "holds" for gate in self.gates)


def due(steps: tuple[Step, ...]) -> Step:
    """The last step that may be carried out by now: the next, or the one before it while its gates do not hold."""
    following = next_step(steps)
    if following is None:
        return steps[-1]
    return following if following.ready or following is steps[0] else steps[steps.index(following) - 1]


def next_step(steps: tuple[Step, ...]) -> Step | None:
    """The first that is not done; the one for encryption waits for none of the others. None when all are done."""
    open_ = [step for step in steps if not step.done]
    able = [step for step in open_ if step.ready and (step is open_[0] or step.name == "encryption")]
    return next(iter(able or open_), None)
