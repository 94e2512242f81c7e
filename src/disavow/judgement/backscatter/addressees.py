"""Whom a bounce in plain words is about: addresses in a list, behind a label, in a transcript, in a sentence.

Whoever writes a bounce names the recipient in one of these four ways and says next to it what happened. That is
the same in every language and in nearly every program.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from ...standards import mime
from . import fate

MAX_LINES = 2_000
MAX_ENTRIES = 500
MAX_DIAGNOSTIC = 2_000

LISTED, TRANSCRIBED, LIKELY, MENTIONED, STAFF = 4, 3, 2, 1, 0

ADDRESS = (
    r"(?:[^\s<>()\[\]{},;:\"'|\\@/?&«»„“”‘’（）「」：，。、]{1,64}|\"[^\"\n@]{1,64}\")"
    r"@(?:[^\W_][\w-]{0,62}(?:\.[\w-]{1,63}){0,10}|\[[0-9A-Fa-f:.]{3,45}\])"
)
_ADDRESS = re.compile(r"(?<![^\s<>()\[\]{},;:\"'|\\/?&=«»„“”‘’（）「」：，。、])" + ADDRESS)
_OPENING = r"[<\"'\[(«„“「（]{0,3}(?:(?:smtp|mailto|rfc822|internet)[:;][ ]?)?"
_LISTED = re.compile(
    r"[\s>*•·|#+.\-–—]{0,24}(?:\d{1,3}[.)][ ]{1,4})?"  # a bullet or a number
    r"(?:\"[^\"\n]{1,60}\"[ ]?(?=<)|[^\s<>@:\"()\[\]]{1,40}(?=<))?"  # a display name
    + _OPENING
    + rf"({ADDRESS})(?P<rest>.*)",
    re.I,
)
_LABELLED = re.compile(
    rf"[\s>*•·|#\-–—\"(]{{0,24}}([^:：@<>]{{1,60}}?)[ \t]*(?:[:：]|(?<=\s)-)[ \t]*{_OPENING}({ADDRESS})(?P<rest>.*)",
    re.I,
)
_RCPT = re.compile(rf"\bRCPT(?: |\W|%20)TO\W{{1,4}}({ADDRESS})", re.I)
_SENDER = re.compile(rf"\bMAIL FROM\W{{1,4}}({ADDRESS})", re.I)
_DELIVERING = re.compile(rf"\b(?:deliver(?:y|ing|ed)?|send(?:ing)?|sent)\b[^@\n]{{0,60}}\bto\W{{1,3}}({ADDRESS})", re.I)
_REPLY = re.compile(r"[\s<>]{0,12}[45]\d\d[ -]")
_ALIAS = re.compile(
    r"\b(?:generated|expanded|originally|redirected|forwarded|resent)\b[^@\n]{0,24}\b(?:from|by|to)\b", re.I
)
_KEY = re.compile(r"^.*?(?:smtp|to|rcpt|addr|address|recipient|user|email)=(?=[^=]+@)", re.I)
CODE = re.compile(r"[45](?<![\d.][45])(?:\d\d[ -](?![\d.]{7})|\.\d{1,3}\.\d{1,3}(?![\d.]))")
_MAILTO = re.compile(r"^\W{0,4}<?mailto:[^>\s]*>?", re.I)
_ARROWS = re.compile(r"^(?:<{2,3}|>{2,3})\s+")
_RULE = re.compile(r"[-=_*|#~+]{3,}")
_ADDRESSED = re.compile(
    r"\b(?:addressed|recipients?|adressé|destinat\w*|empfänger|receiver)\b|宛先|收件|получател", re.I
)
_ATTRIBUTION = re.compile(r"[>\s]*\w{2,12}(?: \w{2,12})?:\s*$")

# Labels and sentences about those who are not the recipient.
_OTHERS = re.compile(
    r"\b(?:from|sender|reply|return-path|contact|originator|author|cc|bcc|by|owner|help|support|assistance|questions?"
    r"|please|message-?id|in-reply-to|references|subject|received|envelope-from|visit|write|mail system administrator"
    r"|von|absender|kontakt|bitte|(?<!destination )de"
    r"|exp[ée]diteur|remitente|remetente|mittente|afzender|nadawca|odes[ií]latel|od"
    r"|lähettäjä|avsändare|fra|från|от|отправитель|від|пожалуйста)\b"
    r"|送信者|差出人|发件人|寄件者|發件人|보낸|من|מאת|連絡|お問い合わせ|联系|聯絡|문의",
    re.I,
)
# "Your message from Monday to one@example.com": the word next to the address tells, not the one before it.
_FROM = re.compile(r"\b(?:from|by|von|de|od|fra|från|от|від)\b", re.I)
_NEXT_TO = re.compile(
    r"\b(?:to|an|für|à|pour|para|a|al|naar|voor|do|dla|pro|till|til|for|для|до|către)\b\W{0,4}\S{0,64}\Z", re.I
)
# The title of the mail, quoted in the sentence that goes on to name the recipient.
_TITLE = re.compile(r"\bsubject:?\s{0,3}[\"'“„«][^\"”“»\n]{0,200}[\"'”“»]", re.I)
_TO = re.compile(r"(?:to|an|à|para|a|naar|do|komu|till|til|кому|кому:|宛先|收件人|받는 사람|cc)\Z", re.I)
_STAFF = re.compile(
    r"(?:post_?master|mailer-daemon|abuse|no-?reply|do-?not-?reply|support|help(?:-?desk)?|service-?desk|hostmaster"
    r"|webmaster|admin|administrator|root|security|noc)@",
    re.I,
)


class Entry(NamedTuple):
    """An address as a bounce names it, how surely it is the recipient's, and what is said next to it."""

    address: str
    rank: int
    line: int
    rest: str


