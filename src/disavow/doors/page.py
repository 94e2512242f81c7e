"""The report as one self-contained page: it asks nothing of anybody and needs no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..judgement.case import Case
from ..judgement.finding import Finding
from ..judgement.investigation import Investigation, group
from ..judgement.mask import Mask, plain
from ..judgement.steps import Step
from ..words import say
from ..world.networks import Locate, Place
from . import paper, pictures
from .card import LABELS, SOFTWARE, day, headline, lead, plural, recipients, span, spoken, summary
from .contract import sentence
from .lists import LIMIT, OURS_WORDS, Listing, lists

MAILS = 2000
FIRST_ROWS = 10
BEHIND = {
    "because-refused-by-spf": "list-evidence-forged-refused-by-spf",
    "because-spf-fails": "list-evidence-forged-spf",
    "because-unsigned": "list-returned",
    "because-signed": "list-evidence-ours-signed",
    "because-server": "list-evidence-ours-server",
    "because-foreign-sources": "sources",
    "because-one-hand": "list-campaign-1",
    "because-one-mail": "list-campaign-1",
    "because-campaign-through-server": "campaigns",
    "because-nothing-returned": "list-status",
    "because-no-answers": "list-other",
    "step-check-ours": "list-ours-ours",
    "step-catch-all": "list-invented",
    "step-list-addresses": "addresses",
    "step-tell-relay": "list-reporter-1",
    "step-refuse-answers": "list-refusable",
    "step-stricter-spf": "list-signal-accepted",
    "step-no-challenge": "list-kind-challenge",
    "step-no-fake-bounce": "list-kind-fake-bounce",
    "step-escaped": "list-signal-escaped",
    "step-people": "list-kind-human",
    "step-keep-spf": "list-signal-enforced",
}
TELLING = ("reply-to", "url", "helo", "mailer", "network", "subject")


class Tile(NamedTuple):
    """A number with what it counts and the list behind it."""

    number: int
    label: str
    href: str


class Said(NamedTuple):
    """A finding in words, with where its number leads: ``size`` mails, or a part of the page if that is 0."""

    text: str
    lead: str
    command: str
    href: str
    size: int


def page(found: Investigation, steps: Sequence[Step], cases: Sequence[Case], mask: Mask, locate: Locate) -> str:
    """The whole page; third parties' addresses go through ``mask``."""
    shown = paper.shown(mask)
    sources = [(source, locate(source.ip)) for source in found.sources]
    networks, ranked = _networks(sources)
    mails = _listed(cases)
    behind = lists(found, cases, {number for number, _ in mails}, networks, shown)
    sizes = {each.id: each.size for each in behind}
    return paper.render(
        "report.html",
        shown,
        found=found,
        headline=shown(spoken(headline(found), mask)),
        summary=summary(found),
        names=", ".join(found.identity.addresses + found.identity.domains) or "nobody in particular",
        because=[_said(finding, mask, sizes) for finding in found.verdict.because],
        would_change=[shown(sentence(finding, mask), paper.TEXT) for finding in found.verdict.would_change],
        steps=[_said(step.finding, mask, sizes, lead(step), step.command) for step in steps],
        tiles=list(_tiles(found)),
        path=_path(found),
        legend=pictures.legend(found),
        charts=_charts(found, cases, ranked, shown),
        sources=sources,
        place_source=sources[0][1].source if sources else "",
        size=recipients,
        span=span,
        telling=lambda campaign: [each for each in campaign.features if each[0] in TELLING],
        software=lambda campaign: [each for each in campaign.features if each[0] in SOFTWARE],
        labels=LABELS,
        parts=_parts(behind),
        mails=[_mail(number, case, mask) for number, case in mails],
        masked=mask is not plain,
        limit=LIMIT,
        first_rows=FIRST_ROWS,
    )


