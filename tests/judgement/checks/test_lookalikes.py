from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.checks.lookalikes import twins
from disavow.standards import names


def test_what_eyes_overlook_is_among_the_twins() -> None:
    found = set(twins("example.org"))
    assert {"exarnple.org", "examp1e.org", "3xample.org", "exmaple.org"} <= found
    assert any(name.startswith("xn--") for name in found)


@given(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?\.(org|co\.uk)\Z"))
def test_twins_are_other_names_each_once(domain: str) -> None:
    found = list(islice(twins(domain), 200))
    assert len(found) == len(set(found)) and domain not in found
    assert all(names.parse(name) == name for name in found)
