"""The Authentication-Results field that a server would add for what was verified (RFC 8601)."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from ..standards import authres, dkim
from ..standards.authres import Property, Result
from .verify import Verification


def stamp(verification: Verification, host: str) -> authres.AuthenticationResults:
    """What ``host`` found; a check for which the envelope was missing is left out."""
    return authres.AuthenticationResults(host, tuple(_results(verification)))


def _results(verification: Verification) -> Iterator[Result]:
    envelope = verification.envelope
    if verification.spf:
        # RFC 8601 section 2.7.2; a null sender was checked by its HELO name
        property = ("mailfrom", envelope.mail_from) if envelope.mail_from else ("helo", envelope.helo)
        yield Result("spf", verification.spf.result, properties=(Property("smtp", *property),))
    yield from (_signature(one) for one in verification.dkim if one.domain)
    if not verification.dkim:
        yield Result("dkim", "none")
    yield Result("arc", verification.arc.result)
    for one in verification.dmarc:
        said = (Property("header", "from", one.author_domain), Property("policy", "dmarc", one.policy))
        yield Result("dmarc", one.result, properties=said)


def _signature(one: dkim.Verification) -> Result:
    signature = base64.b64encode(one.signature.signature).decode("ascii") if one.signature else ""
    facts = (
        ("d", one.domain),
        ("i", one.identity),
        ("s", one.selector),
        ("a", one.algorithm),
        ("b", signature[:8]),  # RFC 6008: enough to tell signatures apart
    )
    properties = tuple(Property("header", name, value) for name, value in facts if value)
    return Result("dkim", one.result, one.cause, properties)