def _said(finding: Finding, mask: Mask, sizes: Mapping[str, int], lead: str = "", command: str = "") -> Said:
    anchor = BEHIND.get(finding.tag, "")
    if anchor.startswith("list-") and anchor not in sizes:
        anchor = ""
    return Said(paper.shown(mask)(spoken(finding, mask), paper.TEXT), lead, command, anchor, sizes.get(anchor, 0))


def _tiles(found: Investigation) -> Iterator[Tile]:
    """The numbers that answer: was it me, how much, by whom, what became of it; none that says nothing."""
    answers = "answer" if found.status_mails == 1 else "answers"
    yield Tile(found.status_mails, f"{answers}, among {plural(found.mails, 'mail')}", "#list-status")
    if not found.status_mails:
        return
    yield Tile(found.ours["forged"], "about mail that you did not send", "#list-ours-forged")
    if found.ours["ours"]:
        yield Tile(found.ours["ours"], "about mail of yours", "#list-ours-ours")
    if found.ours["cannot-tell"]:
        yield Tile(found.ours["cannot-tell"], "do not show whose mail they are about", "#list-ours-cannot-tell")
    yield Tile(
        found.signals["enforced"], "refused because of your settings (SPF, DKIM, DMARC)", "#list-signal-enforced"
    )
    yield Tile(found.signals["escaped"], "proven to have reached a mailbox", "#list-signal-escaped")
    yield Tile(len(found.campaigns), f"campaign{'s' * (len(found.campaigns) != 1)} of forgeries", "#campaigns")
    yield Tile(len(found.reporters), f"server{'s' * (len(found.reporters) != 1)} answered you", "#reporters")


def _path(found: Investigation) -> list[dict[str, Any]]:
    """Spammer → receiver → you, with the real names of this mailbox."""
    return [_spammer(found), _receiver(found), _you(found)]


def _spammer(found: Investigation) -> dict[str, Any]:
    source = found.sources[0] if found.sources else None
    top = found.campaigns[0] if found.campaigns else None
    helo = next((value for name, value, _ in top.features if name == "helo"), "") if top else ""
    return {
        "title": "Somebody writes in your name",
        "text": f"most often from {source.ip}:" if source else "from machines that these mails do not name",
        "count": source.seen.count if source else 0,
        "href": "#list-source-1",
        "note": f"The machine calls itself {helo}. That is a claim." if helo else "",
    }


def _receiver(found: Investigation) -> dict[str, Any]:
    refused = found.signals["enforced"]
    others = len(found.enforcers) - 1
    who = found.enforcers[0][0] or "A receiver" if found.enforcers else "A receiver"
    if refused:
        title = f"{who} refuses it" if others < 1 else f"{who} and {others} other{'s' * (others > 1)} refuse it"
        return {
            "title": title,
            "text": "because of your settings:",
            "count": refused,
            "href": "#list-signal-enforced",
            "note": "Your SPF, DKIM or DMARC record told them to.",
        }
    return {
        "title": "A receiver takes it, and cannot deliver it",
        "text": "accepted first:",
        "count": found.signals["accepted"],
        "href": "#list-signal-accepted",
        "note": "It should have refused at the door.",
    }


def _you(found: Investigation) -> dict[str, Any]:
    reporter = found.reporters[0] if found.reporters else None
    return {
        "title": "The answer comes back to you",
        "text": f"most often from {reporter.name or reporter.ip}:" if reporter else "",
        "count": reporter.seen.count if reporter else 0,
        "href": "#list-reporter-1",
        "note": "Because your address stood on it as the sender.",
    }


def _networks(sources: Sequence[tuple[Any, Place]]) -> tuple[dict[Any, str], list[tuple[str, int, str]]]:
    """The network of each address, and the networks by how much came from them, with the anchors of their lists."""
    names = {
        source.ip: " · ".join(part for part in (place.holder or place.network, place.country) if part)
        for source, place in sources
    }
    counts: Counter[str] = Counter()
    for source, _ in sources:
        counts[names[source.ip]] += source.seen.count
    rank = {name: number for number, (name, _) in enumerate(counts.most_common(LIMIT), 1)}
    within = sorted((ip for ip, name in names.items() if name in rank), key=lambda ip: rank[names[ip]])
    return {ip: names[ip] for ip in within}, [(n, counts[n], f"#list-network-{rank[n]}") for n in rank]


