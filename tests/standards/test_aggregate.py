from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from disavow.errors import Malformed
from disavow.standards import aggregate
from disavow.standards.aggregate import Budget, Dkim, Flaw, Header, Policy, Reason, Report, Row, Spf

ROW = Row(
    ip_address("192.0.2.7"),
    12,
    *("reject", "fail", "pass"),
    (Reason("local_policy", "arc=pass & more"), Reason("other")),
    *("example.org", "bounce.example.org", "example.net"),
    (Dkim("example.org", "s1", "fail", "body <changed>"), Dkim("example.com", "s2", "pass")),
    (Spf("bounce.example.org", "mfrom", "softfail", "ü"),),
)
HEADER = Header(
    *("Reporter", "dmarc@example.com", "4711@example.com"),
    datetime(2026, 11, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC),
    Policy("example.org", "reject", "none", "none", "r", "s", "1", "n", "treewalk"),
    *("https://example.com/", ("one error",), "Disavow", "1.0"),
    aggregate.NAMESPACE,
    (("receiver", "mx1"),),
)
REPORT = Report(HEADER, (ROW, ROW._replace(source_ip=ip_address("2001:db8::7"), extensions=(("seen", "twice"),))))
XML = aggregate.format(REPORT)


def tags(report: Report) -> set[str]:
    return {flaw.tag for flaw in report.flaws}


def test_what_is_formatted_parses_to_the_same() -> None:
    assert aggregate.parse(XML) == REPORT


def test_what_is_formatted_is_valid_against_the_schema(suites: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(suites / "reports" / "dmarc-xml-0.2.xsd")))
    schema.assertValid(etree.fromstring(XML))
    schema.assertValid(etree.fromstring(aggregate.format(minimal())))


def minimal() -> Report:
    row = Row(ip_address("192.0.2.1"), 1, "none", "fail", "fail", header_from="example.org")
    return Report(Header("x", "a@b.example", "1", HEADER.begin, HEADER.end, Policy("example.org", "none")), (row,))


@pytest.mark.parametrize(
    "report",
    [
        replace(REPORT, rows=()),
        replace(REPORT, header=HEADER._replace(email="")),
        replace(REPORT, header=HEADER._replace(begin=None)),
        replace(REPORT, header=HEADER._replace(policy=Policy("example.org", "refuse"))),
        replace(REPORT, rows=(ROW._replace(source_ip=None),)),
        replace(REPORT, rows=(ROW._replace(reasons=(Reason("sampled_out"),)),)),
        replace(REPORT, rows=(ROW._replace(dkim_results=(Dkim("example.org", "", "pass"),)),)),
        replace(REPORT, rows=(ROW._replace(spf_results=ROW.spf_results * 2),)),
        replace(REPORT, rows=(ROW._replace(extensions=(("a b", "x"),)),)),
    ],
)
def test_what_the_schema_does_not_allow_is_not_written(report: Report) -> None:
    with pytest.raises(Malformed):
        aggregate.format(report)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=9)
RESULT = st.sampled_from(["none", "pass", "fail", "policy", "neutral", "temperror", "permerror"])
DOMAIN = st.from_regex(r"[a-z]{1,9}\.example", fullmatch=True)
ROWS = st.builds(
    Row,
    st.ip_addresses(),
    st.integers(0, 10**9),
    st.sampled_from(["none", "pass", "quarantine", "reject"]),
    *(st.sampled_from(["pass", "fail"]), st.sampled_from(["pass", "fail"])),
    st.lists(st.builds(Reason, st.just("other"), TEXT | st.just("")), max_size=2).map(tuple),
    *(DOMAIN, DOMAIN | st.just(""), DOMAIN | st.just("")),
    st.lists(st.builds(Dkim, DOMAIN, TEXT, RESULT, TEXT | st.just("")), max_size=3).map(tuple),
    st.lists(st.builds(Spf, DOMAIN, st.just("mfrom"), RESULT, TEXT | st.just("")), max_size=1).map(tuple),
    st.just(()),
)


@given(st.lists(ROWS, min_size=1, max_size=4).map(tuple), TEXT, TEXT)
def test_any_strict_report_comes_back(rows: tuple[Row, ...], org: str, report_id: str) -> None:
    report = Report(HEADER._replace(org_name=org, report_id=report_id), rows)
    assert aggregate.parse(aggregate.format(report)) == report


@given(st.lists(ROWS, min_size=1, max_size=4).map(tuple), st.integers(0, 10_000), st.sampled_from("<>&/ adm\x01ü"))
def test_the_short_way_reads_what_the_parser_reads(rows: tuple[Row, ...], at: int, junk: str) -> None:
    """A comment in front makes every record go through the XML parser."""
    xml = aggregate.format(Report(HEADER, rows)).decode()
    at = xml.index("<record>") + at % (len(xml) - xml.index("<record>"))
    for text in (xml, xml[:at] + junk + xml[at:], xml[:at] + xml[at + 1 :]):
        commented = text.replace("<feedback", "<!-- x --><feedback", 1)
        assert aggregate.parse(text.encode()).rows == aggregate.parse(commented.encode()).rows


