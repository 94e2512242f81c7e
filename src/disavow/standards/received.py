"""Trace fields (RFC 5321 section 4.4) in the dialects that mail servers really write.

The address of a client is what the *server* saw: it stands in brackets or parentheses of the from-clause. What the
client said of itself (HELO) is a claim and never becomes an address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from ..errors import Malformed
from . import dates
from .message import Message
from .questions import Address

MAX_LENGTH = 8_192
MAX_HOPS = 200

# A word, a comment (three levels deep), a quoted string or an <address>; a parenthesis that closes nothing is dropped.
_TOKEN = re.compile(
    r'[^\s()"<;]++|\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)|"(?:[^"\\]|\\.)*+"[^\s()]*|<[^<>]*+>|["<]'
)
_CLAUSES = {
    case(word): word
    for word in ("from", "by", "via", "with", "id", "for", "tls")
    for case in (str, str.title, str.upper)
}

_DIGITS = r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}"
_BRACKETED = re.compile(rf"\[(?:IPv6:)?({_DIGITS}|[0-9a-f:.]*:[0-9a-f:.]*)(?:%\w+)?\]", re.I)
# The comment is the address: "(192.0.2.1)", "(192.0.2.1:25)", "(ident@192.0.2.1)", "(192.0.2.1 with plain)".
_ALONE = re.compile(
    rf"\((?:[^\s()]*@)?(?:IPv6:)?({_DIGITS}(?=[:) ])|[0-9a-f:]*:[0-9a-f:.]*)(?:%\w+)?(?::\d{{1,5}})?(?: with \w+)?\)",
    re.I,
)
_HELO = re.compile(r"\b(?:helo|ehlo)[= ]\s*([^\s)\"]+)", re.I)
# What others said of themselves, and may have written an address into.
_CLAIM = re.compile(
    r"\((?:helo|ehlo) [^()]*\)|\b(?:(?:helo|ehlo)[= ]|ident=)\s*[^\s)\"]+"
    r"|envelope-(?:from|sender) <[^<>]*>|authenticated sender[^()]*",
    re.I,
)
# What most servers write of a client, and nothing else: "(mail.example.org [192.0.2.1])".
_SEEN = re.compile(r"\(((?:[A-Za-z0-9_-]+\.)+[A-Za-z][\w-]*)\.? \[(?:IPv6:)?([0-9A-Fa-f:.]+)\]\)")
# The line as Postfix, Sendmail, Exim and Google write it: nine of ten need no closer look.
_COMMENTS = r"(?: \((?:[^()]++|\([^()]*+\))*+\))*+"
_TYPICAL = re.compile(
    r"from (?:(\S+) \((?:((?:[A-Za-z0-9_-]+\.)+[A-Za-z][\w-]*)\.? )?\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]\)"
    r"|\[([0-9A-Fa-f:.]+)\] \(helo=([^\s()]+)\))"
    rf" by ([^\s;()<>\"]+)({_COMMENTS}) with (\w+)({_COMMENTS})(?: tls [^\s;()<>\"]+)?({_COMMENTS})"
    rf" id ([^\s;()<>\",]+){_COMMENTS}(?: for (?:<([^<>]*)>|([^\s;()<>\",]+)))?{_COMMENTS} ?"
)
_SPOKEN = re.compile(r"ident=|envelope-|Authenticated")
_HOST = re.compile(r"\((?:[^@\s()\[\]]*@)?((?:[\w-]+\.)+(?!\d+[\s)\[;:])[\w-]+\.?|localhost)(?=[\s)\[;:])", re.I)

# What a server writes of itself after "by": the words of one alternation, so that a search skips fast.
_MARKS = {
    "Postfix": "postfix",
    "Exim": "exim",
    "amavis": "amavis",
    "Domino": "domino",
    "Lotus": "domino",
    "Microsoft": "exchange",
    "mapi": "exchange",
    "Internet Mail Service": "exchange",
    "Frontend Transport": "exchange",
    "HTTPS via": "exchange",
    "qmail": "qmail",
    "qpsmtpd": "qmail",
    "CommuniGate": "communigate",
    "Courier": "courier",
    "MDaemon": "mdaemon",
    "GroupWise": "groupwise",
    "hMailServer": "hmailserver",
    "Kerio": "kerio",
    "Zimbra": "zimbra",
    "Coremail": "coremail",
    "NewMx": "coremail",
    "esmtp_logic": "coremail",
    "OpenSMTPD": "opensmtpd",
    "Haraka": "haraka",
    "MailEnable": "mailenable",
    "Dovecot": "dovecot",
    "Cyrus": "cyrus",
    "DragonFly": "dragonfly",
    "Oracle Communications": "oracle",
    "Sun Java": "oracle",
    "Sun Internet": "oracle",
    "iPlanet": "oracle",
    "PowerMTA": "powermta",
    "celerity": "ecelerity",
    "SMTPD-": "imail",
    "SMTPD32": "imail",
    "(MOS ": "mirapoint",
    "(SG)": "sendgrid",
    "Nemesis": "nemesis",
    "Stalwart": "stalwart",
    "/Submit)": "sendmail",
    "NNFMP": "yahoo",
}
_MARK = re.compile("|".join(map(re.escape, _MARKS)))
_SENDMAIL = re.compile(r"\((?:\d+\.\d+[\w.+-]*|[A-Z]\w*)/(?:\d+\.\d+|cf)")
_EXIM_ID = re.compile(r"\w{6}-\w{6}(?:\w{5})?-\w{2}(?:\w{2})?\Z")
_GOOGLE_BY = re.compile(r"(?:[\w.-]+\.(?:google|gmail)\.com|10\.\d+\.\d+\.\d+|2002:a[0-9a-f]*:[0-9a-f:]+)\Z")


class Hop(NamedTuple):
    """One server's line: who handed the message over (``from_…``), who took it (``by``), how and when.

    ``from_name`` is what the client called itself, a claim; ``from_host`` the name that the server found for its
    address; ``from_ip`` the address that the server saw. ``at`` is aware and in UTC. Absent parts are "" or None;
    ``dialect`` names the software that writes so, "" when the shape does not tell.
    """

    from_name: str = ""
    from_host: str = ""
    from_ip: Address | None = None
    by: str = ""
    via: str = ""
    with_: str = ""
    id: str = ""
    for_: str = ""
    at: datetime | None = None
    dialect: str = ""


def parse(value: bytes) -> Hop:
    """The hop that one Received value describes; at most MAX_LENGTH bytes of it are looked at.

    Raises ``Malformed`` when not one clause, nor a date, nor a known software's mark is in it.
    """
    text = b" ".join(value[:MAX_LENGTH].split()).decode("utf-8", "replace")
    end = text.rfind(";")
    at, begin = dates.find(text, end + 1)
    if end < 0 or begin == len(text):
        at, end = dates.find(text)
    hop = _typical(text[:end], at)
    if hop is None:
        hop = _any(text[:end], at)
        if not any(hop):
            raise Malformed("not a trace field", 0, value)
    return hop


def _typical(text: str, at: datetime | None) -> Hop | None:
    """What ``_any`` would find, for a line that has the usual shape; None for others."""
    match = _TYPICAL.fullmatch(text)
    if not match:
        return None
    name, host, ip, exim_ip, helo, by, software, protocol, more, still_more, id, in_brackets, bare = match.groups()
    dialect = _marked(f"{software} {protocol}{more}{still_more}") or _shape(by, id, ())
    address, recipient = _address(ip or exim_ip), in_brackets if bare is None else bare
    claim, found = name or helo, host.lower() if host else ""
    return Hop(claim, found, address, by.rstrip(".").lower(), "", protocol, id, recipient or "", at, dialect)


def _any(text: str, at: datetime | None) -> Hop:
    """The hop from the clauses of any line, whatever their order."""
    clauses = _clauses(text)
    client = clauses.get("from", [])
    name, host, address = _client(client) if client else ("", "", None)
    return Hop(
        name,
        host,
        address,
        _first(clauses, "by").rstrip(".,;").lower(),
        _words(clauses, "via"),
        _words(clauses, "with"),
        _first(clauses, "id").strip("<>,"),
        _first(clauses, "for").strip("<>,"),
        at,
        _dialect(clauses),
    )


class Chain:
    """The hops of a message from the last server (topmost) to the first, at most MAX_HOPS; unreadable ones empty.

    A line is parsed when it is first looked at: who asks where a message came from needs the topmost ones.
    """

    __slots__ = ("_hops", "_values")

    def __init__(self, values: Sequence[bytes] = ()) -> None:
        self._values = values[:MAX_HOPS]
        self._hops: dict[int, Hop] = {}

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, number: int) -> Hop:
        hop = self._hops.get(number)
        if hop is None:
            hop = self._hops[number] = _hop(self._values[number][:MAX_LENGTH])
        return hop

    def __iter__(self) -> Iterator[Hop]:
        return map(self.__getitem__, range(len(self._values)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


def chain(message: Message) -> Chain:
    """The hops that the message's Received fields describe."""
    return Chain(message.values("received"))


