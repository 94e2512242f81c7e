"""DMARC aggregate reports: RFC 9990, and RFC 7489 appendix C with all that came before and beside it.

``read`` streams: a report is never whole in memory. It takes the forms found in the wild and names each tolerance in a
``Flaw``; where the XML breaks, the records before and after the break are kept. ``format`` writes what RFC 9990 allows.
"""

from __future__ import annotations

import codecs
import html
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple, TypeAlias
from xml.parsers import expat

from ..errors import Malformed
from . import names
from .mime import decode
from .questions import Address

NAMESPACE = "urn:ietf:params:xml:ns:dmarc-2.0"
MAX_COUNT = 10**9
MAX_SIGNATURES = 100
MAX_FLAWS_PER_TAG = 20
MAX_TEXT = 1_000  # characters of one element that are kept
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Budget:
    """What a report may cost: ``bytes`` of XML in all, ``record`` bytes of one record (or before the first), ``rows``.

    Depth, attributes, elements and text are bounded by ``record``; ``ruins`` is how many records may be lost, lack an
    address or a count, or repeat an element: more than that is no report.
    """

    bytes: int = 1 << 30
    record: int = 1 << 18
    rows: int = 2_000_000
    ruins: int = 10_000


class Reason(NamedTuple):
    """Why the disposition is not what the policy asks for (RFC 9990 section 3.1.1.6)."""

    type: str
    comment: str = ""


class Dkim(NamedTuple):
    """One signature's result. ``result`` in lower case; "" where the report names none."""

    domain: str
    selector: str
    result: str
    human_result: str = ""


class Spf(NamedTuple):
    """The SPF result; ``scope`` is "mfrom" (or "helo" in older reports), "" when not told."""

    domain: str
    scope: str
    result: str
    human_result: str = ""