def entries(text: str) -> list[Entry]:
    """Every address in ``text`` that may be a recipient, in order; looked at line by line within MAX_LINES."""
    found: list[Entry] = []
    before = ""
    for number, line in enumerate(text.split("\n", MAX_LINES)[:MAX_LINES]):
        if "@" in line and len(found) < MAX_ENTRIES:
            found.extend(_line(number, line[:1000], before))
        before = line[-200:] if line.strip() else before
    return found


def recipients(text: str, senders: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """(address, what is said about it) of the recipients that ``text`` names most surely, each once.

    ``senders`` are addresses that are only taken where nobody else is named.
    """
    found = entries(text)
    senders = senders | {clean(match[1]).lower() for match in islice(_SENDER.finditer(text), MAX_ENTRIES)}
    found = [entry for entry in found if entry.address.lower() not in senders] or found
    best = max((entry.rank for entry in found), default=STAFF)
    return _merged(_said(text.split("\n"), [entry for entry in found if entry.rank == best]))


def within(value: bytes) -> list[str]:
    """The bare addresses in a header value, at most MAX_ENTRIES."""
    return [*_within(value[:20_000])]


@lru_cache(maxsize=256)  # those who report, and whose name is forged, come again
def _within(value: bytes) -> tuple[str, ...]:
    return tuple(clean(address) for address in _ADDRESS.findall(mime.words(value))[:MAX_ENTRIES])


def clean(address: str) -> str:
    """The bare address: without a ``TO=`` before it, bullets, quotes or dots around it."""
    bare = address.strip().strip("<>\"'").lstrip("*.=-+")
    return (_KEY.sub("", bare) if "=" in bare else bare).rstrip(".")


def _line(number: int, line: str, before: str) -> list[Entry]:
    if alias := _ALIAS.search(line):
        return [Entry(clean(address), LISTED, number, "") for address in _ADDRESS.findall(line, alias.end())[:1]]
    if match := _LISTED.match(line):
        if _ATTRIBUTION.match(match["rest"]):
            return []
        if _STAFF.match(match[1]):
            return [Entry(clean(match[1]), STAFF, number, match["rest"])]
        more = _more(number, match["rest"])
        return [Entry(clean(match[1]), LISTED, number, "" if more else match["rest"]), *more]
    if match := _RCPT.search(line):
        return [Entry(clean(match[1]), TRANSCRIBED, number, line)]
    if _REPLY.match(line):
        said = _ARROWS.sub("", line.strip())
        return [Entry(clean(address), TRANSCRIBED, number, said) for address in _ADDRESS.findall(line)[:1]]
    if (match := _LABELLED.match(line)) and not _OTHERS.search(match[1]) and not _STAFF.match(match[2]):
        rank = MENTIONED if _TO.match(match[1].strip()) else LISTED
        return [Entry(clean(match[2]), rank, number, line)]
    return _mentioned(number, line, before)


def _more(number: int, rest: str) -> list[Entry]:
    """Further addresses of a list on one line."""
    if rest.lstrip(">\"' ")[:1] not in (",", ";"):
        return []
    return [Entry(clean(address), LISTED, number, "") for address in _ADDRESS.findall(rest)]


def _mentioned(number: int, line: str, before: str) -> list[Entry]:
    """Addresses in a sentence; likelier the recipient's where the sentence speaks of failure or of addressing."""
    head = _TITLE.sub("", line.partition("@")[0])
    if _OTHERS.search(_FROM.sub("", head) if _NEXT_TO.search(head) else head):
        return []
    if match := _DELIVERING.search(line):
        return [Entry(clean(match[1]), TRANSCRIBED, number, line)]
    rank = LIKELY if fate.failed(line) or _ADDRESSED.search(line) or _ADDRESSED.search(before) else MENTIONED
    return [
        Entry(clean(match[0]), rank, number, line)
        for match in _ADDRESS.finditer(line)
        if not _STAFF.match(match[0]) and "://" not in line[: match.start()].rpartition(" ")[2]
    ]


def _said(lines: list[str], chosen: list[Entry]) -> list[tuple[str, str]]:
    """Each entry with its words; addresses listed one under the other share what follows the last of them."""
    said: list[tuple[str, str]] = []
    after = len(lines)
    shared = ""
    for number in range(len(chosen) - 1, -1, -1):
        entry = chosen[number]
        rest = _MAILTO.sub("", entry.rest).strip(" \t\r>\"'])}:;,.")
        rest = rest.removeprefix("(") if rest.count("(") > rest.count(")") else rest
        words = "\n".join(filter(None, (rest, _following(lines, entry.line + 1, after))))
        if not words and after <= entry.line + 2:
            words = shared
        if not CODE.search(words):
            before = _preceding(lines, chosen[number - 1].line if number else -1, entry.line)
            words = before if before and (not words or CODE.search(before)) else words
        said.append((entry.address, words[:MAX_DIAGNOSTIC]))
        after, shared = entry.line, words
    return said[::-1]


def _following(lines: list[str], start: int, end: int) -> str:
    """The paragraph after an entry, or a later one that quotes an SMTP reply, up to the next entry."""
    paragraphs = _paragraphs(lines[start : min(end, start + 60)])
    replies = (words for words in paragraphs if CODE.search(words))
    return next(replies, paragraphs[0] if paragraphs else "")


def _preceding(lines: list[str], start: int, end: int) -> str:
    """The paragraph that ends before an entry: the one with a reply, else the last that is no mere heading."""
    paragraphs = _paragraphs(lines[max(start + 1, end - 20) : end])[::-1]
    replies = (words for words in paragraphs if CODE.search(words))
    return next(replies, next((words for words in paragraphs if not words.endswith(":")), ""))


def _paragraphs(lines: list[str]) -> list[str]:
    """Lines between blank or ruled ones, joined; a paragraph that ends with a colon goes on with the next."""
    paragraphs = [""]
    for line in lines:
        bare = _ARROWS.sub("", line.strip())
        if bare and not _RULE.match(bare):
            paragraphs[-1] = f"{paragraphs[-1]}\n{bare}".strip()
        elif paragraphs[-1] and not paragraphs[-1].endswith(":"):
            paragraphs.append("")
    return [paragraph for paragraph in paragraphs if paragraph]


def _merged(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One entry per address, with the words that quote a reply where any do."""
    known: dict[str, tuple[str, str]] = {}
    for address, words in said:
        before = known.get(address.lower())
        if before is None or _telling(words) > _telling(before[1]):
            known[address.lower()] = (before[0] if before else address, words)
    return list(known.values())


def _telling(words: str) -> int:
    """How much words tell: a reply code more than an enhanced code, that more than none."""
    match = CODE.search(words)
    return 0 if not words else 1 if not match else 3 if match[0][:3].isdigit() else 2