def test_a_record_whose_reason_lost_its_bracket_is_not_read_the_short_way() -> None:
    row = Row(
        ip_address("192.0.2.1"), 1, "none", "pass", "pass", (Reason("other"), Reason("other", "why")), "a.example"
    )
    first, bracket, second = aggregate.format(Report(HEADER, (row, row))).decode().partition("</reason>\n<")
    report = aggregate.parse((first + bracket[:-1] + second).encode())
    assert report.flaws[0].tag == "malformed"
    assert report.rows == (row,)


@given(st.integers(1, 200))
def test_how_the_bytes_are_cut_does_not_matter(size: int) -> None:
    chunks = [XML[at : at + size] for at in range(0, len(XML), size)]
    assert list(aggregate.read(chunks)) == [REPORT.header, *REPORT.rows]


OLD = b"""<?xml version="1.0"?>
<feedback><report_metadata><org_name>x</org_name><email>a@b.example</email><report_id>1</report_id>
<date_range><begin>1761955200</begin><end>1762041599</end></date_range></report_metadata>
<policy_published><domain>Example.ORG.</domain><p>none</p><pct>100</pct></policy_published>
<record><row><source_ip>192.0.2.7</source_ip><count>3</count>
<policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>pass</spf></policy_evaluated></row>
<identifiers><header_from>example.org</header_from></identifiers>
<auth_results><spf><domain>example.org</domain><result>pass</result></spf></auth_results></record></feedback>"""
GOOD = aggregate.parse(OLD)


def test_a_report_of_rfc_7489_is_read() -> None:
    assert (GOOD.header.policy.domain, GOOD.header.policy.pct, GOOD.header.schema) == ("example.org", "100", "")
    assert GOOD.rows[0].count == 3 and GOOD.rows[0].spf_results == (Spf("example.org", "", "pass"),)
    assert GOOD.flaws == ()


@pytest.mark.parametrize(
    ("before", "after", "flaw"),
    [
        (b"<?xml", b"\n  junk <?xml", "junk-before-xml"),
        (b"<spf>pass</spf></policy_evaluated>", b"</policy_evaluated>", "missing-evaluation"),
        (b"<email>a@b.example</email>", b"", "missing-email"),
        (b"<dkim>fail", b"<dkim>FAIL", "upper-case"),
        (b"<result>pass", b"<result>hardfail", "unknown-value"),
        (b"192.0.2.7", b"192.0.2.777", "bad-ip"),
        (b"<count>3", b"<count>-3", "bad-count"),
        (b"<count>3", b"<count>" + b"9" * 40, "bad-count"),
        (b"<begin>1761955200", b"<begin>yesterday", "bad-date"),
        (b"<count>3</count>", b"<count>3</count><count>4</count>", "repeated-element"),
        (b"</feedback>", b"", "malformed"),
        (b"<email>a@b.example", b"<email><a@b.example>", "malformed"),
        (b"<org_name>x", b"<org_name>\xff", "malformed"),
        (b"<org_name>x", b"<org_name>a & b", "malformed"),
        (b"<org_name>x", b"<org_name>a\x01b", "malformed"),
    ],
)
def test_each_tolerance_keeps_the_row_and_is_named(before: bytes, after: bytes, flaw: str) -> None:
    report = aggregate.parse(OLD.replace(before, after, 1))
    assert flaw in tags(report)
    assert len(report.rows) == 1 and report.rows[0].header_from == "example.org"
    assert report.header.policy.domain == "example.org" and report.header.report_id == "1"


