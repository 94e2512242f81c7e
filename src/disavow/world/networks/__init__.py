"""Where an address lies: network, holder and country, from what is on this machine. Never a basis for a verdict.

Country claims of different sources disagree for about one address in twenty: they are shown as "about", with the
name and date of the source.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from ...errors import Misconfigured
from ...judgement.fingerprint import network
from ...standards.questions import Address


class Place(NamedTuple):
    """``network`` a prefix or the /24 (/48) around the address; ``holder`` "AS64496 Example Net"; all may be ""."""

    network: str
    country: str = ""
    holder: str = ""
    source: str = ""


Locate: TypeAlias = Callable[[Address], Place]

USUAL_PLACES = ("/usr/share/GeoIP", "/var/lib/GeoIP", "/usr/local/share/GeoIP", "~/.local/share/disavow")


def locator(named: str = "") -> Locate:
    """How addresses are located: by the MMDB file ``named`` or the newest in the usual places, else by iptocc."""
    path = Path(named) if named else _newest()
    if path is None:
        return by_registry
    try:
        maxminddb: Any = import_module("maxminddb")
        return _by_mmdb(maxminddb.open_database(str(path)), path)
    except ImportError:
        if named:
            raise Misconfigured(
                "--networks", "reading MMDB files needs maxminddb", "pip install disavow[networks]"
            ) from None
        return by_registry
    except _BROKEN as error:
        raise _broken(path, error) from None


_BROKEN = (OSError, ValueError, RuntimeError)  # maxminddb calls a broken file a RuntimeError


def _broken(path: Path, error: Exception) -> Misconfigured:
    return Misconfigured("--networks", f"{path}: {error}", "name another file, or remove this one")


def _newest() -> Path | None:
    found = [path for place in USUAL_PLACES for path in Path(place).expanduser().glob("*.mmdb")]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def by_registry(address: Address) -> Place:
    """The country that the address registry assigned, and the /24 or /48 around the address."""
    from iptocc import country_code

    return Place(network(address), country_code(str(address)) or "", "", "iptocc (registry assignments)")


def _by_mmdb(database: Any, path: Path) -> Locate:
    def locate(address: Address) -> Place:
        try:
            entry, length = database.get_with_prefix_len(str(address))
        except _BROKEN as error:
            raise _broken(path, error) from None
        fields = _flat(entry or {})
        number = str(fields.get("asn") or fields.get("autonomous_system_number") or "")
        name = str(fields.get("as_name") or fields.get("autonomous_system_organization") or "")
        holder = f"{number if number.startswith('AS') or not number else 'AS' + number} {name}".strip()
        prefix = f"{address}/{length}" if entry else network(address)
        return Place(prefix, str(fields.get("country_code") or fields.get("iso_code") or ""), holder, path.name)

    return locate


def _flat(entry: dict[str, Any]) -> dict[str, Any]:
    """IPinfo keeps flat fields, MaxMind and DB-IP nest the country."""
    country = entry.get("country")
    return {**entry, **(country if isinstance(country, dict) else {})}
