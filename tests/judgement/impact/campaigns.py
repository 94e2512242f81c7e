"""Simulated forgers whose truth is known: campaigns swell and fade, and receivers treat them in known shares."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from disavow.judgement.sighting import Sighting

START = datetime(2026, 1, 1, tzinfo=UTC)


def volumes(
    rng: random.Random,
    days: int,
    change: int,
    factor: float,
    memory: float = 0.85,
    shock: float = 0.6,
    level: float = 5,
) -> list[int]:
    """Daily counts that remember the day before; from ``change`` on they are ``factor`` times what they would be."""
    now, counts = rng.gauss(0, shock / math.sqrt(1 - memory**2)), []
    for day in range(days):
        now = memory * now + rng.gauss(0, shock)
        mean = math.exp(level + now) * (factor if day >= change else 1)
        counts.append(max(0, round(rng.gauss(mean, math.sqrt(mean)))))
    return counts


def row(day: int = 0, **fields: Any) -> Sighting:
    """A row of a trusted report about a forgery."""
    moment = START + timedelta(days=day)
    given: dict[str, Any] = {
        "kind": "aggregate",
        "reporter": "receiver.example",
        "source_ip": ip_address("192.0.2.1"),
        "header_from": "example.org",
        "spf": "fail",
        "dkim": "fail",
        "dmarc": "fail",
        "disposition": "reject",
        "trust": "A",
        "ours": "cannot-tell",
        "policy": "p=reject",
        **fields,
    }
    return Sighting(moment, moment + timedelta(days=1), **given)
