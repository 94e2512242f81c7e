"""DMARC (RFC 9989), and RFC 7489 with the public suffix list beside it: does anything vouch for the author's domain?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias, cast

from publicsuffixlist import PublicSuffixList

from ..errors import Malformed
from . import names
from .questions import Dialogue, a, together, txt

Policy: TypeAlias = Literal["none", "quarantine", "reject"]
Word: TypeAlias = Literal["pass", "fail", "none", "temperror", "permerror"]
Place: TypeAlias = Literal["", "author", "organizational", "psd"]

# RFC 9989 section 4.10: of a longer name, the walk goes on with its last seven labels.
MAX_LABELS = 8
# Enough for any honest message; each may cost a walk of eight questions.
MAX_IDENTIFIERS = 20
MAX_RECORD = 65_535
MAX_URIS = 50

_WEAKER: dict[Policy, Policy] = {"reject": "quarantine", "quarantine": "none", "none": "none"}
_RANK = {"pass": 0, "temperror": 1}
_VERSION = re.compile(r"[ \t]*[vV][ \t]*=[ \t]*DMARC1[ \t]*\Z")
_NAME = re.compile(r"[A-Za-z]+\Z")
_VALUE = re.compile(r"[ -:<-~]+\Z")
_URI = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):([^\s,!;]+)(?:!(\d+[kmgtKMGT]?))?\Z")
_FO = re.compile(r"[01dsDS](?::[01dsDS])*\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """A DMARC record (RFC 9989 section 4.7), with what is wrong replaced by its default.

    ``p`` None: no DMARC processing follows from this record (section 4.10.1); ``sp`` and ``np`` None: not given.
    ``rua`` and ``ruf`` are URIs without the size limit of RFC 7489. ``pct`` and ``ri`` are historic, for RFC 7489.
    ``tags`` is what is published, in order; ``problems`` what was ignored, in words.
    """

    p: Policy | None = None
    sp: Policy | None = None
    np: Policy | None = None
    adkim: Literal["r", "s"] = "r"
    aspf: Literal["r", "s"] = "r"
    psd: Literal["y", "n", "u"] = "u"
    t: bool = False
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    fo: str = "0"
    pct: int = 100
    ri: int = 86_400
    tags: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    problems: tuple[str, ...] = field(default=(), compare=False)


class Found(NamedTuple):
    """A record and the domain it was published for."""

    domain: str
    record: Record


class Asked(NamedTuple):
    """One question of a walk: the domain, the status of the answer, how many DMARC records came."""

    domain: str
    status: str
    records: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """What the DNS says about the domain of an author or identifier (RFC 9989 section 4.10).

    ``asked`` every question, in order; ``found`` every valid record met, from the longest name to the shortest;
    ``organizational`` the Organizational Domain; ``policy`` the record that applies to the domain, if any, and
    ``place`` whose it is; ``temperror`` why the answer is not certain, "" when it is; ``method`` as in RFC 9990.
    """

    domain: str
    organizational: str
    asked: tuple[Asked, ...] = ()
    found: tuple[Found, ...] = ()
    policy: Found | None = None
    place: Place = ""
    temperror: str = ""
    method: Literal["treewalk", "psl"] = "treewalk"


class Authenticated(NamedTuple):
    """A mechanism's result word and the domain it is about (MAIL FROM or HELO; d=)."""

    result: str
    domain: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """Whether an identifier belongs to the author's domain (RFC 9989 section 4.4), whatever its ``result`` is.

    ``aligned`` None: a failed lookup leaves it open. ``how`` is "same" for equal names, "organizational" for equal
    Organizational Domains, "" when not aligned; ``strict`` whether the owner demands equal names.
    """

    mechanism: Literal["spf", "dkim"]
    result: str
    domain: str
    strict: bool
    aligned: bool | None
    how: Literal["", "same", "organizational"] = ""

    @property
    def passes(self) -> bool:
        """True if this identifier alone makes DMARC pass."""
        return self.result == "pass" and self.aligned is True


