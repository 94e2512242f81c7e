"""The one fact (design section 4): somebody saw mail in my name. A bounce counts 1, a report's row n."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, TypeAlias

from ..standards.questions import Address

Ours: TypeAlias = Literal["ours", "forged", "cannot-tell"]
Signal: TypeAlias = Literal["enforced", "accepted", "escaped", "none"]
Trust: TypeAlias = Literal["A", "B", "C", "D", "owner"]


class Sighting(NamedTuple):
    """``begin``/``end`` aware UTC; ``kind`` what arrived (dsn, autoreply, aggregate …); ``reporter`` who says so.

    ``spf``, ``dkim``, ``dmarc`` are RFC 8601 result words or ""; ``disposition`` none | quarantine | reject | "";
    ``trust`` who vouches for it (A verified … D failed); ``confidence`` 0 to 1 in ``ours``; ``proof`` the SHA-256
    of the artefact. ``policy`` the published one, as the reporter saw it ("p=reject; sp=none"); ``spf_domains`` and
    ``dkim_domains`` what was checked ("example.org:pass example.com:fail"), for replay under another policy.
    """

    begin: datetime
    end: datetime
    kind: str
    reporter: str = ""
    source_ip: Address | None = None
    header_from: str = ""
    envelope_from: str = ""
    envelope_to: str = ""
    helo: str = ""
    subject: str = ""
    message_id: str = ""
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""
    disposition: str = ""
    override: str = ""
    count: int = 1  # type: ignore[assignment]  # the word of reports; tuple.count is of no use here
    ours: Ours = "cannot-tell"
    signal: Signal = "none"
    trust: Trust = "C"
    confidence: float = 0.0
    proof: str = ""
    policy: str = ""
    spf_domains: str = ""
    dkim_domains: str = ""
