"""The strictest records that a domain can reasonably publish, and the path there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..standards import dmarc
from ..standards.questions import Dialogue, lookup, now, together, txt
from .audit import Audit, audit
from .coverage import Coverage
from .draft import Draft, Wishes
from .fault import Faults
from .finding import Finding
from .impact.replay import Replay, replay
from .mending import left, mend
from .path import Change, Step, next_step
from .posture import Posture, Subject
from .record_set import Key, Planned, RecordSet, current
from .rehearsal import rehearse

_DECISIVE = ("spf-unknown", "dmarc-unknown", "mx-unknown")
_HOSTS = 5
# An address for reports that the owner wants stays, though nothing may answer there yet.
_CHOSEN = frozenset(("dmarc-report-dead", "dmarc-report-takeover"))


@dataclass(frozen=True, slots=True)
class Plan:
    """``audit`` is the present, ``left`` what stays open after the last step because no record mends it.

    Without ``steps`` nothing was planned: ``unknown`` says what could not be looked up. ``asides``: what to know.
    """

    audit: Audit
    steps: tuple[Step, ...] = ()
    left: Faults = ()
    coverage: Coverage | None = None
    asides: tuple[Finding, ...] = ()

    @property
    def domain(self) -> str:
        """Whose plan it is."""
        return self.audit.domain

    @property
    def next(self) -> Step | None:
        """What to do now; None when everything is done."""
        return next_step(self.steps)

    @property
    def unknown(self) -> Faults:
        """The failed lookups without which nobody can plan."""
        return tuple(fault for fault in self.audit.faults if fault.tag in _DECISIVE)


def plan(subject: Subject, wishes: Wishes, coverage: Coverage | None = None) -> Dialogue[Plan]:
    """What to publish for a domain, in which order; nothing is planned on a lookup that failed.

    ``coverage`` is what stored reports say (``coverage.measure``): without it no gate to a stricter policy holds.
    """
    present = yield from audit(subject)
    if any(fault.tag in _DECISIVE for fault in present.faults):
        return Plan(present, coverage=coverage)
    unborn = yield from _unborn(coverage)
    pinned = yield from _pinned(present.posture)
    draft = Draft(present, wishes, coverage, (yield from now()), unborn, pinned)
    stages, then = yield from (_lock(draft) if draft.idle else _climb(draft))
    steps = yield from _steps(draft, stages)
    return Plan(present, steps, left(then), coverage, (*_replaced(steps), *draft.asides()))


def _replaced(steps: Iterable[Step]) -> Iterator[Finding]:
    """Aliases that make room for a record, though whoever they lead to could publish it just as well."""
    for step in steps:
        for one in step.changes:
            if one.now.type == "CNAME" and step.planned.text(one.now.name):
                yield Finding("publish-alias", {"name": one.now.name, "target": one.now.values[0]})


def _unborn(coverage: Coverage | None) -> Dialogue[tuple[str, ...]]:
    """The names that mail of the owner is from, though they do not exist: np would hit it (RFC 9989 section 4.7)."""
    names = coverage.names if coverage else ()
    answers = yield from together(*(lookup(name, "A") for name in names))
    return tuple(name for name, answer in zip(names, answers, strict=True) if answer.status == "nxdomain")


def _pinned(posture: Posture) -> Dialogue[bool]:
    """True if a mail server already says by which certificate it is known (RFC 7672)."""
    answers = yield from together(*(lookup(f"_25._tcp.{host.name}", "TLSA") for host in posture.hosts[:_HOSTS]))
    return any(answer.values for answer in answers)


Stages = tuple[tuple[str, Planned], ...]


def _lock(draft: Draft) -> Dialogue[tuple[Stages, Audit]]:
    """All at once: there is no mail to lose."""
    subject = draft.posture.subject
    mended, _ = yield from mend(subject, Planned())
    planned, then = yield from mend(subject, draft.locked(mended), _CHOSEN)
    return (("lock", planned),), then


def _climb(draft: Draft) -> Dialogue[tuple[Stages, Audit]]:
    """Close what is open, then one step after the other."""
    subject = draft.posture.subject
    # Who sends for a domain without MX and SPF, if anybody does, is not known: no record can list them.
    unsafe = frozenset() if draft.posture.sends else frozenset(("spf-none",))
    mended, _ = yield from mend(subject, (yield from _standing(draft.posture)), unsafe)
    closed, then = yield from mend(subject, draft.closed(mended), unsafe | _CHOSEN)
    stages = (("close", closed), *draft.stages(closed, then.posture))
    return stages, (yield from rehearse(audit(subject), stages[-1][1]))


def _standing(posture: Posture) -> Dialogue[Planned]:
    """The SPF and DMARC records that can be read now: what stays as it is belongs to the plan too."""
    names = [posture.domain] if posture.spf.record else []
    if posture.dmarc.policy and posture.dmarc.policy.domain == posture.domain:
        names.append(f"_dmarc.{posture.domain}")
    answers = yield from together(*(txt(name) for name in names))
    sets = (current(name, "TXT", answer) for name, answer in zip(names, answers, strict=True))
    return Planned().with_(one for one in sets if len(one.values) == 1)


def _steps(draft: Draft, stages: Stages) -> Dialogue[tuple[Step, ...]]:
    """The steps with what each changes, against the one before."""
    present = yield from _present(key for _, planned in stages for key in planned.records)
    stands = {key: one.now for key, one in present.items()}
    files: dict[str, str] = {}
    steps = []
    for number, (name, bare) in enumerate(stages, 0 if draft.idle else 1):
        planned = _whole(bare, present)
        changed = [key for key, then in planned.records.items() if then.values != stands[key].values]
        changes = tuple(Change(stands[key], planned.records[key], present[key].ttl) for key in changed)
        new = tuple((url, text) for url, text in planned.files.items() if files.get(url) != text)
        cost = _cost(draft, planned) if changes and name in ("quarantine", "reject") else None
        steps.append(Step(number, name, planned, changes, new, draft.gates(name), cost))
        stands.update(planned.records)
        files.update(new)
    return tuple(steps)


def _present(keys: Iterable[Key]) -> Dialogue[dict[Key, Change]]:
    """What stands at each place now; where a name is an alias, the alias is a place too."""
    places = tuple(dict.fromkeys(keys))
    answers = yield from together(*(lookup(name, "TXT" if type == "CNAME" else type) for name, type in places))
    found = {}
    for (name, type), answer in zip(places, answers, strict=True):
        for kind in (type, "CNAME") if answer.aliases else (type,):
            one = current(name, kind, answer)
            found[name, kind] = Change(one, one, answer.ttl)
    return found


def _whole(planned: Planned, present: dict[Key, Change]) -> Planned:
    """With what others have at the same names, and no alias beside a record (RFC 1034 section 3.6.2)."""
    records = {key: replace(one, kept=present[key].now.kept) for key, one in planned.records.items()}
    aliases = {(name, "CNAME"): RecordSet(name, "CNAME") for name, _ in records if (name, "CNAME") in present}
    return Planned({**aliases, **records}, planned.files)


def _cost(draft: Draft, planned: Planned) -> Replay | None:
    """What the policy of a step would have done to the mail that reports tell of."""
    text = planned.text(f"_dmarc.{draft.domain}")
    if draft.coverage is None or not text:
        return None
    record = dmarc.parse(text.encode("latin-1"))
    policy = {name: value for name, value in record.tags if name in ("p", "sp", "np", "adkim", "aspf")}
    return replay(draft.coverage.rows, "; ".join(f"{name}={value}" for name, value in policy.items()))
