"""``disavow publish``, from a zone file and a store on disk to what is printed."""

from __future__ import annotations

import json
import socketserver
import threading
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from click.testing import CliRunner, Result
from stores import row, stored

from conftest import holds
from disavow.doors.cli import disavow
from disavow.errors import Misconfigured, Unreachable
from disavow.judgement.sighting import Sighting
from disavow.standards.questions import Lookup
from disavow.world.resolver import Zone

ZONE = """
example.org. MX 10 mail.example.org.
mail.example.org. A 203.0.113.25
mail.example.org. TXT "v=spf1 a -all"
example.org. TXT "v=spf1 mx ~all"
example.org. TXT "site-verification=1"
_dmarc.example.org. TXT "v=DMARC1; p=none; np=reject; rua=mailto:d@example.org"
_smtp._tls.example.org. TXT "v=TLSRPTv1; rua=mailto:t@example.org"
_mta-sts.example.org. TXT "v=STSv1; id=1"
"""


@pytest.fixture(autouse=True)
def _no_usual_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.fixture
def zone(tmp_path: Path) -> str:
    path = tmp_path / "zone"
    path.write_text(ZONE, "utf-8")
    return str(path)


def own(ago: int, **fields: Any) -> Sighting:
    given: dict[str, Any] = {
        "reporter": f"r{ago % 5}.example", "source_ip": ip_address("203.0.113.25"), "dmarc": "pass", "dkim": "pass",
        "spf": "pass", "ours": "ours", "disposition": "none", "policy": "p=none", "spf_domains": "example.org:pass",
        "dkim_domains": "example.org:pass", **fields,
    }  # fmt: skip
    return row(ago, **given)


def store(tmp_path: Path, *more: Sighting) -> str:
    rows = [own(ago) for ago in range(45, 0, -1)]
    forged = [row(ago, policy="p=none", disposition="none", count=7) for ago in range(45, 0, -1)]
    return str(stored(tmp_path / "store.duckdb", [*rows, *forged, *more]))


def run(*words: str) -> Result:
    return CliRunner().invoke(disavow, ("publish", *words), env={"COLUMNS": "200"})


def test_without_a_store_the_next_step_waits_and_says_why(zone: str) -> None:
    result = run("example.org", "--zone", zone)
    assert result.exit_code == 0, result.output
    assert "Wait: step 2" in result.output
    assert "unknown" in result.output
    assert "disavow intake" in result.output
    assert "disavow impact example.org" in result.output
    waits = run("example.org", "--zone", zone, "--as", "zone")
    assert (waits.exit_code, waits.stdout) == (1, "")
    assert "p=quarantine; np=reject" in run("example.org", "--zone", zone, "--as", "zone", "--step", "2").stdout


def test_with_a_store_the_next_step_is_told_with_its_price_its_check_and_the_way_back(
    zone: str, tmp_path: Path
) -> None:
    result = run("example.org", "--zone", zone, "--store", store(tmp_path))
    assert "Next: step 2" in result.output
    assert "verified on 100 % of 1,800 mails" in result.output
    assert "49" in result.output
    assert "dig +short TXT '_dmarc.example.org'" in result.output
    assert 'go back  _dmarc.example.org. TXT "v=DMARC1; p=none; np=reject; rua=mailto:d@example.org"' in result.output


def test_a_server_in_the_way_is_named(zone: str, tmp_path: Path) -> None:
    bad = [
        own(ago, source_ip=ip_address("203.0.113.99"), dkim="none", dkim_domains="", count=9)
        for ago in range(40, 0, -1)
    ]
    result = run("example.org", "--zone", zone, "--store", store(tmp_path, *bad))
    assert "203.0.113.99 sent 360 of its 360 mails without one" in result.output
    assert "Wait: step 2" in result.output


@pytest.mark.parametrize("never", [True, False])
def test_json_is_the_contract_and_check_reads_it_again(zone: str, tmp_path: Path, never: bool) -> None:
    words = ("example.org", "--zone", zone, *(["--never-sends"] if never else []))
    plan = json.loads(run(*words, "--json").stdout)
    holds(plan, "plan-1")
    saved = tmp_path / "plan.json"
    saved.write_text(json.dumps(plan), "utf-8")
    due = run("example.org", "--zone", zone, "--check", str(saved))
    assert due.exit_code == never, due.output  # the next step of the domain that sends waits for reports
    result = run("example.org", "--zone", zone, "--check", str(saved), "--as", "json", "--step", str(plan["next"]))
    assert result.exit_code == 1, result.output
    checked = json.loads(result.stdout)
    holds(checked, "plan-check-1")
    differing = {one["where"]: one["differing"] for one in checked["places"] if one["state"] == "differs"}
    assert "p" in differing["TXT _dmarc.example.org"]
    done = tmp_path / "done"
    done.write_text(run(*words, "--as", "zone", "--step", str(plan["next"])).stdout, "utf-8")
    after = run("example.org", "--zone", str(done), "--check", str(saved), "--step", str(plan["next"]), "--json")
    states = {one["where"]: one["state"] for one in json.loads(after.stdout)["places"]}
    assert states["TXT _dmarc.example.org"] == "published"


