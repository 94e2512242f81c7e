"""My own servers as DNS names them, kept apart from the machines that I share with others."""

from __future__ import annotations

import pytest

from disavow.judgement.identity import Identity, identify
from disavow.judgement.servers import MAX_NAMES, MAX_RECORDS, locate
from disavow.world.ask import ask
from disavow.world.resolver import Zone

ADDRESSES = "mx.example.org. A 192.0.2.1\nmx.example.org. AAAA 2001:db8::1\nexample.org. A 192.0.2.9\n"


def located(zone: str, me: Identity | None = None) -> tuple[set[str], set[str]]:
    found, _ = ask(locate(me or identify(["example.org"])), Zone(zone))
    return {str(network) for network in found.servers}, {str(network) for network in found.shared}


def test_hosts_that_receive_my_mail_are_mine() -> None:
    assert located(ADDRESSES + "example.org. MX 10 mx.example.org.\n") == ({"192.0.2.1/32", "2001:db8::1/128"}, set())


def test_a_domain_without_mx_is_its_own_mail_server() -> None:
    assert located(ADDRESSES) == ({"192.0.2.9/32"}, set())


@pytest.mark.parametrize(
    ("terms", "mine"),
    [
        ("ip4:198.51.100.0/28 ip6:2001:db8:7::/48", {"198.51.100.0/28", "2001:db8:7::/48"}),
        ("a:mx.example.org", {"192.0.2.1/32", "2001:db8::1/128"}),
        ("a/24", {"192.0.2.0/24"}),
        ("mx/28//64", {"192.0.2.0/28", "2001:db8::/64"}),
        ("?ip4:198.51.100.7 -ip4:198.51.100.8 ~ip4:198.51.100.9", set()),
        ("a:%{i}.example.org exists:%{i}.example.org", set()),
        ("ip4:0.0.0.0/0 ip4:10.0.0.0/7 ip6:::/0", set()),
    ],
)
def test_terms_of_my_own_record_name_my_servers(terms: str, mine: set[str]) -> None:
    zone = f'{ADDRESSES}example.org. MX 10 mx.example.org.\nexample.org. TXT "v=spf1 {terms} -all"\n'
    assert located(zone) == ({"192.0.2.1/32", "2001:db8::1/128"} | mine, set())


def test_a_providers_machines_are_shared_and_my_own_sub_record_is_mine() -> None:
    zone = (
        'example.org. TXT "v=spf1 include:_spf.example.org include:_spf.example.net -all"\n'
        '_spf.example.org. TXT "v=spf1 ip4:192.0.2.64/27 include:bulk.example.com -all"\n'
        '_spf.example.net. TXT "v=spf1 ip4:198.51.100.0/24 redirect=bulk.example.com"\n'
        'bulk.example.com. TXT "v=spf1 ip4:203.0.113.0/25 -all"\n'
    )
    assert located(zone) == ({"192.0.2.64/27"}, {"198.51.100.0/24", "203.0.113.0/25"})


@pytest.mark.parametrize(
    "records",
    [
        'example.org. TXT "v=spf1 ip4:198.51.100.1 -all"\nexample.org. TXT "v=spf1 ip4:198.51.100.2 -all"\n',
        'example.org. TXT "v=spf1 ip4:198.51.100.1 ip4:nonsense -all"\n',
        "; SERVFAIL example.org.\n",
    ],
)
def test_a_record_that_does_not_count_names_nobody(records: str) -> None:
    assert located(records) == (set(), set())


def test_the_owners_hosts_and_networks_are_his_whatever_dns_says() -> None:
    me = identify(["example.org"], ["203.0.113.5", "out.example.org"], ())
    assert located("out.example.org. A 192.0.2.77\n", me) == ({"203.0.113.5/32", "192.0.2.77/32"}, set())


def test_an_address_leads_to_its_domain() -> None:
    assert located("example.net. MX 5 mx.example.org.\n" + ADDRESSES, identify(["ada@example.net"]))[0]


def test_records_that_include_each_other_end() -> None:
    chain = "".join(
        f'r{i}.example.net. TXT "v=spf1 ip4:198.51.100.{i} include:r{i + 1}.example.net include:r0.example.net -all"\n'
        for i in range(MAX_RECORDS * 2)
    )
    _, shared = located('example.org. TXT "v=spf1 include:r0.example.net -all"\n' + chain)
    assert len(shared) == MAX_RECORDS - 1


def test_a_host_that_claims_many_exchangers_is_read_so_far() -> None:
    zone = "".join(f"example.org. MX {i} m{i}.example.org.\nm{i}.example.org. A 192.0.2.{i}\n" for i in range(60))
    assert len(located(zone)[0]) == MAX_NAMES
