"""What one status mail says, before anybody judges it: the vocabulary of the backscatter room."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from ...standards.message import Message
from ...standards.questions import Address

Kind: TypeAlias = Literal[
    "dsn",  # failed | delayed | delivered | relayed | expanded
    "reject-notice",  # a content filter's text without a delivery report
    "challenge",  # click, reply or solve a riddle before the mail is delivered
    "autoreply",  # vacation | left-company | address-retired | ack | unmonitored | other
    "list",  # subscribe-confirm | moderation | unsubscribe-confirm | command-result
    "feedback",  # RFC 5965: abuse | fraud | auth-failure | opt-out | not-spam
    "report",  # dmarc | tls: aggregate reports
    "mdn",  # displayed | deleted | rejected …
    "human",  # a person's own reply about a mail
    "fake-bounce",  # phishing or malware dressed as a status mail
    "spam",  # ordinary unsolicited mail
    "automatic",  # newsletters, calendars, cron, tickets that answer nothing
    "personal",  # ordinary mail of people
    "unknown",
]

# The kinds that answer a mail somebody sent in the owner's name.
STATUS_KINDS: frozenset[str] = frozenset(
    ("dsn", "reject-notice", "challenge", "autoreply", "list", "feedback", "mdn", "human")
)

Strength: TypeAlias = Literal["decisive", "strong", "weak"]


class Evidence(NamedTuple):
    """Why something was concluded: ``tag`` as in words/en.toml under "mail-…", ``quote`` the line that shows it."""

    tag: str
    quote: str = ""
    strength: Strength = "strong"


class Recipient(NamedTuple):
    """The fate of one recipient, as the reporter states it (RFC 3464 section 2.3, or read from prose).

    ``status`` is an enhanced code "5.1.1" or ""; ``reply`` an SMTP reply code or ""; ``reason`` as named in
    reasons/; ``remote`` the host that decided and ``remote_ip`` its address; ``client_ip`` the address that this
    host says it was talking to: the sender as the enforcing receiver saw it.
    """

    address: str
    action: str = ""
    status: str = ""
    reply: str = ""
    diagnostic: str = ""
    remote: str = ""
    remote_ip: Address | None = None
    client_ip: Address | None = None
    reason: str = ""


class Returned(NamedTuple):
    """A message that came back inside a status mail.

    ``form`` tells how it was enclosed: message/rfc822, text/rfc822-headers, marker, inline, quoted, indented,
    html, fields. ``body`` is "whole", "part" or "none": how much of the original's body is there.
    """

    message: Message
    form: str
    body: Literal["whole", "part", "none"]


class Delivery(NamedTuple):
    """What a bounce reports, whoever wrote it and in whichever dialect.

    ``dialect`` is the file under dialects/ that read it ("rfc3464", "qmail" …); ``reporter`` the host that
    wrote the report; ``fields`` other per-message facts (Arrival-Date, X-Original-Message-ID …).
    """

    dialect: str = ""
    reporter: str = ""
    recipients: tuple[Recipient, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


NOT_REPORTED = Delivery()


class Notice(NamedTuple):
    """One arrived mail, read: what it is, what it says, what it brought back.

    ``kind`` and ``detail`` are the two levels of the taxonomy; ``reason`` one name under reasons/ or "";
    ``language`` a BCP 47 tag or "" when nothing shows it.
    """

    kind: Kind
    detail: str = ""
    reason: str = ""
    language: str = ""
    delivery: Delivery = NOT_REPORTED
    returned: tuple[Returned, ...] = ()
    evidence: tuple[Evidence, ...] = ()
