"""Selectors that reports have seen: those under which the domain's own mail verified, and no more than a few."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address

from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement import seen
from disavow.judgement.seen import Seen

DAY = 1_795_392_000  # 2026-11-23


def report(*signatures: tuple[str, str, str, int], end: int = DAY) -> list[bytes]:
    rows = "".join(
        f"<record><row><source_ip>{ip_address('192.0.2.1')}</source_ip><count>{count}</count><policy_evaluated>"
        "<disposition>none</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>"
        "<identifiers><header_from>example.org</header_from></identifiers><auth_results>"
        f"<dkim><domain>{domain}</domain><selector>{selector}</selector><result>{result}</result></dkim>"
        "</auth_results></record>"
        for domain, selector, result, count in signatures
    )
    meta = (
        "<report_metadata><org_name>r</org_name><email>r@r.example</email><report_id>1</report_id>"
        f"<date_range><begin>{end - 86_400}</begin><end>{end}</end></date_range></report_metadata>"
    )
    policy = "<policy_published><domain>example.org</domain><p>none</p></policy_published>"
    return [f"<feedback>{meta}{policy}{rows}</feedback>".encode()]


def test_selectors_are_counted_over_reports_and_the_most_used_comes_first() -> None:
    reports = [
        report(("example.org", "a", "pass", 2), ("example.org", "b", "pass", 5)),
        report(("example.org", "A", "pass", 1), end=DAY + 86_400),
    ]
    assert seen.read(reports, "example.org") == (Seen("b", 5, date(2026, 11, 23)), Seen("a", 3, date(2026, 11, 24)))


def test_what_did_not_verify_or_is_of_another_domain_does_not_count() -> None:
    forged = report(
        ("example.org", "x", "fail", 900), ("example.net", "y", "pass", 9), ("sub.example.org", "z", "pass", 1)
    )
    assert seen.read([forged], "example.org") == ()


def test_a_report_full_of_selectors_costs_few_questions_and_no_nonsense() -> None:
    many = [("example.org", f"s{number}", "pass", 1) for number in range(500)]
    odd = [("example.org", name, "pass", 99) for name in ("", "a b", "x" * 70, "..", "&#x202e;")]
    found = seen.read([report(*many, *odd)], "example.org")
    assert len(found) == seen.SELECTORS
    assert all(one.selector.startswith("s") for one in found)


@given(st.lists(st.binary(max_size=200), max_size=3))
def test_any_bytes_teach_nothing_and_break_nothing(chunks: list[bytes]) -> None:
    assert seen.read([chunks], "example.org") == ()
