"""The grammar that bounces in plain words share: addresses in a list, behind a label, in a transcript, in a sentence.

Whoever writes a bounce names the recipient in one of four ways and says next to it what happened. That is the
same in every language and in nearly every program, so a dialect only adds what is really its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ...standards import mime, smtp
from ...standards.message import Message
from . import diagnostic
from .notice import Delivery, Recipient

MAX_LINES = 2_000
MAX_ENTRIES = 500
MAX_DIAGNOSTIC = 2_000

LISTED, TRANSCRIBED, MENTIONED = 3, 2, 1

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
_REPLY = re.compile(r"[\s<>]{0,12}[45]\d\d[ -]")
_ALIAS = re.compile(
    r"\b(?:generated|expanded|originally|redirected|forwarded|resent)\b[^@\n]{0,24}\b(?:from|by|to)\b", re.I
)
_KEY = re.compile(r"^.*?(?:smtp|to|rcpt|addr|address|recipient|user|email)=(?=[^=]+@)", re.I)
_ATTRIBUTION = re.compile(r"[>\s]*\w{2,12}(?: \w{2,12})?:\s*$")

# Labels and sentences about those who are not the recipient.
_OTHERS = re.compile(
    r"\b(?:from|sender|reply|return-path|contact|originator|author|cc|bcc|by|owner|help|support|assistance|questions?"
    r"|please|message-?id|in-reply-to|references|subject|received|envelope-from|visit|write|mail system administrator"
    r"|von|absender|kontakt|bitte|de|exp[ée]diteur|remitente|remetente|mittente|afzender|nadawca|odes[ií]latel|od"
    r"|lähettäjä|avsändare|fra|från|от|отправитель|від|пожалуйста)\b"
    r"|送信者|差出人|发件人|寄件者|發件人|보낸|من|מאת|連絡|お問い合わせ|联系|聯絡|문의",
    re.I,
)
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
    for number, line in enumerate(text.split("\n", MAX_LINES)[:MAX_LINES]):
        if "@" in line and len(found) < MAX_ENTRIES:
            found.extend(_line(number, line[:1000]))
    return found


def recipients(text: str, senders: frozenset[str] = frozenset()) -> list[tuple[str, str]]:
    """(address, what is said about it) of the recipients that ``text`` names most surely, each once.

    ``senders`` are addresses that are only taken where nobody else is named.
    """
    found = entries(text)
    best = max((entry.rank for entry in found if entry.address.lower() not in senders), default=0)
    chosen = [entry for entry in found if entry.rank == best and entry.address.lower() not in senders]
    chosen = chosen or [entry for entry in found if entry.rank > MENTIONED]
    return _merged(_said(text.split("\n"), chosen))


def clean(address: str) -> str:
    """The bare address: without a ``TO=`` before it, bullets, quotes or dots around it."""
    return _KEY.sub("", address.strip().strip("<>\"'").lstrip("*.=-+")).rstrip(".")


def _line(number: int, line: str) -> list[Entry]:
    if _ALIAS.search(line):
        return _mentioned(number, line)
    if match := _LISTED.match(line):
        if _STAFF.match(match[1]) or _ATTRIBUTION.match(match["rest"]):
            return []
        return [Entry(clean(match[1]), LISTED, number, match["rest"]), *_more(number, match["rest"])]
    if match := _RCPT.search(line):
        return [Entry(clean(match[1]), TRANSCRIBED, number, line)]
    if _REPLY.match(line):
        return [Entry(clean(address), TRANSCRIBED, number, line) for address in _ADDRESS.findall(line)[:1]]
    if (match := _LABELLED.match(line)) and not _OTHERS.search(match[1]) and not _STAFF.match(match[2]):
        rank = MENTIONED if _TO.match(match[1].strip()) else LISTED
        return [Entry(clean(match[2]), rank, number, line)]
    return _mentioned(number, line)


def _more(number: int, rest: str) -> Iterable[Entry]:
    """Further addresses of a list on one line."""
    if rest[:1] in ",;" or rest[:2] in (">,", ">;"):
        for address in _ADDRESS.findall(rest):
            yield Entry(clean(address), LISTED, number, "")


def _mentioned(number: int, line: str) -> list[Entry]:
    if _OTHERS.search(line.partition("@")[0]) and not _ALIAS.search(line):
        return []
    return [
        Entry(clean(match[0]), MENTIONED, number, line)
        for match in _ADDRESS.finditer(line)
        if not _STAFF.match(match[0]) and "://" not in line[: match.start()].rpartition(" ")[2]
    ]


def _said(lines: list[str], chosen: list[Entry]) -> list[tuple[str, str]]:
    """Each entry with its words; addresses listed one under the other share what follows the last of them."""
    said: list[tuple[str, str]] = []
    after = len(lines)
    shared = ""
    for entry in reversed(chosen):
        rest = entry.rest.strip(" \t\r>\"'])}:;,.")
        following = _following(lines, entry.line + 1, after)
        words = " ".join(filter(None, (rest, following))) or (shared if after <= entry.line + 2 else "")
        said.append((entry.address, words[:MAX_DIAGNOSTIC]))
        after, shared = entry.line, words
    return said[::-1]


def _following(lines: list[str], start: int, end: int) -> str:
    """The paragraph after an entry, and the first later one that quotes an SMTP reply, up to the next entry."""
    paragraphs: list[list[str]] = [[]]
    for line in lines[start : min(end, start + 60)]:
        if line.strip():
            paragraphs[-1].append(line.strip())
        elif paragraphs[-1]:
            paragraphs.append([])
    joined = [" ".join(paragraph) for paragraph in paragraphs if paragraph]
    replies = (words for words in joined if CODE.search(words))
    return next(replies, joined[0] if joined else "")


CODE = re.compile(r"(?<![\d.])[45]\d\d[ -](?![\d.]{7})|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.])")


def _merged(said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """One entry per address, with the words that quote a reply where any do."""
    known: dict[str, tuple[str, str]] = {}
    for address, words in said:
        before = known.get(address.lower())
        if before is None or not before[1] or (CODE.search(words) and not CODE.search(before[1])):
            known[address.lower()] = (before[0] if before else address, words)
    return list(known.values())


_DAEMON = re.compile(
    rb"mailer[-_ ]?daemon|post_?master|mail(?:er)?[-_ ]?(?:delivery|system|service|admin|server)|delivery[-_ ](?:sub)?system"
    rb"|\bmdaemon\b|\bmmdf\b|system administrator|mail gateway|<>|\bmaildelivery\b|content[- ]filter|\bndr\b|bounce",
    re.I,
)
_FAILURE = re.compile(
    r"undeliver|un(?:able|successful)|deliver(?:y|ed|ing)?\b.{0,40}\b(?:fail|problem|error|delay|impossible|status|not)"
    r"|(?:not|n't|never) (?:be |been |yet been )?(?:deliver|sent|reach|relay|accept|receiv)|fail(?:ed|ure)|reject|returned"
    r"|(?:unknown|invalid|no such|disabled|inactive|non-?existent) (?:user|address|recipient|mailbox|account|host|domain)"
    r"|(?:user|address|recipient|mailbox|account|host|domain)\b.{0,30}\b(?:unknown|not found|full|exist|unavailable|disabled)"
    r"|quota|permanent|could(?: not|n't)|cannot|bounce|refused|blocked"
    r"|zustell|zugestellt|unbekannt|fehlgeschlagen|échec|echec|remis|délivr|delivr|distribu|entreg|devuel|devolv|fall[oó]"
    r"|recapit|consegn|mancat|bezorg|afgelever|onbestelbaar|dostarcz|doręcz|nedoru|doruč|leverer|leverans|levera|toimit"
    r"|kézbes|livrat|teslim|iletilem|достав|повертан|не удалось|παραδο|παράδο|αποτυχ"
    r"|配信|送信でき|届|エラー|退信|无法|無法|失败|失敗|拒绝|반송|실패|전송|배달|تسليم|מסיר|נכשל",
    re.I,
)
_DELAYED = re.compile(
    r"delayed|not yet been delivered|still being (?:re)?tried|will (?:be re-?tr|continue to|keep tr)|warning only"
    r"|no action is required|being retried|has been postponed|continue (?:to be )?(?:made|trying)|temporarily deferred"
    r"|verzögert|retard[ée]e?|retrasad|atrasad|ritard|vertraagd|opóźnion|zpožd|задерж|отложен|затрим|försenad|forsink|遅延|延迟|延遲|지연",
    re.I,
)
_DELIVERED = re.compile(
    r"(?:was|were|been) (?:successfully )?(?:delivered|relayed)\b(?! to (?:one|some))|successful (?:mail )?delivery",
    re.I,
)
_REPORTER = re.compile(
    r"(?:mail (?:system|server|delivery agent)|qmail-send program|postfix program|program|server|agent|host)\b[^\n]{0,24}?"
    r"\b(?:at|on|host)\s+(?:host\s+)?((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})"
    r"|^Message from +((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})|^Generating server: *((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})",
    re.I | re.M,
)
_HOST_OF = re.compile(rb"@([\w.-]{1,253})")


def read(
    message: Message, text: str, dialect: str = "prose", chosen: Sequence[tuple[str, str]] | None = None
) -> Delivery:
    """What a bounce in plain words says; an empty Delivery when nothing shows that it is one.

    A dialect that has found the (address, words) pairs itself gives them as ``chosen``.
    """
    named = _headed(message)
    found = dict(recipients(text, victims(message))) if chosen is None else dict(chosen)
    if chosen is None and not named and not is_bounce(message, text):
        return Delivery()
    if named:
        lower = {address.lower(): words for address, words in found.items()}
        found = {address: lower.get(address.lower(), "") or reply(text) for address in named}
    action = fate(message, text)
    said = tuple(recipient(address, words or reply(text), action) for address, words in found.items())
    return Delivery(dialect, reporter(message, text), said) if said else Delivery()


def recipient(address: str, words: str, action: str = "failed") -> Recipient:
    """One recipient with the facts that the words next to it hold."""
    words = " ".join(words.split())[:MAX_DIAGNOSTIC]
    codes = smtp.codes(words)
    host = diagnostic.remote(words)
    client = diagnostic.client(words, but=host.address)
    return Recipient(address, action, codes.enhanced, codes.reply, words, host.name, host.address, client)


def is_bounce(message: Message, text: str) -> bool:
    """True if a machine that delivers mail wrote it, or if its subject and words speak of a failed delivery."""
    subject = mime.words(message.first("subject") or b"")
    if not _FAILURE.search(subject) and not _FAILURE.search(text):
        return False
    return is_daemon(message) or bool(_FAILURE.search(subject) and (CODE.search(text) or _FAILURE.search(text)))


def is_daemon(message: Message) -> bool:
    """True if From, Sender or Return-Path is that of a mail system."""
    senders = b" ".join([*message.values("from"), *message.values("sender"), *message.values("return-path")[:1]])
    return bool(_DAEMON.search(senders[:2000]))


def fate(message: Message, text: str) -> str:
    """failed, delayed or delivered, as subject and words say."""
    told = mime.words(message.first("subject") or b"") + "\n" + text[:4000]
    if _DELAYED.search(told):
        return "delayed"
    return "delivered" if _DELIVERED.search(told) else "failed"


def reporter(message: Message, text: str) -> str:
    """The host that wrote the bounce: as it calls itself in the text, else the domain of its From."""
    if match := _REPORTER.search(text[:4000]):
        return (match[1] or match[2] or match[3]).lower()
    match = _HOST_OF.search(message.first("from") or b"")
    return match[1].decode("latin-1").lower().rstrip(".") if match else ""


def reply(text: str) -> str:
    """The first paragraph that quotes an SMTP reply; "" when none does."""
    match = CODE.search(text)
    if not match:
        return ""
    start = text.rfind("\n\n", 0, match.start()) + 1
    end = text.find("\n\n", match.end())
    return text[max(start, match.start() - 500) : end if end >= 0 else None][:MAX_DIAGNOSTIC].strip()


def victims(message: Message) -> frozenset[str]:
    """The addresses that the bounce itself was sent to: its victim, seldom its subject."""
    values = [
        value for name in ("to", "delivered-to", "x-original-to", "x-envelope-to") for value in message.values(name)
    ]
    return frozenset(
        clean(address).lower() for value in values for address in _ADDRESS.findall(mime.words(value[:2000]))
    )


def _headed(message: Message) -> list[str]:
    """The recipients that X-Failed-Recipients names (Exim, Google)."""
    values = [mime.words(value[:20_000]) for value in message.values("x-failed-recipients")]
    return [clean(address) for value in values for address in _ADDRESS.findall(value)][:MAX_ENTRIES]
