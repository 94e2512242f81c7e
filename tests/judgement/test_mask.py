"""Third parties are hidden, the owner is not."""

from __future__ import annotations

from disavow.judgement.identity import identify
from disavow.judgement.mask import masking


def test_other_peoples_addresses_are_shortened_and_mine_are_not() -> None:
    mask = masking(identify(["example.org", "me@example.net"]))
    assert mask("<somebody@example.com>: from ada@example.org to me@example.net") == (
        "<so…@example.com>: from ada@example.org to me@example.net"
    )


def test_short_local_parts_do_not_show_everything() -> None:
    mask = masking(identify(["example.org"]))
    assert mask("bob@example.com") == "b…@example.com"
    assert mask("x@example.com") == "x…@example.com"


def test_a_text_without_addresses_stays_as_it_is() -> None:
    assert masking(identify(["example.org"]))("no address @ here") == "no address @ here"
