"""Under which selectors a domain's mail was seen signed, as aggregate reports tell (RFC 9990 section 3.1.1.11)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from typing import NamedTuple

from ..errors import Malformed
from ..standards import aggregate, names

SELECTORS = 20  # the most used; whoever writes reports shall not decide how much is asked
_ROWS = 5_000  # read of one report


class Seen(NamedTuple):
    """``mails`` that verified under ``selector``, the last of them in a report that ends on ``last``."""

    selector: str
    mails: int
    last: date


def read(reports: Iterable[Iterable[bytes]], domain: str) -> tuple[Seen, ...]:
    """The selectors of ``domain`` itself under which mail verified, the most used first.

    Each report is the bytes of its XML. Only what verified counts: anybody can write a selector into a mail.
    """
    mails: dict[str, int] = {}
    last: dict[str, date] = {}
    for report in reports:
        when, found = _one(report, domain)
        for selector, count in found.items():
            mails[selector] = mails.get(selector, 0) + count
            last[selector] = max(when, last.get(selector, when))
    used = sorted(mails, key=lambda selector: (-mails[selector], selector))[:SELECTORS]
    return tuple(Seen(selector, mails[selector], last[selector]) for selector in used)


def _one(report: Iterable[bytes], domain: str) -> tuple[date, dict[str, int]]:
    when, found = date.min, dict[str, int]()
    for event in islice(aggregate.read(report), _ROWS):
        if isinstance(event, aggregate.Header):
            when = event.end.date() if event.end else when
        elif isinstance(event, aggregate.Row):
            for one in event.dkim_results:
                if one.result == "pass" and one.domain == domain and (selector := _name(one.selector, domain)):
                    found[selector] = found.get(selector, 0) + event.count
    return when, found


def _name(selector: str, domain: str) -> str:
    """``selector`` as the DNS has it, "" for what can be no part of a name."""
    try:
        return names.parse(f"{selector}._domainkey.{domain}").removesuffix(f"._domainkey.{domain}") if selector else ""
    except Malformed:
        return ""
