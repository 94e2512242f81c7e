"""What reports teach: every row a sighting, every flaw said, nobody's claims believed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.doors.arrivals import Arrivals
from disavow.doors.tally import told
from disavow.judgement.identity import Identity, identify
from disavow.judgement.intake import documents
from disavow.judgement.intake.learned import Entry, Learned, Lenience, Origin, Refused, clean
from disavow.judgement.sighting import Sighting
from disavow.judgement.trust import Standing, agree
from disavow.standards import aggregate
from disavow.standards.aggregate import Dkim, Header, Policy, Report, Row, Spf
from disavow.words import sentences
from disavow.world import sources
from disavow.world.resolver import offline

NOBODY = Identity()
BEGIN, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)
ROWS = (
    Row("192.0.2.1", 7, "none", "pass", "fail", header_from="example.org"),  # type: ignore[arg-type]
    Row(
        "203.0.113.9",  # type: ignore[arg-type]
        *(3, "reject", "fail", "fail"),
        header_from="example.org",
        dkim_results=(Dkim("example.com", "s", "pass"),),
        spf_results=(Spf("example.net", "mfrom", "pass"),),
    ),
    Row("203.0.113.8", 2, "none", "fail", "fail", header_from="example.org"),  # type: ignore[arg-type]
)
REPORT = Report(
    Header("Reporter", "dmarc@example.com", "id-1", BEGIN, END, Policy("example.org", "reject"), version="1.0"), ROWS
)
TLS = json.dumps(
    {
        "organization-name": "Reporter",
        "date-range": {"start-datetime": "2026-11-01T00:00:00Z", "end-datetime": "2026-11-02T00:00:00Z"},
        "contact-info": "tls@example.com",
        "report-id": "tls-1",
        "policies": [
            {
                "policy": {"policy-type": "sts", "policy-domain": "example.org"},
                "summary": {"total-successful-session-count": 40, "total-failure-session-count": 2},
                "failure-details": [
                    {
                        "result-type": "certificate-expired",
                        "sending-mta-ip": "198.51.100.4",
                        "failed-session-count": 2,
                    }
                ],
            }
        ],
    }
).encode()


def learn(data: bytes, me: Identity = NOBODY, size: int = 1 << 16) -> list[Learned]:
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return list(documents.read(chunks, Origin("here", "proof"), me))


def entry_of(learned: list[Learned]) -> Entry:
    (entry,) = [one for one in learned if isinstance(one, Entry)]
    return entry


def everything(where: Path) -> Iterator[object]:
    arrivals = Arrivals(Identity(), offline)
    for item in sources.read_reports(str(where)):
        yield from arrivals.learn(item)


def test_each_row_is_a_sighting() -> None:
    *sightings, entry = learn(aggregate.format(REPORT))
    assert [one.count for one in sightings if isinstance(one, Sighting)] == [7, 3, 2]
    passed, refused, let_through = (one for one in sightings if isinstance(one, Sighting))
    assert (passed.dmarc, passed.ours, passed.signal) == ("pass", "ours", "none")
    assert (refused.dmarc, refused.ours, refused.signal) == ("fail", "cannot-tell", "enforced")
    assert (refused.spf_domains, refused.dkim_domains) == ("example.net:pass", "example.com:pass")
    assert (let_through.signal, let_through.policy, let_through.proof) == ("accepted", "p=reject", "proof")
    assert isinstance(entry, Entry) and (entry.rows, entry.messages, entry.domain) == (3, 12, "example.org")
    assert (entry.begin, entry.end, entry.standing.grade) == (BEGIN, END, "owner")


def test_a_server_of_mine_is_mine_even_when_it_fails() -> None:
    learned = learn(aggregate.format(REPORT), identify(["example.org"], ["203.0.113.8"]))
    assert [one.ours for one in learned if isinstance(one, Sighting)] == ["ours", "cannot-tell", "ours"]


def test_the_same_report_has_the_same_key_however_it_is_indented_and_another_with_its_id_has_not() -> None:
    data = aggregate.format(REPORT)
    key = entry_of(learn(data)).key
    assert entry_of(learn(data.replace(b">\n", b">\r\n\t"), size=7)).key == key
    other = Report(REPORT.header, ROWS[:2])
    assert entry_of(learn(aggregate.format(other))).key != key


def test_a_tls_report_counts_failures_and_successes() -> None:
    *sightings, entry = learn(TLS)
    assert [(one.override, one.count) for one in sightings if isinstance(one, Sighting)] == [
        ("", 40),
        ("certificate-expired", 2),
    ]
    assert isinstance(entry, Entry) and (entry.kind, entry.rows, entry.domain) == ("tls", 0, "example.org")


@pytest.mark.parametrize("data", [b"<html><p>hello</p></html>", b"{}", b"plain words", b"", b"<feedback/>"])
def test_what_is_no_report_is_refused_with_a_reason(data: bytes) -> None:
    (refused,) = learn(data)
    assert isinstance(refused, Refused) and refused.why


def test_names_in_a_report_cannot_carry_control_characters() -> None:
    assert clean("a\nb\x1b[2J\u202ec\udc80") == "a\ufffdb\ufffd[2J\ufffdc\ufffd"
    assert len(clean("x" * 10_000)) == 320


@given(st.binary(max_size=300), st.sampled_from([b"", b"<feedback>", b"{", aggregate.format(REPORT)[:700], TLS[:200]]))
def test_any_bytes_teach_something_or_are_refused(data: bytes, start: bytes) -> None:
    learned = learn(start + data)
    assert learned and all(isinstance(one, Sighting | Entry | Lenience | Refused) for one in learned)
    assert isinstance(learned[-1], Entry | Refused)


def test_no_report_of_the_samples_loses_a_row(suites: Path) -> None:
    folder = suites / "reports"
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    assert len(expected) == 104
    for sample in expected:
        if not sample.get("reports"):
            continue
        found = [one for one in everything(folder / sample["file"]) if isinstance(one, Entry)]
        counted = sorted((one.rows, one.messages) for one in found if one.kind == "aggregate")
        assert counted == sorted((one["rows"], one["messages"]) for one in sample["reports"]), sample["file"]


def test_every_other_sample_is_read_as_far_as_it_goes(suites: Path) -> None:
    folder = suites / "reports" / "samples"
    kinds = [one.kind for one in everything(folder) if isinstance(one, Entry)]
    assert (kinds.count("failure"), kinds.count("tls")) == (9, 23)


@pytest.mark.parametrize(
    ("claims", "grade"),
    [
        (("Enterprise Outlook", "dmarc@example.com"), "A"),
        (("example.com", "x@mail.example.com"), "A"),
        (("example.net", "dmarc@example.com"), "C"),
        (("Reporter", "dmarc@example.net"), "C"),
        (("..", "@"), "A"),
    ],
)
def test_a_report_that_names_another_than_its_sender_is_believed_less(claims: tuple[str, str], grade: str) -> None:
    assert agree(Standing("A", "example.com", "trust-verified"), *claims).grade == grade


@pytest.mark.parametrize("standard", ["aggregate", "tlsrpt", "feedback", "fields"])
def test_everything_that_is_tolerated_has_a_sentence(standard: str) -> None:
    code = Path(aggregate.__file__).with_name(f"{standard}.py").read_text("utf-8")
    tags = set(re.findall(r'(?:flaw\(\s*|flaws\[|_Stop\(|fromkeys\(\()"([a-z-]+)"', code))
    assert tags
    for tag in tags - {"no-auth-failure"}:
        assert tag in sentences() and told(Lenience("here", tag, 0, "something"))
    assert told(Lenience("here", "missing-report-id")).endswith("wants: report id.")
