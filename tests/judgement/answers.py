"""Cases for tests of the whole answer: one forged, one mine, one unknown, one that answers nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address

from disavow.judgement.backscatter.notice import Evidence, Notice
from disavow.judgement.case import Case
from disavow.judgement.fingerprint import Fingerprint
from disavow.judgement.identity import Identity, identify
from disavow.judgement.investigation import Inquiry, Investigation

ME = identify(["example.org"], ["192.0.2.0/24"], ())
DAY = datetime(2026, 11, 3, tzinfo=UTC)
FORGED = Case(
    where="mail 1",
    when=DAY,
    subject="Undelivered",
    sender="mailer-daemon@example.net",
    notice=Notice("dsn", "failed", "policy", "en"),
    form="message/rfc822",
    ours="forged",
    confidence=0.99,
    signal="enforced",
    evidence=(Evidence("forged-refused-by-spf"),),
    reporter="mx.example.net",
    reporter_ip=ip_address("203.0.113.9"),
    source=ip_address("198.51.100.7"),
    forged_address="ada@example.org",
    claims=(("from", "ada@example.org"),),
    fingerprint=Fingerprint((("reply-to", "trap@example.com"),), "Hello", "<1@pc>", (), ""),
)
OURS = FORGED._replace(ours="ours", signal="none", evidence=(Evidence("ours-signed"),), fingerprint=None)
UNKNOWN = FORGED._replace(ours="cannot-tell", signal="none", evidence=(), fingerprint=None)
SPAM = FORGED._replace(notice=Notice("spam"), ours="cannot-tell", signal="none", evidence=())


def concluded(cases: Iterable[Case], me: Identity = ME, aliases: Mapping[str, str] = {}) -> Investigation:
    inquiry = Inquiry(me, aliases)
    for case in cases:
        inquiry.add(case)
    return inquiry.conclude()