def test_with_a_store_the_contract_holds_too(zone: str, tmp_path: Path) -> None:
    plan = json.loads(run("example.org", "--zone", zone, "--store", store(tmp_path), "--json").stdout)
    holds(plan, "plan-1")
    assert plan["steps"][1]["cost"]["forged_weekly"] == pytest.approx(49, abs=1)
    assert plan["next"] == 2


def test_check_says_unknown_for_what_nobody_could_say(zone: str, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    saved.write_text(run("example.org", "--zone", zone, "--json").stdout, "utf-8")
    result = run("example.org", "--offline", "--check", str(saved))
    assert result.exit_code == 75
    assert "missing" not in result.output
    now = run("example.org", "--zone", zone, "--check")
    assert now.exit_code == 0, now.output
    assert "published TXT _dmarc.example.org" in now.output
    later = run("example.org", "--zone", zone, "--check", "--step", "2")
    assert (later.exit_code, "TXT _dmarc.example.org  p" in later.output) == (1, True)


def test_nothing_that_a_terminal_obeys_is_printed(tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_text(
        ZONE + 'example.org. TXT "\\027[31mred [bold]"\n_dmarc.example.org. TXT "v=DMARC1; p=\\027[2J"', "utf-8"
    )
    for words in (
        (),
        ("--as", "zone", "--step", "4"),
        ("--as", "terraform", "--step", "4"),
        ("--check", "--step", "4"),
    ):
        assert "\x1b[31m" not in run("example.org", "--zone", str(zone), *words).output
        assert "\x1b[2J" not in run("example.org", "--zone", str(zone), *words).output


def test_what_others_must_publish_is_proposed(zone: str) -> None:
    result = run("example.org", "--zone", zone, "--rua", "d@reports.example")
    assert "reports.example" in result.output
    assert "proposal" in result.output


def test_offline_nothing_is_planned() -> None:
    result = run("example.org", "--offline")
    assert isinstance(result.exception, Unreachable)


class _Zone(socketserver.BaseRequestHandler):
    """Answers from ``ZONE`` what a resolver would."""

    def handle(self) -> None:
        data, socket = self.request
        query = dns.message.from_wire(data)
        question = query.question[0]
        answer = Zone(ZONE)(Lookup(str(question.name).rstrip("."), dns.rdatatype.to_text(question.rdtype)))
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        if answer.status == "nxdomain":
            response.set_rcode(dns.rcode.NXDOMAIN)
        lines = [line.split(None, 2) for line in ZONE.splitlines() if line]
        for name, kind, rest in lines:
            if answer.values and name == str(question.name).lower() and kind == dns.rdatatype.to_text(question.rdtype):
                response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, rest))
        socket.sendto(response.to_wire(), self.client_address)


def test_a_resolver_is_asked_too() -> None:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Zone) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        result = run("example.org", "--resolver", f"127.0.0.1:{server.server_address[1]}", "--json")
        server.shutdown()
        thread.join()
    assert result.exit_code == 0, result.output
    plan = json.loads(result.stdout)
    assert plan["next"] == 1  # the resolver says that there is no host with the file that the record promises
    assert [one["name"] for one in plan["steps"][0]["changes"]] == ["_mta-sts.example.org"]
    assert plan["steps"][1]["changes"][0]["now"] == ["v=DMARC1; p=none; np=reject; rua=mailto:d@example.org"]


def test_names_are_a_labels_everywhere(tmp_path: Path) -> None:
    zone = tmp_path / "zone"
    zone.write_text("xn--bcher-kva.example. A 192.0.2.1", "utf-8")
    result = run("bücher.example", "--zone", str(zone), "--never-sends", "--as", "bind", "--rua", "d@post.example")
    assert '_dmarc.xn--bcher-kva.example. 3600 IN TXT "v=DMARC1; p=reject' in result.output
    assert "rua=mailto:d@post.example" in result.output


@pytest.mark.parametrize(
    "words",
    [("no domain",), ("example.org", "--rua", "nobody"), ("example.org", "--rua", "a;b@example.org"),
     ("example.org", "--step", "9"), ("example.org", "--check", "/nowhere.json")],
)  # fmt: skip
def test_what_cannot_be_used_is_said(zone: str, words: tuple[str, ...]) -> None:
    assert isinstance(run(*words, "--zone", zone).exception, Misconfigured)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "disavow/audit/1"}'])
def test_a_plan_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text, "utf-8")
    assert isinstance(run("example.org", "--offline", "--check", str(path)).exception, Misconfigured)


def test_a_plan_for_another_domain_is_refused(zone: str, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    saved.write_text(run("example.org", "--zone", zone, "--json").stdout, "utf-8")
    assert isinstance(run("example.net", "--offline", "--check", str(saved)).exception, Misconfigured)
