"""Mail that is no machine's answer: people's own, newsletters, calendars, spam, and reports about many mails."""

from __future__ import annotations

import re

from ...standards import mime
from . import signs
from .letter import Letter
from .notice import Evidence, Notice

_DMARC = re.compile(r"report[- ]domain:\s*\S+.{0,200}(?:submitter|report-id)", re.I | re.S)
_REPORT_FILE = re.compile(r"^[^!\s]+![^!\s]+!\d{6,}!\d{6,}.*\.(?:xml|zip|gz|json)", re.I)


def report(letter: Letter) -> Notice | None:
    """The aggregate report (RFC 9990, RFC 8460) that ``letter`` carries; None when it carries none."""
    if domain := letter.message.first("tls-report-domain"):
        return Notice("report", "tls", evidence=(Evidence("mail-aggregate", domain.decode("latin-1")[:120]),))
    for part in letter.own:
        name = mime.filename(part) if part.first("content-type") else ""
        if _REPORT_FILE.match(name):
            return Notice("report", "dmarc", evidence=(Evidence("mail-aggregate", name[:120]),))
    if _DMARC.search(letter.subject):
        return Notice("report", "dmarc", evidence=(Evidence("mail-aggregate", letter.subject[:120]),))
    return None


def read(letter: Letter) -> Notice:
    """What the mail is when it is no status mail; "unknown" when nothing shows it."""
    if spam := signs.spam(letter):
        return Notice("spam", evidence=(spam,))
    if "text/calendar" in letter.types:
        return Notice("automatic", "calendar", evidence=(Evidence("mail-calendar", "text/calendar"),))
    machine = signs.machine(letter.message)
    many = signs.bulk(letter.message)
    answers = signs.answers(letter)
    if answers and not machine and not many:
        return Notice("human", evidence=(answers,))
    if many or machine:
        return Notice("automatic", "bulk" if many else "machine", evidence=(many or machine,))  # type: ignore[arg-type]
    if letter.message.first("from") is None:
        return Notice("unknown")
    return Notice("personal", evidence=(Evidence("mail-person", letter.author[:120], "weak"),))