def test_the_forms_of_the_wild_are_read_alike() -> None:
    prefixed = (
        OLD.replace(b"<feedback>", b'<d:feedback xmlns:d="urn:x">').replace(b"</", b"</d:").replace(b"</d:d:", b"</d:")
    )
    prefixed = (
        prefixed.replace(b"<", b"<d:").replace(b"<d:/d:", b"</d:").replace(b"<d:?", b"<?").replace(b"<d:d:", b"<d:")
    )
    assert aggregate.parse(prefixed).rows == GOOD.rows
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"):
        assert aggregate.parse(OLD.decode().encode(encoding)).rows == GOOD.rows, encoding
    schema = OLD.replace(b"<feedback>", b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><feedback>')
    assert aggregate.parse(schema).rows == GOOD.rows
    assert aggregate.parse(b" \n\xef\xbb\xbf" + OLD).rows == GOOD.rows


def test_the_records_around_a_break_are_kept() -> None:
    record = OLD[OLD.index(b"<record>") : OLD.index(b"</feedback>")]
    records = [record.replace(b"<count>3", b"<count>%d" % number) for number in range(1, 8)]
    records[3] = records[3].replace(b"</identifiers>", b"</identifierz>")
    broken = OLD.replace(record, b"".join(records))
    for size in (50, 1000, 10_000):
        events = list(aggregate.read(broken[at : at + size] for at in range(0, len(broken), size)))
        assert [event.count for event in events if isinstance(event, Row)] == [1, 2, 3, 5, 6, 7]
        assert "lost-record" in {event.tag for event in events if isinstance(event, Flaw)}


def test_a_record_that_does_not_end_takes_none_with_it() -> None:
    record = OLD[OLD.index(b"<record>") : OLD.index(b"</feedback>")]
    broken = OLD.replace(record, record + record.replace(b"</record>", b"") + record + record)
    assert len(aggregate.parse(broken).rows) == 3


def test_a_late_header_is_told_again() -> None:
    start, end = OLD.index(b"<report_metadata>"), OLD.index(b"<policy_published>")
    late = OLD[:start] + OLD[end:].replace(b"</feedback>", OLD[start:end] + b"</feedback>")
    report = aggregate.parse(late)
    assert report.header.report_id == "1" and "late-header" in tags(report) and report.rows == GOOD.rows


@pytest.mark.parametrize(
    "xml",
    [
        b'<!DOCTYPE feedback [<!ENTITY a "aaaaaaaa">]><feedback>&a;</feedback>',
        b'<?xml version="1.0"?><!DOCTYPE feedback SYSTEM "http://example.org/x.dtd"><feedback/>',
    ],
)
def test_a_document_type_is_refused_unread(xml: bytes) -> None:
    assert next(event.tag for event in aggregate.read([xml]) if isinstance(event, Flaw)) == "doctype"
    with pytest.raises(Malformed):
        aggregate.parse(xml)


@pytest.mark.parametrize(
    "piece", [b"<a/>", b"<a>", b"<record>", b"<record><a></record>", b" x", b"<a b='c'>", b"&lt;", b"<", b"&"]
)
@pytest.mark.parametrize(
    "start", [b"<feedback>", OLD.replace(b"</feedback>", b""), OLD.replace(b"</feedback>", b"</x>")]
)
def test_ten_megabytes_of_one_thing_end_early(piece: bytes, start: bytes) -> None:
    events = list(aggregate.read([start, piece * (10_000_000 // len(piece))]))
    assert sum(isinstance(event, Flaw) for event in events) < 100


def test_the_budgets_are_kept() -> None:
    def stopped(budget: Budget) -> str:
        return next(
            event.tag
            for event in aggregate.read([XML[at : at + 90] for at in range(0, len(XML), 90)], budget)
            if isinstance(event, Flaw)
        )

    assert stopped(Budget(bytes=1000)) == "too-many-bytes"
    assert stopped(Budget(record=300)) == "record-too-big"
    assert stopped(Budget(rows=1)) == "too-many-rows"


def test_many_flaws_are_counted() -> None:
    record = OLD[OLD.index(b"<record>") : OLD.index(b"</feedback>")].replace(b"192.0.2.7", b"nowhere")
    flaws = aggregate.parse(OLD.replace(b"</feedback>", record * 100 + b"</feedback>")).flaws
    assert len(flaws) == aggregate.MAX_FLAWS_PER_TAG + 1 and flaws[-1].text == "and 80 more"


@given(
    st.binary(max_size=300)
    | st.integers(0, len(OLD)).flatmap(
        lambda at: st.binary(max_size=4).map(lambda junk: OLD[:at] + junk + OLD[at + 2 :])
    )
)
def test_any_bytes_are_a_report_or_malformed(data: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(aggregate.parse(data), Report)


def test_nothing_of_the_suites_is_lost(suites: Path) -> None:
    """Each well-formed report gives the counts of the independent reader; what is broken still gives its rows."""
    expected = [
        entry
        for entry in json.loads((suites / "reports" / "expected.json").read_text())
        if entry["kind"] == "aggregate-xml"
    ]
    assert len(expected) > 50
    for entry in expected:
        data = (suites / "reports" / entry["file"]).read_bytes()
        for wanted in entry.get("reports", ()):
            report = aggregate.parse(data)
            header = report.header
            assert (header.org_name, header.report_id, header.policy.domain) == (
                wanted["org"],
                wanted["report_id"],
                wanted["domain"],
            )
            assert (len(report.rows), sum(row.count for row in report.rows)) == (wanted["rows"], wanted["messages"])
        if not entry.get("reports") and b"<record" in data:
            assert len(aggregate.parse(data).rows) == data.count(b"<record")


def test_a_report_of_many_lines_is_no_record_too_big_and_its_flaws_name_their_line() -> None:
    record = aggregate.format(REPORT).partition(b"<record>")[2].partition(b"</record>")[0]
    lines = [b"<feedback>", *([b"<record>" + record + b"\n" * 40 + b"</record>"] * 300), b"<record><oops></record>"]
    events = list(aggregate.read((b"\n".join(lines),), Budget(record=4_000)))
    assert sum(isinstance(event, Row) for event in events) == 300
    (broken,) = (event for event in events if isinstance(event, Flaw) and event.tag == "malformed")
    assert broken.line == b"\n".join(lines).count(b"\n") + 1


def test_a_long_text_is_cut_and_said() -> None:
    data = aggregate.format(REPORT).replace(b"<selector>", b"<selector>" + b"x" * 5_000, 1)
    report = aggregate.parse(data)
    assert len(report.rows[0].dkim_results[0].selector) == aggregate.MAX_TEXT
    assert "long-text" in {flaw.tag for flaw in report.flaws}
