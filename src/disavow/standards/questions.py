"""Questions that pure code asks and answers that the world gives.

A judgement is a generator, a ``Dialogue``: it yields a tuple of questions, receives a tuple of answers in the
same order, and returns its result. A failed lookup is an answer, never an exception. This is the only file in
which a bare ``yield`` of a question stands; everything else writes ``answer = yield from txt(name)``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar

from ..errors import Unreachable

T = TypeVar("T")
Address: TypeAlias = IPv4Address | IPv6Address
Status: TypeAlias = Literal["ok", "nxdomain", "nodata", "temperror"]


class Lookup(NamedTuple):
    """A DNS question: ``name`` without trailing dot, lower-case A-labels; ``type`` as in RFC 1035 ("TXT").

    ``unvalidated`` sets the CD bit (RFC 4035 section 3.2.2): a validating resolver then answers even when the
    signatures are wrong, which is how "wrongly signed" is told from "does not answer".
    """

    name: str
    type: str
    unvalidated: bool = False


class Fetch(NamedTuple):
    """An HTTPS GET; redirects are not followed (RFC 8461 section 3.3), the certificate is verified."""

    url: str


class Say(NamedTuple):
    """An SMTP session: connect, send each of ``lines`` in turn, read one reply after each (and the banner).

    ``helo`` is sent first. The pseudo line ``STARTTLS`` upgrades the connection after a 220 reply.
    """

    host: str
    port: int
    lines: tuple[str, ...]


class Greet(NamedTuple):
    """What any sending server sees of ``host``: connect, EHLO, STARTTLS where offered, EHLO again, QUIT."""

    host: str
    port: int


class Now(NamedTuple):
    """What time is it? Answered by an aware UTC datetime, and kept in the transcript like any answer."""


Question: TypeAlias = Lookup | Fetch | Say | Greet | Now


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What the world said. ``values`` is empty unless ``status`` is "ok".

    ``status``: "nxdomain" the name does not exist (RFC 8020), "nodata" it exists without this type,
    "temperror" nobody could say (timeout, SERVFAIL, refused, offline) and ``why`` tells which.
    ``authenticated``: the AD bit of a loopback resolver. ``aliases``: CNAMEs followed, in order. ``ttl``: seconds.
    """

    status: Status
    values: tuple[T, ...] = ()
    why: str = ""
    authenticated: bool = False
    aliases: tuple[str, ...] = ()
    ttl: int = 0


class Mx(NamedTuple):
    """RFC 5321 section 5: ``exchange`` is "" for the null MX of RFC 7505."""

    preference: int
    exchange: str


class Tlsa(NamedTuple):
    """RFC 6698 section 2.1."""

    usage: int
    selector: int
    matching_type: int
    data: bytes


class Response(NamedTuple):
    """An HTTP response: ``headers`` lower-case names; ``body`` at most 64 KiB (RFC 8461 section 3.3).

    ``problem``: why the certificate cannot be trusted; then nothing was asked and ``status`` is 0.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    problem: str = ""


class Greeting(NamedTuple):
    """What a mail server offers: the lines of its EHLO replies ``before`` and ``after`` STARTTLS.

    ``after`` is empty without TLS, and ``failure`` then says what went wrong if STARTTLS was offered.
    ``chain``: DER certificates as sent, the server's first; ``problem``: why they cannot be trusted for this host
    ("" when they can: a matter of RFC 8461, while DANE compares the chain itself).
    """

    banner: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    version: str = ""
    chain: tuple[bytes, ...] = ()
    problem: str = ""
    failure: str = ""


Questions: TypeAlias = tuple[Question, ...]
Answers: TypeAlias = tuple[Answer[Any], ...]
Dialogue: TypeAlias = Generator[Questions, Answers, T]


def lookup(name: str, type: str, unvalidated: bool = False) -> Dialogue[Answer[Any]]:
    """The answer for any record type: text as dnspython prints it, except for the types with a helper below."""
    (answer,) = yield (Lookup(name, type, unvalidated),)
    return answer


def answers(*questions: Question) -> Dialogue[Answers]:
    """The answers to several questions that go out at once, in the same order."""
    return (yield questions)


def txt(name: str) -> Dialogue[Answer[bytes]]:
    """Each TXT record with its strings joined without a space (RFC 7208 section 3.3)."""
    (answer,) = yield (Lookup(name, "TXT"),)
    return answer


def a(name: str) -> Dialogue[Answer[IPv4Address]]:
    """The IPv4 addresses of ``name``."""
    (answer,) = yield (Lookup(name, "A"),)
    return answer


def aaaa(name: str) -> Dialogue[Answer[IPv6Address]]:
    """The IPv6 addresses of ``name``."""
    (answer,) = yield (Lookup(name, "AAAA"),)
    return answer


def mx(name: str) -> Dialogue[Answer[Mx]]:
    """The mail exchangers of ``name``, in the order of the answer."""
    (answer,) = yield (Lookup(name, "MX"),)
    return answer


def ptr(address: Address) -> Dialogue[Answer[str]]:
    """The names that the reverse zone gives for ``address`` (RFC 1035 section 3.5, RFC 3596 section 2.5)."""
    (answer,) = yield (Lookup(address.reverse_pointer, "PTR"),)
    return answer


def ns(name: str) -> Dialogue[Answer[str]]:
    """The name servers of the zone cut at ``name``."""
    (answer,) = yield (Lookup(name, "NS"),)
    return answer


def cname(name: str) -> Dialogue[Answer[str]]:
    """The alias that ``name`` is, if it is one."""
    (answer,) = yield (Lookup(name, "CNAME"),)
    return answer


def tlsa(name: str) -> Dialogue[Answer[Tlsa]]:
    """The TLSA records at ``_port._tcp.host`` (RFC 7672)."""
    (answer,) = yield (Lookup(name, "TLSA"),)
    return answer


def fetch(url: str) -> Dialogue[Answer[Response]]:
    """One HTTPS resource."""
    (answer,) = yield (Fetch(url),)
    return answer


def say(host: str, port: int, *lines: str) -> Dialogue[Answer[str]]:
    """The replies of an SMTP session, banner first, each with its lines joined by newline."""
    (answer,) = yield (Say(host, port, lines),)
    return answer


def greet(host: str, port: int = 25) -> Dialogue[Answer[Greeting]]:
    """What the mail server at ``host`` offers."""
    (answer,) = yield (Greet(host, port),)
    return answer


def now() -> Dialogue[datetime]:
    """The moment of the judgement; raises ``Unreachable`` where a transcript does not hold it."""
    (answer,) = yield (Now(),)
    if not answer.values:
        raise Unreachable("the time", answer.why)
    moment: datetime = answer.values[0]
    return moment


def together(*dialogues: Dialogue[T]) -> Dialogue[tuple[T, ...]]:
    """Run dialogues side by side: in each round the pending questions of all of them go out at once."""
    if len(dialogues) == 1:
        return ((yield from dialogues[0]),)
    results: list[T] = [None] * len(dialogues)  # type: ignore[list-item]
    pending: list[tuple[int, Dialogue[T], Questions]] = []
    for index, dialogue in enumerate(dialogues):
        try:
            pending.append((index, dialogue, next(dialogue)))
        except StopIteration as stop:
            results[index] = stop.value
    while pending:
        answers = yield tuple([question for _, _, questions in pending for question in questions])
        asked, pending, start = pending, [], 0
        for index, dialogue, questions in asked:
            end = start + len(questions)
            try:
                pending.append((index, dialogue, dialogue.send(answers[start:end])))
            except StopIteration as stop:
                results[index] = stop.value
            start = end
    return tuple(results)