class Row(NamedTuple):
    """``count`` messages from one address with one outcome. ``dkim`` and ``spf`` tell alignment: pass, fail or "".

    ``source_ip`` is None where the report's text is no address (the text is in the flaw "bad-ip"); ``count`` is 0
    where it is no sensible number. ``extensions``: (local name, text) of elements that the RFC does not know.
    """

    source_ip: Address | None
    count: int  # type: ignore[assignment]  # the RFC's name; tuple.count is of no use here
    disposition: str = ""
    dkim: str = ""
    spf: str = ""
    reasons: tuple[Reason, ...] = ()
    header_from: str = ""
    envelope_from: str = ""
    envelope_to: str = ""
    dkim_results: tuple[Dkim, ...] = ()
    spf_results: tuple[Spf, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()


class Policy(NamedTuple):
    """The published policy as the reporter saw it; "" for what it does not name. ``pct`` is of RFC 7489 only."""

    domain: str = ""
    p: str = ""
    sp: str = ""
    np: str = ""
    adkim: str = ""
    aspf: str = ""
    fo: str = ""
    testing: str = ""
    discovery_method: str = ""
    pct: str = ""


class Header(NamedTuple):
    """Who reports about which time and which policy. ``schema`` is the namespace of the root, "" without one."""

    org_name: str = ""
    email: str = ""
    report_id: str = ""
    begin: datetime | None = None
    end: datetime | None = None
    policy: Policy = Policy()
    extra_contact_info: str = ""
    errors: tuple[str, ...] = ()
    generator: str = ""
    version: str = ""
    schema: str = ""
    extensions: tuple[tuple[str, str], ...] = ()


class Flaw(NamedTuple):
    """Something tolerated: ``line`` of the XML, 0 where it is not known; ``text`` shows it, cut to 200 characters."""

    tag: str
    line: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report in memory."""

    header: Header
    rows: tuple[Row, ...] = ()
    flaws: tuple[Flaw, ...] = ()


Event: TypeAlias = Header | Row | Flaw

_DISPOSITIONS = frozenset(("none", "pass", "quarantine", "reject", ""))
_ALIGNED = frozenset(("pass", "fail", ""))
_DKIM_RESULTS = frozenset(("none", "pass", "fail", "policy", "neutral", "temperror", "permerror", ""))
_RESULTS = _DKIM_RESULTS | {"softfail"}
# What older software called them (RFC 4408 and the drafts before RFC 7489).
_FORMER = {
    "hardfail": "fail",
    "unknown": "permerror",
    "error": "temperror",
    "invalid": "permerror",
    "hard_fail": "fail",
}
_RUINS = ("lost-record", "bad-ip", "bad-count", "repeated-element")
_CONTAINERS = ("row", "identifiers", "identities", "auth_results", "date_range", "schema")
_META = ("org_name", "email", "report_id", "begin", "end", "extra_contact_info", "generator", "version")

_POLICIES = frozenset(("none", "quarantine", "reject"))
_MODES, _YES_NO, _METHODS = frozenset("rs"), frozenset("yn"), frozenset(("psl", "treewalk"))
_POLICY_VALUES: tuple[tuple[str, frozenset[str] | None], ...] = (
    *(("sp", _POLICIES), ("np", _POLICIES), ("adkim", _MODES), ("aspf", _MODES)),
    *(("discovery_method", _METHODS), ("fo", None), ("testing", _YES_NO)),
)
_REASONS = frozenset(("local_policy", "mailing_list", "other", "policy_test_mode", "trusted_forwarder"))
_SCOPES = frozenset(("mfrom",))

_NAME = re.compile(r"[A-Za-z_][\w.-]*")
# How nearly all records begin.
_RECORD = re.compile(
    r"<record>\s*<row>\s*<source_ip>\s*([^<>&\s]+)\s*</source_ip>\s*<count>\s*(\d{1,9})\s*</count>\s*<policy_evaluated>"
)
_END = "</record>"
_LEAVES = re.compile(r"\s*+(?:<([a-z_]+)>[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]*+</\1>\s*+)*+")
# Results as nearly all are written.
_SIGNATURE = re.compile(
    r"\s*<dkim>\s*<domain>([\w.-]{1,253})</domain>\s*<selector>([\w.-]{1,253})</selector>\s*<result>([a-z]+)</result>\s*",
    re.ASCII,
)
_SENDER = re.compile(
    r"\s*<spf>\s*<domain>([\w.-]{1,253})</domain>\s*(?:<scope>([a-z]+)</scope>\s*)?<result>([a-z]+)</result>\s*</spf>\s*",
    re.ASCII,
)
_LEAF = re.compile(r"<([a-z_]+)>([^<]*)</")
# Longer ones are left to the XML parser, so that what is known by its text stays small.
_MAX_USUAL = 2_000
_IDENTIFIERS = ("header_from", "envelope_from", "envelope_to")

_DECLARED = re.compile(rb"<\?xml[^>]{1,99}?encoding\s*=\s*[\"'](?!utf-8[\"']|us-ascii[\"'])", re.I)
_XML_START = re.compile(rb"\s*(?:<\?xml|<[A-Za-z!])")
_PIECE = re.compile(rb"<((?:[\w-]+:)?(?:record|report_metadata|policy_published))[\s>]")
_NOT_A_TAG = re.compile(r"<(?!/?[A-Za-z_][\w:.-]*(?:\s[^<>]*)?>|[A-Za-z_][\w:.-]*\s*/>)")
_NOT_A_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9A-Fa-f]{1,6});)")
_NOT_A_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|&#(?:[0-8]|1[124-9]|2\\d|3[01]|0+);")


class _Stop(Exception):
    """The rest of the report is not read: refused, or a budget is spent."""

    def __init__(self, tag: str) -> None:
        super().__init__(tag)
        self.tag = tag


def read(chunks: Iterable[bytes], budget: Budget | None = None) -> Iterator[Event]:
    """The report in ``chunks`` of XML as it comes: its Header, its Rows, and a Flaw for each thing tolerated.

    The Header stands before the rows; if parts of it come later in the XML, a second, complete one ends the stream.
    Flaws: "doctype" (refused unread), "malformed", "salvaged", "lost-record", "junk-before-xml", "encoding", "bad-ip",
    "bad-count", "bad-date", "unknown-value", "upper-case", "repeated-element", "missing-evaluation", "missing-email",
    "long-text" (cut), "late-header", "no-header", "no-feedback", and of the budget "too-many-bytes", "record-too-big",
    "too-many-rows", "too-many-ruins". At most 20 of a tag are told apart, the rest is counted. Never raises for what
    the bytes are.
    """
    reader = _Reader(budget or Budget())
    source = _rechunked(_utf8(chunks, reader))
    try:
        for chunk in source:
            reader.feed(chunk)
            yield from reader.drain()
            if reader.broken:
                reader.salvage(b"")
                break
        for chunk in source:
            reader.salvage(chunk)
            yield from reader.drain()
        reader.close()
    except _Stop as stop:
        reader.flaw(stop.tag)
    reader.finish()
    yield from reader.drain()
    vars(reader).clear()  # it and its parser hold each other, and would wait for the garbage collector


def parse(data: bytes, budget: Budget | None = None) -> Report:
    """The whole report in ``data``. Raises ``Malformed`` when neither a header nor a row can be read from it."""
    header: Header | None = None
    rows: list[Row] = []
    flaws: list[Flaw] = []
    for event in read((data,), budget):
        if isinstance(event, Row):
            rows.append(event)
        elif isinstance(event, Header):
            header = event
        else:
            flaws.append(event)
    if header is None:
        why = flaws[0].tag if flaws else "empty"
        raise Malformed(f"not an aggregate report: {why}", 0, data)
    return Report(header, tuple(rows), tuple(flaws))


def _utf8(chunks: Iterable[bytes], reader: _Reader) -> Iterator[bytes]:
    """The chunks from where the XML begins; UTF-16 is turned into UTF-8, which expat is then told to expect."""
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= 1024:
            break
    if head[:2] in (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"):
        decoder = codecs.getincrementaldecoder("utf-16-le" if head[:2] in (b"\xff\xfe", b"<\0") else "utf-16-be")(
            "replace"
        )
        reader.encoding = "utf-8"
        reader.flaw("encoding", "UTF-16")
        yield decoder.decode(head).removeprefix("\ufeff").encode("utf-8", "replace")
        yield from (decoder.decode(chunk).encode("utf-8", "replace") for chunk in source)
        return
    head = head.removeprefix(b"\xef\xbb\xbf")
    start = _XML_START.search(head)
    junk = head[: start.end()].rpartition(b"<")[0] if start else b""
    if junk:
        reader.flaw("junk-before-xml", decode(junk[:200]))
    yield head[len(junk) :]
    yield from source


def _rechunked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pieces small enough for the budgets to be looked at often."""
    for chunk in chunks:
        for at in range(0, len(chunk), _CHUNK):
            yield chunk[at : at + _CHUNK]


class _Reader:
    """What is known of the report so far.

    A leaf's text is kept under its name until the element around it ends and takes what it knows: so neither the order
    nor the nesting of the many historic schemas matters.
    """

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.encoding: str | None = None
        self.prefix = ""
        self.broken = self.seen_feedback = False
        self.events: list[Event] = []
        self.flaws: Counter[str] = Counter()
        self.bytes = self.rows = 0
        self.meta: dict[str, str] = {}
        self.policy: dict[str, str] = {}
        self.errors: list[str] = []
        self.extensions: list[tuple[str, str]] = []
        self.schema = ""
        self.told: Header | None = None
        self.known = self._known()  # how much was known of it then
        self.plain = True  # nothing was seen in which a record would be none
        self.held = b""  # the bytes of a record that is not whole yet
        self.pending = b""  # what the parser has been given since the last complete record
        self.fed = self.base = self.done = 0  # all it was given; the offsets of pending and of that record's end
        self.skipped = 0  # lines that it was not given
        self.leaf: dict[str, str] = {}
        self.texts: list[str] = []
        self.reasons: list[Reason] = []
        self.dkims: list[Dkim] = []
        self.spfs: list[Spf] = []
        self.end = self._end_handler()
        self._fresh()

    def _fresh(self) -> None:
        """A parser with nothing collected, for the start and for each piece after a break."""
        for collected in (self.leaf, self.texts, self.reasons, self.dkims, self.spfs):
            collected.clear()
        self.parser = expat.ParserCreate(self.encoding)
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._root
        self.parser.CharacterDataHandler = self.texts.append
        self.parser.EndElementHandler = self.end

    # --- bytes in ---

    def feed(self, chunk: bytes) -> None:
        """Read on; after a break in the XML ``broken`` is set, and the rest is for ``salvage``."""
        self._spend(chunk)
        self.held += chunk
        # A record is held back until it is whole.
        end, start = self.held.rfind(b"</record>"), self.held.find(b"<record>")
        cut = end + len(b"</record>") if end >= 0 else start if start >= 0 else len(self.held)
        whole, self.held = self.held[:cut], self.held[cut:]
        self._read(whole)
        if self.broken:
            self.pending, self.held = self.pending + self.held, b""
        elif len(self.held) + len(self.pending) > self.budget.record:
            raise _Stop("record-too-big")

    def close(self) -> None:
        """The input ends."""
        if not self.broken:
            self._parse(self.held, last=True)
            self.held = b""
        if self.broken:
            self.salvage(b"", last=True)

    def _read(self, whole: bytes) -> None:
        """The usual records from what is known already; what is between them, and all others, by the XML parser."""
        text, at, start = self._plain(whole), 0, 0
        while (start := text.find("<record>", start)) >= 0 and (end := text.find(_END, start)) >= 0:
            row = _usual(text[start:end])
            if row:
                self._between(text[at:start])
                if self.broken:
                    self.pending += text[start:].encode()
                    return
                at = start
                if not (self.leaf or self.prefix):  # else it is inside of something, and not what it looks like
                    self._emit(row)
                    self.skipped += text.count("\n", start, end)
                    at = end + len(_END)
            start = end + len(_END)
        if at and not text[at:].strip():
            self._between(text[at:])
        else:
            self._parse(text[at:].encode() if text else whole)

    def _between(self, text: str) -> None:
        """What stands between two records, or behind the last; blanks are spared the parser, as the records are."""
        if not text or text.isspace():
            self.skipped += text.count("\n")
            return
        self._parse(text.encode())
        if not (self.broken or self.leaf):
            self.pending, self.base = b"", self.fed

    def _plain(self, whole: bytes) -> str:
        """``whole`` as text if records may be looked for in it; "" once a comment, a CDATA section or such is seen."""
        if b"<!" in whole or whole.find(b"<?", 1) >= 0 or _DECLARED.match(whole):
            self.plain = False
        try:
            return whole.decode("utf-8") if self.plain else ""
        except UnicodeDecodeError:
            return ""

    def _parse(self, raw: bytes, last: bool = False) -> None:
        if not raw and not last:
            return
        self.pending += raw
        self.fed += len(raw)
        try:
            self.parser.Parse(raw, last)
        except expat.ExpatError as error:
            self._break(error)
            return
        if self.done > self.base:
            self.pending = self.pending[self.done - self.base :]
            self.base = self.done

    def _spend(self, chunk: bytes) -> None:
        self.bytes += len(chunk)
        if self.bytes > self.budget.bytes:
            raise _Stop("too-many-bytes")
        self._count_ruins()

    def _count_ruins(self) -> None:
        if self.flaws and max(self.flaws[tag] for tag in _RUINS) > self.budget.ruins:
            raise _Stop("too-many-ruins")

    def _break(self, error: expat.ExpatError) -> None:
        self.flaw("malformed", expat.errors.messages.get(error.code, ""), error.lineno + self.skipped)
        self.broken = True
        # What the broken parser saw of an unfinished record will be read again from the bytes.
        self.pending = self.pending[max(self.done - self.base, 0) :]

    def salvage(self, chunk: bytes, last: bool = False) -> None:
        """Read each complete record, metadata and policy in what is left as a document of its own."""
        self._spend(chunk)
        self.pending += chunk
        at = 0
        while piece := _PIECE.search(self.pending, at):
            close = b"</" + piece[1] + b">"
            end = self.pending.find(close, piece.end())
            if end < 0:
                at = piece.start()
                break
            end += len(close)
            # A record that never ended: the next one begins inside it.
            start = max(self.pending.rfind(b"<" + piece[1] + b">", piece.start(), end), piece.start())
            self._piece(self.pending[start:end])
            at = end
        else:
            at = max(at, len(self.pending) - 64)
        self.pending = self.pending[at:]
        if len(self.pending) > self.budget.record:
            self.pending = self.pending[-64:]
            self.flaw("record-too-big")
        if last and _PIECE.search(self.pending):
            self.flaw("lost-record", decode(self.pending[:200]))

    def _piece(self, raw: bytes) -> None:
        text = _NOT_A_CHARACTER.sub("\ufffd", decode(raw))
        text = _NOT_A_REFERENCE.sub("&amp;", _NOT_A_TAG.sub("&lt;", text))
        self._fresh()
        self.parser.StartElementHandler = self._start
        try:
            self.parser.Parse(f"<feedback>{text}</feedback>", True)
            self.flaw("salvaged", text)
        except expat.ExpatError:
            self.flaw("lost-record", text)
        self._count_ruins()

    # --- elements ---

    def _doctype(self, *_: object) -> None:
        raise _Stop("doctype")

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        """Called until the root has been seen: its prefix is the one of this report's own elements."""
        self.texts.clear()
        prefix, _, local = name.rpartition(":")
        if local != "feedback":
            return
        self.schema = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")[:200]
        self.seen_feedback = True
        self.parser.StartElementHandler = self._start
        if prefix:
            self.prefix = f"{prefix}:"
            self.parser.EndElementHandler = self.end = self._end_handler()

    def _start(self, _name: str, _attributes: dict[str, str]) -> None:
        """Text that stands between elements is no part of the next one."""
        self.texts.clear()

    def _end_handler(self) -> Callable[[str], None]:
        """A function over local names, with everything it needs within reach."""
        leaf, texts, flaw = self.leaf, self.texts, self.flaw
        actions: dict[str, Callable[[str], None]] = {
            "dkim": self._dkim,
            "spf": self._spf,
            "reason": self._reason,
            "record": self._record,
            "report_metadata": self._metadata,
            "policy_published": self._policy,
            "policy_evaluated": self._evaluated,
            "extension": self._extension,
            "error": self.errors.append,
            "feedback": self._feedback,
            **dict.fromkeys(_CONTAINERS, _nothing),
        }

        def end(name: str) -> None:
            text = "".join(texts).strip()
            texts.clear()
            if len(text) > MAX_TEXT:
                flaw("long-text", text)
                text = text[:MAX_TEXT]
            if name in actions:
                actions[name](text)
            elif name in leaf:
                flaw("repeated-element", name)
            else:
                leaf[name] = text

        prefix, length = self.prefix, len(self.prefix)
        # Without a prefix of their own, the elements of others have one, and keep it.
        return (lambda name: end(name[length:] if name.startswith(prefix) else f":{name}")) if prefix else end

    def _metadata(self, _: str) -> None:
        self._take(self.meta)

    def _policy(self, _: str) -> None:
        self._take(self.policy)

    def _take(self, into: dict[str, str]) -> None:
        for name, text in self.leaf.items():
            into.setdefault(name, text)
        self.leaf.clear()

    def _extension(self, _: str) -> None:
        """At the level of the file; inside a record it stays with what is left over of the record."""
        if "source_ip" not in self.leaf:
            self.extensions += _local(self.leaf)
            self.leaf.clear()

    def _evaluated(self, _: str) -> None:
        if "dkim" not in self.leaf or "spf" not in self.leaf:
            self.flaw("missing-evaluation")

    def _reason(self, text: str) -> None:
        pop = self.leaf.pop
        if "type" in self.leaf or text:
            self.reasons.append(Reason(pop("type", text).lower(), pop("comment", "")))

    def _dkim(self, text: str) -> None:
        """A signature's result, or the alignment in policy_evaluated: both are called dkim."""
        leaf = self.leaf
        if "domain" in leaf or "result" in leaf:
            pop = leaf.pop
            result = pop("result", "")
            result = result if result in _RESULTS else self._value(result, _RESULTS)
            self.dkims.append(Dkim(_domain(pop("domain", "")), pop("selector", ""), result, pop("human_result", "")))
        else:
            leaf.setdefault("dkim", text)

    def _spf(self, text: str) -> None:
        leaf = self.leaf
        if "domain" in leaf or "result" in leaf:
            pop = leaf.pop
            result = pop("result", "")
            result = result if result in _RESULTS else self._value(result, _RESULTS)
            self.spfs.append(Spf(_domain(pop("domain", "")), pop("scope", "").lower(), result, pop("human_result", "")))
        else:
            leaf.setdefault("spf", text)

    def _record(self, _: str) -> None:
        self._emit(self._row())
        self.leaf.clear()
        self.done = self.parser.CurrentByteIndex

    def _emit(self, row: Row) -> None:
        if self.rows >= self.budget.rows:
            raise _Stop("too-many-rows")
        if self.told is None:
            self._tell()
        self.rows += 1
        self.events.append(row)

    def _row(self) -> Row:
        pop = self.leaf.pop
        reasons, dkims, spfs = self.reasons, self.dkims, self.spfs
        source, disposition, dkim, spf = pop("source_ip", ""), pop("disposition", ""), pop("dkim", ""), pop("spf", "")
        if _address(source) is None:
            self.flaw("bad-ip", source)
        row = Row(
            _address(source),
            self._count(pop("count", "")),
            disposition if disposition in _DISPOSITIONS else self._value(disposition, _DISPOSITIONS),
            dkim if dkim in _ALIGNED else self._value(dkim, _ALIGNED),
            spf if spf in _ALIGNED else self._value(spf, _ALIGNED),
            tuple(reasons),
            _domain(pop("header_from", "")),
            _domain(pop("envelope_from", "")),
            _domain(pop("envelope_to", "")),
            tuple(dkims),
            tuple(spfs),
            tuple(_local(self.leaf)) if self.leaf else (),
        )
        reasons.clear()
        dkims.clear()
        spfs.clear()
        return row

    def _feedback(self, _: str) -> None:
        self._take(self.meta)

    # --- values ---

    def _count(self, text: str) -> int:
        if text.isdecimal() and len(text) < 11 and (count := int(text)) <= MAX_COUNT:
            return count
        self.flaw("bad-count", text)
        return 0

    def _value(self, text: str, known: frozenset[str]) -> str:
        lower = text.lower()
        self.flaw("upper-case" if lower in known else "unknown-value", text)
        return _FORMER.get(lower, lower[:200])

    def _date(self, text: str) -> datetime | None:
        """Seconds since 1970; what is after 2200 is milliseconds, or nonsense."""
        digits = text.partition(".")[0]
        if digits.isdecimal() and len(digits) < 14:
            seconds = int(digits) // (1000 if len(digits) > 11 else 1)
            if seconds < 7_258_118_400:
                return datetime.fromtimestamp(seconds, UTC)
        if text:
            self.flaw("bad-date", text)
        return None

    # --- events out ---

    def flaw(self, tag: str, text: str = "", line: int | None = None) -> None:
        self.flaws[tag] += 1
        if self.flaws[tag] <= MAX_FLAWS_PER_TAG:
            where = (0 if self.broken else self.parser.CurrentLineNumber + self.skipped) if line is None else line
            self.events.append(Flaw(tag, where, text[:200]))

    def drain(self) -> list[Event]:
        events, self.events = self.events, []
        return events

    def _header(self) -> Header:
        meta = self.meta
        return Header(
            meta.get("org_name", ""),
            meta.get("email", ""),
            meta.get("report_id", ""),
            self._date(meta.get("begin", "")),
            self._date(meta.get("end", "")),
            Policy(_domain(self.policy.get("domain", "")), *(self.policy.get(name, "") for name in Policy._fields[1:])),
            meta.get("extra_contact_info", ""),
            tuple(self.errors),
            meta.get("generator", ""),
            meta.get("version", ""),
            self.schema,
            (*self.extensions, *_local({name: text for name, text in meta.items() if name not in _META})),
        )

    def _known(self) -> tuple[int, ...]:
        return tuple(map(len, (self.meta, self.policy, self.errors, self.extensions)))

    def _tell(self) -> None:
        """The header goes out before the first row, as far as it is known."""
        self.told, self.known = self._header(), self._known()
        self.events.append(self.told)

    def finish(self) -> None:
        """What only the end of the report shows."""
        if not (self.meta or self.policy or self.rows):
            self.flaw("no-header")
            return
        if self.told is None:
            self._tell()
        elif self._known() != self.known and (complete := self._header()) != self.told:
            self.flaw("late-header")
            self.events.append(complete)
        if not self.seen_feedback:
            self.flaw("no-feedback")
        if "email" not in self.meta:
            self.flaw("missing-email")
        for tag, number in self.flaws.items():
            if number > MAX_FLAWS_PER_TAG:
                self.events.append(Flaw(tag, 0, f"and {number - MAX_FLAWS_PER_TAG} more"))


def format(report: Report) -> bytes:
    """The report as UTF-8 XML in the schema of RFC 9990; extensions without their namespaces, ``pct`` not at all.

    Raises ``Malformed`` when the report lacks what the schema requires, or names a value that it does not know.
    """
    header = report.header
    if not report.rows or not header.begin or not header.end:
        raise Malformed("a report needs a time range and a record")
    lines = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feedback xmlns="{NAMESPACE}">\n',
        _element("version", header.version),
        "<report_metadata>\n",
        _required("org_name", header.org_name),
        _required("email", header.email),
        _element("extra_contact_info", header.extra_contact_info),
        _required("report_id", header.report_id),
        f"<date_range><begin>{_seconds(header.begin)}</begin><end>{_seconds(header.end)}</end></date_range>\n",
        _element("error", "; ".join(header.errors)),
        _element("generator", header.generator),
        "</report_metadata>\n<policy_published>\n",
        *_policy_elements(header.policy),
        "</policy_published>\n",
    ]
    if header.extensions:
        lines += ["<extension>\n", *(_element(name, text) for name, text in header.extensions), "</extension>\n"]
    lines += [text for row in report.rows for text in _record_elements(row)]
    return "".join([*lines, "</feedback>\n"]).encode("utf-8")


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _policy_elements(policy: Policy) -> Iterator[str]:
    yield _required("domain", policy.domain)
    yield _required("p", policy.p, _POLICIES)
    for name, known in _POLICY_VALUES:
        yield _element(name, getattr(policy, name), known)


