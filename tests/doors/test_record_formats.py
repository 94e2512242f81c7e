"""Records in each format, read back by something that is not ours."""

from __future__ import annotations

import json
from typing import Any

import dns.rdatatype
import dns.zone
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from disavow.doors import record_formats
from disavow.judgement.path import Change, Step
from disavow.judgement.record_set import Planned, RecordSet
from disavow.standards.questions import Lookup, Mx
from disavow.world.resolver import Zone

LONG = "v=DKIM1; p=" + "A" * 600
SETS = (
    RecordSet("example.org", "TXT", ("v=spf1 exists:%{i}._s.%{d} -all",), ('say "hi"; ${x} \\ \xe9\n',)),
    RecordSet("example.org", "MX", ("10 mail.example.org.", "20 mail.example.net.")),
    RecordSet("k._domainkey.example.org", "TXT", (LONG,)),
    RecordSet("*._domainkey.example.org", "TXT", ("v=DKIM1; p=",)),
    RecordSet("_dmarc.example.org", "TXT", ("v=DMARC1; p=reject",)),
    RecordSet("old.example.org", "TXT"),
)


def step(*sets: RecordSet) -> Step:
    changes = tuple(Change(RecordSet(one.name, one.type, ("old\nline",)), one, 3600) for one in sets)
    files = (("https://mta-sts.example.org/x", "version: STSv1\nmode: testing\n"),)
    return Step(1, "close", Planned({one.key: one for one in sets}), changes, files)


def octets(found: RecordSet) -> set[bytes]:
    return {text.encode("latin-1") for text in found.all}


@pytest.mark.parametrize("format", ["zone", "bind"])
def test_zone_lines_answer_as_planned(format: str) -> None:
    text = record_formats.FORMATS[format]("example.org", step(*SETS))
    zone = Zone(text)
    for one in SETS:
        answer = zone(Lookup(one.name, one.type))
        if one.type == "TXT":
            assert set(answer.values) == octets(one)
    assert set(zone(Lookup("example.org", "MX")).values) == {Mx(10, "mail.example.org"), Mx(20, "mail.example.net")}
    assert "; remove: old.example.org. TXT" in text


def test_bind_loads_as_a_zone_of_its_own() -> None:
    text = record_formats.bind("example.org", step(*SETS))
    zone = dns.zone.from_text(text, "example.org.", check_origin=False)
    ttls = {str(name): rdataset.ttl for name, rdataset in zone.iterate_rdatasets("TXT")}
    assert ttls["_dmarc"] == record_formats.TTL_CHANGED
    strings = [rdata.strings for _, _, rdata in zone.iterate_rdatas(dns.rdatatype.TXT)]
    assert all(len(string) <= 255 for found in strings for string in found)
    assert {b"".join(found) for found in strings} == set().union(
        *map(octets, (one for one in SETS if one.type == "TXT"))
    )


def test_terraform_is_json_without_templates() -> None:
    found = json.loads(record_formats.terraform("example.org", step(*SETS)))
    texts = found["resource"]["dns_txt_record_set"]
    assert texts["_dmarc_example_org"] == {
        "zone": "example.org.", "name": "_dmarc", "txt": ["v=DMARC1; p=reject"], "ttl": 300,
    }  # fmt: skip
    assert "name" not in texts["example_org"]
    assert texts["example_org"]["txt"][0] == "v=spf1 exists:%%{i}._s.%%{d} -all"
    pasted = [text.replace("$${", "${").replace("%%{", "%{") for text in texts["example_org"]["txt"]]
    zone = Zone("\n".join(f'example.org. TXT "{text}"' for text in pasted))
    assert set(zone(Lookup("example.org", "TXT")).values) == octets(SETS[0])
    assert found["resource"]["dns_mx_record_set"]["example_org"]["mx"] == [
        {"preference": 10, "exchange": "mail.example.org."},
        {"preference": 20, "exchange": "mail.example.net."},
    ]
    assert not any("old" in label for label in texts)
    assert "terraform import dns_mx_record_set.example_org example.org." in found["//"]


def test_names_that_look_alike_are_two_resources() -> None:
    names = ("a.b.example.org", "a_b.example.org", "1.example.org")
    found = json.loads(record_formats.terraform("example.org", step(*(RecordSet(one, "TXT", ("x",)) for one in names))))
    texts = found["resource"]["dns_txt_record_set"]
    assert sorted(one["name"] for one in texts.values()) == ["1", "a.b", "a_b"]
    assert not any(label[0].isdigit() for label in texts)


def test_octodns_is_yaml_with_escaped_semicolons() -> None:
    found: dict[str, Any] = yaml.safe_load(record_formats.octodns("example.org", step(*SETS)))
    assert found["_dmarc"] == [{"ttl": 300, "type": "TXT", "values": ["v=DMARC1\\; p=reject"]}]
    apex = {one["type"]: one["values"] for one in found[""]}
    assert {value.replace("\\;", ";") for value in apex["TXT"]} == set(SETS[0].all)
    assert apex["MX"][0] == {"exchange": "mail.example.org.", "preference": 10}
    assert set(found) == {"", "_dmarc", "k._domainkey", "*._domainkey"}


@given(st.text(st.characters(max_codepoint=255), max_size=700))
def test_any_octets_survive_quoting(text: str) -> None:
    (line,) = record_formats.lines(RecordSet("example.org", "TXT", (text,)))
    assert Zone(line)(Lookup("example.org", "TXT")).values == (text.encode("latin-1"),)


def test_a_new_record_may_be_cached_longer() -> None:
    there, new = RecordSet("example.org", "TXT", ("x",)), RecordSet("example.org", "TXT")
    assert record_formats.ttl(Change(new, there)) > record_formats.ttl(Change(there, new))
