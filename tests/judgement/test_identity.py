"""Who "me" is: domains, addresses, servers, and what is refused."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from disavow.errors import Misconfigured
from disavow.judgement.identity import identify


def test_a_domain_owns_its_addresses_and_subdomains() -> None:
    me = identify(["Example.ORG."])
    assert me.domains == ("example.org",)
    assert me.owns_address("Anyone@example.org") and me.owns_address("a@mail.example.org")
    assert not me.owns_address("a@badexample.org")


def test_an_address_stands_for_itself_alone() -> None:
    me = identify(["list@lists.example.net"])
    assert me.owns_address("LIST@lists.example.net")
    assert not me.owns_address("other@lists.example.net") and not me.owns_domain("lists.example.net")


def test_servers_are_addresses_networks_or_host_names() -> None:
    me = identify(["example.org"], ["192.0.2.1", "198.51.100.0/24", "2001:db8::/32", "mx.example.org"])
    assert me.owns_server(ip_address("198.51.100.77")) and me.owns_server(ip_address("2001:db8::1"))
    assert not me.owns_server(ip_address("203.0.113.1"))
    assert me.hosts == ("mx.example.org",)


def test_an_international_name_is_compared_as_a_labels() -> None:
    assert identify(["bücher.example"]).owns_address("a@xn--bcher-kva.example")


@pytest.mark.parametrize("text", ["", "not a name", "a@", "exa mple.org", "-.-"])
def test_what_is_no_name_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Misconfigured, match="--me"):
        identify([text])
