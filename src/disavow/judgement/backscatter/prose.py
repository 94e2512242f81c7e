"""The bounce in plain words: whom it names, what it says of each, who wrote it.

Every dialect shares this; it only adds what is really its own.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache

from ...standards import smtp
from ...standards.message import Message
from . import addressees, diagnostic, fate, signs
from .notice import Delivery, Recipient

MAX_OPENING = 2_000  # characters in which a reporter introduces itself

_DAEMON = re.compile(
    rb"mailer[-_ ]?daemon|post_?master|mail(?:er)?[-_ ]?(?:delivery|system|administrator)|delivery[-_ ](?:sub)?system"
    rb"|\bmdaemon\b|\bmmdf\b|system administrator|mail gateway|<>|\bmaildelivery\b|content[- ]filter|\bndr\b"
    rb"|microsoftexchange|@sns\.amazonaws\.com|virus ?wall|interscan|antivirus",
    re.I,
)
_NULL = re.compile(rb"\s*<?(?:mailer-daemon(?:@[^>]*)?)?>?\s*\Z", re.I)
_REPORTER = re.compile(
    r"(?:mail system|program|server|agent|host)\b[^\n]{0,24}?\b(?:at|on|host)\s+(?:host\s+)?"
    r"((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})"
    r"|^Message from +((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})|^Generating server: *((?:[\w-]{1,63}\.){1,10}[\w-]{2,63})",
    re.I | re.M,
)
_BARE_NAME = re.compile(r":[ \t]*\r?\n(?:[ \t]*\r?\n)?[ \t]+([A-Za-z0-9][\w.+-]{1,63})[ \t]*\r?(?=\n|\Z)")
_LINE = re.compile(r"\n[ \t<>]*")
_HOST_OF = re.compile(rb"@([\w.-]{1,253})")


def read(
    message: Message, text: str, dialect: str = "prose", chosen: Sequence[tuple[str, str]] | None = None
) -> Delivery:
    """What a bounce in plain words says; an empty Delivery when nothing shows that it is one.

    A dialect that has found the (address, words) pairs itself gives them as ``chosen``.
    """
    named = _headed(message)
    if chosen is None and not named and not is_bounce(message, text):
        return Delivery()
    mine = victims(message)
    found = dict(addressees.recipients(text, mine) if chosen is None else chosen)
    if named:
        lower = {address.lower(): words for address, words in found.items()}
        found = {address: lower.get(address.lower(), "") or reply(text) for address in named}
    elif (
        chosen is None and found and {address.lower() for address in found} <= mine and not addressees.CODE.search(text)
    ):
        return Delivery()  # a letter to its reader about the reader, such as phish writes
    found = found or _nameless(message, text)
    action = fate.read(message, text)
    said = tuple(recipient(address, words or reply(text), action) for address, words in found.items())
    return Delivery(dialect, reporter(message, text), said) if said else Delivery()


def pairs(entry: re.Pattern[str], text: str) -> list[tuple[str, str]] | None:
    """(address, words) of every match of a dialect's ``entry``; None when there is none, so that plain words count."""
    found = itertools.islice(entry.finditer(text), addressees.MAX_ENTRIES)
    return [(addressees.clean(match[1]), _LINE.sub("\n", match[2]).strip()) for match in found] or None


def with_status(said: Recipient, status: str) -> Recipient:
    """``said`` with the enhanced code that was given apart from its words, if it is one."""
    return said._replace(status=smtp.codes(status).enhanced)


def recipient(address: str, words: str, action: str = "failed") -> Recipient:
    """One recipient with the facts that the words next to it hold."""
    if words.count("_") > 4 > words.count(" "):
        words = words.replace("_", " ")  # as qmail writes them into its log, and others from there
    codes = smtp.codes(words)  # line by line, since a reply stands at the beginning of a line
    words = " ".join(words.split())[: addressees.MAX_DIAGNOSTIC]
    if codes.reply.startswith("2") and action in ("failed", "delayed"):
        codes = smtp.Codes("", codes.enhanced)
    host = diagnostic.remote(words)
    client = diagnostic.client(words, but=host.address)
    return Recipient(address, action, codes.enhanced, codes.reply, words, host.name, host.address, client)


def _nameless(message: Message, text: str) -> dict[str, str]:
    """Recipients that the reporter calls by their local part only, in a list: they are at the reporter's domain."""
    domain = _HOST_OF.search(message.first("from") or b"")
    if not domain or not is_daemon(message):
        return {}
    host = domain[1].decode("latin-1").lower()
    return {f"{match[1]}@{host}": match[0] for match in itertools.islice(_BARE_NAME.finditer(text[:8000]), 20)}


def may_be_bounce(message: Message) -> bool:
    """Cheaply, from the header alone: False only where no bounce in plain words can be."""
    if message.all("x-failed-recipients") or is_daemon(message):
        return True
    if message.all("list-unsubscribe") or signs.generated(message):
        return False  # newsletters and logs tell about bounces too
    subject = fate.subject(message)
    return bool(message.all("auto-submitted")) or fate.undelivered(subject) or fate.failed(subject)


def is_bounce(message: Message, text: str) -> bool:
    """True if words of a failed delivery come from a mail system, or if they are those that only mail systems use."""
    subject = fate.subject(message)
    if is_daemon(message):
        return fate.failed(subject) or fate.failed(text)
    quoted = fate.failed(subject) and addressees.CODE.search(text)
    return bool(quoted) or fate.undelivered(subject) or fate.undelivered(text)


def is_daemon(message: Message) -> bool:
    """True if From or Sender is that of a mail system, or if the envelope sender is null (RFC 5321 section 4.5.5)."""
    if any(_NULL.match(value) for value in message.values("return-path")[:1]):
        return True
    return _names_daemon(b" ".join([*message.values("from"), *message.values("sender")])[:2000])


@lru_cache(maxsize=1024)
def _names_daemon(author: bytes) -> bool:
    return bool(_DAEMON.search(author))


def reporter(message: Message, text: str) -> str:
    """The host that wrote the bounce: as it calls itself in the text, else the domain of its From."""
    if match := _REPORTER.search(text[:MAX_OPENING]):
        return (match[1] or match[2] or match[3]).lower()
    host = _HOST_OF.search(message.first("from") or b"")
    return host[1].decode("latin-1").lower().rstrip(".") if host else ""


def reply(text: str) -> str:
    """The first paragraph that quotes an SMTP reply; "" when none does."""
    match = addressees.CODE.search(text)
    if not match:
        return ""
    start = text.rfind("\n\n", 0, match.start()) + 1
    end = text.find("\n\n", match.end())
    return text[max(start, match.start() - 500) : end if end >= 0 else None][: addressees.MAX_DIAGNOSTIC].strip()


def victims(message: Message) -> frozenset[str]:
    """The addresses that the bounce itself was sent to: its victim, seldom its subject."""
    named = ("to", "delivered-to", "x-envelope-to")
    values = [value for name in named for value in message.values(name)[:20]]
    return frozenset(address.lower() for value in values for address in addressees.within(value))


def _headed(message: Message) -> list[str]:
    """The recipients that X-Failed-Recipients names (Exim, Google)."""
    return [address for value in message.values("x-failed-recipients") for address in addressees.within(value)]
