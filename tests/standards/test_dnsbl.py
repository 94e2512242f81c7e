from ipaddress import ip_address

import pytest

from disavow.standards import dnsbl
from disavow.world.ask import ask
from disavow.world.resolver import Zone, offline

WORKING = """
2.0.0.127.bl.test. A 127.0.0.2
"""
SIX_WORKING = f"{ip_address('::ffff:7f00:2').reverse_pointer.removesuffix('.ip6.arpa')}.bl.test. A 127.0.0.2\n"


def listing(zone: str, address: str = "192.0.2.1") -> dnsbl.Listing:
    return ask(dnsbl.check(ip_address(address), "bl.test"), Zone(zone))[0]


def test_a_listed_address_is_listed_with_its_reason() -> None:
    found = listing(WORKING + '1.2.0.192.bl.test. A 127.0.0.4\n1.2.0.192.bl.test. TXT "sent spam"')
    assert (found.status, found.codes, found.reason) == ("listed", ("127.0.0.4",), "sent spam")


def test_an_address_that_is_not_there_is_clean() -> None:
    assert listing(WORKING).status == "clean"


def test_ipv6_addresses_are_asked_by_nibbles() -> None:
    assert listing(SIX_WORKING, "2001:db8::1").status == "clean"
    assert dnsbl.query_name(ip_address("2001:db8::1"), "bl.test").startswith("1.0.0.0.0.0")


@pytest.mark.parametrize(
    "zone",
    [
        "bl.test. A 192.0.2.1",  # the list is dead: not even its test entry is there
        "*.bl.test. A 127.0.0.2",  # lists the whole world
        WORKING + "1.2.0.192.bl.test. A 127.255.255.254",  # refuses this resolver
        WORKING + "1.2.0.192.bl.test. A 198.51.100.7",  # the zone was sold: a parking page
        "2.0.0.127.bl.test. A 127.255.255.254",
        WORKING + "; SERVFAIL 1.2.0.192.bl.test.",
    ],
)
def test_a_list_that_does_not_really_answer_proves_nothing(zone: str) -> None:
    assert listing(zone).status == "unknown"


def test_offline_nothing_is_known() -> None:
    assert ask(dnsbl.check(ip_address("192.0.2.1"), "bl.test"), offline)[0].status == "unknown"
