"""Where an address lies, from whichever database is on this machine."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from disavow.errors import Misconfigured
from disavow.world import networks
from disavow.world.networks import Place, locator

V4, V6 = ip_address("192.0.2.7"), ip_address("2001:db8:1:2::3")


class Database:
    """What maxminddb gives: an entry and the length of its prefix."""

    def __init__(self, entry: dict[str, Any] | None) -> None:
        self.entry = entry

    def get_with_prefix_len(self, address: str) -> tuple[dict[str, Any] | None, int]:
        return self.entry, 23


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(entry: dict[str, Any] | None) -> None:
        monkeypatch.setattr("maxminddb.open_database", lambda path: Database(entry))

    return put


@pytest.mark.parametrize(
    ("entry", "country", "holder"),
    [
        ({"country_code": "NL", "asn": "AS64496", "as_name": "Example Net"}, "NL", "AS64496 Example Net"),
        ({"country": {"iso_code": "NL"}, "autonomous_system_number": 64496}, "NL", "AS64496"),
        ({"autonomous_system_organization": "Example Net"}, "", "Example Net"),
        ({"country": "Netherlands", "country_code": "NL"}, "NL", ""),
    ],
)
def test_the_layouts_of_three_makers_are_read(opened: Any, entry: Any, country: str, holder: str) -> None:
    opened(entry)
    assert locator("/x/lite.mmdb")(V4) == Place("192.0.2.7/23", country, holder, "lite.mmdb")


def test_an_address_that_the_database_lacks_has_its_neighbourhood_only(opened: Any) -> None:
    opened(None)
    assert locator("/x/lite.mmdb")(V4) == Place("192.0.2.0/24", "", "", "lite.mmdb")
    assert locator("/x/lite.mmdb")(V6).network == "2001:db8:1::/48"


def test_without_a_database_the_registries_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "USUAL_PLACES", ())
    found = locator()(V4)
    assert (found.network, found.holder) == ("192.0.2.0/24", "") and "registry" in found.source


def test_the_newest_database_in_the_usual_places_is_taken(
    opened: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for age, name in enumerate(("new.mmdb", "old.mmdb")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000 - age, 1_000_000 - age))
    monkeypatch.setattr(networks, "USUAL_PLACES", (str(tmp_path),))
    opened({})
    assert locator()(V4).source == "new.mmdb"


@pytest.mark.parametrize("content", [None, b"", b"this is no database"])
def test_a_named_file_that_is_no_database_is_the_owners_mistake(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "x.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(Misconfigured, match=r"x\.mmdb"):
        locator(str(path))


def test_a_database_that_is_broken_inside_is_the_owners_mistake_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Database):
        def get_with_prefix_len(self, address: str) -> tuple[dict[str, Any] | None, int]:
            raise RuntimeError("the data section is corrupt")

    monkeypatch.setattr("maxminddb.open_database", lambda path: Broken(None))
    with pytest.raises(Misconfigured, match="corrupt"):
        locator("/x/lite.mmdb")(V4)
