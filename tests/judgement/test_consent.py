"""Nobody's server is probed without consent."""

from __future__ import annotations

from datetime import date
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.judgement import consent
from disavow.world.ask import ask
from disavow.world.resolver import Zone, offline

TODAY = date(2030, 1, 1)
TOKEN = "0123456789abcdef0123456789abcdef"
YES = f'_disavow-consent.owner.example. TXT "v=DSV1; scan={TOKEN}; until=2030-01-20"\n'
SERVERS = """
owner.example. MX 10 mx.owner.example.
mx.owner.example. A 203.0.113.5
mx.owner.example. AAAA 2001:db8::5
5.113.0.203.in-addr.arpa. PTR mx.owner.example.
"""


def seek(zone: str, *named: str, token: str = TOKEN) -> consent.Consent:
    return ask(consent.seek("owner.example", named, token, TODAY), Zone(zone))[0]


def refused(found: consent.Consent) -> set[str]:
    assert found.permits == ()
    return {fault.tag for fault in found.refusals}


def test_the_mail_servers_of_a_domain_that_says_yes_may_be_probed() -> None:
    found = seek(YES + SERVERS)
    assert [(one.host, str(one.address), one.port, one.basis) for one in found.permits] == [
        ("mx.owner.example", "203.0.113.5", 25, "published"),
        ("mx.owner.example", "2001:db8::5", 25, "published"),
    ]
    assert found.refusals == ()


def test_the_printed_record_is_the_consent() -> None:
    assert seek(consent.record("owner.example", TOKEN, TODAY) + "\n" + SERVERS).permits


@pytest.mark.parametrize("name", ["127.0.0.1", "127.0.0.1:2525", "10.1.2.3", "192.168.0.9:25", "::1", "[fd00::5]:2525"])
def test_an_address_inside_the_own_network_may_be_probed_when_named(name: str) -> None:
    (permit,) = seek("", name).permits
    assert permit.basis == "named"


@pytest.mark.parametrize(
    "name",
    [
        *("mx.owner.example", "localhost", "10.0.0.0/8", "192.168.1.0/24", "127.0.0.1/32", "10.0.0.1-20", "2130706433"),
        *(
            "0x7f.0.0.1",
            "127.1",
            "010.0.0.1",
            "",
            "127.0.0.1:0",
            "127.0.0.1:99999",
            "[::1",
            "fe80::1%eth0",
            "10.0.0.1\r\n",
        ),
    ],
)
def test_what_is_not_one_address_is_refused(name: str) -> None:
    if name == "10.0.0.1\r\n":
        name = "10.0.0.1\r\nDATA"
    assert refused(seek(YES + SERVERS, name)) == {"probe-not-an-address"}


@pytest.mark.parametrize(
    "name",
    [
        "::ffff:127.0.0.1",
        "::ffff:203.0.113.5",
        "[::ffff:10.0.0.1]:25",
        "64:ff9b::cb00:7105",
        "2002:cb00:7105::1",
        "::7f00:1",
    ],
)
def test_an_address_inside_an_address_is_refused(name: str) -> None:
    assert refused(seek(YES + SERVERS, name)) == {"probe-wrapped-address"}