_NOTHING = Hop()


@lru_cache(maxsize=1_024)  # what was sent to several comes back from each with the same lines
def _hop(value: bytes) -> Hop:
    try:
        return parse(value)
    except Malformed:
        return _NOTHING


def _clauses(text: str) -> dict[str, list[str]]:
    """The tokens after each of the clause words; of a word that stands twice the last clause counts.

    What a client says can only stand before the words that the server writes itself (RFC 5321 section 4.4).
    """
    tokens: list[str] = []
    clauses = {"": tokens}
    for token in _TOKEN.findall(text):
        clause = _CLAUSES.get(token)
        if clause is None:
            tokens.append(token)
        elif clause == "by" and clause in clauses and "from" in clauses:
            clauses = {"": clauses[""], "from": _claimed(clauses), "by": (tokens := [])}
        elif clause != "from" or clause not in clauses:
            clauses[clause] = tokens = []
    return clauses


def _claimed(clauses: dict[str, list[str]]) -> list[str]:
    """All that stands before the by-clause which counts: the client had put one of its own into its name."""
    return [token for clause in clauses if clause for token in clauses[clause]]


def _first(clauses: dict[str, list[str]], clause: str) -> str:
    tokens = clauses.get(clause)
    return tokens[0] if tokens and tokens[0][0] != "(" else ""


