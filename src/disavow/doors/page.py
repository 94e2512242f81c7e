"""The report as one self-contained page: it asks nothing of anybody and needs no script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import jinja2
from markupsafe import Markup

from ..judgement.campaign import Campaign
from ..judgement.case import Case
from ..judgement.investigation import Investigation, group
from ..judgement.mask import Mask, plain
from ..judgement.steps import Step
from ..words import say
from ..world.networks import Locate, Place
from . import charts
from .card import LABELS, day, headline
from .contract import sentence

LIMIT = 100
LISTED = 500
MAILS = 2000
COLOURS = {
    "group-refused-by-policy": "var(--s3)",
    "group-no-such-user": "var(--s1)",
    "group-other-refusal": "var(--s6)",
    "group-autoreply": "var(--s2)",
    "group-challenge": "var(--s4)",
    "group-human": "var(--s5)",
}
ANCHORS = {
    "because-refused-by-spf": "#list-evidence-forged-refused-by-spf",
    "because-spf-fails": "#list-evidence-forged-spf",
    "because-unsigned": "#list-evidence-forged-unsigned",
    "because-signed": "#list-evidence-ours-signed",
    "because-server": "#list-evidence-ours-server",
    "because-foreign-sources": "#sources",
    "because-one-hand": "#campaigns",
    "because-campaign-through-server": "#campaigns",
}
SIGNAL_WORDS = {
    "enforced": "Your settings were enforced",
    "escaped": "Reached a mailbox",
    "accepted": "Accepted first, answered later",
}
OURS_WORDS = {"forged": "forged", "ours": "yours", "cannot-tell": "cannot tell"}


class Tile(NamedTuple):
    """A number with what it counts and the list behind it."""

    number: int | str
    label: str
    href: str


class Listing(NamedTuple):
    """A list of mails: at most LISTED entries of ``size``."""

    id: str
    title: str
    size: int
    entries: tuple[tuple[int, str], ...]


def page(found: Investigation, steps: Sequence[Step], cases: Sequence[Case], mask: Mask, locate: Locate) -> str:
    """The whole page; third parties' addresses go through ``mask``."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("disavow.doors"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"day": day, "mask": mask}
    sources = [(source, locate(source.ip)) for source in found.sources]
    return environment.get_template("report.html").render(
        found=found,
        headline=sentence(headline(found), mask),
        summary=summary(found),
        names=", ".join(found.identity.addresses + found.identity.domains) or "nobody in particular",
        because=[(sentence(finding, mask), ANCHORS.get(finding.tag, "")) for finding in found.verdict.because],
        would_change=[sentence(finding, mask) for finding in found.verdict.would_change],
        tiles=list(_tiles(found)),
        path=_path(found, mask),
        charts=_charts(found, cases, sources),
        groups=_groups(found),
        sources=sources,
        place_source=sources[0][1].source if sources else "",
        volume=_volume,
        labels=LABELS,
        steps=[_step(step, mask) for step in steps],
        lists=list(_lists(found, cases, mask)),
        mails=[_mail(number, case, mask) for number, case in _shown(cases)],
        masked=mask is not plain,
        limit=LIMIT,
        more=_more,
    )


def summary(found: Investigation) -> str:
    """The verdict in two sentences a worried person understands."""
    if not found.status_mails:
        return "None of these mails answers a message that was sent in your name."
    if found.verdict.answer == "ours":
        return "The messages that came back were sent by you or by a server of yours."
    if found.verdict.answer == "cannot-tell":
        return "The mails do not show who sent the messages they are about."
    forged = "Somebody sends mail in your name from machines that are not yours."
    if any(0 < campaign.ours < campaign.count for campaign in found.campaigns):
        return forged + " Some of it went out through a server of yours: that one needs a look, today."
    if found.ours["ours"]:
        return forged + " A few of the answers are about mail that you did send."
    return forged + " Nothing here came through a server of yours."


def _tiles(found: Investigation) -> Iterator[Tile]:
    yield Tile(found.status_mails, f"answers, among {found.mails} mails", "#list-status")
    yield Tile(found.ours["forged"], "about mail that you did not send", "#list-ours-forged")
    if found.ours["ours"]:
        yield Tile(found.ours["ours"], "about mail of yours", "#list-ours-ours")
    yield Tile(len(found.campaigns), "campaigns", "#campaigns")
    yield Tile(len(found.reporters), "servers that answered you", "#reporters")
    yield Tile(
        found.signals["enforced"], "refusals because of your SPF, DKIM or DMARC settings", "#list-signal-enforced"
    )
    yield Tile(found.signals["escaped"], "proven to have reached a mailbox", "#list-signal-escaped")


