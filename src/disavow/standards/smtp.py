"""SMTP replies (RFC 5321 section 4.2) and enhanced status codes (RFC 3463, RFC 5248 and the registry that it made)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from ..errors import Malformed

MAX_LINES = 100
MAX_TEXT = 20_000

_LINE = re.compile(r"([2-5][0-5]\d)([ -]?)(.*)", re.S)
_LEADING = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?![.\d])[ \t]*")

# Codes are found by their first digit, which a search can skip to; what stands before them is looked at then.
_ENHANCED = r"[245]\.\d{1,3}\.\d{1,3}"
# "550 5.7.1", "550-#5.7.1", "450 450 4.2.2", "552 (5.2.2)": nothing else looks like this.
_PAIR = re.compile(
    r"([245](?<![\d.\w][245])[0-5]\d)(?:[ -]\1)?[ :-]{1,3}[(\[<#]{0,2}" rf"({_ENHANCED})(?!\d|\.\d|[\w-]*@)"
)
# Alone it must not be a piece of an address, a version or a date.
_ALONE = re.compile(rf"{_ENHANCED}(?!\d|[.:/-]\d|[\w-]*@)")
_APART = re.compile(r"(?<![\w./-])(?:#|smtp;\s?)?\Z", re.I)
_VERSION = re.compile(r"(?:version|release|build|exim|postfix|sendmail|server|v|\d)[ /]\Z", re.I)
# A bare reply code: first in the text or the line, or behind something that announces one …
_BARE = re.compile(r"[245][0-5]\d(?=[ \-,:;.\])\"'>\n#]|\Z)(?!\.\d|:\d|,\d|-\d\d-|/)")
_ANNOUNCES = re.compile(
    r"(?:\A|[\n\"'>:;\[(]\s{0,2}|\b(?:said|error|code|reply|replied|status|response|responded|returned|message|smtp|esmtp)"
    r"\W{1,3})\Z",
    re.I,
)
# … and not a count of something.
_UNIT = re.compile(
    r"[ -]?(?:bytes?|[kmg]i?b|seconds?|secs?|minutes?|mins?|hours?|days?|messages|recipients|times)\b", re.I
)


class Reply(NamedTuple):
    """A server's reply: ``code`` of three digits, ``enhanced`` ("" when it gives none), the texts of its lines."""

    code: int
    enhanced: str = ""
    lines: tuple[str, ...] = ("",)

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.lines)


class Codes(NamedTuple):
    """What a diagnostic text names: ``reply`` like "550", ``enhanced`` like "5.7.1"; "" for what it does not."""

    reply: str
    enhanced: str


def parse(text: str) -> Reply:
    """The reply in ``text``, of one or several lines (RFC 5321 section 4.2.1), with its code taken off each line.

    The enhanced code (RFC 2034 section 4) is taken off too where every line repeats it. Raises ``Malformed``
    unless each line begins with the same code; at most MAX_LINES lines are kept.
    """
    rows = [_LINE.match(line) for line in text[:MAX_TEXT].rstrip("\r\n").splitlines() or [""]]
    codes = {row[1] if row else "" for row in rows}
    if len(codes) != 1 or "" in codes:
        raise Malformed("not an SMTP reply", 0, text[:200].encode("utf-8", "replace"))
    lines = tuple(row[3] for row in rows if row)[:MAX_LINES]
    enhanced = {match[1] for line in lines if (match := _LEADING.match(line))}
    if len(enhanced) == 1 and all(_LEADING.match(line) for line in lines):
        return Reply(int(codes.pop()), enhanced.pop(), tuple(_LEADING.sub("", line, count=1) for line in lines))
    return Reply(int(codes.pop()), "", lines)


def format(reply: Reply) -> str:
    """The reply as it goes over the wire, CRLF after each line."""
    enhanced = f"{reply.enhanced} " if reply.enhanced else ""
    last = len(reply.lines) - 1
    return "".join(
        f"{reply.code}{' ' if number == last else '-'}{enhanced}{line}\r\n" for number, line in enumerate(reply.lines)
    )


def codes(text: str) -> Codes:
    """The reply code and the enhanced code that a server's diagnostic text names, the first failure before others.

    Addresses, versions, dates, sizes and ports are not taken for codes; ``Codes("", "")`` when there are none.
    Only the first MAX_TEXT characters are looked at.
    """
    return _codes(text[:MAX_TEXT])


@lru_cache(maxsize=128)  # busy servers say the same again and again
def _codes(text: str) -> Codes:
    pairs = [Codes(*match) for match in _PAIR.findall(text)]
    if pairs:
        return next((pair for pair in pairs if pair.reply[0] != "2"), pairs[0])
    enhanced = _first_enhanced(text)
    reply = _first_reply(text)
    # A reply of another class belongs to another sentence of the text.
    return Codes(reply if not enhanced or reply[:1] == enhanced[0] else "", enhanced)


def _first_enhanced(text: str) -> str:
    for match in _ALONE.finditer(text):
        apart = _APART.search(text, max(match.start() - 6, 0), match.start())
        if not apart or int(match[0].split(".")[1]) >= 10:
            continue
        if not _VERSION.search(text, max(apart.start() - 10, 0), apart.start()):
            return match[0]
    return ""


def _first_reply(text: str) -> str:
    for match in _BARE.finditer(text):
        announced = _ANNOUNCES.search(text, max(match.start() - 16, 0), match.start())
        if announced and not _UNIT.match(text, match.end()):
            return match[0]
    return ""


