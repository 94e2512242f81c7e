"""Forgeries into campaigns: joined by what they share, weighted, deterministic.

Two forgeries belong together when the weights of the features they share reach ``THRESHOLD``. That relation is
closed by union-find: every smallest set of features heavy enough is a key, and mails with an equal key are joined.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, product

from .fingerprint import Fingerprint
from .volume import Volume, of_campaign

THRESHOLD = 4.0
WEIGHTS = {
    "reply-to": 4.0,
    "url": 2.5,
    "subject": 2.5,
    "helo": 2.0,
    "network": 1.5,
    "message-id": 1.5,
    "boundary": 1.5,
    "order": 1.5,
    "mailer": 1.0,
    "day": 1.0,
    "zone": 0.5,
}
# One mail program leaves all of these at once: together they count as one witness.
SOFTWARE = frozenset(("message-id", "boundary", "order", "mailer", "zone"))
SOFTWARE_WEIGHT = 3.0
HELD_BY = 0.5
MAX_SUBJECTS = 50

Feature = tuple[str, str]


def _weight(names: tuple[str, ...]) -> float:
    software = sum(WEIGHTS[name] for name in names if name in SOFTWARE)
    return min(software, SOFTWARE_WEIGHT) + sum(WEIGHTS[name] for name in names if name not in SOFTWARE)


def _smallest_joins() -> tuple[tuple[str, ...], ...]:
    joins: list[tuple[str, ...]] = []
    for size in range(1, len(WEIGHTS) + 1):
        for names in combinations(WEIGHTS, size):
            if not any(map(frozenset(names).issuperset, joins)) and _weight(names) >= THRESHOLD:
                joins.append(names)
    return tuple(joins)


JOINS = _smallest_joins()


@dataclass(frozen=True, slots=True)
class Campaign:
    """A cluster of forgeries: ``count`` answers about ``messages`` distinct forged messages.

    ``ours`` of them went out through a server of mine; above 0 in a forger's campaign it means a break-in.
    ``features`` holds, per name, the values that at least half of the answers share, with their counts;
    ``subjects`` the most frequent ones; ``scripts`` the writing systems; ``networks`` the /24s and /48s.
    """

    id: int
    count: int
    messages: int
    ours: int
    first: datetime
    last: datetime
    subjects: tuple[tuple[str, int], ...]
    distinct_subjects: int
    features: tuple[tuple[str, str, int], ...]
    networks: tuple[tuple[str, int], ...]
    scripts: tuple[tuple[str, int], ...]
    volume: Volume
    members: tuple[int, ...]


class Campaigns:
    """Collects fingerprints in columns (a few hundred bytes a mail) and clusters them once at the end."""

    def __init__(self) -> None:
        self._features: dict[Feature, int] = {}
        self._profiles: dict[tuple[int, ...], int] = {}
        self._texts: dict[str, int] = {}
        self._profile, self._subject, self._script = array("L"), array("L"), array("L")
        self._second, self._message, self._mail = array("q"), array("q"), array("L")
        self._ours = array("b")
        self._recipients, self._upto = array("q"), array("L", [0])

    def add(
        self, mail: int, fingerprint: Fingerprint, when: datetime, also_to: tuple[str, ...] = (), ours: bool = False
    ) -> None:
        """Remember one original: ``mail`` its number, ``when`` it was answered, ``also_to`` failed recipients."""
        features = (*fingerprint.features, ("day", when.date().isoformat()))
        profile = tuple(self._features.setdefault(feature, len(self._features)) for feature in features)
        self._profile.append(self._profiles.setdefault(profile, len(self._profiles)))
        self._subject.append(self._text(fingerprint.subject))
        self._script.append(self._text(fingerprint.script))
        self._second.append(int(when.timestamp()))
        self._message.append(hash(fingerprint.message_id or (fingerprint.subject, fingerprint.recipients)))
        self._mail.append(mail)
        self._ours.append(ours)
        self._recipients.extend({hash(address) for address in (*fingerprint.recipients, *also_to)})
        self._upto.append(len(self._recipients))

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def clusters(self) -> tuple[Campaign, ...]:
        """The campaigns of two or more answers, the largest first."""
        known = list(self._features)
        profiles = [[known[feature] for feature in profile] for profile in self._profiles]
        root = _joined(profiles)
        members: defaultdict[int, list[int]] = defaultdict(list)
        for index, profile in enumerate(self._profile):
            members[root[profile]].append(index)
        groups = sorted(
            (group for group in members.values() if len(group) > 1),
            key=lambda group: (-len(group), min(self._second[index] for index in group), group[0]),
        )
        return tuple(self._campaign(number, group, profiles) for number, group in enumerate(groups, 1))

    def _campaign(self, number: int, group: list[int], profiles: list[list[Feature]]) -> Campaign:
        texts = list(self._texts)
        features: Counter[Feature] = Counter()
        for profile, times in Counter(self._profile[index] for index in group).items():
            for feature in profiles[profile]:
                features[feature] += times
        subjects = Counter(texts[self._subject[index]] for index in group)
        seconds = [self._second[index] for index in group]
        captures = list(Counter(self._message[index] for index in group).values())
        return Campaign(
            number,
            len(group),
            len(captures),
            sum(self._ours[index] for index in group),
            datetime.fromtimestamp(min(seconds), UTC),
            datetime.fromtimestamp(max(seconds), UTC),
            _ranked(subjects)[:MAX_SUBJECTS],
            len(subjects),
            tuple(_held(features, len(group))),
            _ranked(Counter({value: n for (name, value), n in features.items() if name == "network"}))[:20],
            _ranked(Counter(texts[self._script[index]] or "Latin" for index in group)),
            of_campaign(captures, len({r for index in group for r in self._recipients_of(index)})),
            tuple(self._mail[index] for index in group),
        )

    def _recipients_of(self, index: int) -> array[int]:
        return self._recipients[self._upto[index] : self._upto[index + 1]]


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _held(features: Counter[Feature], size: int) -> Iterator[tuple[str, str, int]]:
    """The features that at least half of a campaign share, the heaviest first."""
    for (name, value), count in sorted(features.items(), key=lambda item: (-WEIGHTS[item[0][0]], -item[1], item[0])):
        if count >= size * HELD_BY and name != "day":
            yield name, value, count


def _joined(profiles: list[list[Feature]]) -> list[int]:
    """For each profile the representative of its cluster: union-find with path halving."""
    parent = list(range(len(profiles)))

    def find(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    by_name = [_values(profile) for profile in profiles]
    for names in JOINS:
        first: dict[tuple[str, ...], int] = {}
        for index, values in enumerate(by_name):
            if all(name in values for name in names):
                for key in product(*(values[name] for name in names)):
                    a, b = find(first.setdefault(key, index)), find(index)
                    parent[max(a, b)] = min(a, b)
    return [find(index) for index in range(len(profiles))]


def _values(profile: list[Feature]) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in profile:
        values.setdefault(name, []).append(value)
    return values
