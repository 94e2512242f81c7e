"""Where our SPF and DMARC differ from pyspf's and mailauth's, on public cases and seeded mutants, and who is right.

Every disagreement belongs to a class below, named with the sentence of the RFC that decides it; one that belongs to
none ends the run with exit status 1. mailauth is asked where ``MAILAUTH`` names the folder of its node_modules
(``npm i mailauth@7.1.0`` there).
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tests.conftest import SUITES
from tests.standards.test_dmarc import VectorZone
from tests.standards.test_spf import SuiteZone, scenarios

import spf as peer
from disavow.standards import dmarc
from disavow.standards import spf as ours
from disavow.standards.questions import Answer, Lookup, Question
from disavow.world.ask import ask

MUTANTS = 5_000
SEED = 7208

# What records are made of, and what people put there by mistake.
PIECES = (
    *("ip4:1.2.3.4", "ip4:192.0.2.0/24", "ip6:::/0", "ip6:2001:db8::1", "a", "mx", "ptr", "a/24", "a//64", "A"),
    *("mx:example.com", "include:example.com", "exists:%{ir}.example.com", "redirect=example.com", "a:%{d}", "+a"),
    *("exp=exp.example.com", "-all", "~all", "?all", "all", "%{", "%", "..", "/", "//", "=", ":", " ", "  ", "%{l}"),
    *("%{D2r-}", "1.2.3", "ip4", "include", "a:192.0.2.1", "x=%{c}", "/0", "/33", "é", "\t", ".", "-", "_", "0", ","),
    *("a:gone.example.com", "mx:gone.example.com", "exists:%{p}.example.com"),
)
LETTERS = "azAZ09.:/%{}-_=,+~? "


class Disagreement(NamedTuple):
    record: str
    ours: ours.Result
    theirs: str
    message: str


VOID = ("Void lookup limit", "Too many void")  # as the peers say it

# (class, the sentence that decides it, whether a disagreement is of this class); we are right in each.
CLASSES: tuple[tuple[str, str, Callable[[Disagreement], bool]], ...] = (
    (
        "an unknown modifier that stands twice",
        'RFC 7208 section 6: unknown modifiers are ignored "no matter where, or how often" they appear',
        lambda one: one.theirs == "permerror" and "MUST appear at most once" in one.message,
    ),
    (
        "%{c}, %{r} or %{t} in an unknown modifier",
        "RFC 7208 section 12: unknown-modifier = name = macro-string, whose macro-letter includes c, r and t",
        lambda one: one.theirs == "permerror" and "c,r,t macros" in one.message and "=" in one.record,
    ),
    (
        "a macro that is none",
        'RFC 7208 section 7.1: macro-expand = ( "%{" macro-letter transformers *delimiter "}" ) / "%%" / "%_" / "%-"',
        lambda one: "macro" in one.ours.problem,
    ),
    (
        "a line end within a record",
        "RFC 7208 section 4.6.1: terms are separated by spaces and consist of visible characters",
        lambda one: "not visible ASCII" in one.ours.problem,
    ),
    (
        "exists without a domain",
        'RFC 7208 section 5.7: exists = "exists" ":" domain-spec',
        lambda one: "a domain is missing" in one.ours.problem,
    ),
    (
        "a failed address lookup of a PTR name",
        'RFC 7208 section 5.5: if a DNS error occurs while doing an A RR lookup, "that domain name is skipped"',
        lambda one: one.theirs == "temperror" and bool(re.search(r"ptr|%\{p", one.record, re.I)),
    ),
    (
        "a term with several lookups that lead to nothing",
        "RFC 7208 section 4.6.4 limits \"the number of 'terms'\" for which queries return nothing, not the queries",
        lambda one: any(words in one.message for words in VOID) and one.ours.cause != "void-limit",
    ),
    (
        "an mx whose exchanges have no address",
        "RFC 7208 section 4.6.4 counts a term whose DNS queries return nothing; section 5.4: mx asks for addresses too",
        lambda one: one.ours.cause == "void-limit" and any(_leads_nowhere(step) for step in one.ours.trace),
    ),
)


def _leads_nowhere(step: ours.Step) -> bool:
    return step.void and [asked.type for asked in step.asked][:1] == ["MX"] and step.asked[0].answer.status == "ok"


def peer_lookup(zone: SuiteZone) -> Callable[..., list[Any]]:
    """``zone`` as pyspf asks it."""

    def answer(name: str, kind: str, strict: Any = True, timeout: float = 20) -> list[Any]:
        found = zone(Lookup(name.lower(), kind))
        if found.status == "temperror":
            raise peer.TempError(found.why)
        if kind == "TXT":
            return [((name, kind), (value,)) for value in found.values]
        return [((name, kind), tuple(value) if kind == "MX" else str(value)) for value in found.values]

    return answer


def compare(case: dict[str, Any], zone: SuiteZone, record: str) -> Disagreement | None:
    peer.DNSLookup = peer_lookup(zone)
    mine = our_spf(case, zone)
    try:
        theirs, _, message = peer.query(i=case["host"], s=case["mailfrom"], h=case["helo"]).check()
    except Exception as error:
        theirs, message = "crash", repr(error)
    return None if mine.result == theirs else Disagreement(record, mine, theirs, message)


def mutant(chance: random.Random, record: str) -> str:
    """``record`` with one or two terms added, removed, doubled or misspelt."""
    terms = record.split(" ")
    for _ in range(chance.randint(1, 2)):
        place = chance.randrange(1, len(terms) + 1)
        kind = chance.random()
        if kind < 0.4:
            terms.insert(place, chance.choice(PIECES))
        elif kind < 0.5 and len(terms) > 2:
            del terms[place - 1 or 1]
        elif kind < 0.6:
            terms.insert(place, chance.choice(terms[1:] or ["a"]))
        else:
            terms[place - 1] = misspelt(chance, terms[place - 1])
    return " ".join(terms)


def misspelt(chance: random.Random, term: str) -> str:
    at = chance.randrange(len(term) + 1)
    kind = chance.random()
    if kind < 0.6:
        return term[:at] + chance.choice(PIECES if kind < 0.3 else LETTERS) + term[at:]
    return term[:at] + term[at + 1 :]


def mutants(suite: list[dict[str, Any]], chance: random.Random) -> Iterator[tuple[dict[str, Any], SuiteZone, str]]:
    """(case, zone, record): cases of the suite with a mutant in place of the record they are about."""
    while True:
        scenario = chance.choice(suite)
        case = chance.choice(list(scenario["tests"].values()))
        domain = ours.identity(case["mailfrom"], case["helo"])[0].lower()
        zone = SuiteZone(scenario["zonedata"])
        entries = zone.entries.get(domain, [])
        texts = [text for entry in entries if isinstance(entry, dict) for text in entry.values()]
        records = [text for text in texts if isinstance(text, str) and text.lower().startswith("v=spf1")]
        if records:
            changed = mutant(chance, records[0])
            others = [entry for entry in entries if not isinstance(entry, dict) or records[0] not in entry.values()]
            zone.entries[domain] = [*others, {"TXT": changed.encode().decode("latin-1")}]
            yield case, zone, changed


def all_of_it(suite: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], SuiteZone, str]]:
    """(case, zone, record): the suite itself, then its mutants."""
    for scenario in suite:
        zone = SuiteZone(scenario["zonedata"])
        yield from ((case, zone, name) for name, case in scenario["tests"].items())
    yield from islice(mutants(suite, random.Random(SEED)), MUTANTS)


def with_pyspf(suite: list[dict[str, Any]]) -> Iterator[Disagreement]:
    yield from filter(None, (compare(*case) for case in all_of_it(suite)))


def with_mailauth(suite: list[dict[str, Any]]) -> Iterator[Disagreement]:
    cases = list(all_of_it(suite))
    asked = [
        {"ip": case["host"], "sender": case["mailfrom"], "helo": case["helo"], "zone": zone.entries}
        for case, zone, _ in cases
    ]
    for (case, zone, record), theirs in zip(cases, mailauth("mailauth_spf.mjs", asked), strict=True):
        mine = our_spf(case, zone)
        if mine.result != theirs["result"]:
            yield Disagreement(record, mine, theirs["result"], theirs["comment"])


def our_spf(case: dict[str, Any], zone: SuiteZone) -> ours.Result:
    domain, sender = ours.identity(case["mailfrom"], case["helo"])
    return ask(ours.check_host(ip_address(case["host"]), domain, sender, case["helo"]), zone)[0]


def mailauth(script: str, cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What mailauth says to each case."""
    lines = "\n".join(json.dumps(case) for case in cases)
    command = ["node", str(Path(__file__).with_name(script))]
    run = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def class_of(one: Disagreement) -> str:
    return next((name for name, _, applies in CLASSES if applies(one)), "")