def _record_elements(row: Row) -> Iterator[str]:
    if row.source_ip is None:
        raise Malformed("a record needs an address")
    yield "<record>\n<row>\n"
    yield _required("source_ip", str(row.source_ip))
    yield _required("count", str(row.count))
    yield "<policy_evaluated>\n"
    yield _required("disposition", row.disposition, _DISPOSITIONS)
    yield _required("dkim", row.dkim, _ALIGNED)
    yield _required("spf", row.spf, _ALIGNED)
    for reason in row.reasons:
        yield f"<reason>{_required('type', reason.type, _REASONS)}{_element('comment', reason.comment)}</reason>\n"
    yield "</policy_evaluated>\n</row>\n<identifiers>\n"
    yield _required("header_from", row.header_from)
    yield _element("envelope_from", row.envelope_from)
    yield _element("envelope_to", row.envelope_to)
    yield "</identifiers>\n<auth_results>\n"
    yield from _result_elements(row)
    yield "</auth_results>\n"
    yield from (_element(name, text) for name, text in row.extensions)
    yield "</record>\n"


def _result_elements(row: Row) -> Iterator[str]:
    """RFC 9990 section 3.1.1.8: any number of signatures (at most 100 are reported), at most one SPF result."""
    if len(row.spf_results) > 1 or len(row.dkim_results) > MAX_SIGNATURES:
        raise Malformed("more results in a record than the schema allows")
    for dkim in row.dkim_results:
        yield "<dkim>" + _required("domain", dkim.domain) + _required("selector", dkim.selector)
        yield (
            _required("result", dkim.result, _DKIM_RESULTS) + _element("human_result", dkim.human_result) + "</dkim>\n"
        )
    for spf in row.spf_results:
        yield "<spf>" + _required("domain", spf.domain) + _element("scope", spf.scope, _SCOPES)
        yield _required("result", spf.result, _RESULTS) + _element("human_result", spf.human_result) + "</spf>\n"


