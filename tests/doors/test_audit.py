"""The verb audit: what it prints, how it ends, and what it remembers."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import holds
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
"""


@pytest.fixture
def zone(tmp_path: Path) -> str:
    path = tmp_path / "zone"
    path.write_text(ZONE)
    return str(path)


def audit(*args: str) -> Result:
    return CliRunner().invoke(command, args, catch_exceptions=False)


def test_a_table_names_the_grade_the_worst_first_and_what_to_publish(zone: str) -> None:
    done = audit("example.org", "example.com", "--zone", zone, "--details")
    assert done.exit_code == 1
    assert done.output.index("example.com") < done.output.index("example.org")
    assert "grade D" in done.output and "grade A" in done.output
    assert 'example.com. TXT "v=spf1 -all"' in done.output.replace("\n", " ")
    assert "no such name" in done.output or "no such record" in done.output
    assert "Grades by the worst finding" in done.output.replace("\n", " ")


def test_the_contract(zone: str) -> None:
    found = json.loads(audit("example.com", "--zone", zone, "--json").output)
    holds(found, "audit-1")
    (domain,) = found["domains"]
    assert domain["domain"] == "example.com" and domain["grade"] == "D"
    worst = next(finding for finding in domain["findings"] if finding["tag"] == "spf-none")
    assert worst["evidence"][0]["query"] == "TXT example.com"
    assert worst["evidence"][0]["answer"] == "no such record"


@pytest.mark.parametrize(
    ("domain", "level", "status"),
    [
        ("example.org", "low", 0),
        ("example.com", "high", 1),
        ("example.com", "critical", 0),
        ("example.com", "never", 0),
    ],
)
def test_the_exit_status_says_whether_something_is_open(zone: str, domain: str, level: str, status: int) -> None:
    assert audit(domain, "--zone", zone, "--fail-on", level).exit_code == status


def test_offline_everything_is_unknown_and_nothing_is_accused() -> None:
    done = audit("example.org", "--offline", "--json")
    assert done.exit_code == 0
    (domain,) = json.loads(done.output)["domains"]
    assert domain["grade"] == "?"
    assert {finding["level"] for finding in domain["findings"]} == {"info"}
    assert all("offline" in finding["sentence"] for finding in domain["findings"])


