"""The main job: cases in, the answer out. Was I hacked or only forged, by whom, how much, and what now?

Everything is counted while the cases stream past; what is kept grows with the number of distinct names and
campaigns, not with the size of the mails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar

from ..standards.questions import Address
from .campaign import Campaign, Campaigns
from .case import Case
from .finding import Finding
from .identity import Identity

Answer: TypeAlias = Literal["forged", "ours", "mixed", "cannot-tell"]
Confidence: TypeAlias = Literal["high", "medium", "low"]
Key = TypeVar("Key")


@dataclass(slots=True)
class Tally:
    """How often something was seen, and when first and last."""

    count: int
    first: datetime
    last: datetime

    def add(self, when: datetime) -> None:
        """One more sighting at ``when``."""
        self.count += 1
        if when < self.first:
            self.first = when
        elif when > self.last:
            self.last = when


@dataclass(frozen=True, slots=True)
class Source:
    """A machine that sent in my name, as a receiver saw it; ``ours`` None when my servers are not known."""

    ip: Address
    seen: Tally
    ours: bool | None


@dataclass(frozen=True, slots=True)
class Reporter:
    """A server that answered me: its name as it gives it, its address as my own server saw it."""

    name: str
    ip: Address | None
    seen: Tally


@dataclass(frozen=True, slots=True)
class ForgedAddress:
    """An address of mine that forgers used; ``exists`` None without a list of my addresses."""

    address: str
    count: int
    exists: bool | None
    leaked_from: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``because`` the strongest reasons first, ``would_change`` what could overturn it."""

    answer: Answer
    confidence: Confidence
    because: tuple[Finding, ...]
    would_change: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Investigation:
    """The whole answer; each number has one definition, here."""

    identity: Identity
    verdict: Verdict
    mails: int
    unreadable: tuple[tuple[str, str], ...]
    kinds: Mapping[str, int]
    reasons: Mapping[str, int]
    ours: Mapping[str, int]
    signals: Mapping[str, int]
    status_mails: int
    returned: int
    sources: tuple[Source, ...]
    reporters: tuple[Reporter, ...]
    enforcers: tuple[tuple[str, int], ...]
    facts: Mapping[str, int]
    campaigns: tuple[Campaign, ...]
    forged_addresses: tuple[ForgedAddress, ...]
    days: Mapping[str, Mapping[str, int]]
    languages: Mapping[str, int]
    first: datetime | None
    last: datetime | None