def compare_spf() -> int:
    """Print a table for each peer; how many disagreements are unexplained."""
    suite = scenarios(Path(SUITES))
    unexplained = _table("pyspf", with_pyspf(suite))
    if os.environ.get("MAILAUTH"):
        return unexplained + _table("mailauth (strict)", with_mailauth(suite))
    print("SPF: not compared with mailauth, MAILAUTH names no folder with it")
    return unexplained


def _table(peer_name: str, disagreements: Iterator[Disagreement]) -> int:
    counts: Counter[str] = Counter()
    examples: dict[str, Disagreement] = {}
    for one in disagreements:
        name = class_of(one)
        counts[name] += 1
        examples.setdefault(name, one)
    print(f"SPF, the public suite and {MUTANTS} mutants (seed {SEED}): {counts.total()} disagreements with {peer_name}")
    for name, sentence in [*((name, sentence) for name, sentence, _ in CLASSES), ("", "UNEXPLAINED")]:
        if one := examples.get(name):
            print(f"{counts[name]:5}  {name}\n       {sentence}")
            print(f"       {one.record[:90]!r}: ours {one.ours.result}, theirs {one.theirs} {one.message[-60:]}")
    return counts[""]


# -- DMARC --------------------------------------------------------------------------------------------------------

DOMAINS = (
    *("org", "example.org", "a.example.org", "b.example.org", "x.a.example.org", "1.2.3.4.5.x.a.example.org"),
    *("test", "bank.test", "shop.bank.test"),
)
TAGS = (
    *("p=none", "p=quarantine", "p=reject", "p=bogus", "P=Reject", "p = reject", "sp=none", "sp=reject", "sp=x"),
    *("np=none", "np=reject", "np=x", "psd=y", "psd=n", "psd=u", "psd=z", "t=y", "t=n", "t=x", "adkim=s", "aspf=s"),
    *("adkim=x", "rua=mailto:d@example.org", "rua=mailto:d@example.org!10m", "rua=nothing", "fo=1", "x=y", "junk", ""),
)
VERSIONS = ("v=DMARC1",) * 12 + ("v = DMARC1", "v=dmarc1", "v=DMARC1x", "v=spf1", "V=DMARC1", " v=DMARC1", "")

