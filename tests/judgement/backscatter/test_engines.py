"""What real mail servers answered to forged mail, recorded by tests/engines/record.py."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from disavow.judgement.backscatter import classify
from disavow.judgement.backscatter.notice import Notice
from disavow.standards import received
from disavow.standards.message import Message

ENGINES = Path(__file__).resolve().parents[2] / "corpus" / "engines"
EXPECTED: dict[str, dict[str, Any]] = {
    f"{path.parent.name}/{name}": case
    for path in sorted(ENGINES.glob("*/expected.toml"))
    for name, case in tomllib.loads(path.read_text("utf-8")).items()
}
REPORTS = [name for name, case in EXPECTED.items() if case["kind"] in ("dsn", "mdn")]
FORGER = ip_address("203.0.113.66")


def read(name: str) -> Notice:
    return classify.read(Message((ENGINES / f"{name}.eml").read_bytes()))


def test_every_recording_has_its_expectation() -> None:
    recorded = {f"{path.parent.name}/{path.stem}" for path in ENGINES.glob("*/*.eml")}
    assert recorded == set(EXPECTED)
    assert {name.partition("/")[0] for name in recorded} >= {"postfix", "exim", "opensmtpd", "dovecot"}


@pytest.mark.parametrize("name", EXPECTED)
def test_kind_detail_and_reason(name: str) -> None:
    notice, case = read(name), EXPECTED[name]
    assert (notice.kind, notice.detail) == (case["kind"], case["detail"])
    if case["reason"]:
        assert notice.reason == case["reason"]


@pytest.mark.parametrize("name", REPORTS)
def test_whom_the_report_is_about(name: str) -> None:
    assert sorted(one.address for one in read(name).delivery.recipients) == sorted(EXPECTED[name]["recipients"])


def test_two_recipients_of_one_mail_fail_for_reasons_of_their_own() -> None:
    names = [name for name in REPORTS if name.endswith("/two")]
    assert names
    for name in names:
        reasons = {one.address: one.reason for one in read(name).delivery.recipients}
        assert reasons == {"gone@example.com": "user-unknown", "spf@example.com": "auth-spf"}, name


@pytest.mark.parametrize("name", REPORTS)
def test_the_forged_mail_comes_back_with_the_address_it_came_from(name: str) -> None:
    (back,) = read(name).returned
    scenario = name.partition("/")[2].encode()
    (message_id,) = back.message.all("message-id")
    assert message_id.value.strip() == b"<%s.1@example.org>" % scenario
    chain = received.chain(back.message)
    assert FORGER in [hop.from_ip for hop in chain]
    assert chain[-1].from_ip == ip_address("198.51.100.7")
