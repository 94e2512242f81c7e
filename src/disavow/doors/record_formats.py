"""Records as DNS software takes them: zone lines, BIND, Terraform (JSON syntax), OctoDNS (YAML)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from ..judgement.path import Change, Step
from ..judgement.record_set import RecordSet
from ..judgement.republish import escaped, quoted

TTL_CHANGED = 300  # short while it may have to be taken back
TTL_NEW = 3600


def ttl(change: Change) -> int:
    """How long the new record may be cached while nobody knows yet whether it is right."""
    return TTL_CHANGED if change.replaces else TTL_NEW


def lines(found: RecordSet, middle: str = "") -> Iterator[str]:
    """Master-file lines (RFC 1035 section 5.1) of a record set, with absolute names; ``middle``: TTL and class."""
    for value in found.all:
        yield f"{found.name}. {middle}{found.type} {quoted(value) if found.type == 'TXT' else value}"


def zone(domain: str, step: Step) -> str:
    """Bare lines, as ``--zone`` reads them too; what is to be removed is a comment."""
    return "\n".join((*_head(step), *(line for one in step.changes for line in lines(one.then)))) + "\n"


def bind(domain: str, step: Step) -> str:
    """Lines with TTL and class, to be put in the place of the old ones."""
    found = (line for one in step.changes for line in lines(one.then, f"{ttl(one)} IN "))
    return "\n".join((*_head(step), *found)) + "\n"


def _head(step: Step) -> Iterator[str]:
    """Comments: what leaves, and files that no zone can hold."""
    for one in step.changes:
        for value in one.now.values:
            yield f"; instead of: {one.now.type} {value[:200].encode('unicode_escape').decode()}"
        if not one.then.values:
            yield f"; remove: {one.then.name}. {one.then.type}"
    for url, text in step.files:
        yield f"; {url}:"
        yield from (f";   {line}" for line in text.splitlines())


def terraform(domain: str, step: Step) -> str:
    """Terraform's JSON syntax for the provider hashicorp/dns; record sets that exist must be imported first."""
    resources: dict[str, dict[str, Any]] = {}
    for one in step.changes:
        if one.then.all:
            kind, arguments = _resource(one.then)
            same = resources.setdefault(kind, {})
            same[_label(one.then, same)] = {
                "zone": f"{domain}.",
                **({"name": below} if (below := _below(domain, one.then.name)) else {}),
                **arguments,
                "ttl": ttl(one),
            }
    provider = {"required_providers": {"dns": {"source": "hashicorp/dns"}}}
    there = [one.then for one in step.changes if one.now.all and one.then.all]
    imported = (f"terraform import {_resource(one)[0]}.{_label(one, ())} {one.name}." for one in there)
    comments = [*(line.removeprefix("; ") for line in _head(step)), *imported]
    return json.dumps({"//": comments, "terraform": provider, "resource": resources}, indent=2) + "\n"


def _resource(found: RecordSet) -> tuple[str, dict[str, Any]]:
    if found.type == "MX":
        pairs = (value.split() for value in found.values)
        return "dns_mx_record_set", {"mx": [{"preference": int(one), "exchange": host} for one, host in pairs]}
    return "dns_txt_record_set", {"txt": [_literal(value) for value in found.all]}


def _literal(text: str) -> str:
    """As the provider pastes it between quotes, and with nothing that Terraform takes for a template."""
    return re.sub(r"([$%])\{", r"\1\1{", "".join(map(escaped, text)))


def _label(found: RecordSet, taken: Container[str]) -> str:
    """A name for the resource that none of those ``taken`` has: letters, digits, hyphens and underscores."""
    label = re.sub(r"[^a-z0-9_-]", "_", found.name.replace("*", "any"))
    label = label if label[0].isalpha() or label[0] == "_" else f"_{label}"
    return label if label not in taken else _label(RecordSet(f"{found.name}_", found.type), taken)


def _below(domain: str, name: str) -> str:
    return "" if name == domain else name.removesuffix(f".{domain}")


def octodns(domain: str, step: Step) -> str:
    """YAML to merge into OctoDNS's file of the zone; JSON's strings are YAML's, ``;`` is escaped as it demands."""
    text = [*(f"# {line.removeprefix('; ')}" for line in _head(step)), "---"]
    names = dict.fromkeys(_below(domain, one.then.name) for one in step.changes if one.then.all)
    for name in names:
        text.append(f"{json.dumps(name)}:")
        for one in step.changes:
            if one.then.all and _below(domain, one.then.name) == name:
                text += [f"- ttl: {ttl(one)}", f"  type: {one.then.type}", "  values:", *_values(one.then)]
    return "\n".join(text) + "\n"


def _values(found: RecordSet) -> Iterable[str]:
    if found.type == "MX":
        for value in found.values:
            preference, exchange = value.split()
            yield f"  - exchange: {json.dumps(exchange)}"
            yield f"    preference: {preference}"
        return
    for value in found.all:
        yield f"  - {json.dumps(value.replace(';', chr(92) + ';'))}"


FORMATS: dict[str, Callable[[str, Step], str]] = {
    "zone": zone,
    "bind": bind,
    "terraform": terraform,
    "octodns": octodns,
}
