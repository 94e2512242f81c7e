"""Sender Policy Framework (RFC 7208 with its errata, RFC 8616): may this host use this domain in MAIL FROM or HELO?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Any, Literal, NamedTuple, TypeAlias

from ..errors import Malformed, Unreachable
from . import names
from .questions import Address, Answer, Dialogue, Mx, a, aaaa, mx, now, ptr, together, txt

Word: TypeAlias = Literal["pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"]
Cause: TypeAlias = Literal[
    "", "syntax", "several-records", "missing-record", "lookup-limit", "void-limit", "mx-limit", "dns"
]
Network: TypeAlias = IPv4Network | IPv6Network

# RFC 7208 section 4.6.4
MAX_LOOKUPS = 10
MAX_VOIDS = 2
MAX_NAMES = 10

MAX_RECORD = 65_535  # no TXT record can be longer (RFC 1035 section 3.2.1)
MAX_EXPLANATION = 4_096
MAX_LOCAL_PART = 512  # RFC 5321 allows 64; some senders write more
_KEPT = 1_024  # longer records are parsed anew each time: a stranger shall not fill the cache

_QUALIFIERS: dict[str, Word] = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}
_MEANT = {"ip": "ip4", "ipv4": "ip4", "ipv6": "ip6", "redirect": "redirect=", "exp": "exp=", "mx4": "mx", "domain": "a"}

_VERSION = re.compile(rb"v=spf1(?: |\Z)", re.I)
_WORD = re.compile(r"[^ ]+")
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)\Z", re.S)
_MECHANISM = re.compile(r"([-+?~]?)([A-Za-z][A-Za-z0-9_.-]*)((?:[:/].*)?)\Z", re.S)
_DUAL_CIDR = re.compile(r"(.*?)(?:/(\d+))?(?://(\d+))?\Z", re.S)
_NUMBER = re.compile(r"(?:0|[1-9]\d{0,2})\Z")
_VISIBLE = re.compile(r"[!-~]*\Z")
_MACRO = re.compile(r"%(?:\{([A-Za-z])(\d*)([rR]?)([-.+,/_=]*)\}|([%_-]))")
_TOPLABEL = re.compile(r"(?!\d+\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\Z")
_RESERVED = re.compile(rb"[^A-Za-z0-9._~-]")
_FIXED = {"%": "%", "_": " ", "-": "%20"}


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One directive of a record (RFC 7208 section 4.6.1).

    ``qualifier`` one of ``+-~?``; ``name`` in lower case; ``domain`` the domain-spec, macros unexpanded, "" when
    none is written; ``network`` for ip4 and ip6; ``prefix4`` and ``prefix6`` for a and mx; ``text`` as published.
    """

    qualifier: str
    name: str
    domain: str = ""
    network: Network | None = None
    prefix4: int = 32
    prefix6: int = 128
    text: str = field(default="", compare=False)

    @property
    def asks(self) -> bool:
        """True if evaluating it costs one of the ten lookups (RFC 7208 section 4.6.4)."""
        return self.name in ("include", "a", "mx", "ptr", "exists")


@dataclass(frozen=True, slots=True)
class Modifier:
    """``redirect``, ``exp`` or an unknown name, in lower case, with its value; ``text`` as published."""

    name: str
    value: str
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Record:
    """The terms of a record in their order."""

    terms: tuple[Mechanism | Modifier, ...]

    @property
    def mechanisms(self) -> tuple[Mechanism, ...]:
        """The directives, in the order in which they are tried."""
        return tuple(term for term in self.terms if isinstance(term, Mechanism))

    def modifier(self, name: str) -> Modifier | None:
        """The modifier called ``name``; RFC 7208 section 6 allows one of redirect and exp each."""
        for term in self.terms:
            if isinstance(term, Modifier) and term.name == name:
                return term
        return None


