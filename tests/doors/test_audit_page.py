"""The page of an audit: the grade first, the worst first, what proves it, and the record to publish as it is."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from disavow.doors import audit_page
from disavow.doors.verbs.audit import command

ZONE = """
example.org. MX 0 .
example.org. TXT "v=spf1 -all"
*._domainkey.example.org. TXT "v=DKIM1; p="
_dmarc.example.org. TXT "v=DMARC1; p=reject"
example.org. NS ns1.example.net.
example.org. NS ns2.example.net.
ns1.example.net. A 192.0.2.1
ns2.example.net. A 192.0.2.2
example.com. A 192.0.2.3
xn--bcher-kva.example. TXT "v=spf1 +all"
"""
THREE = ("example.org", "example.com", "xn--bcher-kva.example")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "zone").write_text(ZONE)
    return tmp_path / "page.html"


def audit(page: Path, *args: str) -> str:
    CliRunner().invoke(command, [*args, "--zone", str(page.parent / "zone"), "--html", str(page)])
    return html.unescape(page.read_text("utf-8"))


def test_one_domain_has_its_grade_first_then_the_worst_with_record_and_proof(page: Path) -> None:
    text = audit(page, "example.com")
    assert "<h1>Grade D: something serious is open.</h1>" in text
    assert text.index("tag high") < text.index("tag low" if "tag low" in text else "tag info")
    assert '<pre class="record">example.com. TXT "v=spf1 -all"</pre>' in text
    assert "<code>TXT example.com</code>" in text and "no such record" in text
    assert re.search(r"\d+ Nov|\d+ \w{3} \d{4} \d\d:\d\d UTC", text)


def test_a_domain_in_order_is_not_accused(page: Path) -> None:
    text = audit(page, "example.org")
    assert "Grade A: nothing is open" in text and "needs to be mended" in text
    assert "What is open" not in text and 'verdict ours"' in text


def test_a_portfolio_leads_from_each_domain_to_its_findings(page: Path) -> None:
    text = audit(page, *THREE)
    assert "<h1>Something serious is open in 2 of 3 domains.</h1>" in text
    rows = re.findall(r'<a href="#(domain-\d)"><bdi>(.*?)</bdi>', text)
    assert [name for _, name in rows] == ["bücher.example", "example.com", "example.org"]
    assert [text.count(f'<section id="{number}">') for number, _ in rows] == [1, 1, 1]
    assert '<span class="mute small">xn--bcher-kva.example</span>' in text


def test_a_portfolio_too_long_for_the_page_says_what_is_left(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_page, "IN_FULL", 1)
    monkeypatch.setattr(audit_page, "LISTED", 2)
    text = audit(page, *THREE)
    assert "1 more; all of them" in text and "Only the 1 worst" in text
    assert text.count('<section id="domain-') == 1 and 'href="#domain-2"' not in text
    assert "bücher.example" in text[text.index('<section id="domain-1">') :]


def test_what_changed_since_the_last_look_is_on_the_page(page: Path) -> None:
    state = str(page.parent / "state")
    audit(page, "example.org", "--watch", state)
    (page.parent / "zone").write_text(ZONE.replace('example.org. TXT "v=spf1 -all"', 'example.org. TXT "v=spf1 +all"'))
    text = audit(page, "example.org", "--watch", state)
    assert "Since the last look" in text and "<b>New:</b>" in text


def test_lines_for_programs_and_the_page_come_from_one_run(page: Path) -> None:
    (page.parent / "zone").write_text(ZONE)
    done = CliRunner().invoke(command, [*THREE, "--ndjson", "--zone", str(page.parent / "zone"), "--html", str(page)])
    assert done.stdout.count("\n") == 3 and "bücher.example" in page.read_text("utf-8")


def test_without_any_domain_the_page_says_so(page: Path) -> None:
    assert "No domain was looked at" in audit(page, "not a name")