def meaning(enhanced: str) -> str:
    """What an enhanced code says, in plain words; of an unregistered one what its class and subject say.

    "" for what is no enhanced code.
    """
    if not _LEADING.fullmatch(enhanced):
        return ""
    kind, subject, detail = enhanced.split(".")
    exact = _MEANINGS.get(f"{int(subject)}.{int(detail)}") or _SUBJECTS.get(int(subject), "")
    return f"{_CLASSES[kind]}: {exact}" if exact else _CLASSES[kind]


_CLASSES = {"2": "delivered", "4": "not yet delivered, will be tried again", "5": "refused for good"}

_SUBJECTS = {
    1: "something about the address",
    2: "something about the recipient's mailbox",
    3: "something about the receiving mail system",
    4: "something about the network or the routing",
    5: "the two servers did not understand each other",
    6: "something about the content or its format",
    7: "a security or policy rule",
}

# RFC 3463 section 3; RFC 4954, 6710, 7293, 7372, 7504, 7505, 8617, 8689 where they added codes.
_MEANINGS = {
    "1.0": "something about the address",
    "1.1": "there is no such mailbox",
    "1.2": "the domain does not exist or takes no mail",
    "1.3": "the recipient's address is not written correctly",
    "1.4": "the address fits more than one mailbox",
    "1.5": "the address is valid",
    "1.6": "the mailbox has moved and left no new address",
    "1.7": "the sender's address is not written correctly",
    "1.8": "the sender's domain does not exist or cannot be answered",
    "1.9": "passed on to a system that does not report further",
    "1.10": "the domain says that it takes no mail at all",
    "2.0": "something about the recipient's mailbox",
    "2.1": "the mailbox is switched off",
    "2.2": "the mailbox is full",
    "2.3": "the message is larger than the mailbox allows",
    "2.4": "the mailing list could not be expanded",
    "3.0": "something about the receiving mail system",
    "3.1": "the receiving system's disk is full",
    "3.2": "the receiving system takes no mail at the moment",
    "3.3": "the receiving system lacks a feature that the message needs",
    "3.4": "the message is too large for the receiving system",
    "3.5": "the receiving system is set up wrongly",
    "3.6": "the priority that was asked for was changed",
    "4.0": "something about the network or the routing",
    "4.1": "the server did not answer",
    "4.2": "the connection broke or went wrong",
    "4.3": "a directory or name server failed",
    "4.4": "no way to the server is known",
    "4.5": "the mail system is overloaded",
    "4.6": "the message went round in a circle",
    "4.7": "the message could not be delivered in time",
    "5.0": "the two servers did not understand each other",
    "5.1": "a command was not allowed or not known",
    "5.2": "a command was not written correctly",
    "5.3": "too many recipients at once",
    "5.4": "a command had wrong arguments",
    "5.5": "the servers speak different versions of the protocol",
    "5.6": "the login exchange was too long",
    "6.0": "something about the content or its format",
    "6.1": "the kind of content is not supported",
    "6.2": "the content needed a conversion that is forbidden",
    "6.3": "the content needed a conversion that is not supported",
    "6.4": "the content was converted with loss",
    "6.5": "the content could not be converted",
    "6.6": "the content is no longer available",
    "6.7": "addresses with letters beyond ASCII are not supported",
    "6.8": "a reply with letters beyond ASCII was needed",
    "6.9": "the header has letters beyond ASCII, which are not supported",
    "7.0": "a security or policy rule",
    "7.1": "delivery is not authorised",
    "7.2": "the sender may not write to this list",
    "7.3": "a security conversion was needed and is not possible",
    "7.4": "a security feature is not supported",
    "7.5": "a cryptographic operation failed",
    "7.6": "a cryptographic algorithm is not supported",
    "7.7": "the message was changed on the way",
    "7.8": "the login was not accepted",
    "7.9": "the way of logging in is too weak",
    "7.10": "encryption is needed",
    "7.11": "encryption is needed for this way of logging in",
    "7.12": "the password must be changed",
    "7.13": "the user's account is switched off",
    "7.14": "a trust relationship between the servers is needed",
    "7.15": "the priority is too low",
    "7.16": "the message is too large for its priority",
    "7.17": "the mailbox has another owner than before",
    "7.18": "the domain has another owner than before",
    "7.19": "the test of the mailbox's owner cannot be done",
    "7.20": "no DKIM signature passed",
    "7.21": "no DKIM signature that the receiver accepts was found",
    "7.22": "no DKIM signature of the author's domain passed",
    "7.23": "SPF refused the sender",
    "7.24": "SPF could not be checked",
    "7.25": "the sending address has no valid name in reverse DNS",
    "7.26": "several authentication checks failed",
    "7.27": "the sender's domain says that it sends and takes no mail",
    "7.28": "the sender is sending too much mail",
    "7.29": "ARC validation failed",
    "7.30": "protected delivery (REQUIRETLS) was asked for and is not possible",
    # Microsoft 365 and Google use numbers of their own where the registry has none.
    "7.40": "the DMARC policy could not be read or is not set",
    "7.509": "the sender's domain failed DMARC and asks to reject",
    "7.515": "the sender's domain does not meet the receiver's authentication requirements",
    "7.606": "the sending address is blocked by the receiver",
}
