"""The lists behind the numbers of the report: every number leads to as many mails, every mail to its evidence."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..judgement.case import Case
from ..judgement.investigation import Investigation, group
from ..judgement.steps import REFUSABLE
from ..standards.questions import Address
from ..words import say
from .card import day

LIMIT = 100  # rows of a table, lists of one sort
LISTED = 500  # entries of one list
DAYS = 400  # days that get lists of their own
OURS_WORDS = {"forged": "forged", "ours": "yours", "cannot-tell": "cannot tell"}
SIGNAL_WORDS = {
    "enforced": "Refused because of your settings",
    "escaped": "Reached a mailbox",
    "accepted": "Accepted first, answered later",
}
KIND_WORDS = {
    "challenge": "Requests to confirm a mail",
    "fake-bounce": "Mails that only pretend to be delivery reports",
    "human": "Replies of people",
}
FACTS = ("ours-signed", "ours-server", "forged-refused-by-spf", "forged-spf")
# Numbers that the page shows even if they are 0.
ALWAYS = ("status", ("ours", "forged"), ("signal", "enforced"), ("signal", "escaped"))
Networks = Mapping[Address, str]


class Listing(NamedTuple):
    """A list of ``size`` mails, of which at most LISTED have an entry; ``part`` is the heading it stands under."""

    id: str
    part: str
    title: str
    size: int
    entries: tuple[tuple[int, str], ...]


def lists(
    found: Investigation, cases: Sequence[Case], numbers: set[int], networks: Networks, shown: Callable[[str], str]
) -> tuple[Listing, ...]:
    """Every list that the page links to; only the mails in ``numbers`` have an entry of their own on the page."""
    members = _members(found, cases, networks)
    return tuple(
        Listing(
            f"list-{id}",
            part,
            shown(title),
            len(mails),
            tuple((number, _label(cases[number - 1], shown)) for number in mails if number in numbers)[:LISTED],
        )
        for id, part, title, key in _titles(found, networks)
        if (mails := members.get(key, [])) or key in ALWAYS
    )


def _members(found: Investigation, cases: Sequence[Case], networks: Networks) -> dict[Hashable, list[int]]:
    """For each list's key the numbers of its mails."""
    members: dict[Hashable, list[int]] = {}
    invented = {forged.address for forged in found.forged_addresses if forged.exists is False}
    for number, case in enumerate(cases, 1):
        for key in _keys(case, invented, networks):
            members.setdefault(key, []).append(number)
    members |= {("campaign", campaign.id): list(campaign.members) for campaign in found.campaigns[:LIMIT]}
    return members


def _keys(case: Case, invented: set[str], networks: Networks) -> Iterator[Hashable]:
    """The keys of the lists that a mail stands in."""
    yield "kind", case.notice.kind
    if not case.is_status:
        yield "other"
        return
    yield "status"
    yield "ours", case.ours
    yield "signal", case.signal
    yield "group", group(case)
    yield "day", case.when.date().isoformat(), group(case)
    if case.form:
        yield "returned"
    if case.notice.kind in REFUSABLE:
        yield "refusable"
    for tag in {piece.tag for piece in case.evidence} & set(FACTS):
        yield "evidence", tag
    yield from _names(case, invented, networks)


def _names(case: Case, invented: set[str], networks: Networks) -> Iterator[Hashable]:
    if case.reporter or case.reporter_ip:
        yield "reporter", case.reporter, case.reporter_ip
    if case.source:
        yield "source", case.source
        yield "network", networks.get(case.source)
    if case.forged_address and case.ours != "ours":
        yield "address", case.forged_address
        if case.forged_address in invented:
            yield "invented"


def _titles(found: Investigation, networks: Networks) -> Iterator[tuple[str, str, str, Hashable]]:
    """(anchor, heading, title, key) of each list, in the order of the page."""
    yield "status", "All", "All answers", "status"
    yield "other", "All", "No answers: spam, phishing, other mail", "other"
    for word, text in OURS_WORDS.items():
        yield f"ours-{word}", "Was it you?", f"About mail that is: {text}", ("ours", word)
    for tag in FACTS:
        yield f"evidence-{tag}", "Was it you?", f"Evidence: {say(tag, {})}", ("evidence", tag)
    yield "returned", "Was it you?", "Brought back the message they are about", "returned"
    for word, text in SIGNAL_WORDS.items():
        yield f"signal-{word}", "What became of the forgeries", text, ("signal", word)
    for name in {name: 0 for groups in found.days.values() for name in groups}:
        yield name, "What they are", say(name, {}), ("group", name)
    for kind, text in KIND_WORDS.items():
        yield f"kind-{kind}", "What they are", text, ("kind", kind)
    yield "refusable", "What they are", "Answers that your server could refuse", "refusable"
    yield from _ranked(found, networks)
    for date, groups in listed_days(found).items():
        for name in groups:
            yield f"{date}-{name}", "By day", f"{date}: {say(name, {})}", ("day", date, name)


def _ranked(found: Investigation, networks: Networks) -> Iterator[tuple[str, str, str, Hashable]]:
    """The lists behind the rows of the tables, numbered as the rows are."""
    for number, reporter in enumerate(found.reporters[:LIMIT], 1):
        name = reporter.name or str(reporter.ip)
        yield f"reporter-{number}", "Who answered", f"Answered by {name}", ("reporter", reporter.name, reporter.ip)
    for number, source in enumerate(found.sources[:LIMIT], 1):
        yield f"source-{number}", "From where", f"Sent from {source.ip}", ("source", source.ip)
    for number, name in enumerate(dict.fromkeys(networks.values()), 1):
        yield f"network-{number}", "From where", f"Sent from the network {name}", ("network", name)
    for campaign in found.campaigns[:LIMIT]:
        yield f"campaign-{campaign.id}", "Campaigns", f"Campaign {campaign.id}", ("campaign", campaign.id)
    for number, forged in enumerate(found.forged_addresses[:LIMIT], 1):
        yield f"address-{number}", "Your addresses", f"Forged as {forged.address}", ("address", forged.address)
    yield "invented", "Your addresses", "To addresses that do not exist", "invented"


def listed_days(found: Investigation) -> Mapping[str, Mapping[str, int]]:
    """The days that have lists of their own: the last DAYS of them."""
    return dict(tuple(found.days.items())[-DAYS:])


def _label(case: Case, shown: Callable[[str], str]) -> str:
    return f"{day(case.when)} · {shown(case.subject)[:100] or '(no subject)'}"