@dataclass(frozen=True, slots=True)
class Result:
    """What DMARC says about the author's domain.

    ``policy`` is what the owner asks for mail of this domain that fails: taken from ``tag`` ("p", "sp" or "np") of
    the record at ``policy_domain``, weakened by t=y (``published`` is before that); "none" unless pass or fail.
    ``place`` says whose record it is; ``alignments`` holds SPF first, then each DKIM signature; ``exists`` is False
    for an author domain that does not exist, None where it did not matter. ``problem`` explains any other result.
    """

    result: Word
    author_domain: str
    organizational_domain: str = ""
    policy: Policy = "none"
    published: Policy = "none"
    tag: str = ""
    policy_domain: str = ""
    place: Place = ""
    record: Record | None = None
    alignments: tuple[Alignment, ...] = ()
    exists: bool | None = None
    discovery: Discovery | None = None
    problem: str = ""

    @property
    def disposition(self) -> Policy:
        """What the owner asks to do with this very message: nothing unless it fails."""
        return self.policy if self.result == "fail" else "none"


# -- The record ---------------------------------------------------------------------------------------------------


def is_record(text: bytes) -> bool:
    """True if a TXT record begins with the version of DMARC, exactly (RFC 9989 section 4.7)."""
    return _VERSION.match(text[:80].decode("latin-1").partition(";")[0]) is not None


def parse(record: bytes) -> Record:
    """The record, with unknown tags kept only in ``tags`` and wrong ones replaced by their defaults.

    RFC 9989 section 4.7 and 4.8; tag names and keywords in any case; of a tag that stands twice the first counts.
    Raises ``Malformed`` for a text that does not begin with ``v=DMARC1``.
    """
    if not is_record(record):
        raise Malformed("not a DMARC record: it does not begin with v=DMARC1", 0, record)
    problems: list[str] = []
    tags = dict(_tags(record[:MAX_RECORD].decode("utf-8", "replace"), problems))
    read = _Reader(tags, problems)
    rua = read.uris("rua")
    p, sp, np = read.policies(rua)
    return Record(
        p,
        sp,
        np,
        read.word("adkim", "rs", "r"),  # type: ignore[arg-type]
        read.word("aspf", "rs", "r"),  # type: ignore[arg-type]
        read.word("psd", "ynu", "u"),  # type: ignore[arg-type]
        read.word("t", "yn", "n") == "y",
        rua,
        read.uris("ruf"),
        read.options(),
        read.number("pct", 100, 100),
        read.number("ri", 86_400, 2**32 - 1),
        tuple(tags.items()),
        tuple(problems),
    )


def format(record: Record) -> str:
    """The record as it is published: ``v=DMARC1; p=reject``, defaults left out."""
    tags = [("v", "DMARC1"), ("p", record.p), ("sp", record.sp), ("np", record.np)]
    default = Record()
    for name in ("adkim", "aspf", "psd", "fo", "pct", "ri"):
        value = getattr(record, name)
        tags.append((name, str(value) if value != getattr(default, name) else None))
    tags.append(("t", "y" if record.t else None))
    tags += [("rua", ",".join(record.rua) or None), ("ruf", ",".join(record.ruf) or None)]
    return "; ".join(f"{name}={value}" for name, value in tags if value is not None)


def _tags(text: str, problems: list[str]) -> Iterator[tuple[str, str]]:
    """The tags; what is none, or stands a second time, is a problem and otherwise ignored."""
    seen: set[str] = set()
    for piece in text.split(";"):
        name, equals, value = (part.strip(" \t") for part in piece.partition("="))
        if not name and not equals:
            continue
        if not equals or not _NAME.match(name) or not _VALUE.match(value):
            problems.append(f"not a tag: {piece.strip()[:80]}")
        elif name.lower() in seen:
            problems.append(f"{name}= stands twice")
        else:
            seen.add(name.lower())
            yield name.lower(), value