class Asked(NamedTuple):
    """One lookup and its answer."""

    name: str
    type: str
    answer: Answer[Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A term that looked something up, or that decided.

    ``domain`` whose record it stands in; ``depth`` 0 for the record of the domain checked, one more in each
    include and redirect; ``matched`` whether the term matched; ``void`` whether it cost one of the two void lookups.
    """

    domain: str
    term: str
    depth: int
    asked: tuple[Asked, ...] = ()
    matched: bool = False
    void: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """What ``check_host`` says (RFC 7208 section 2.6), and why.

    ``mechanism`` is the term that decided as it is published ("" when none matched or an error decided);
    ``record`` the text published at ``domain``; ``explanation`` the owner's words for a fail, if he has any;
    ``lookups`` and ``voids`` what was used of the limits; ``cause`` and ``problem`` say why it is an error.
    """

    result: Word
    domain: str
    explanation: str | None = None
    mechanism: str = ""
    record: str = ""
    trace: tuple[Step, ...] = ()
    lookups: int = 0
    voids: int = 0
    cause: Cause = ""
    problem: str = ""


# -- The record ---------------------------------------------------------------------------------------------------


def is_record(text: bytes) -> bool:
    """True if a TXT record is meant as SPF (RFC 7208 section 4.5): the version, then a space or nothing."""
    return _VERSION.match(text) is not None


def parse(record: str | bytes) -> Record:
    """The terms of a record (RFC 7208 section 4.6.1 and 12).

    Raises ``Malformed`` for a text that is none, and for a syntax error anywhere in it (section 4.6), saying what
    and where. At most 65,535 octets.
    """
    text = record.decode("latin-1") if isinstance(record, bytes) else record
    return _parsed(text) if len(text) <= _KEPT else _parse(text)


def format(record: Record) -> str:
    """The record as it is published; terms that came from ``parse`` keep the words they had."""
    return " ".join(["v=spf1", *(term.text or _format(term) for term in record.terms)])


def _format(term: Mechanism | Modifier) -> str:
    if isinstance(term, Modifier):
        return f"{term.name}={term.value}"
    text = term.qualifier.replace("+", "") + term.name
    if term.network is not None:
        return f"{text}:{term.network}"
    text += f":{term.domain}" if term.domain else ""
    return (
        text + (f"/{term.prefix4}" if term.prefix4 < 32 else "") + (f"//{term.prefix6}" if term.prefix6 < 128 else "")
    )


def _parse(text: str) -> Record:
    if not is_record(text[:7].encode("utf-8", "replace")):
        raise Malformed("not an SPF record: it does not begin with v=spf1", 0, text.encode("utf-8", "replace"))
    if len(text) > MAX_RECORD:
        raise Malformed("longer than a TXT record can be", MAX_RECORD, text[:200].encode("utf-8", "replace"))
    terms = []
    for word in _WORD.finditer(text, 6):
        try:
            terms.append(_term(word[0]))
        except ValueError as problem:
            raise Malformed(f"{problem}: {word[0][:80]}", word.start(), text.encode("utf-8", "replace")) from None
    _refuse_twice(terms, text)
    return Record(tuple(terms))


_parsed = lru_cache(maxsize=512)(_parse)


def _refuse_twice(terms: Iterable[Mechanism | Modifier], text: str) -> None:
    """RFC 7208 section 6: redirect and exp must not appear more than once."""
    known = [term.name for term in terms if isinstance(term, Modifier) and term.name in ("redirect", "exp")]
    if len(known) != len(set(known)):
        raise Malformed("redirect= or exp= stands twice", 0, text.encode("utf-8", "replace"))


def _term(text: str) -> Mechanism | Modifier:
    if not _VISIBLE.match(text):
        raise ValueError("a character that is not visible ASCII")
    if match := _MODIFIER.match(text):
        return _modifier(match[1].lower(), match[2], text)
    match = _MECHANISM.match(text)
    if not match:
        raise ValueError("neither a mechanism nor a modifier")
    qualifier, name, rest = match[1] or "+", match[2].lower(), match[3]
    if name not in _MECHANISMS:
        meant = _MEANT.get(name)
        raise ValueError(f"unknown mechanism (is {meant} meant?)" if meant else "unknown mechanism")
    return _MECHANISMS[name](qualifier, name, rest, text)


def _modifier(name: str, value: str, text: str) -> Modifier:
    # An unknown modifier's value is a macro-string; a wrong redirect or exp is no unknown modifier.
    if name in ("redirect", "exp"):
        _domain_spec(value)
    else:
        list(_pieces(value, "slodiphvcrt"))
    return Modifier(name, value, text)


def _all(qualifier: str, name: str, rest: str, text: str) -> Mechanism:
    if rest:
        raise ValueError("nothing may follow all")
    return Mechanism(qualifier, name, text=text)


def _with_domain(qualifier: str, name: str, rest: str, text: str) -> Mechanism:
    """include and exists need a domain-spec (section 5.2, 5.7)."""
    if not rest.startswith(":"):
        raise ValueError("a domain is missing")
    return Mechanism(qualifier, name, _domain_spec(rest[1:]), text=text)


def _ptr(qualifier: str, name: str, rest: str, text: str) -> Mechanism:
    return _with_domain(qualifier, name, rest, text) if rest else Mechanism(qualifier, name, text=text)


def _hosts(qualifier: str, name: str, rest: str, text: str) -> Mechanism:
    """a and mx (section 5.3, 5.4): an optional domain-spec, then up to two prefix lengths."""
    match = _DUAL_CIDR.match(rest)
    head, four, six = match.groups() if match else (rest, None, None)
    if head and not head.startswith(":"):
        raise ValueError("not a prefix length")
    domain = _domain_spec(head[1:]) if head else ""
    return Mechanism(qualifier, name, domain, None, _prefix(four, 32), _prefix(six, 128), text)


def _network(qualifier: str, name: str, rest: str, text: str) -> Mechanism:
    """ip4 and ip6 (section 5.6): an address, complete, and an optional prefix length."""
    address, slash, length = rest[1:].partition("/")
    kind, bits = (IPv4Network, 32) if name == "ip4" else (IPv6Network, 128)
    prefix = _prefix(length if slash else None, bits)
    try:
        if not rest.startswith(":") or "%" in address:
            raise ValueError
        network = kind((address, prefix), strict=False)
    except ValueError:
        raise ValueError(f"not an {'IPv4' if name == 'ip4' else 'IPv6'} address") from None
    return Mechanism(qualifier, name, network=network, text=text)


_MECHANISMS: dict[str, Callable[[str, str, str, str], Mechanism]] = {
    "all": _all,
    "include": _with_domain,
    "exists": _with_domain,
    "ptr": _ptr,
    "a": _hosts,
    "mx": _hosts,
    "ip4": _network,
    "ip6": _network,
}


def _prefix(digits: str | None, most: int) -> int:
    if digits is None:
        return most
    if not _NUMBER.match(digits) or int(digits) > most:
        raise ValueError(f"not a prefix length between 0 and {most}")
    return int(digits)


# -- Macros -------------------------------------------------------------------------------------------------------


class _Macro(NamedTuple):
    letter: str
    keep: int  # how many right-hand parts, 0 for all
    reverse: bool
    delimiters: str


def _pieces(text: str, letters: str) -> Iterator[str | _Macro]:
    """The literals and macros of a macro-string (RFC 7208 section 7.1); ValueError for a wrong one."""
    at = 0
    for match in _MACRO.finditer(text):
        yield _literal(text[at : match.start()])
        letter, digits, reverse, delimiters, fixed = match.groups()
        at = match.end()
        if fixed:
            yield _FIXED[fixed]
            continue
        # More parts than any name has are all parts; none at all is an error (section 7.3).
        keep = int(digits.lstrip("0")[:4] or 0)
        if letter.lower() not in letters or (digits and not keep):
            raise ValueError(f"the macro {match[0][:20]} is not allowed here")
        yield _Macro(letter, keep, bool(reverse), delimiters or ".")
    yield _literal(text[at:])


def _literal(text: str) -> str:
    if "%" in text:
        raise ValueError("% begins no macro")
    return text


def _domain_spec(text: str) -> str:
    """``text`` if it is a domain-spec (section 7.1): its end is a macro, or a dot and a name that can be a TLD."""
    *_, last = _pieces(text, "slodiphv")
    if last == "" and text:
        return text
    _, dot, toplabel = str(last).removesuffix(".").rpartition(".")
    if not dot or not _TOPLABEL.match(toplabel):
        is_address = re.fullmatch(r"[0-9.]+|[0-9a-fA-F:]+:[0-9a-fA-F:.]*", text)
        raise ValueError("an address stands where a domain belongs" if is_address else "not a domain")
    return text


def _transformed(value: str, macro: _Macro) -> str:
    """RFC 7208 section 7.3: split, reverse, keep the right-hand parts, join with dots; escape for upper case."""
    if macro.delimiters != "." or macro.reverse or macro.keep:
        parts = re.split(f"[{re.escape(macro.delimiters)}]", value)
        if macro.reverse:
            parts.reverse()
        value = ".".join(parts[-macro.keep :])
    if macro.letter.isupper():
        value = _RESERVED.sub(lambda match: b"%%%02X" % match[0][0], value.encode()).decode("ascii")
    return value


def _fitting(name: str) -> str:
    """The name that is asked about (section 7.3): no final dot, left labels removed until 253 octets are left."""
    name = name.removesuffix(".").lower()
    if len(name) > 253:
        _, _, name = name[len(name) - 254 :].partition(".")
    return name


def _is_askable(name: str) -> bool:
    return 0 < len(name) <= 253 and name.isascii() and all(0 < len(label) < 64 for label in name.split("."))


# -- The check ----------------------------------------------------------------------------------------------------


def check_host(ip: Address, domain: str, sender: str, helo: str = "", receiver: str = "unknown") -> Dialogue[Result]:
    """Whether ``ip`` may use ``domain``, by the record that its owner publishes (RFC 7208 section 4).

    ``sender`` is the MAIL FROM address; without a local part, or empty, it stands for postmaster at ``domain``, which
    is then the HELO name (section 2.4; ``identity`` says which). ``helo`` and ``receiver`` serve macros only. Never
    raises: a name that is none gives "none", a wrong record "permerror", a failed lookup "temperror". The caller
    bounds the time (section 4.6.4) by answering temperror when it is over.
    """
    name = _a_labels(domain)
    if not _is_askable(name) or "." not in name or name.startswith("["):
        return Result("none", name, problem="not a domain name that has several labels")  # section 4.3
    check = _Check(ip, name, sender, helo, receiver)
    try:
        verdict = yield from _host(check, name, 0)
    except _Ended as error:
        return _result(check, name, error.result, cause=error.cause, problem=str(error))
    explanation = yield from _explanation(check, verdict)
    return _result(check, name, verdict.result, explanation, verdict.term)


def identity(mail_from: str, helo: str) -> tuple[str, str]:
    """(domain, sender) for ``check_host``: those of MAIL FROM or, for a null sender, of HELO (section 2.4)."""
    domain = mail_from.rpartition("@")[2] if mail_from else helo
    return domain, mail_from or f"postmaster@{helo}"


def _a_labels(domain: str) -> str:
    """RFC 8616 section 4: U-labels become A-labels; a text that is no domain name stays what it is."""
    try:
        return domain.strip().removesuffix(".").lower() if domain.isascii() else names.parse(domain)
    except Malformed:
        return domain


class _Ended(Exception):
    """An error that ends the whole check, however deep it happened (section 2.6.6, 2.6.7)."""

    def __init__(self, result: Word, cause: Cause, problem: str) -> None:
        super().__init__(problem)
        self.result, self.cause = result, cause


class _Verdict(NamedTuple):
    result: Word
    domain: str = ""
    term: str = ""
    record: Record | None = None


class _Check:
    """One evaluation: what macros know, and how much of the limits is used."""

    __slots__ = (
        *("asked", "helo", "ip", "local", "lookups", "number"),
        *("origin", "receiver", "record", "trace", "validated", "voids"),
    )

    def __init__(self, ip: Address, domain: str, sender: str, helo: str, receiver: str) -> None:
        # Section 5: an IPv4 address mapped into IPv6 is an IPv4 address.
        mapped = ip.ipv4_mapped if isinstance(ip, IPv6Address) else None
        self.ip: Address = mapped or ip
        self.number = int(self.ip)
        local, at, origin = sender.rpartition("@")
        self.local = (local if at else "")[:MAX_LOCAL_PART] or "postmaster"  # section 4.3
        self.origin = _a_labels(origin) if at else domain
        self.helo, self.receiver = helo, receiver
        self.record = ""
        self.lookups = self.voids = 0
        self.trace: list[Step] = []
        self.asked: list[Asked] = []
        self.validated: tuple[str, ...] | None = None

    def note(self, name: str, type: str, answer: Answer[Any]) -> None:
        """Remember a lookup for the trace; a failed one ends the check (section 5)."""
        self.asked.append(Asked(name, type, answer))
        if answer.status == "temperror":
            raise _Ended("temperror", "dns", f"the {type} lookup of {name} failed: {answer.why}")

    def spend(self, term: str, domain: str) -> None:
        """Count one of the ten lookups (section 4.6.4)."""
        self.lookups += 1
        if self.lookups > MAX_LOOKUPS:
            problem = f"more than {MAX_LOOKUPS} lookups are needed; {term} in the record of {domain} is one too many"
            raise _Ended("permerror", "lookup-limit", problem)

    def addresses(self, name: str) -> Dialogue[Answer[Any]]:
        """The addresses of ``name`` in the family of the client (section 5)."""
        return a(name) if self.ip.version == 4 else aaaa(name)

    def is_among(self, addresses: Iterable[Address], mechanism: Mechanism) -> bool:
        """True if the client's address equals one of ``addresses`` in the mechanism's prefix."""
        ignored = 32 - mechanism.prefix4 if self.ip.version == 4 else 128 - mechanism.prefix6
        return any((self.number ^ int(address)) >> ignored == 0 for address in addresses)


def _result(
    check: _Check,
    domain: str,
    result: Word,
    explanation: str | None = None,
    term: str = "",
    cause: Cause = "",
    problem: str = "",
) -> Result:
    trace = tuple(check.trace)
    return Result(result, domain, explanation, term, check.record, trace, check.lookups, check.voids, cause, problem)


def _host(check: _Check, domain: str, depth: int) -> Dialogue[_Verdict]:
    """The verdict of one domain's record, includes and redirects followed (section 4.3 to 4.7)."""
    text = yield from _published(check, domain)
    if text is None:
        return _Verdict("none", domain)
    if not depth:
        check.record = text
    try:
        record = parse(text)
    except Malformed as error:
        raise _Ended("permerror", "syntax", f"the record of {domain} is not well-formed: {error.what}") from None
    for term in record.terms:
        if not isinstance(term, Mechanism):
            continue
        if term.asks:
            matched = yield from _asking(check, term, domain, depth)
        elif matched := term.network is None or check.ip in term.network:
            check.trace.append(Step(domain, term.text, depth, matched=True))
        if matched:
            return _Verdict(_QUALIFIERS[term.qualifier], domain, term.text, record)
    redirect = record.modifier("redirect")
    if redirect:
        return (yield from _redirected(check, redirect, domain, depth))
    return _Verdict("neutral", domain, record=record)


def _published(check: _Check, domain: str) -> Dialogue[str | None]:
    """The text of the one SPF record at ``domain`` (section 4.4, 4.5), or None."""
    if not _is_askable(domain) or "." not in domain:
        return None
    answer = yield from txt(domain)
    check.note(domain, "TXT", answer)
    records = [value for value in answer.values if is_record(value)]
    if len(records) > 1:
        raise _Ended("permerror", "several-records", f"{domain} publishes {len(records)} SPF records instead of one")
    return records[0].decode("latin-1") if records else None


def _asking(check: _Check, term: Mechanism, domain: str, depth: int) -> Dialogue[bool]:
    """Whether a mechanism that looks something up matches; its step is kept, also when an error ends the check."""
    check.spend(term.text, domain)
    place, outer = len(check.trace), check.asked
    check.trace.append(Step(domain, term.text, depth))
    asked: list[Asked] = []
    check.asked = asked
    matched = False
    try:
        target = yield from _target(check, term.domain, domain)
        if target is not None:
            matched = yield from _MATCHERS[term.name](check, term, target, depth)
    finally:
        void = any(answer.status in ("nxdomain", "nodata") for _, _, answer in asked)
        check.trace[place] = Step(domain, term.text, depth, tuple(asked), matched, void)
        check.asked = outer
    if void:
        _count_void(check, term, domain)
    return matched


def _count_void(check: _Check, term: Mechanism, domain: str) -> None:
    """Section 4.6.4 limits the terms that lead to nothing, however many lookups each of them made."""
    check.voids += 1
    if check.voids > MAX_VOIDS:
        problem = f"more than {MAX_VOIDS} terms lead to nothing; {term.text} in the record of {domain} is one too many"
        raise _Ended("permerror", "void-limit", problem)


def _redirected(check: _Check, redirect: Modifier, domain: str, depth: int) -> Dialogue[_Verdict]:
    """Section 6.1: the verdict of the other domain is the verdict; without a record there it is permerror."""
    check.spend(redirect.text, domain)
    target = yield from _target(check, redirect.value, domain)
    verdict = yield from _host(check, target or "", depth + 1)
    if verdict.result == "none":
        problem = f"{redirect.text} in the record of {domain} leads to no SPF record"
        raise _Ended("permerror", "missing-record", problem)
    return verdict


def _include(check: _Check, term: Mechanism, target: str, depth: int) -> Dialogue[bool]:
    """Section 5.2: only a pass of the other record matches; no record there is an error."""
    verdict = yield from _host(check, target, depth + 1)
    if verdict.result == "none":
        raise _Ended("permerror", "missing-record", f"{term.text} leads to no SPF record")
    return verdict.result == "pass"


def _a(check: _Check, term: Mechanism, target: str, depth: int) -> Dialogue[bool]:
    if not _is_askable(target):
        return False
    answer = yield from check.addresses(target)
    check.note(target, "A" if check.ip.version == 4 else "AAAA", answer)
    return check.is_among(answer.values, term)


def _mx(check: _Check, term: Mechanism, target: str, depth: int) -> Dialogue[bool]:
    """Section 5.4: the addresses of the exchanges; more than ten exchanges are an error (section 4.6.4)."""
    if not _is_askable(target):
        return False
    answer = yield from mx(target)
    check.note(target, "MX", answer)
    if len(answer.values) > MAX_NAMES:
        raise _Ended("permerror", "mx-limit", f"{target} has more than {MAX_NAMES} mail exchangers")
    exchanges = _exchanges(answer.values)
    answers = yield from together(*map(check.addresses, exchanges))
    for exchange, addresses in zip(exchanges, answers, strict=True):
        check.note(exchange, "A" if check.ip.version == 4 else "AAAA", addresses)
        if check.is_among(addresses.values, term):
            return True
    return False


def _exchanges(values: Iterable[Mx]) -> list[str]:
    found = (_fitting(exchange) for _, exchange in sorted(values, key=lambda value: value.preference))
    return [exchange for exchange in found if _is_askable(exchange)]


def _ptr_within(check: _Check, term: Mechanism, target: str, depth: int) -> Dialogue[bool]:
    validated = yield from _validated(check)
    return any(names.is_within(name, target) for name in validated)


def _exists(check: _Check, term: Mechanism, target: str, depth: int) -> Dialogue[bool]:
    """Section 5.7: an A record, whatever the family of the client."""
    if not _is_askable(target):
        return False
    answer = yield from a(target)
    check.note(target, "A", answer)
    return bool(answer.values)


_MATCHERS: dict[str, Callable[[_Check, Mechanism, str, int], Dialogue[bool]]] = {
    "include": _include,
    "a": _a,
    "mx": _mx,
    "ptr": _ptr_within,
    "exists": _exists,
}


def _validated(check: _Check) -> Dialogue[tuple[str, ...]]:
    """The names of the client that lead back to it, of the first ten (section 5.5, 4.6.4); () after any failure."""
    if check.validated is None:
        answer = yield from ptr(check.ip)
        check.asked.append(Asked(check.ip.reverse_pointer, "PTR", answer))
        found = [name for name in map(_fitting, answer.values[:MAX_NAMES]) if _is_askable(name)]
        answers = yield from together(*map(check.addresses, found))
        check.validated = tuple(
            name for name, addresses in zip(found, answers, strict=True) if check.ip in addresses.values
        )
    return check.validated


def _target(check: _Check, spec: str, domain: str) -> Dialogue[str | None]:
    """The name a term is about, ``domain`` when it names none; None when it cannot match (RFC 8616 section 4)."""
    if "%" not in spec:
        return _fitting(spec) if spec else domain
    pieces = tuple(_pieces(spec, "slodiphv"))
    if not check.local.isascii() and any(isinstance(piece, _Macro) and piece.letter in "slSL" for piece in pieces):
        return None
    return _fitting((yield from _expanded(check, pieces, domain)))


def _expanded(check: _Check, pieces: Iterable[str | _Macro], domain: str) -> Dialogue[str]:
    """The text with its macros replaced (section 7.2)."""
    values: dict[str, str] = {}
    expanded = []
    for piece in pieces:
        if isinstance(piece, str):
            expanded.append(piece)
            continue
        letter = piece.letter.lower()
        if letter not in values:
            values[letter] = yield from _value(check, letter, domain)
        expanded.append(_transformed(values[letter], piece))
    return "".join(expanded)


def _value(check: _Check, letter: str, domain: str) -> Dialogue[str]:
    """What a macro letter stands for (section 7.2)."""
    if letter == "p":
        return (yield from _validated_name(check, domain))
    if letter == "t":
        try:
            return str(int((yield from now()).timestamp()))
        except Unreachable:
            return "unknown"
    return _VALUES[letter](check, domain)


_VALUES: dict[str, Callable[[_Check, str], str]] = {
    "s": lambda check, domain: f"{check.local}@{check.origin}",
    "l": lambda check, domain: check.local,
    "o": lambda check, domain: check.origin,
    "d": lambda check, domain: domain,
    "i": lambda check, domain: _dotted(check.ip),
    "v": lambda check, domain: "in-addr" if check.ip.version == 4 else "ip6",
    "h": lambda check, domain: _a_labels(check.helo),
    "c": lambda check, domain: str(check.ip),
    "r": lambda check, domain: check.receiver,
}


def _dotted(ip: Address) -> str:
    return str(ip) if ip.version == 4 else ".".join(f"{int(ip):032X}")


def _validated_name(check: _Check, domain: str) -> Dialogue[str]:
    """Section 7.3 on %{p}: the domain itself if validated, else a name below it, else any; "unknown" when none."""
    validated = yield from _validated(check)
    if domain in validated:
        return domain
    below = (name for name in validated if names.is_within(name, domain))
    return next(below, validated[0] if validated else "unknown")


def _explanation(check: _Check, verdict: _Verdict) -> Dialogue[str | None]:
    """The owner's words for a fail (section 6.2); None when there are none or anything is wrong with them."""
    exp = verdict.record.modifier("exp") if verdict.record and verdict.result == "fail" else None
    if exp is None:
        return None
    target = yield from _target(check, exp.value, verdict.domain)
    if not target or not _is_askable(target):
        return None
    answer = yield from txt(target)
    if len(answer.values) != 1 or len(answer.values[0]) > MAX_EXPLANATION:
        return None
    text = answer.values[0].decode("latin-1")
    try:
        pieces = tuple(_pieces(text, "slodiphvcrt"))
    except ValueError:
        return None
    said = yield from _expanded(check, pieces, verdict.domain)
    # Whoever prints it, in an SMTP reply for one, must not be made to begin a new line.
    return said if text.isascii() and said.isprintable() else None