def _words(clauses: dict[str, list[str]], clause: str) -> str:
    tokens = clauses.get(clause)
    return " ".join([token for token in tokens if token[0] != "("]) if tokens else ""


def _client(tokens: list[str]) -> tuple[str, str, Address | None]:
    """(claimed name, looked-up name, address) from the tokens of a from-clause."""
    if len(tokens) == 2 and (plain := _SEEN.fullmatch(tokens[1])):
        return tokens[0], plain[1].lower(), _address(plain[2])
    comments = " ".join([token for token in tokens if token[0] == "("])
    first = tokens[0] if tokens[0][0] != "(" else ""
    helo = _HELO.search(comments)
    # The claim goes before addresses are looked for: a HELO may be an address literal.
    seen = _CLAIM.sub("", comments) if helo or _SPOKEN.search(comments) else comments
    if match := _HOST.search(seen):
        host = match[1].rstrip(".").lower()
    else:
        # Exim and qmail put the looked-up name first, the claim into the comment.
        host = first.lower() if helo and "." in first and first[-1:].isalpha() else ""
    return helo[1] if helo else first, host, _seen_address(seen, tokens, bool(helo))


def _seen_address(seen: str, tokens: list[str], helo_apart: bool) -> Address | None:
    """The last address in the comments; without one, one in brackets that is certainly not the HELO."""
    if match := _BRACKETED.findall(seen) or _ALONE.findall(seen):
        return _address(match[-1])
    for token in tokens[1:]:
        if bracketed := _BRACKETED.match(token):
            return _address(bracketed[1])
    if not seen or helo_apart or "port=" in seen:
        # Exim "from [192.0.2.1] (helo=…)", Yahoo "from [192.0.2.1] by …": the server wrote the brackets.
        bracketed = _BRACKETED.match(tokens[0])
        return _address(bracketed[1]) if bracketed else None
    return None


@lru_cache(maxsize=8_192)
def _address(text: str) -> Address | None:
    try:
        if ":" not in text:
            return IPv4Address(text)
        address = IPv6Address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address


def _dialect(clauses: dict[str, list[str]]) -> str:
    """Named by what stands behind "by", where only the server writes; else by the shape of the line."""
    tokens = [token for clause in ("by", "with", "via", "") for token in clauses.get(clause, ())]
    mark = _marked(" ".join(tokens[1:] if "by" in clauses else tokens))
    return mark or _shape(_first(clauses, "by"), _first(clauses, "id"), clauses.get("from", ()))


@lru_cache(maxsize=4_096)
def _marked(written: str) -> str:
    if mark := _MARK.search(written):
        return _MARKS[mark[0]]
    return "sendmail" if "/" in written and _SENDMAIL.search(written) else ""


def _shape(by: str, id: str, client: Sequence[str]) -> str:
    if _EXIM_ID.match(id):
        return "exim"
    if _GOOGLE_BY.match(by):
        return "gmail"
    if ".yahoo." in by or (len(client) > 1 and client[1].startswith("(EHLO ")):
        return "yahoo"
    if by.endswith(".iphmx.com"):
        return "ironport"
    if client and not id and client[-1][0] == "(" and _ALONE.match(client[-1]):
        return "qmail"
    return ""