@dataclass(slots=True)
class Inquiry:
    """Collects cases one by one; ``conclude`` gives the answer, any time.

    ``aliases``: my addresses and where each was given ("" unknown); empty when the owner gave no list.
    """

    me: Identity
    aliases: Mapping[str, str] = field(default_factory=dict)
    mails: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    _kinds: Counter[str] = field(default_factory=Counter)
    _reasons: Counter[str] = field(default_factory=Counter)
    _ours: Counter[str] = field(default_factory=Counter)
    _signals: Counter[str] = field(default_factory=Counter)
    _facts: Counter[str] = field(default_factory=Counter)
    _enforcers: Counter[str] = field(default_factory=Counter)
    _languages: Counter[str] = field(default_factory=Counter)
    _addresses: Counter[str] = field(default_factory=Counter)
    _days: dict[str, Counter[str]] = field(default_factory=dict)
    _sources: dict[Address, Tally] = field(default_factory=dict)
    _reporters: dict[tuple[str, Address | None], Tally] = field(default_factory=dict)
    _span: Tally | None = None
    _campaigns: Campaigns = field(default_factory=Campaigns)

    def add(self, case: Case) -> None:
        """Count one case."""
        self.mails += 1
        self._kinds[case.notice.kind] += 1
        if case.is_status:
            self._count_answer(case)

    def _count_answer(self, case: Case) -> None:
        self._ours[case.ours] += 1
        self._signals[case.signal] += 1
        self._languages[case.notice.language] += 1
        self._reasons[case.notice.reason or case.notice.detail or "unknown"] += 1
        self._days.setdefault(case.when.date().isoformat(), Counter())[group(case)] += 1
        if self._span:
            self._span.add(case.when)
        else:
            self._span = Tally(1, case.when, case.when)
        if case.form:
            self._facts["returned"] += 1
        for piece in case.evidence:
            self._facts[piece.tag] += 1
        if case.reporter or case.reporter_ip:
            key = (case.reporter, case.reporter_ip)
            _tally(self._reporters, key, case.when)
        if case.signal == "enforced":
            self._enforcers[enforcer(case)] += 1
        if case.fingerprint:
            also_to = tuple(recipient.address for recipient in case.notice.delivery.recipients if recipient.address)
            self._campaigns.add(self.mails, case.fingerprint, case.when, also_to, case.ours == "ours")
        if case.source:
            _tally(self._sources, case.source, case.when)
        if case.forged_address and case.ours != "ours":
            self._addresses[case.forged_address] += 1

    def conclude(self) -> Investigation:
        """The answer to everything seen so far."""
        campaigns = self._campaigns.clusters()
        return Investigation(
            identity=self.me,
            verdict=self._verdict(campaigns),
            mails=self.mails,
            unreadable=tuple(self.unreadable),
            kinds=dict(self._kinds.most_common()),
            reasons=dict(self._reasons.most_common()),
            ours={word: self._ours[word] for word in ("forged", "ours", "cannot-tell")},
            signals={word: self._signals[word] for word in ("enforced", "accepted", "escaped", "none")},
            status_mails=self._ours.total(),
            returned=self._facts["returned"],
            sources=self._ranked_sources(),
            reporters=self._ranked_reporters(),
            enforcers=tuple(self._enforcers.most_common()),
            facts=dict(self._facts),
            campaigns=campaigns,
            forged_addresses=self._forged_addresses(),
            days={day: dict(groups) for day, groups in sorted(self._days.items())},
            languages=dict(self._languages.most_common()),
            first=self._span.first if self._span else None,
            last=self._span.last if self._span else None,
        )

    def _ranked_sources(self) -> tuple[Source, ...]:
        ranked = sorted(self._sources.items(), key=lambda item: (-item[1].count, item[0].version, item[0].packed))
        return tuple(Source(ip, seen, self.me.owns_server(ip) if self.me.servers else None) for ip, seen in ranked)

    def _ranked_reporters(self) -> tuple[Reporter, ...]:
        ranked = sorted(self._reporters.items(), key=lambda item: (-item[1].count, item[0][0], str(item[0][1])))
        return tuple(Reporter(name, ip, seen) for (name, ip), seen in ranked)

    def _forged_addresses(self) -> tuple[ForgedAddress, ...]:
        known = self.aliases
        return tuple(
            ForgedAddress(address, count, address in known if known else None, known.get(address, ""))
            for address, count in sorted(self._addresses.items(), key=lambda item: (-item[1], item[0]))
        )

    def _verdict(self, campaigns: tuple[Campaign, ...]) -> Verdict:
        answer = self._answer()
        return Verdict(answer, self._confidence(answer), tuple(self._because(campaigns)), tuple(self._would_change()))

    def _answer(self) -> Answer:
        forged, ours = self._ours["forged"], self._ours["ours"]
        if forged and ours:
            return "mixed"
        return "forged" if forged else "ours" if ours else "cannot-tell"

    def _confidence(self, answer: Answer) -> Confidence:
        """How far the decided mails carry the answer: by their number and by their share."""
        decided, total = self._ours["forged"] + self._ours["ours"], self._ours.total()
        if answer == "cannot-tell" or decided < 3 or self.me.how == "guessed":
            return "low"
        return "high" if decided >= 10 and decided * 2 >= total else "medium"

    def _because(self, campaigns: tuple[Campaign, ...]) -> Iterator[Finding]:
        facts, returned = self._facts, self._facts["returned"]
        if not self._ours.total():
            yield Finding("because-no-answers", {"mails": self.mails})
        if through := sum(campaign.ours for campaign in campaigns if 0 < campaign.ours < campaign.count):
            yield Finding("because-campaign-through-server", {"count": through})
        if facts["ours-signed"]:
            yield Finding("because-signed", {"count": facts["ours-signed"]})
        if facts["ours-server"]:
            yield Finding("because-server", {"count": facts["ours-server"]})
        if facts["forged-refused-by-spf"]:
            yield Finding("because-refused-by-spf", {"count": facts["forged-refused-by-spf"]})
        if self.me.servers and self._sources:
            mine = sum(self.me.owns_server(ip) for ip in self._sources)
            yield Finding("because-foreign-sources", {"mine": mine, "sources": len(self._sources)})
        if facts["forged-spf"]:
            yield Finding("because-spf-fails", {"count": facts["forged-spf"]})
        if returned and not facts["ours-signed"]:
            yield Finding("because-unsigned", {"returned": returned})
        if campaigns and campaigns[0].count * 3 >= self._ours.total():
            counts = {"count": campaigns[0].count, "answers": self._ours.total()}
            varies = campaigns[0].distinct_subjects > 1
            yield Finding("because-one-hand", counts) if varies else Finding("because-one-mail", counts)
        if not returned and self._ours.total():
            yield Finding("because-nothing-returned", {"answers": self._ours.total()})

    def _would_change(self) -> Iterator[Finding]:
        if self.me.how == "guessed":
            yield Finding("change-identity", {"names": ", ".join(self.me.domains + self.me.addresses)})
        if not self.me.servers:
            yield Finding("change-servers")
        if self._facts["ours-signature-unchecked"]:
            yield Finding("change-keys", {"count": self._facts["ours-signature-unchecked"]})


def _tally(tallies: dict[Key, Tally], key: Key, when: datetime) -> None:
    tally = tallies.get(key)
    if tally is None:
        tallies[key] = Tally(1, when, when)
    else:
        tally.add(when)


def enforcer(case: Case) -> str:
    """The domain of the receiver that refused: of the host that decided, else of the recipient."""
    for recipient in case.notice.delivery.recipients:
        domain = recipient.address.rpartition("@")[2].lower()
        if domain or recipient.remote:
            return domain or recipient.remote.lower()
    return case.reporter


# What the timeline and the card count by: a delivery report by what it says, other kinds as they are.
GROUPS = {
    "delayed": "group-delayed",
    "delivered": "group-delivered",
    "relayed": "group-relayed",
    "expanded": "group-expanded",
    "user-unknown": "group-no-such-user",
    "reject-notice": "group-reject-notice",
    "challenge": "group-challenge",
    "autoreply": "group-autoreply",
    "list": "group-list",
    "feedback": "group-feedback",
    "mdn": "group-mdn",
    "human": "group-human",
}


def group(case: Case) -> str:
    """The tag of the group that the timeline and the card count an answer in."""
    notice = case.notice
    if case.signal == "enforced":
        return "group-refused-by-policy"
    if notice.kind == "dsn":
        return GROUPS.get(notice.detail) or GROUPS.get(notice.reason) or "group-other-refusal"
    return GROUPS.get(notice.kind, "group-other-refusal")