DMARC_CLASSES: tuple[tuple[str, str, Callable[[dict[str, Any]], bool]], ...] = (
    (
        "a tag that stands twice",
        "RFC 9989 section 4.7: syntax errors behind the version are discarded or ignored; mailauth drops the record",
        lambda case: any(_stands_twice(text) for text in _texts(case)),
    ),
    (
        "a tag name in upper case",
        'RFC 9989 section 4.8 is ABNF: quoted strings match in any case (RFC 5234 section 2.3), but for %s"DMARC1"',
        lambda case: any(re.search(r"\b[PV]=", text) for text in _texts(case)),
    ),
    (
        "a failed question that cannot change the answer",
        "RFC 9989 section 4.10.2: a record above two names moves the Organizational Domain of both alike",
        lambda case: "SERVFAIL" in case["zone"].values(),
    ),
)


def _texts(case: dict[str, Any]) -> list[str]:
    return [text for types in case["zone"].values() if types != "SERVFAIL" for (text,) in types.get("TXT", ())]


def _stands_twice(text: str) -> bool:
    tags = [piece.partition("=")[0].strip().lower() for piece in text.split(";") if "=" in piece]
    return len(tags) != len(set(tags))


class FailingZone(VectorZone):
    def __call__(self, question: Question) -> Answer[Any]:
        if isinstance(question, Lookup) and self.zone.get(question.name) == "SERVFAIL":
            return Answer("temperror", why="SERVFAIL")
        return super().__call__(question)


