"""Does a mail server pass on mail from strangers to strangers? 31 ways to ask it, none of which sends a mail.

Each is one MAIL and one RCPT command (RFC 5321 section 3.3) and then RSET: the reply to RCPT tells. A recipient at the
own domain with a foreign address inside (``user%elsewhere@own``) may also be taken for a strange but local name; so
servers are asked for a name that surely does not exist, and what they accept only then is believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from ..standards import names, smtp
from ..standards.questions import Address, Dialogue, Say, say, together
from .fault import Fault, Faults, fault
from .public_addresses import is_public
from .registration import registrable

PER_SESSION = 8  # Postfix slows down after ten errors, and hangs up after twenty
_USER = "disavow-probe"
_NOBODY = "disavow-no-such-mailbox"
_ELSEWHERE = ("example.com", "example.net", "example.org")  # reserved: nobody gets mail there
_SHOWN = 6  # ways named
_TAKEN = (250, 251, 252)

Group: TypeAlias = Literal["sender", "route", "pattern", "ending", "helo", "inward", "control"]
Outcome: TypeAlias = Literal["accepted", "refused", "unknown"]
Outcomes: TypeAlias = Mapping["Probe", Outcome]


class Probe(NamedTuple):
    """One way to ask; ``name`` is the class, ``sender`` and ``recipient`` are as they stand between < and >."""

    name: str
    group: Group
    sender: str
    recipient: str
    helo: str = ""
    local: str = ""  # for a route: the control that accepts it as a mere name


@dataclass(frozen=True, slots=True)
class Target:
    """The server at ``address``, called ``host``; ``helo`` is our own name, ``foreign`` a recipient it must not take.

    ``own_host`` is what it calls itself; ``at`` is what ``Say`` dials.
    """

    domain: str
    at: str
    port: int
    address: Address
    own_host: str
    helo: str
    foreign: str = ""

    @property
    def stranger(self) -> str:
        """A recipient elsewhere."""
        return self.foreign or f"{_USER}@{next(one for one in _ELSEWHERE if not names.is_within(self.domain, one))}"

    @property
    def literal(self) -> str:
        """The address as a domain (RFC 5321 section 4.1.3)."""
        return f"[IPv6:{self.address}]" if self.address.version == 6 else f"[{self.address}]"


def check(target: Target) -> Dialogue[Faults]:
    """What is open at the server, from at most a dozen short sessions; a good finding if nothing is."""
    senders = tuple(_senders(target))
    outcomes = dict((yield from _session(target, target.helo, senders)))
    sender = next((probe.sender for probe in senders if outcomes[probe] != "unknown"), senders[0].sender)
    others = (*_routes(target, sender), *_patterns(target, sender), *_endings(target, sender), *_inward(target))
    sessions = [_session(target, target.helo, (*_controls(target, sender), *others))]
    sessions += [_session(target, probe.helo, (probe,)) for probe in _helos(target, sender)]
    for more in (yield from together(*sessions)):
        outcomes |= more
    return tuple(_faults(target, outcomes))


# -- The ways to ask ----------------------------------------------------------------------------------------------


def probes(target: Target) -> tuple[Probe, ...]:
    """All of them, without the controls: 31 classes, some with two or three addresses."""
    sender = f"{_USER}@{_ELSEWHERE[1]}"
    return (
        *(*_senders(target), *_routes(target, sender), *_patterns(target, sender)),
        *(*_endings(target, sender), *_helos(target, sender), *_inward(target)),
    )


def _senders(target: Target) -> Iterator[Probe]:
    """Who the mail claims to be from."""
    spare = next(one for one in _ELSEWHERE[1:] if not names.is_within(target.domain, one))
    claimed = {
        "sender-foreign": f"{_USER}@{spare}",
        "sender-null": "",
        "sender-own-domain": f"{_USER}@{target.domain}",
        "sender-own-host": f"{_USER}@{target.own_host}",
        "sender-localhost": f"{_USER}@localhost",
        "sender-address": f"{_USER}@{target.literal}",
        "sender-bare": _USER,
    }
    for name, sender in claimed.items():
        yield Probe(name, "sender", sender, target.stranger)


def _routes(target: Target, sender: str) -> Iterator[Probe]:
    """Foreign recipients inside addresses of the own domain, host or address (RFC 5321 appendix C and F.2)."""
    user, _, elsewhere = target.stranger.rpartition("@")
    domain, host, literal = target.domain, target.own_host, target.literal
    percent, quoted, quoted_percent, bang = (
        *(f"{user}%{elsewhere}", f'"{user}@{elsewhere}"', f'"{user}%{elsewhere}"', f"{elsewhere}!{user}"),
    )
    forms = {
        "percent-domain": (f"{percent}@{domain}", domain),
        "percent-host": (f"{percent}@{host}", host),
        "percent-address": (f"{percent}@{literal}", literal),
        "percent-bare": (percent, ""),
        "quoted-bare": (quoted, ""),
        "quoted-percent": (quoted_percent, ""),
        "quoted-domain": (f"{quoted}@{domain}", domain),
        "quoted-address": (f"{quoted}@{literal}", literal),
        # Two unquoted @ are no local name anywhere: who accepts them reads the first as a route.
        "double-domain": (f"{user}@{elsewhere}@{domain}", "-"),
        "double-address": (f"{user}@{elsewhere}@{literal}", "-"),
        "source-route-domain": (f"@{domain}:{target.stranger}", "-"),
        "source-route-host": (f"@{host}:{target.stranger}", "-"),
        "source-route-address": (f"@{literal}:{target.stranger}", "-"),
        "bang-bare": (bang, ""),
        "bang-domain": (f"{bang}@{domain}", domain),
        "bang-host": (f"{bang}@{host}", host),
    }
    for name, (recipient, local) in forms.items():
        yield Probe(name, "route", sender, recipient, local=local)


def _patterns(target: Target, sender: str) -> Iterator[Probe]:
    """Foreign recipients that a pattern for the own domain lets through where it lacks its ends."""
    user, _, elsewhere = target.stranger.rpartition("@")
    holes = {
        "pattern-in-name": f"{user}.{target.domain}@{elsewhere}",
        "pattern-longer-name": f"{user}@not-{target.domain}",
        "pattern-below": f"{user}@{target.domain}.{elsewhere}",
    }
    for name, recipient in holes.items():
        yield Probe(name, "pattern", sender, recipient)


def _endings(target: Target, sender: str) -> Iterator[Probe]:
    """Recipients under other top-level domains, and beside the own domain: a whole ending may be taken for own."""
    used = target.stranger.rpartition("@")[2]
    _, _, suffix = (registrable(target.domain) or target.domain).partition(".")
    beside = (f"{_USER}.{suffix}",) if suffix else ()
    for elsewhere in (*_ELSEWHERE, *beside):
        if elsewhere != used and not names.is_within(target.domain, elsewhere):
            yield Probe("other-ending", "ending", sender, f"{_USER}@{elsewhere}")


def _helos(target: Target, sender: str) -> Iterator[Probe]:
    """What we call ourselves."""
    called = (("helo-localhost", "localhost"), ("helo-own-name", target.own_host))
    for name, helo in (*called, ("helo-own-name", target.domain), ("helo-own-address", target.literal)):
        yield Probe(name, "helo", sender, target.stranger, helo)


def _inward(target: Target) -> Iterator[Probe]:
    """Mail that claims to come from a mailbox of the domain, to that mailbox."""
    yield Probe("own-to-own", "inward", f"postmaster@{target.domain}", f"postmaster@{target.domain}")


def _controls(target: Target, sender: str) -> Iterator[Probe]:
    """What shows how far the other replies can be believed."""
    yield Probe("control-mailbox", "control", sender, f"postmaster@{target.domain}")
    for place in dict.fromkeys((target.domain, target.own_host, target.literal)):
        yield Probe("control-nobody", "control", sender, f"{_NOBODY}@{place}", local=place)
    yield Probe("control-nobody", "control", sender, _NOBODY)


# -- Sessions -----------------------------------------------------------------------------------------------------


def _session(target: Target, helo: str, probes: tuple[Probe, ...]) -> Dialogue[dict[Probe, Outcome]]:
    """The outcome of each probe, eight to a connection; where a server hangs up early, another begins."""
    outcomes: dict[Probe, Outcome] = dict.fromkeys(probes, "unknown")
    waiting = probes
    while waiting:
        batch = waiting[:PER_SESSION]
        answer = yield from say(target.at, target.port, *_lines(helo, batch))
        replies = answer.values[2:]  # after the greeting and the reply to EHLO
        if not replies:
            break
        for probe, mail, rcpt in zip(batch, replies[0::3], replies[1::3], strict=False):
            outcomes[probe] = _outcome(probe, mail, rcpt)
        waiting = waiting[min(len(batch), (len(replies) + 2) // 3) :]
    return outcomes


def _lines(helo: str, probes: Iterable[Probe]) -> Iterator[str]:
    yield f"EHLO {helo}"
    for probe in probes:
        yield from (f"MAIL FROM:<{probe.sender}>", f"RCPT TO:<{probe.recipient}>", "RSET")


# Refusals that are about us, or about names that do not exist, and so say nothing about relaying.
_ABOUT_NAMES = {"5.1.2", "5.1.10", "5.4.4", "5.1.7", "5.1.8", "5.7.27", "5.7.25"}
_ABOUT_US = re.compile(
    r"blocked using|block ?list|black ?list|reputation|spamhaus|helo command rejected|sender address rejected"
    r"|ptr record|reverse (?:dns|hostname)|cannot find your|domain not found|nullmx|null mx",
    re.I,
)


def _outcome(probe: Probe, mail: str, rcpt: str) -> Outcome:
    """What the two replies mean for relaying."""
    sender, recipient = _code(mail), _code(rcpt)
    if sender == 250 and recipient in _TAKEN:
        return "accepted"
    refusal = mail if sender != 250 else rcpt
    if not 500 <= _code(refusal) < 600:
        return "unknown"
    # A special sender or HELO may be refused for its own sake: then nothing is let through by it.
    if probe.group == "helo" or (probe.group == "sender" and probe.name != "sender-foreign"):
        return "refused"
    about_else = sender != 250 or smtp.codes(refusal).enhanced in _ABOUT_NAMES or _ABOUT_US.search(refusal)
    return "unknown" if about_else else "refused"


def _code(reply: str) -> int:
    return int(reply[:3]) if reply[:3].isdecimal() else 0


# -- What it means ------------------------------------------------------------------------------------------------

_TAGS: Mapping[Group, str] = {
    "sender": "relay-by-sender",
    "helo": "relay-by-helo",
    "ending": "relay-by-ending",
    "pattern": "relay-by-pattern",
}


def _faults(target: Target, outcomes: Outcomes) -> Iterator[Fault]:
    taken = [probe for probe, outcome in outcomes.items() if outcome == "accepted"]
    if any(probe.name == "sender-foreign" for probe in taken):
        # Whom it does not relay for tells that it means some endings only.
        limited = any(probe.group == "ending" and outcome == "refused" for probe, outcome in outcomes.items())
        through = [probe for probe in taken if probe.group not in ("control", "inward")]
        yield _fault("relay-by-ending" if limited else "relay-open", target, through)
    else:
        for group, tag in _TAGS.items():
            if through := [probe for probe in taken if probe.group == group]:
                yield _fault(tag, target, through)
        yield from _routed(target, taken)
    if any(probe.group == "inward" for probe in taken):
        yield fault("spoof-in", *_asked(target), host=target.own_host, domain=target.domain)
    yield from _believed(target, outcomes)


def _routed(target: Target, taken: list[Probe]) -> Iterator[Fault]:
    """Routes; those that may be mere names, at a server that takes every name, apart."""
    names_taken = {probe.local for probe in taken if probe.name == "control-nobody"}
    routes = [probe for probe in taken if probe.group == "route"]
    clear = [probe for probe in routes if probe.local not in names_taken]
    if clear:
        yield _fault("relay-by-route", target, routes)
    elif routes:
        yield _fault("relay-unclear", target, routes, confidence=0.3)


def _believed(target: Target, outcomes: Outcomes) -> Iterator[Fault]:
    """Good news only where the refusals were about relaying; where the tests were made from, if that matters."""
    asked = {probe: outcome for probe, outcome in outcomes.items() if probe.group not in ("control", "inward")}
    unknown = [probe for probe, outcome in asked.items() if outcome == "unknown"]
    args: dict[str, Any] = {"host": target.own_host, "count": len(asked)}
    if unknown:
        yield fault("relay-untested", *_asked(target), untested=len(unknown), **args)
    elif "accepted" not in asked.values():
        yield fault("relay-none", *_asked(target), **args)
    if "accepted" in asked.values() and not is_public(target.address):
        yield fault("relay-from-inside", *_asked(target), address=target.address, **args)


def _fault(tag: str, target: Target, taken: Iterable[Probe], confidence: float = 1.0) -> Fault:
    through = tuple(taken)
    return fault(
        tag,
        *_asked(target),
        confidence=confidence,
        host=target.own_host,
        ways=_listed(tuple(dict.fromkeys(probe.name for probe in through))),
        example=_shown(through[0]),
    )


def _listed(ways: tuple[str, ...]) -> str:
    more = f" and {len(ways) - _SHOWN} more" if len(ways) > _SHOWN else ""
    return ", ".join(ways[:_SHOWN]) + more


def _shown(probe: Probe) -> str:
    helo = f"EHLO {probe.helo}, " if probe.helo else ""
    return f"{helo}MAIL FROM:<{probe.sender}>, RCPT TO:<{probe.recipient}>"


def _asked(target: Target) -> tuple[Say, ...]:
    """The first session, as the evidence begins."""
    return (Say(target.at, target.port, tuple(_lines(target.helo, tuple(_senders(target))[:PER_SESSION]))),)