class _Reader:
    """Reads tag values, noting those that are not what the tag allows."""

    def __init__(self, tags: dict[str, str], problems: list[str]) -> None:
        self.tags, self.problems = tags, problems

    def word(self, name: str, allowed: str, default: str) -> str:
        value = self.tags.get(name, default).lower()
        if len(value) == 1 and value in allowed:
            return value
        self.problems.append(f"{name}={self.tags[name][:40]} is not one of {', '.join(allowed)}")
        return default

    def number(self, name: str, default: int, most: int) -> int:
        value = self.tags.get(name, str(default))
        if value.isdecimal() and value.isascii() and len(value) < 12 and int(value) <= most:
            return int(value)
        self.problems.append(f"{name}={value[:40]} is not a number up to {most}")
        return default

    def options(self) -> str:
        value = self.tags.get("fo", "0")
        if _FO.match(value.replace(" ", "")) and len(value) < 20:
            return value.replace(" ", "").lower()
        self.problems.append(f"fo={value[:40]} is not a list of 0, 1, d, s")
        return "0"

    def uris(self, name: str) -> tuple[str, ...]:
        """The URIs that are well-formed; the size limit of RFC 7489 is obsolete and dropped (RFC 9989 section 4.8)."""
        found: list[str] = []
        for text in self.tags.get(name, "").split(",") if name in self.tags else ():
            uri = _uri(text.strip(" \t"))
            if uri and len(found) < MAX_URIS:
                found.append(uri)
            else:
                self.problems.append(f"{name}= holds what is no address to report to: {text.strip()[:80]}")
        return tuple(found)

    def policies(self, rua: tuple[str, ...]) -> tuple[Policy | None, Policy | None, Policy | None]:
        """p, sp and np (RFC 9989 section 4.10.1): one of them wrong, or p missing, makes it p=none if rua is good."""
        values = {name: self.tags[name].lower() for name in ("p", "sp", "np") if name in self.tags}
        wrong = [f"{name}={value[:40]}" for name, value in values.items() if value not in _WEAKER]
        self.problems += [f"{text} is not one of none, quarantine, reject" for text in wrong]
        if "p" not in values:
            self.problems.append("p= is missing")
        if wrong or "p" not in values:
            return ("none" if rua else None), None, None
        p, sp, np = (cast("Policy | None", values.get(name)) for name in ("p", "sp", "np"))
        return p, sp, np


def _uri(text: str) -> str:
    """``text`` as a URI without its size limit, "" when it is none; mailto: needs an address."""
    match = _URI.match(text)
    if not match or (match[1].lower() == "mailto" and not re.match(r"[^@]+@[^@]+\Z", match[2])):
        return ""
    return f"{match[1]}:{match[2]}"


# -- Discovery ----------------------------------------------------------------------------------------------------


def discover(domain: str) -> Dialogue[Discovery]:
    """The records that a DNS Tree Walk from ``domain`` meets, and what follows from them (RFC 9989 section 4.10).

    ``domain`` as ``names.parse`` returns it. At most eight questions, one after the other because each answer may
    end the walk. Records of a name that has several are all discarded and the walk goes on.
    """
    asked: list[Asked] = []
    found: list[Found] = []
    temperror = ""
    for target in targets(domain):
        answer = yield from txt(f"_dmarc.{target}")
        records = [value for value in answer.values if is_record(value)]
        asked.append(Asked(target, answer.status, len(records)))
        if answer.status == "temperror":
            temperror = temperror or f"the TXT lookup of _dmarc.{target} failed: {answer.why}"
        if len(records) != 1:
            continue
        record = parse(records[0])
        found.append(Found(target, record))
        if record.psd != "u":
            break
    organizational = _organizational(domain, found)
    policy, place = _policy(domain, organizational, found)
    return Discovery(domain, organizational, tuple(asked), tuple(found), policy, place, temperror)


def targets(domain: str) -> tuple[str, ...]:
    """The names a walk asks about, in order (RFC 9989 section 4.10): eight at most, the last is the top level."""
    labels = domain.split(".")
    first = 1 if len(labels) <= MAX_LABELS else len(labels) - MAX_LABELS + 1
    return (domain, *(".".join(labels[start:]) for start in range(first, len(labels))))


def _organizational(domain: str, found: Sequence[Found]) -> str:
    """RFC 9989 section 4.10.2, from the longest name to the shortest."""
    for name, record in found:
        if record.psd == "n":
            return name
        if record.psd == "y" and name != domain:
            labels = domain.split(".")
            return ".".join(labels[-name.count(".") - 2 :])  # one label below, even if the walk jumped over it
    return found[-1].domain if found else domain


def _policy(domain: str, organizational: str, found: Sequence[Found]) -> tuple[Found | None, Place]:
    """RFC 9989 section 4.10.1: the author's own record, else the Organizational Domain's, else the PSD's."""
    records = dict(found)
    if domain in records:
        return Found(domain, records[domain]), "author"
    if organizational in records:
        return Found(organizational, records[organizational]), "organizational"
    if found and found[-1].record.psd == "y":
        return found[-1], "psd"
    return None, ""


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def organizational_domain_by_suffix(domain: str) -> str:
    """The public suffix and one label more (RFC 7489 section 3.2); ``domain`` itself when it is a public suffix."""
    return str(_suffixes().privatesuffix(domain) or domain)