def dmarc_case(chance: random.Random) -> dict[str, Any]:
    """A small tree of names with random records, failures and identifiers."""

    def record() -> list[str]:
        tags = [chance.choice(TAGS) for _ in range(chance.randint(0, 4))]
        return ["; ".join([chance.choice(VERSIONS), *tags]) + chance.choice(["", ";", " ;", ";;"])]

    zone: dict[str, Any] = {}
    for name in DOMAINS:
        kind = chance.random()
        if kind < 0.48:
            zone[f"_dmarc.{name}"] = {"TXT": [record() for _ in range(1 if kind < 0.4 else 2)]}
            if kind > 0.45:
                zone[f"_dmarc.{name}"] = "SERVFAIL"
        if chance.random() < 0.4:
            zone[name] = {"A": ["192.0.2.1"]}
    spf = [chance.choice(DOMAINS)] if chance.random() < 0.5 else []
    dkim = [chance.choice(DOMAINS) for _ in range(chance.randint(0, 2))]
    return {"from": chance.choice(DOMAINS), "spf": spf, "dkim": dkim, "zone": zone}


def our_dmarc(case: dict[str, Any]) -> tuple[str, str]:
    passes = [dmarc.Authenticated("pass", domain) for domain in (*case["spf"], *case["dkim"])]
    spf, dkim = (passes[0], passes[1:]) if case["spf"] else (None, passes)
    found = ask(dmarc.evaluate(case["from"], spf, dkim), FailingZone(case["zone"]))[0]
    return found.result, found.policy


def their_dmarc(cases: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found = mailauth("mailauth_dmarc.mjs", cases)
    decided = ("pass", "fail")
    return [(one["result"], one["policy"] if one["result"] in decided else "none") for one in found]


def compare_dmarc() -> int:
    """Print the table; how many disagreements are unexplained."""
    if not os.environ.get("MAILAUTH"):
        print("DMARC: not compared, MAILAUTH names no folder with mailauth")
        return 0
    chance = random.Random(9989)
    cases = [dmarc_case(chance) for _ in range(MUTANTS)]
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for case, theirs in zip(cases, their_dmarc(cases), strict=True):
        mine = our_dmarc(case)
        if mine != theirs:
            name = next((name for name, _, applies in DMARC_CLASSES if applies(case)), "")
            counts[name] += 1
            examples.setdefault(name, f"{case}: ours {mine}, theirs {theirs}")
    print(f"DMARC, {MUTANTS} random trees (seed 9989): {sum(counts.values())} disagreements with mailauth (strict)")
    for name, sentence in [*((name, sentence) for name, sentence, _ in DMARC_CLASSES), ("", "UNEXPLAINED")]:
        if name in examples:
            print(f"{counts[name]:5}  {name}\n       {sentence}" + ("" if name else f"\n       {examples[name]}"))
    return counts[""]


def main() -> None:
    if not SUITES.is_dir():
        print(f"the suites folder is not here ({SUITES})")
        return
    unexplained = compare_spf() + compare_dmarc()
    if unexplained:
        sys.exit(1)


if __name__ == "__main__":
    main()
