import pytest

from disavow.judgement.senders import Senders, survey
from disavow.world.ask import ask
from disavow.world.resolver import Zone


def senders(zone: str) -> Senders:
    return ask(survey("example.org"), Zone(zone))[0]


def test_a_tree_of_includes_is_walked() -> None:
    found = senders(
        'example.org. TXT "v=spf1 include:a.example include:b.example mx -all"\n'
        'a.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"\nb.example. TXT "v=spf1 redirect=c.example"\n'
        'c.example. TXT "v=spf1 a ?all"\nc.example. A 192.0.2.9\nexample.org. MX 10 mail.example.org.'
    )
    assert [node.domain for node in found.walk()] == ["example.org", "a.example", "b.example", "c.example"]
    assert found.lookups == 5
    assert found.authorises and found.all is not None


def test_a_circle_is_seen_and_not_walked() -> None:
    found = senders(
        'example.org. TXT "v=spf1 include:a.example -all"\na.example. TXT "v=spf1 include:example.org -all"'
    )
    (branch,) = found.branches
    assert branch.senders is not None and branch.senders.branches[0].loop


@pytest.mark.parametrize(
    ("record", "authorises"), [("v=spf1 -all", False), ("v=spf1 ~all", False), ("v=spf1 mx -all", True)]
)
def test_a_record_of_nobody_authorises_nobody(record: str, authorises: bool) -> None:
    assert senders(f'example.org. TXT "{record}"').authorises is authorises


def test_what_stands_behind_all_costs_nothing() -> None:
    assert senders('example.org. TXT "v=spf1 -all a mx include:a.example"').lookups == 0


def test_a_void_lookup_is_known_by_its_term() -> None:
    found = senders('example.org. TXT "v=spf1 a:gone.example.org a:%{i}.example.org -all"')
    assert [grant.term.text for grant in found.grants if grant.void] == ["a:gone.example.org"]


@pytest.mark.parametrize("zone", ['example.org. TXT "other"', "example.org. A 192.0.2.1", "; SERVFAIL example.org."])
def test_without_a_record_there_is_none(zone: str) -> None:
    assert senders(zone).record is None
