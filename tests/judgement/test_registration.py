import pytest

from disavow.judgement.registration import registrable, unregistered
from disavow.world.ask import ask
from disavow.world.resolver import Zone, offline


@pytest.mark.parametrize(
    ("name", "domain"), [("a.b.example.org", "example.org"), ("x.example.co.uk", "example.co.uk"), ("co.uk", "")]
)
def test_what_is_registered_lies_below_a_public_suffix(name: str, domain: str) -> None:
    assert registrable(name) == domain


def test_a_domain_that_does_not_exist_can_be_registered_by_a_stranger() -> None:
    zone = Zone("example.org. NS ns1.example.net.\nother.example. NS ns1.example.net.")
    assert ask(unregistered("spf.gone.example", "example.org"), zone)[0] == "gone.example"
    assert ask(unregistered("spf.other.example", "example.org"), zone)[0] == ""


def test_the_owners_own_domain_is_no_strangers() -> None:
    assert ask(unregistered("gone.example.org", "example.org"), Zone("org. NS ns1.example.net."))[0] == ""


def test_silence_is_no_proof() -> None:
    assert ask(unregistered("spf.gone.example", "example.org"), offline)[0] == ""