def discover_7489(domain: str) -> Dialogue[Discovery]:
    """What RFC 7489 section 6.6.3 finds: the record of ``domain``, else that of its organizational domain.

    Several records at either name end the discovery without a policy.
    """
    organizational = organizational_domain_by_suffix(domain)
    asked: list[Asked] = []
    for target in dict.fromkeys((domain, organizational)):
        answer = yield from txt(f"_dmarc.{target}")
        records = [value for value in answer.values if is_record(value)]
        asked.append(Asked(target, answer.status, len(records)))
        if answer.status == "temperror":
            why = f"the TXT lookup of _dmarc.{target} failed: {answer.why}"
            return Discovery(domain, organizational, tuple(asked), temperror=why, method="psl")
        if len(records) == 1:
            found = Found(target, parse(records[0]))
            place: Place = "author" if target == domain else "organizational"
            return Discovery(domain, organizational, tuple(asked), (found,), found, place, method="psl")
        if records:
            break
    return Discovery(domain, organizational, tuple(asked), method="psl")


# -- Evaluation ---------------------------------------------------------------------------------------------------


def evaluate(author_domain: str, spf: Authenticated | None, dkim: Sequence[Authenticated]) -> Dialogue[Result]:
    """Whether an authenticated identifier vouches for the author's domain (RFC 9989 section 4 and 5.3).

    ``author_domain`` is the one domain of From (``address.authors``), in A- or U-labels. ``spf`` is the result word
    and the MAIL FROM domain, or that of HELO for a null sender; None when SPF was not checked. ``dkim`` holds one
    result word and d= for each signature; plain pairs do. Never raises: "permerror" for a name that is none, "none"
    where no policy is published, "temperror" where a failed lookup leaves it open (no policy must be applied then).
    """
    return _evaluate(author_domain, spf, dkim, discover)


def evaluate_7489(author_domain: str, spf: Authenticated | None, dkim: Sequence[Authenticated]) -> Dialogue[Result]:
    """The same by RFC 7489: organizational domains from the public suffix list; no psd, np and t; pct is not drawn."""
    return _evaluate(author_domain, spf, dkim, discover_7489)


def _evaluate(
    author_domain: str,
    spf: Authenticated | None,
    dkim: Sequence[Authenticated],
    discovered: Callable[[str], Dialogue[Discovery]],
) -> Dialogue[Result]:
    try:
        author = names.parse(author_domain)
    except Malformed as error:
        return Result("permerror", author_domain, problem=f"the author's domain cannot be used: {error.what}")
    discovery = yield from discovered(author)
    found = discovery.policy
    if found is None or found.record.p is None:
        return _without_policy(author, discovery)
    identifiers = [_identifier("spf", spf)] if spf else []
    identifiers += [_identifier("dkim", signature) for signature in dkim]
    alignments = yield from _alignments(discovery, found.record, identifiers)
    policy, tag, exists = yield from _applicable(discovery, found.record, found.record.p)
    result, problem = _concluded(discovery, alignments, known=policy is not None)
    published = policy if policy and result in ("pass", "fail") else "none"
    applied = _WEAKER[published] if found.record.t and discovery.method == "treewalk" else published
    return Result(
        result,
        author,
        discovery.organizational,
        applied,
        published,
        tag,
        found.domain,
        discovery.place,
        found.record,
        alignments,
        exists,
        discovery,
        problem,
    )


def _without_policy(author: str, discovery: Discovery) -> Result:
    if discovery.temperror and discovery.place != "author":
        return Result("temperror", author, discovery.organizational, discovery=discovery, problem=discovery.temperror)
    problem = "the record asks for nothing" if discovery.policy else "no record is published"
    return Result("none", author, discovery.organizational, discovery=discovery, problem=problem)


class _Identifier(NamedTuple):
    mechanism: Literal["spf", "dkim"]
    result: str
    domain: str  # "" for one that is no domain name


def _identifier(mechanism: Literal["spf", "dkim"], authenticated: Authenticated) -> _Identifier:
    result, domain = authenticated
    try:
        return _Identifier(mechanism, result, names.parse(domain))
    except Malformed:
        return _Identifier(mechanism, result, "")


