"""What holds still in a forger's mail while its subject varies: the fingerprint of one returned original.

Everything here is claimed by the forger. It groups mails, it never says who sent them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_network
from typing import NamedTuple

from ..standards import mime
from ..standards.message import Message
from ..standards.questions import Address
from .backscatter.notice import Returned
from .identity import Identity
from .public_addresses import is_public

MAX_RECIPIENTS = 1000
MAX_BODY = 65_536
MAX_SUBJECT = 160

_ADDRESS = re.compile(rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
_URL_HOST = re.compile(rb"\bhttps?://([A-Za-z0-9.-]{4,100})", re.I)
_ZONE = re.compile(rb"([+-]\d{4})\b")
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_TAGS = re.compile(r"^\s*(?:(?:re|fwd?|aw|wg|sv|tr|res)\s*:|\[[^\]]{1,40}\]|\*{2,}[^*]{1,40}\*{2,})\s*", re.I)

# Fields that relays add on the way: they say nothing about the program that wrote the mail.
_TRACE = re.compile(
    rb"received|return-path|delivered-to|x-original-to|authentication-results|arc-|dkim-|domainkey|x-spam|x-virus"
    rb"|x-amavis|x-ironport|x-barracuda|x-mimecast|x-proofpoint|x-ms-exchange|x-forefront|x-microsoft|received-spf"
    rb"|x-received|x-google|x-mail-|x-qq|x-cm-|x-originating|envelope-to|x-envelope|list-|precedence|errors-to"
)
# Hosts that stand in any HTML mail.
_EVERYDAY_HOSTS = frozenset(
    ("www.w3.org", "schemas.microsoft.com", "fonts.googleapis.com", "w3.org", "schemas.openxmlformats.org")
)
_EVERYDAY_HELOS = frozenset(("localhost", "localhost.localdomain", "unknown", "user", "user-pc", "mail", "smtp"))

_SCRIPTS = (
    ("Japanese", re.compile("[\u3040-\u30ff]")),
    ("Korean", re.compile("[\uac00-\ud7a3]")),
    ("Chinese", re.compile("[\u4e00-\u9fff]")),
    ("Cyrillic", re.compile("[\u0400-\u04ff]")),
    ("Greek", re.compile("[\u0370-\u03ff]")),
    ("Arabic", re.compile("[\u0600-\u06ff]")),
    ("Hebrew", re.compile("[\u0590-\u05ff]")),
    ("Thai", re.compile("[\u0e00-\u0e7f]")),
    ("Devanagari", re.compile("[\u0900-\u097f]")),
)


class Fingerprint(NamedTuple):
    """``features`` as (name, value), at most one value a name but for "url"; ``recipients`` in lower case.

    ``message_id`` identifies the forged message among several answers to it; ``script`` is the writing system of
    the subject, "" for Latin.
    """

    features: tuple[tuple[str, str], ...]
    subject: str
    message_id: str
    recipients: tuple[str, ...]
    script: str


def take(returned: Returned, helo: str, source: Address | None, me: Identity) -> Fingerprint:
    """The fingerprint of a returned original; ``helo`` and ``source`` as the injection point shows them."""
    message = returned.message
    subject = " ".join(mime.words(message.first("subject") or b"").split())[:MAX_SUBJECT]
    features = {
        "reply-to": _reply_to(message, me),
        "mailer": _mailer(message),
        "helo": _helo(helo, me),
        "message-id": message_id_shape((message.first("message-id") or b"").decode("latin-1"), me),
        "boundary": _boundary_shape(message),
        "order": _order(message),
        "zone": _zone(message),
        "network": network(source) if source and is_public(source) else "",
        "subject": subject_key(subject),
    }
    hosts = tuple(("url", host) for host in _url_hosts(returned, me))
    return Fingerprint(
        tuple((name, value) for name, value in features.items() if value) + hosts,
        subject,
        (message.first("message-id") or b"").decode("latin-1")[:200],
        _recipients(message),
        script(subject),
    )


def _reply_to(message: Message, me: Identity) -> str:
    found = _ADDRESS.search(message.first("reply-to") or b"")
    address = found[0].decode("ascii").lower() if found else ""
    sender = (message.first("from") or b"").lower()
    return "" if not address or me.owns_address(address) or address.encode() in sender else address


def _mailer(message: Message) -> str:
    value = message.first("x-mailer") or message.first("user-agent") or b""
    return mime.words(value)[:80]


def _helo(helo: str, me: Identity) -> str:
    name = helo.strip("[]").lower()
    if not name or name in _EVERYDAY_HELOS or me.owns_domain(name) or not re.search("[a-z]", name) or ":" in name:
        return ""
    return name


def message_id_shape(message_id: str, me: Identity) -> str:
    """The form of a Message-ID: runs of digits and letters by length, my own domain as "mine"."""
    left, at, right = message_id.strip("<> ").rpartition("@")
    if not at:
        return ""
    shape = _LETTERS.sub(lambda run: f"a{len(run[0])}", _DIGITS.sub(lambda run: f"9{len(run[0])}", left[:100]))
    mine = me.owns_domain(right.lower()) or any(address.endswith("@" + right.lower()) for address in me.addresses)
    return f"{shape}@{'mine' if mine else 'other'}"


def _boundary_shape(message: Message) -> str:
    return _shape_of_boundary(mime.content_type(message).parameters.get("boundary", ""))


def _shape_of_boundary(boundary: str) -> str:
    shape = re.sub(r"[0-9A-Fa-f]{6,}|\d+", "9", boundary[:100])
    return shape if len(re.sub(r"[9=_.-]", "", shape)) >= 4 else ""


def _order(message: Message) -> str:
    return _written_order(message.names[:60])


@lru_cache(maxsize=1024)
def _written_order(names: tuple[bytes, ...]) -> str:
    written = [name for name in names if not _TRACE.match(name.lower())]
    return ">".join(name.decode("ascii") for name in written) if len(written) >= 4 else ""


def _zone(message: Message) -> str:
    zone = _ZONE.search(message.first("date") or b"")
    charset = mime.content_type(message).parameters.get("charset", "")
    if not charset and (word := re.search(rb"=\?([^?]{1,30})\?", message.first("subject") or b"")):
        charset = word[1].decode("latin-1")
    return f"{charset.lower()} {zone[1].decode()}".strip() if zone and zone[1] != b"+0000" else ""


def network(address: Address) -> str:
    """The /24 or /48 that ``address`` lies in, as text."""
    if address.version == 4:
        return str(address).rpartition(".")[0] + ".0/24"
    return str(ip_network((address, 48), strict=False))


def subject_key(subject: str) -> str:
    """The subject without tags, digits and case: equal for mails that differ in numbers only; "" if too short."""
    while match := _TAGS.match(subject):
        subject = subject[match.end() :]
    key = "".join(_DIGITS.sub("", subject).casefold().split())
    return key if len(key) >= 10 or (script(key) and len(key) >= 5) else ""


def _url_hosts(returned: Returned, me: Identity) -> tuple[str, ...]:
    if returned.body == "none":
        return ()
    hosts: dict[str, None] = {}
    room = MAX_BODY
    for _, part in mime.walk(returned.message):
        if room <= 0:
            break
        if mime.content_type(part).main == "text":
            body = mime.decoded(part)[:room]
            room -= len(body)
            for match in _URL_HOST.finditer(body):
                host = match[1].decode("ascii").lower().strip(".-")
                if host not in _EVERYDAY_HOSTS and not me.owns_domain(host):
                    hosts[host] = None
    return tuple(sorted(hosts)[:3])


def _recipients(message: Message) -> tuple[str, ...]:
    found: dict[bytes, None] = {}
    for name in ("to", "cc", "bcc"):
        for value in message.values(name):
            found |= dict.fromkeys(_ADDRESS.findall(value.lower())[: MAX_RECIPIENTS - len(found)])
    return tuple(b"\n".join(found).decode("ascii").split("\n")) if found else ()


def script(text: str) -> str:
    """The writing system that a text shows, as a word; "" for Latin or none."""
    if text.isascii():
        return ""
    return next((name for name, letters in _SCRIPTS if letters.search(text)), "")