def _required(name: str, text: str, known: frozenset[str] | None = None) -> str:
    if not text:
        raise Malformed(f"{name} is missing")
    return _element(name, text, known)


def _element(name: str, text: str, known: frozenset[str] | None = None) -> str:
    if known is not None and text and text not in known:
        raise Malformed(f"{name} cannot be {text}")
    if not _NAME.fullmatch(name):
        raise Malformed("not the name of an element", 0, name.encode("utf-8", "replace"))
    return f"<{name}>{html.escape(_NOT_A_CHARACTER.sub(chr(0xFFFD), text), quote=False)}</{name}>\n" if text else ""


def _usual(record: str) -> Row | None:
    """The row of a record (without its end tag) that is written as nearly all are; None for any other.

    The same outcomes, identifiers and results stand in record after record: each is parsed once, and then known by its
    text. They are balanced, so what is around them need not be looked at by an XML parser.
    """
    begin = _RECORD.match(record) if len(record) <= _MAX_USUAL else None
    if not begin or (address := _address(begin[1])) is None:
        return None
    told = _told(record[begin.end() :])
    return Row(address, int(begin[2]), *told) if told else None


@lru_cache(maxsize=4_096)
def _told(text: str) -> tuple[Any, ...] | None:
    """What follows in a Row, from what follows in a record; None where that is not as usual."""
    outcome, _, rest = text.partition("</policy_evaluated>")
    between, _, rest = rest.partition("<identifiers>")
    identifiers, _, rest = rest.partition("</identifiers>")
    space, _, rest = rest.partition("<auth_results>")
    results, closed, end = rest.partition("</auth_results>")
    if not closed or between.strip() != "</row>" or space.strip() or end.strip():
        return None
    *signatures, last = results.split("</dkim>")
    evaluated, identified, spf = _evaluated(outcome), _identified(identifiers), _spf_result(last)
    dkims = tuple([_dkim_result(signature) for signature in signatures])
    if evaluated is None or identified is None or spf is None or None in dkims:
        return None
    return (*evaluated, *identified, dkims, spf)