def _charts(
    found: Investigation, cases: Sequence[Case], networks: Sequence[tuple[str, int, str]], shown: paper.Shown
) -> dict[str, pictures.Picture | None]:
    reporters = [
        (shown(reporter.name or reporter.ip), reporter.seen.count, f"#list-reporter-{number}")
        for number, reporter in enumerate(found.reporters[:LIMIT], 1)
    ]
    by_network = [(shown(name), count, href) for name, count, href in networks]
    return {
        "timeline": pictures.timeline(found),
        "reporters": pictures.ranking("Servers that answered", "Server", reporters, "s1"),
        "sources": pictures.ranking("Networks it came from", "Network", by_network, "s2"),
        "campaigns": pictures.lanes(found, cases),
    }


def _parts(behind: Sequence[Listing]) -> dict[str, list[Listing]]:
    """The lists under their headings."""
    parts: dict[str, list[Listing]] = {}
    for each in behind:
        parts.setdefault(each.part, []).append(each)
    return parts


def _listed(cases: Sequence[Case]) -> list[tuple[int, Case]]:
    """The mails that get an entry of their own: answers first, within MAILS, in the order of the mailbox."""
    numbered = list(enumerate(cases, 1))
    if len(numbered) <= MAILS:
        return numbered
    answers = [entry for entry in numbered if entry[1].is_status][:MAILS]
    rest = [entry for entry in numbered if not entry[1].is_status][: MAILS - len(answers)]
    return sorted(answers + rest, key=lambda entry: entry[0])


def _mail(number: int, case: Case, mask: Mask) -> dict[str, Any]:
    """One mail with its evidence."""
    shown = paper.shown(mask)
    return {
        "number": number,
        "day": f"{day(case.when)} {case.when:%H:%M} UTC",
        "subject": shown(case.subject),
        "signal": case.signal,
        "ours": case.ours if case.is_status else "",
        "group": say(group(case), {}) if case.is_status else case.notice.kind,
        "ours_words": OURS_WORDS[case.ours] if case.is_status else "not an answer",
        "facts": [(name, shown(value, paper.TEXT)) for name, value in _facts(case) if value],
        "evidence": list(_evidence(case, shown)),
    }


def _evidence(case: Case, shown: paper.Shown) -> Iterator[tuple[str, str, str]]:
    """(sentence, quote, strength); the quote only where the sentence does not hold it, and only once."""
    told = ""
    for piece in case.evidence:
        text = shown(say(piece.tag, {"quote": piece.quote}), paper.TEXT)
        quote = shown(piece.quote, paper.TEXT)
        yield text, "" if quote in told + text else quote, piece.strength
        told += text + "\n" + quote + "\n"


def _facts(case: Case) -> Iterator[tuple[str, str]]:
    notice = case.notice
    yield "where", case.where
    yield "kind", " · ".join(part for part in (notice.kind, notice.detail, notice.reason) if part)
    yield "answered by", " ".join(part for part in (case.reporter, str(case.reporter_ip or "")) if part)
    yield "sent from", str(case.source or "")
    yield "your address", case.forged_address
    for name, address in case.claims:
        yield f"claimed {name}", address
    if case.fingerprint:
        yield "claimed subject", case.fingerprint.subject
    for recipient in notice.delivery.recipients[:10]:
        yield "recipient", recipient.address
        yield "the receiver said", recipient.diagnostic
    yield "SPF, asked now", CHECKED.get(case.spf, case.spf)
    yield "DKIM, checked now", CHECKED.get(case.dkim, case.dkim)


CHECKED = {
    "temperror": "could not be asked",
    "fail": "the machine is not allowed",
    "softfail": "the machine is probably not allowed",
    "neutral": "the domain does not say",
    "none": "nothing there to check",
    "pass": "passed",
}
