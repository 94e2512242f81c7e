"""Aggregate reports: rows per second, ours and parsedmarc (bar: at least 8 times as fast)."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

from disavow.standards import aggregate
from disavow.standards.aggregate import Dkim, Header, Policy, Report, Row, Spf

from .paired import ratio, row

BAR = 8
SIZES = (5, 50, 2_000)


def report(rows: int) -> bytes:
    """A strict report about ``rows`` addresses, most of them seen twice."""
    policy = Policy("example.org", "reject", "reject", adkim="r", aspf="r", fo="1")
    begin, end = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)
    header = Header("Reporter", "dmarc@example.com", f"{rows}@example.com", begin, end, policy, version="1.0")
    return aggregate.format(Report(header, tuple(line(number) for number in range(rows))))


def line(number: int) -> Row:
    passed = "pass" if number % 3 else "fail"
    return Row(
        ip_address(f"198.51.100.{number // 2 % 250}"),
        number % 90 + 1,
        *("none" if number % 3 else "reject", passed, passed),
        header_from="example.org",
        envelope_from="bounce.example.org",
        dkim_results=(Dkim("example.org", "s1", passed), Dkim("example.com", "s2", "pass"))[: number % 3],
        spf_results=(Spf("bounce.example.org", "mfrom", passed),),
    )


def main() -> None:
    import parsedmarc

    for size in SIZES:
        xml = report(size)
        text = xml.decode()
        theirs = parsedmarc.parse_aggregate_report_xml(text, offline=True)
        assert len(theirs["records"]) == len(aggregate.parse(xml).rows) == size
        measured = ratio(
            lambda xml=xml: aggregate.parse(xml),  # type: ignore[misc]
            lambda text=text: parsedmarc.parse_aggregate_report_xml(text, offline=True),  # type: ignore[misc]
            rounds=3,
        )
        row(f"a report of {size} rows", BAR, measured, "parsedmarc")
        print(f"{'':<44} {size / measured[1]:,.0f} rows/s, parsedmarc {size / measured[2]:,.0f} rows/s")


if __name__ == "__main__":
    main()
