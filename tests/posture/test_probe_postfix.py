"""The relay probes against real servers: each of seven misconfigurations found, no correct server accused."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from disavow.judgement import consent
from disavow.judgement.examination import examine, spoofed
from disavow.judgement.fault import Faults
from disavow.world.ask import ask_async
from disavow.world.probe import Prober
from disavow.world.resolver import offline

from . import postfix

NETWORK = "mynetworks = 127.0.0.0/8"
OPEN = {
    "everybody is trusted": ("mynetworks = 0.0.0.0/0", {"relay-open"}),
    "the proxy's network is trusted": (NETWORK, {"relay-open"}),
    "the own domain is trusted as sender": (
        "smtpd_relay_restrictions = check_sender_access inline:{ owner.test=OK }, reject_unauth_destination",
        {"relay-by-sender"},
    ),
    "a name in HELO is trusted": (
        "smtpd_relay_restrictions =\n check_helo_access inline:{ localhost=OK, mx.owner.test=OK },\n"
        " reject_unauth_destination",
        {"relay-by-helo"},
    ),
    "a backup server follows routes": (
        "mydestination =\nrelay_domains = owner.test\nallow_untrusted_routing = yes",
        {"relay-by-route"},
    ),
    "a whole ending is relayed for": ("relay_domains = com", {"relay-by-ending"}),
    "a pattern has no ends": (
        "smtpd_relay_restrictions = check_recipient_access regexp:{home}/etc/pattern, reject_unauth_destination",
        {"relay-by-pattern"},
    ),
}
CORRECT = {
    "a server of its own mail": "",
    "a backup server": "mydestination =\nrelay_domains = owner.test",
    "one that takes any name at its domain": "local_recipient_maps =",
    "one that checks senders and names": (
        "smtpd_helo_restrictions = reject_invalid_helo_hostname\n"
        "smtpd_sender_restrictions = reject_non_fqdn_sender\ndisable_vrfy_command = yes"
    ),
}


async def _dns(question: Any) -> Any:
    return offline(question)


def probed(port: int, mailbox: str = "") -> Faults:
    agreed, _ = asyncio.run(
        ask_async(consent.seek("owner.test", (f"127.0.0.1:{port}",), "token", date(2030, 1, 1)), _dns)
    )
    (permit,) = agreed.permits

    async def run() -> Faults:
        world = Prober(_dns, agreed.permits, lambda entry: None, mailbox, helo="client.example", pause=0).ask
        if mailbox:
            return (await ask_async(spoofed(permit, mailbox, "client.example", "mark"), world))[0]
        return (await ask_async(examine(permit, "owner.test", "client.example"), world))[0]

    return asyncio.run(run())


def relaying(faults: Faults) -> set[str]:
    return {fault.tag for fault in faults if fault.tag.startswith("relay-") and fault.level in ("critical", "high")}


@pytest.fixture(autouse=True)
def _real() -> None:
    if why := postfix.missing():
        pytest.skip(why)


@pytest.mark.parametrize("name", OPEN)
def test_an_open_relay_is_found_and_its_cause_is_named(name: str) -> None:
    setting, tags = OPEN[name]
    with postfix.running(setting) as port:
        found = relaying(probed(port))
    assert found == tags


@pytest.mark.parametrize("name", CORRECT)
def test_a_correct_server_is_not_accused(name: str) -> None:
    with postfix.running(CORRECT[name]) as port:
        faults = probed(port)
    assert relaying(faults) == set()
    assert "relay-none" in {fault.tag for fault in faults}


def test_names_of_mailboxes_are_told_by_vrfy_unless_it_is_off() -> None:
    with postfix.running("") as port:
        assert "vrfy-tells" in {fault.tag for fault in probed(port)}
    with postfix.running("disable_vrfy_command = yes") as port:
        assert "vrfy-tells" not in {fault.tag for fault in probed(port)}


def test_one_marked_mail_is_received_by_the_owners_mailbox() -> None:
    with postfix.running("") as port:
        assert [fault.tag for fault in probed(port, "info@owner.test")] == ["spoof-received"]
        assert [fault.tag for fault in probed(port, "nobody@owner.test")] == ["spoof-refused"]