def _alignments(
    discovery: Discovery, record: Record, identifiers: Sequence[_Identifier]
) -> Dialogue[tuple[Alignment, ...]]:
    """Each identifier compared with the author's domain; the walks that this takes run side by side."""
    walked: dict[str, Discovery] = {}
    if discovery.method == "treewalk":
        # Those that can decide come first: a stranger may add as many broken signatures as he likes.
        ranked = sorted(identifiers, key=lambda one: _RANK.get(one.result, 2))
        doubtful = dict.fromkeys(one.domain for one in ranked if _is_doubtful(discovery, record, one))
        walks = yield from together(*map(discover, tuple(doubtful)[:MAX_IDENTIFIERS]))
        walked = {walk.domain: walk for walk in walks}
    return tuple(_alignment(discovery, record, one, walked) for one in identifiers)


def _is_strict(record: Record, identifier: _Identifier) -> bool:
    return (record.aspf if identifier.mechanism == "spf" else record.adkim) == "s"


def _is_doubtful(discovery: Discovery, record: Record, identifier: _Identifier) -> bool:
    """True if only a walk of its own can tell: two names with one Organizational Domain both lie within it."""
    domain = identifier.domain
    return (
        domain != discovery.domain
        and not _is_strict(record, identifier)
        and names.is_within(domain, discovery.organizational)
    )


def _alignment(
    discovery: Discovery, record: Record, identifier: _Identifier, walked: dict[str, Discovery]
) -> Alignment:
    mechanism, result, domain = identifier
    strict = _is_strict(record, identifier)
    if domain == discovery.domain:
        return Alignment(mechanism, result, domain, strict, True, "same")
    if not domain or strict:
        return Alignment(mechanism, result, domain, strict, False)
    aligned = _is_aligned(discovery, domain, walked.get(domain))
    return Alignment(mechanism, result, domain, strict, aligned, "organizational" if aligned else "")


def _is_aligned(discovery: Discovery, domain: str, walk: Discovery | None) -> bool | None:
    """True if both names have one Organizational Domain, None if a failed question may have hidden another one."""
    if discovery.method == "psl":
        return organizational_domain_by_suffix(domain) == discovery.organizational
    if walk is None:
        return None if any(names.is_within(domain, failed) for failed in _failed(discovery)) else False
    if walk.organizational != discovery.organizational:
        return None if _failed(discovery) or _failed(walk) else False
    # Whatever lies above a common Organizational Domain is above both names, and moves it for both alike.
    hidden = (*_failed(discovery), *_failed(walk))
    return None if any(names.is_within(failed, discovery.organizational) for failed in hidden) else True


def _failed(discovery: Discovery) -> list[str]:
    return [domain for domain, status, _ in discovery.asked if status == "temperror"]


def _applicable(discovery: Discovery, record: Record, p: Policy) -> Dialogue[tuple[Policy | None, str, bool | None]]:
    """(policy, its tag, whether the author's domain exists) by RFC 9989 section 4.10.1; no policy if nobody knows."""
    if discovery.place == "author":
        return p, "p", None
    inherited: tuple[Policy, str] = (record.sp, "sp") if record.sp else (p, "p")
    if record.np is None or discovery.method == "psl":
        return (*inherited, None)
    answer = yield from a(discovery.domain)
    if answer.status == "temperror":
        return (*inherited, None) if record.np == inherited[0] else (None, "", None)
    # A name that is an alias exists, even if what it points to does not.
    exists = answer.status != "nxdomain" or bool(answer.aliases)
    return (*inherited, True) if exists else (record.np, "np", False)


def _concluded(discovery: Discovery, alignments: Sequence[Alignment], known: bool) -> tuple[Word, str]:
    """(result, problem). Section 5.3.2: no policy is applied while an aligned identifier may still pass.

    An identifier that cannot be aligned leaves nothing open: else a stranger's unreachable key would undo a policy.
    """
    # Another record may apply than the one found, unless that is the author's own.
    if discovery.temperror and discovery.place != "author":
        return "temperror", discovery.temperror
    if any(alignment.passes for alignment in alignments):
        return "pass", ""
    for one in alignments:
        if (one.result == "temperror" and one.aligned is not False) or (one.result == "pass" and one.aligned is None):
            return "temperror", f"a lookup for {one.mechanism.upper()} of {one.domain} failed"
    if not known:
        return "temperror", f"whether {discovery.domain} exists could not be looked up"
    return "fail", ""
