"""The same bar against real servers: every fault named, no correct domain accused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from disavow.judgement.audit import Audit, audit
from disavow.world.ask import Posted
from disavow.world.bulk_dns import BulkDns
from disavow.world.internet import Internet, beside
from disavow.world.portfolio import each
from disavow.world.recursive import Dns

from . import bench
from .believed import subject
from .cases import FAULTS
from .shapes import SHAPES, TABLE
from .test_faults import alarms
from .zones import Case

CASES = (*FAULTS, *TABLE, *SHAPES)
# Where a reply is more than values: aliases, alias to nowhere, signatures, an old type, truncation, all in order.
TELLING = ("spf-type99", "spf-long", "dkim-cname-unreg", "dmarc-cname-unreg", "mx-cname", "dnssec-bogus", "ok-dnssec")


@pytest.fixture(scope="module")
def internet() -> Iterator[bench.Bench]:
    if name := bench.missing():
        pytest.skip(f"{name} is not installed")
    with bench.running(CASES) as private:
        yield private


@pytest.fixture(scope="module")
def audits(internet: bench.Bench) -> dict[str, Audit]:
    async def ask_all() -> dict[str, Audit]:
        async with BulkDns(internet.resolver) as dns:
            post = beside(dns.post, Internet(dns.ask, internet.ca_file, internet.dial).ask)
            return {one.domain: one async for one, _ in each(map(subject, CASES), audit, post, in_flight=8)}

    return asyncio.run(ask_all())


@pytest.mark.parametrize("case", FAULTS, ids=lambda case: case.name)
def test_the_fault_is_named(case: Case, audits: dict[str, Audit]) -> None:
    assert alarms(audits[case.name_of_domain]).keys() == case.tags.keys()


@pytest.mark.parametrize("case", (*TABLE, *SHAPES), ids=lambda case: case.name)
def test_a_correct_domain_has_no_fault(case: Case, audits: dict[str, Audit]) -> None:
    assert alarms(audits[case.name_of_domain]) == {}


def test_a_signed_zone_is_recognised(audits: dict[str, Audit]) -> None:
    assert "dnssec-good" in {fault.tag for fault in audits["ok-dnssec.test"].faults}


def test_what_a_wrongly_signed_zone_says_is_unknown(audits: dict[str, Audit]) -> None:
    tags = {fault.tag for fault in audits["dnssec-bogus.test"].faults}
    assert {"spf-unknown", "dmarc-unknown", "mx-unknown"} <= tags


def test_both_dns_clients_lead_to_the_same_audit(internet: bench.Bench, audits: dict[str, Audit]) -> None:
    cases = [case for case in CASES if case.name in TELLING]

    async def ask_all() -> dict[str, Audit]:
        world = Internet(Dns(internet.resolver).ask, internet.ca_file, internet.dial)
        return {one.domain: one async for one, _ in each(map(subject, cases), audit, Posted(world.ask), in_flight=8)}

    again = asyncio.run(ask_all())
    assert len(again) == len(TELLING)
    for domain, found in again.items():
        assert alarms(found) == alarms(audits[domain])
