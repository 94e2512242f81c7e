"""Do the MX records lead to servers that exist and that nobody else can claim? (RFC 5321 section 5, RFC 7505)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...standards.questions import Dialogue, Lookup, together
from ..fault import Fault, Faults, fault
from ..posture import Host, Posture
from ..public_addresses import is_public
from ..registration import unregistered
from ..republish import line


def check(posture: Posture) -> Dialogue[Faults]:
    """Faults of the MX records and of the hosts they name."""
    if posture.mx.status == "temperror":
        question = Lookup(posture.domain, "MX")
        return (fault("mx-unknown", question, domain=posture.domain, why=posture.mx.why),)
    strangers = yield from together(*(_stranger(posture, host) for host in posture.hosts))
    faults = [*_implicit(posture), *_null(posture)]
    for host, stranger in zip(posture.hosts, strangers, strict=True):
        faults += _host(posture, host, stranger)
    return tuple(faults)


def _implicit(posture: Posture) -> Iterator[Fault]:
    """RFC 5321 section 5.1: without MX, mail goes to the address of the domain itself."""
    if not posture.mx.values and posture.addresses:
        yield fault(
            "mx-implicit",
            Lookup(posture.domain, "MX"),
            Lookup(posture.domain, "A"),
            domain=posture.domain,
            replacement=line(posture.domain, "MX", 0, "."),
        )


def _null(posture: Posture) -> Iterator[Fault]:
    """RFC 7505 section 3: a null MX stands alone."""
    if posture.takes_mail and not all(exchange for _, exchange in posture.mx.values):
        real = (line(posture.domain, "MX", host.preference, f"{host.name}.") for host in posture.hosts)
        yield fault(
            "mx-null-beside-real", Lookup(posture.domain, "MX"), domain=posture.domain, replacement="\n".join(real)
        )


def _host(posture: Posture, host: Host, stranger: str) -> Iterator[Fault]:
    args: dict[str, Any] = {"domain": posture.domain, "host": host.name}
    seen = (Lookup(posture.domain, "MX"), Lookup(host.name, "A"))
    if host.literal:
        better = line(posture.domain, "MX", host.preference, f"mail.{posture.domain}.")
        address = line(f"mail.{posture.domain}", "AAAA" if ":" in host.name else "A", host.name)
        yield fault("mx-is-address", *seen, replacement=f"{better}\n{address}", **args)
    elif stranger:
        yield fault(
            "mx-takeover", *seen, Lookup(stranger, "NS"), stranger=stranger, replacement=_without(posture, host), **args
        )
    elif host.missing:
        yield fault("mx-missing-host", *seen, Lookup(host.name, "AAAA"), replacement=_without(posture, host), **args)
    if host.a.aliases:
        target = f"{host.a.aliases[-1]}."
        yield fault("mx-is-alias", *seen, replacement=line(posture.domain, "MX", host.preference, target), **args)
    if hidden := [address for address in host.addresses if not is_public(address)]:
        yield fault("mx-private-address", *seen, address=hidden[0], replacement=_without(posture, host), **args)


def _without(posture: Posture, host: Host) -> str:
    """The MX records without this host; the null MX where nothing would remain."""
    others = [line(posture.domain, "MX", one.preference, f"{one.name}.") for one in posture.hosts if one != host]
    return "\n".join(others) or line(posture.domain, "MX", 0, ".")


def _stranger(posture: Posture, host: Host) -> Dialogue[str]:
    if not host.missing or "nxdomain" not in (host.a.status, host.aaaa.status) or host.literal:
        return ""
    return (yield from unregistered(host.name, posture.domain))
