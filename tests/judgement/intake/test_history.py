"""A report's policy beside what the DNS was seen to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest

from disavow.doors.stored_selectors import Selectors
from disavow.judgement.audit import audit
from disavow.judgement.identity import Identity
from disavow.judgement.intake import documents
from disavow.judgement.intake.history import Observed, contradiction, observe
from disavow.judgement.intake.learned import Entry, Lenience, Origin
from disavow.judgement.posture import Subject
from disavow.judgement.sighting import Sighting
from disavow.judgement.trust import OWNER, Standing
from disavow.standards import aggregate
from disavow.standards.aggregate import Header, Policy, Report, Row
from disavow.world.ask import ask
from disavow.world.resolver import Zone, offline
from disavow.world.stores import Store

BEGIN, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
ROW = Row(ip_address("192.0.2.1"), 1, "none", "fail", "fail", header_from="example.org")
REJECT = "v=DMARC1; p=reject; adkim=s"


def seen(record: str, before: int, after: int) -> Observed:
    """The record from so many days before the report to so many after it."""
    return Observed(record, BEGIN - timedelta(days=before), END + timedelta(days=after))


@pytest.mark.parametrize(
    ("policy", "observed", "contradicts"),
    [
        (Policy(p="none"), [seen(REJECT, 9, 1)], True),
        (Policy(p="reject", adkim="r"), [seen(REJECT, 9, 1)], True),
        (Policy(p="reject"), [seen("", 9, 0)], True),
        (Policy(p="reject", sp="reject", adkim="s", aspf="r"), [seen(REJECT, 9, 1)], False),
        (Policy(p="Reject"), [seen(REJECT, 9, 1)], False),
        # It changed a day before, or nobody looked all that time.
        (Policy(p="none"), [seen(REJECT, 1, 1)], False),
        (Policy(p="none"), [seen(REJECT, 9, -2)], False),
        (Policy(p="none"), [], False),
        # It was changed for a while, and back.
        (Policy(p="none"), [seen(REJECT, 9, 9), seen("v=DMARC1; p=none", 3, -1)], False),
    ],
)
def test_only_what_the_dns_is_known_not_to_have_said_contradicts(
    policy: Policy, observed: list[Observed], contradicts: bool
) -> None:
    assert (contradiction(policy, BEGIN, END, observed) is not None) is contradicts


def test_a_domain_has_one_record_or_none_or_nobody_could_say() -> None:
    zone = Zone(
        '_dmarc.example.org. TXT "v=DMARC1; p=" "reject"\n_dmarc.example.net. TXT "v=DMARC1; p=none"\n'
        '_dmarc.example.net. TXT "v=DMARC1; p=reject"\n'
    )
    found = [ask(observe(domain), zone)[0] for domain in ("example.org", "example.net", "example.com")]
    assert found == ["v=DMARC1; p=reject", "", ""]
    assert ask(observe("example.org"), offline)[0] is None


def test_whoever_looks_at_a_domain_tells_the_store_what_it_publishes(tmp_path: Path) -> None:
    zone = Zone('_dmarc.example.org. TXT "v=DMARC1; p=none"\nexample.org. MX 0 .\n')
    with Store(tmp_path / "s") as store:
        _, transcript = ask(audit(Subject("example.org", servers=False)), zone)
        Selectors(store).remember("example.org", transcript)
        Selectors(store).remember("example.net", transcript)
        Selectors().remember("example.org", transcript)
        assert {domain: [one.record for one in seen] for domain, seen in store.history().items()} == {
            "example.org": ["v=DMARC1; p=none"]
        }


@pytest.mark.parametrize(
    ("standing", "grade"), [(Standing("A", "example.com", "trust-verified"), "C"), (OWNER, "owner")]
)
def test_a_report_that_contradicts_the_dns_is_not_trusted_and_says_why(standing: Standing, grade: str) -> None:
    header = Header("Reporter", "dmarc@example.com", "1", BEGIN, END, Policy("example.org", "none"))
    data = aggregate.format(Report(header, (ROW,)))
    origin = Origin("here", standing=standing, history={"example.org": (seen(REJECT, 9, 1),)})
    learned = list(documents.read((data,), origin, Identity()))
    (tolerated,) = (one for one in learned if isinstance(one, Lenience))
    assert tolerated.tag == "other-policy" and REJECT in tolerated.text
    assert [one.trust for one in learned if isinstance(one, Sighting)] == [grade]
    assert [one.standing.grade for one in learned if isinstance(one, Entry)] == [grade]