def test_a_portfolio_prints_a_line_for_each_domain(zone: str, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("example.org  # ours\n\nEXAMPLE.com.\nexample.org\nnot a name\n")
    done = audit("--file", str(names), "--zone", zone, "--ndjson")
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert sorted(line["domain"] for line in lines) == ["example.com", "example.org"]
    for line in lines:
        holds(line, "audit-1")
    assert "'not a name' is not a domain name" in done.stderr
    assert done.exit_code == 2


def test_a_portfolio_is_a_line_for_each_domain_the_worst_first(zone: str, tmp_path: Path) -> None:
    names, state = tmp_path / "names", str(tmp_path / "state.json")
    names.write_text("example.org\nexample.com\nxn--bcher-kva.example\n")
    done = audit("--file", str(names), "--zone", zone, "--watch", state, "--fail-on", "never")
    head, first, second, third, *_ = done.output.splitlines()
    assert head.split() == ["grade", "open", "domain", "worst"]
    assert [line.split()[0] for line in (first, second, third)] == ["D", "D", "A"]
    assert "example.com" in first and "bücher.example" in second and "example.org" in third
    assert "high example.com has no DMARC policy" in first
    assert "3 domains: 1 A (nothing is open), 2 D (something serious is open)." in done.output.replace("\n", " ")
    Path(zone).write_text(ZONE.replace("v=spf1 -all", "v=spf1 +all"))
    again = audit("--file", str(names), "--zone", zone, "--watch", state, "--fail-on", "never").output
    assert "example.org since the last run:" in again and "+all" in again


def test_a_portfolio_tells_everything_on_request(zone: str, tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("example.org\nexample.com\n")
    assert "publish" in audit("--file", str(names), "--zone", zone, "--details").output
    page = tmp_path / "page.html"
    audit("--file", str(names), "--zone", zone, "--html", str(page))
    assert "example.com" in page.read_text() and "example.org" in page.read_text()
    whole = json.loads(audit("--file", str(names), "--zone", zone, "--json").output)
    assert len(whole["domains"]) == 2


def test_a_portfolio_goes_on_where_it_stopped(zone: str, tmp_path: Path) -> None:
    names, output = tmp_path / "names", tmp_path / "out.ndjson"
    names.write_text("example.org\nexample.com\n")
    output.write_text('{"domain": "example.org", "grade": "A", "findings": []}\n{"domain": "exam')
    audit("--file", str(names), "--zone", zone, "--output", str(output))
    lines = output.read_text().splitlines()
    assert json.loads(lines[-1])["domain"] == "example.com"
    assert sum("example.org" in line for line in lines) == 1


def test_watching_says_what_changed(zone: str, tmp_path: Path) -> None:
    state = str(tmp_path / "state.json")
    audit("example.org", "--zone", zone, "--watch", state)
    Path(zone).write_text(ZONE.replace("v=spf1 -all", "v=spf1 +all"))
    done = audit("example.org", "--zone", zone, "--watch", state, "--json")
    (domain,) = json.loads(done.output)["domains"]
    holds(json.loads(done.output), "audit-1")
    assert any("+all" in sentence for sentence in domain["change"]["opened"])
    Path(zone).write_text("; SERVFAIL example.org.\n" + ZONE.replace("v=spf1 -all", "v=spf1 +all"))
    done = audit("example.org", "--zone", zone, "--watch", state)
    assert "not checked" in done.output


def test_what_closed_is_said_too(zone: str, tmp_path: Path) -> None:
    state = str(tmp_path / "state.json")
    Path(zone).write_text(ZONE.replace("v=spf1 -all", "v=spf1 +all"))
    audit("example.org", "--zone", zone, "--watch", state)
    Path(zone).write_text(ZONE)
    assert "closed" in audit("example.org", "--zone", zone, "--watch", state).output


def test_a_state_that_is_none_is_said(zone: str, tmp_path: Path) -> None:
    from disavow.errors import Misconfigured

    broken = tmp_path / "state"
    broken.write_text("not json")
    with pytest.raises(Misconfigured, match="--watch"):
        audit("example.org", "--zone", zone, "--watch", str(broken))


def test_without_a_domain_it_says_what_to_do() -> None:
    done = audit()
    assert done.exit_code == 2 and "Name a domain" in done.output


REPORT = """<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.example</org_name>
<email>dmarc@receiver.example</email><report_id>{id}</report_id>
<date_range><begin>1795392000</begin><end>1795478400</end></date_range></report_metadata>
<policy_published><domain>example.org</domain><p>reject</p></policy_published>{records}</feedback>"""
RECORD = """<record><row><source_ip>192.0.2.7</source_ip><count>{count}</count><policy_evaluated>
<disposition>none</disposition><dkim>{result}</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><header_from>example.org</header_from></identifiers><auth_results><dkim><domain>{domain}</domain>
<selector>{selector}</selector><result>{result}</result></dkim></auth_results></record>"""
KNOWN = ("pass", "example.org", "autumn"), ("pass", "example.net", "theirs"), ("fail", "example.org", "forged")


def stored(tmp_path: Path) -> str:
    """A store with two reports, one of them within a mail."""
    from email.message import EmailMessage

    from disavow.doors.verbs.intake import command as intake

    records = "".join(
        RECORD.format(result=result, domain=domain, selector=selector, count=20) for result, domain, selector in KNOWN
    )
    (tmp_path / "report.xml").write_text(REPORT.format(id="one", records=records))
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "dmarc@receiver.example", "Report domain: example.org"
    mail["Date"] = "Mon, 23 Nov 2026 10:00:00 +0000"
    mail.set_content("A report.")
    again = RECORD.format(result="pass", domain="example.org", selector="spring", count=3)
    compressed = gzip.compress(REPORT.format(id="two", records=again).encode())
    mail.add_attachment(compressed, "application", "gzip", filename="receiver.example!example.org.xml.gz")
    (tmp_path / "report.eml").write_bytes(bytes(mail))
    store = str(tmp_path / "store.duckdb")
    files = (str(tmp_path / name) for name in ("report.xml", "report.eml"))
    done = CliRunner().invoke(intake, [*files, "--store", store, "--offline"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return store


def test_selectors_are_learnt_from_stored_reports(zone: str, tmp_path: Path) -> None:
    weak = ZONE.replace("-all", "a -all").replace('*._domainkey.example.org. TXT "v=DKIM1; p="', "")
    Path(zone).write_text(weak + 'autumn._domainkey.example.org. TXT "v=DKIM1; p=; t=y"\n')
    store = stored(tmp_path)
    (domain,) = json.loads(audit("example.org", "--zone", zone, "--store", store, "--json").output)["domains"]
    findings = {finding["tag"]: finding for finding in domain["findings"]}
    told = findings["dkim-selectors-seen"]["sentence"]
    assert "autumn (20 mails until 2026-11-24)" in told and "spring (3 mails until 2026-11-24)" in told
    assert "theirs" not in told and "forged" not in told
    assert findings["dkim-revoked"]["evidence"][0]["query"] == "TXT autumn._domainkey.example.org"
    assert "dkim-selectors-seen" not in audit("example.com", "--zone", zone, "--store", store, "--json").output
    # spring is gone from the DNS, as a key that was changed should be.
    assert "dkim-selector-missing" not in findings


def test_a_store_that_was_named_must_be_there(zone: str, tmp_path: Path) -> None:
    from disavow.errors import Misconfigured

    with pytest.raises(Misconfigured, match="no store"):
        audit("example.org", "--zone", zone, "--store", str(tmp_path / "nothing"))


def test_the_usual_store_is_used_where_it_can_be_opened(
    zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    place = tmp_path / "disavow" / "store.duckdb"
    place.parent.mkdir()
    Path(stored(tmp_path)).rename(place)
    assert "autumn" in audit("example.org", "--zone", zone, "--json").output
    place.write_bytes(b"no store")
    done = audit("example.org", "--zone", zone)
    assert "selectors are not taken from the store" in done.stderr
    assert "grade A" in done.stdout
