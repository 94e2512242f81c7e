"""A store of reports written for a test: forgeries, a policy that was tightened, a reporter that stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from floods import NASTY

from disavow.judgement.intake.learned import Entry
from disavow.judgement.sighting import Sighting
from disavow.world.stores import Store

NOW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def row(ago: int, **fields: Any) -> Sighting:
    begin = NOW - timedelta(days=ago)
    given: dict[str, Any] = {
        "reporter": "receiver.example",
        "source_ip": ip_address("192.0.2.1"),
        "header_from": "example.org",
        "dmarc": "fail",
        "disposition": "reject",
        "count": 40,
        "trust": "A",
        "policy": "p=reject",
        **fields,
    }
    return Sighting(begin, begin + timedelta(days=1), "aggregate", **given)


def believable() -> Iterator[Sighting]:
    for ago in range(80, 1, -1):
        early = ago > 30
        yield row(ago, policy="p=none" if early else "p=reject", disposition="none" if early else "reject")
        yield row(
            ago,
            source_ip=ip_address("198.51.100.7"),
            dmarc="pass",
            dkim="pass",
            ours="ours",
            disposition="none",
            dkim_domains="example.org:pass",
        )
        if ago > 40:
            yield row(ago, reporter="[bold]stopped.example[/]", disposition="none", policy="p=none", count=2)
    yield row(3, header_from="other.example", count=7_000)
    yield row(2, header_from="notexample.org", count=7_000)
    yield row(2, source_ip=ip_address("2001:db8::9"), dkim_domains="example.org:fail", override="mailing_list", count=5)


def stored(path: Path, rows: Iterable[Sighting]) -> Path:
    """A new store at ``path`` that holds ``rows``."""
    with Store(path) as made:
        batch = made.batch()
        for one in rows:
            batch.sighting(one)
        batch.entry(Entry("aggregate", "digest"))
        batch.commit()
        batch.close()
    return path


def hostile() -> Iterator[Sighting]:
    """Reporters that call themselves whatever they like, at six receivers that also answered; so a total is told."""
    names = [f"{NASTY}{number}" for number in range(3)] + ["x" * 5_000, "شركة.example", "快递.example"]
    for ago in range(60, 1, -1):
        asked = "p=none" if ago > 40 else "p=quarantine" if ago > 38 else "p=reject"
        for number in range(6):
            yield row(ago, reporter=f"r{number}.example", policy=asked, disposition="none", count=3 + number)
            yield row(ago, reporter=names[number], policy=asked, count=2)
    for number in range(6):
        begin = NOW - timedelta(days=20)
        found: dict[str, Any] = {
            "reporter": f"r{number}.example",
            "header_from": "example.org",
            "ours": "forged",
            "signal": "escaped",
        }
        yield Sighting(begin, begin, "autoreply", source_ip=ip_address("192.0.2.1"), **found)