@lru_cache(maxsize=1_024)
def _evaluated(text: str) -> tuple[str, str, str, tuple[Reason, ...]] | None:
    """(disposition, dkim, spf, reasons) of what a policy_evaluated holds, if it is flawless and complete."""
    outcome, *rest = text.split("<reason>")
    leaf = _leaves(outcome)
    told = [_leaves(one.rstrip().removesuffix("</reason>")) for one in rest if one.rstrip().endswith("</reason>")]
    if leaf is None or leaf.keys() != {"disposition", "dkim", "spf"} or None in told or len(told) != len(rest):
        return None
    if leaf["disposition"] not in _DISPOSITIONS or leaf["dkim"] not in _ALIGNED or leaf["spf"] not in _ALIGNED:
        return None
    reasons = [Reason(one["type"].lower(), one.get("comment", "")) for one in told if one and "type" in one]
    if len(reasons) != len(rest) or any(one and not one.keys() <= {"type", "comment"} for one in told):
        return None
    return leaf["disposition"], leaf["dkim"], leaf["spf"], tuple(reasons)


@lru_cache(maxsize=4_096)
def _identified(text: str) -> tuple[str, str, str] | None:
    """(header_from, envelope_from, envelope_to) of what an identifiers element holds, if that is all of it."""
    leaf = _leaves(text)
    if leaf is None or not leaf.keys() <= set(_IDENTIFIERS):
        return None
    header_from, envelope_from, envelope_to = (_domain(leaf.get(name, "")) for name in _IDENTIFIERS)
    return header_from, envelope_from, envelope_to