def _path(found: Investigation, mask: Mask) -> list[dict[str, Any]]:
    """Spammer → receiver → you, with the real names of this mailbox."""
    top = found.campaigns[0] if found.campaigns else None
    helo = next((value for name, value, _ in top.features if name == "helo"), "") if top else ""
    source = found.sources[0] if found.sources else None
    spammer = {
        "title": "Somebody forges your name",
        "text": f"at a machine that calls itself {mask(helo)}" if helo else "at machines of others",
        "note": "what a machine calls itself is a claim",
        "claimed": True,
    }
    receiver = {
        "title": f"{found.enforcers[0][0]} refuses it" if found.enforcers else "A receiver cannot deliver it",
        "text": f"{found.signals['enforced']} refusals because of your settings"
        if found.enforcers
        else f"{found.signals['accepted']} were accepted first",
        "note": f"it saw {source.ip} as the sender, {source.seen.count} times"
        if source
        else "it names no sending machine",
        "claimed": False,
    }
    reporter = found.reporters[0] if found.reporters else None
    you = {
        "title": "You get the answer",
        "text": f"from {reporter.name or reporter.ip} alone {reporter.seen.count} times" if reporter else "",
        "note": "because your address stood in the envelope",
        "claimed": False,
    }
    return [spammer, receiver, you]


def _groups(found: Investigation) -> list[tuple[str, str]]:
    """(group, its words), the most frequent first."""
    counts: Counter[str] = Counter()
    for groups in found.days.values():
        counts.update(groups)
    return [(name, say(name, {})) for name, _ in counts.most_common()]


def _charts(found: Investigation, cases: Sequence[Case], sources: Sequence[tuple[Any, Place]]) -> dict[str, str]:
    """The pictures that have something to show, as SVG."""
    words = dict(_groups(found))
    spare = iter(("var(--s5)", "var(--s4)", "var(--s6)", "var(--s2)", "var(--s1)") * 4)
    order = [(text, COLOURS.get(name) or next(spare)) for name, text in words.items()]
    rows = [
        {"day": date, "group": words[name], "count": count, "href": f"#list-{name}"}
        for date, counts in found.days.items()
        for name, count in counts.items()
    ]
    reporters = [
        {
            "name": f"{number}. {reporter.name or reporter.ip}",
            "count": reporter.seen.count,
            "href": f"#list-reporter-{number}",
        }
        for number, reporter in enumerate(found.reporters[:8], 1)
    ]
    networks: Counter[str] = Counter()
    for source, place in sources:
        networks[" · ".join(part for part in (place.holder or place.network, place.country) if part)] += (
            source.seen.count
        )
    by_network = [{"name": name, "count": count, "href": "#sources"} for name, count in networks.most_common(8)]
    lanes = list(_lanes(found.campaigns[:8], cases))
    drawn = {
        "timeline": charts.timeline(rows, order) if rows else None,
        "reporters": charts.bars(reporters) if len(reporters) > 1 else None,
        "sources": charts.bars(by_network, "var(--s2)") if len(by_network) > 1 else None,
        "campaigns": charts.lanes(lanes) if lanes else None,
    }
    return {name: charts.draw(picture) if picture else "" for name, picture in drawn.items()}