@pytest.mark.parametrize(
    "name", ["198.51.100.7", "203.0.113.6", "203.0.113.5:22", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"]
)
def test_an_address_that_is_not_a_consenting_mail_server_is_refused(name: str) -> None:
    assert refused(seek(YES + SERVERS, name)) == {"probe-not-consented"}


def test_a_named_mail_server_needs_the_consent_of_its_domain() -> None:
    assert refused(seek(SERVERS, "203.0.113.5")) == {"probe-no-consent", "probe-not-consented"}
    assert [str(one.address) for one in seek(YES + SERVERS, "203.0.113.5").permits] == ["203.0.113.5"]


@pytest.mark.parametrize(
    ("record", "tag"),
    [
        ("", "probe-no-consent"),
        ("v=spf1 -all", "probe-no-consent"),
        (f"scan={TOKEN}; v=DSV1; until=2030-01-20", "probe-no-consent"),
        (f"v=DSV1; scan={TOKEN}", "probe-no-consent"),
        (f"v=DSV1; scan={TOKEN}; until=soon", "probe-no-consent"),
        ("v=DSV1; scan=another; until=2030-01-20", "probe-no-consent"),
        ("v=DSV1; scan=; until=2030-01-20", "probe-no-consent"),
        (f"v=DSV1; scan={TOKEN}; until=2029-12-31", "probe-consent-expired"),
        (f"v=DSV1; scan={TOKEN}; until=9999-01-01", "probe-consent-expired"),
    ],
)
def test_what_is_not_a_consent_to_us_now_is_refused(record: str, tag: str) -> None:
    published = f'_disavow-consent.owner.example. TXT "{record}"\n' if record else ""
    assert refused(seek(published + SERVERS)) == {tag}


def test_an_empty_token_consents_to_nothing() -> None:
    assert refused(seek('_disavow-consent.owner.example. TXT "v=DSV1; scan=; until=2030-01-20"\n' + SERVERS, token=""))


@pytest.mark.parametrize(
    ("servers", "tag"),
    [
        ("owner.example. MX 0 .", "probe-no-servers"),
        ("owner.example. A 203.0.113.5", "probe-no-servers"),
        ("owner.example. MX 5 aspmx.l.google.com.\naspmx.l.google.com. A 203.0.113.5", "probe-shared-provider"),
        ("owner.example. MX 5 mx.owner.example.\nmx.owner.example. A 142.250.1.27", "probe-shared-provider"),
        ("owner.example. MX 5 mx.owner.example.\nmx.owner.example. AAAA 2a01:111:f403::1", "probe-shared-provider"),
        (
            "owner.example. MX 5 mx.owner.example.\nmx.owner.example. CNAME o.mail.protection.outlook.com.\n"
            "o.mail.protection.outlook.com. A 203.0.113.5",
            "probe-shared-provider",
        ),
        (
            "owner.example. MX 5 mx.owner.example.\nmx.owner.example. A 203.0.113.9\n"
            "9.113.0.203.in-addr.arpa. PTR mx1.pphosted.com.",
            "probe-shared-provider",
        ),
        (
            "owner.example. MX 5 mx.owner.example.\nmx.owner.example. A 203.0.113.9\n"
            "; SERVFAIL 9.113.0.203.in-addr.arpa.",
            "probe-owner-unknown",
        ),
        ("owner.example. MX 5 mx.owner.example.\nmx.owner.example. A 10.0.0.1", "probe-private-server"),
        ("owner.example. MX 5 mx.owner.example.\nmx.owner.example. A 127.0.0.1", "probe-private-server"),
        ("owner.example. MX 5 mx.owner.example.\nmx.owner.example. AAAA ::ffff:203.0.113.5", "probe-private-server"),
        ("; SERVFAIL owner.example.", "mx-unknown"),
    ],
)
def test_a_consent_cannot_offer_what_is_not_the_owners(servers: str, tag: str) -> None:
    assert refused(seek(YES + servers)) == {tag}


def test_nothing_is_permitted_when_nobody_answers() -> None:
    found, _ = ask(consent.seek("owner.example", (), TOKEN, TODAY), offline)
    assert refused(found) == {"probe-consent-unknown"}


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_malformed(text: str) -> None:
    try:
        target = consent.parse(text)
    except Malformed:
        return
    assert 0 < target.port < 65_536 and str(target.address)


def test_a_provider_is_known_by_name_or_network() -> None:
    assert consent.provider_of(ip_address("203.0.113.1"), ["alt1.aspmx.l.google.com"])
    assert consent.provider_of(ip_address("209.85.200.26"), [])
    assert not consent.provider_of(ip_address("203.0.113.1"), ["mx.notgoogle.com", "google.com.owner.example"])