@lru_cache(maxsize=4_096)
def _dkim_result(text: str) -> Dkim | None:
    """The signature's result in a dkim element without its end tag, if it has nothing else in it."""
    if usual := _SIGNATURE.fullmatch(text):
        domain, selector, result = usual.groups()
        return Dkim(_domain(domain), selector, result) if result in _RESULTS else None
    before, opened, inside = text.partition("<dkim>")
    leaf = _leaves(inside) if opened and not before.strip() else None
    if not leaf or not leaf.keys() <= set(Dkim._fields) or leaf.get("result") not in _RESULTS:
        return None
    return Dkim(_domain(leaf.get("domain", "")), leaf.get("selector", ""), leaf["result"], leaf.get("human_result", ""))


@lru_cache(maxsize=4_096)
def _spf_result(text: str) -> tuple[Spf, ...] | None:
    """The SPF results behind the signatures: one or none; None if anything else is there."""
    if usual := _SENDER.fullmatch(text):
        domain, scope, result = usual.groups()
        return (Spf(_domain(domain), scope or "", result),) if result in _RESULTS else None
    if not text.strip():
        return ()
    before, opened, rest = text.partition("<spf>")
    inside, closed, after = rest.partition("</spf>")
    leaf = _leaves(inside) if opened and closed and not before.strip() and not after.strip() else None
    if not leaf or not leaf.keys() <= set(Spf._fields) or leaf.get("result") not in _RESULTS:
        return None
    domain, scope = _domain(leaf.get("domain", "")), leaf.get("scope", "").lower()
    return (Spf(domain, scope, leaf["result"], leaf.get("human_result", "")),)


def _leaves(text: str) -> dict[str, str] | None:
    """The texts of the elements in ``text``; None unless it holds plain elements only, and each of them once."""
    if not _LEAVES.fullmatch(text):
        return None
    found = _LEAF.findall(text)
    leaf = {name: value.strip() for name, value in found}
    return leaf if len(leaf) == len(found) and max(map(len, leaf.values()), default=0) <= MAX_TEXT else None


def _nothing(_: str) -> None:
    """The end of an element that only holds others."""


def _local(leaf: dict[str, str]) -> list[tuple[str, str]]:
    return [(name.rpartition(":")[2], text) for name, text in leaf.items() if text]


@lru_cache(maxsize=16_384)
def _address(text: str) -> Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None


@lru_cache(maxsize=16_384)
def _domain(text: str) -> str:
    """In lower-case A-labels where it is a domain; else as it stands, in lower case."""
    try:
        return names.parse(text) if text else ""
    except Malformed:
        return text.lower()[:255]