def _lanes(campaigns: Sequence[Campaign], cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    for campaign in campaigns:
        per_day = Counter(cases[number - 1].when.date().isoformat() for number in campaign.members)
        for date, count in sorted(per_day.items()):
            yield {"lane": f"campaign {campaign.id}", "day": date, "count": count, "href": f"#campaign-{campaign.id}"}


def _volume(campaign: Campaign) -> str:
    volume = campaign.volume
    text = f"{campaign.messages} different messages came back; at least {volume.at_least} recipients are named in them"
    if volume.estimate is None:
        return text + "; how many more there were cannot be told from these mails."
    if volume.high == volume.at_least:
        return text + ". Every message came back often: few can be missing."
    return text + f", probably {volume.estimate} ({volume.low} to {volume.high}) were written to."


def _step(step: Step, mask: Mask) -> dict[str, str]:
    lead = f"{round(step.effect * 100)} %" if step.effect is not None else "·"
    return {"lead": lead, "text": sentence(step.finding, mask), "command": step.command}


def _shown(cases: Sequence[Case]) -> list[tuple[int, Case]]:
    """The mails that get an entry of their own: answers first, within MAILS, in the order of the mailbox."""
    numbered = list(enumerate(cases, 1))
    if len(numbered) <= MAILS:
        return numbered
    answers = [entry for entry in numbered if entry[1].is_status][:MAILS]
    rest = [entry for entry in numbered if not entry[1].is_status][: MAILS - len(answers)]
    return sorted(answers + rest, key=lambda entry: entry[0])


def _lists(found: Investigation, cases: Sequence[Case], mask: Mask) -> Iterator[Listing]:
    """Every list that a number on the page links to."""
    members: dict[Hashable, list[tuple[int, Case]]] = {}
    for number, case in enumerate(cases, 1):
        for key in _belongs_to(case):
            members.setdefault(key, []).append((number, case))
    for campaign in found.campaigns[:LIMIT]:
        members["campaign", campaign.id] = [(number, cases[number - 1]) for number in campaign.members]
    shown = {number for number, _ in _shown(cases)}
    for id, title, key in _titles(found):
        mails = members.get(key, [])
        entries = [(number, _label(case, mask)) for number, case in mails if number in shown][:LISTED]
        yield Listing(f"list-{id}", title, len(mails), tuple(entries))


def _belongs_to(case: Case) -> Iterator[Hashable]:
    """The keys of the lists that a mail stands in."""
    if not case.is_status:
        yield "other"
        return
    yield "status"
    yield "ours", case.ours
    yield "signal", case.signal
    yield "group", group(case)
    yield "reporter", case.reporter, case.reporter_ip
    yield "source", case.source
    yield "address", case.forged_address
    for tag in {piece.tag for piece in case.evidence}:
        yield "evidence", tag


def _titles(found: Investigation) -> Iterator[tuple[str, str, Hashable]]:
    """(anchor, title, key) of each list, in the order of the page."""
    yield "status", "All answers", "status"
    for word, text in OURS_WORDS.items():
        yield f"ours-{word}", f"About mail that is: {text}", ("ours", word)
    for word, text in SIGNAL_WORDS.items():
        yield f"signal-{word}", text, ("signal", word)
    for name, text in _groups(found):
        yield name, f"Kind: {text}", ("group", name)
    for anchor in ANCHORS.values():
        tag = anchor.removeprefix("#list-evidence-")
        if found.facts.get(tag):
            yield f"evidence-{tag}", f"Evidence: {say(tag, {})}", ("evidence", tag)
    for number, reporter in enumerate(found.reporters[:LIMIT], 1):
        yield (
            f"reporter-{number}",
            f"Answered by {reporter.name or reporter.ip}",
            ("reporter", reporter.name, reporter.ip),
        )
    for number, source in enumerate(found.sources[:LIMIT], 1):
        yield f"source-{number}", f"Sent from {source.ip}", ("source", source.ip)
    for campaign in found.campaigns[:LIMIT]:
        yield f"campaign-{campaign.id}", f"Campaign {campaign.id}", ("campaign", campaign.id)
    for number, forged in enumerate(found.forged_addresses[:LIMIT], 1):
        yield f"address-{number}", f"Forged as {forged.address}", ("address", forged.address)
    yield "other", "No answers: spam, phishing, other mail", "other"


def _label(case: Case, mask: Mask) -> str:
    return f"{day(case.when)} · {mask(case.subject) or '(no subject)'}"


def _mail(number: int, case: Case, mask: Mask) -> dict[str, Any]:
    """One mail with its evidence."""
    return {
        "number": number,
        "day": _moment(case.when),
        "subject": mask(case.subject),
        "signal": case.signal,
        "ours": case.ours if case.is_status else "",
        "group": say(group(case), {}) if case.is_status else case.notice.kind,
        "ours_words": OURS_WORDS[case.ours] if case.is_status else "not an answer",
        "facts": [(name, mask(value)) for name, value in _facts(case) if value],
        "evidence": [
            (say(piece.tag, {"quote": piece.quote}), mask(piece.quote[:600]), piece.strength) for piece in case.evidence
        ],
    }


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
        yield "the receiver said", recipient.diagnostic[:400]
    yield "SPF, asked now", case.spf
    yield "DKIM, checked now", case.dkim


def _moment(moment: datetime) -> str:
    return f"{day(moment)} {moment:%H:%M} UTC"


def _more(rows: Sequence[Any]) -> Markup:
    rest = len(rows) - LIMIT
    return (
        Markup('<p class="mute small">{} more; all of them: <code>--json</code></p>').format(rest)
        if rest > 0
        else Markup()
    )
