"""RFC 7208, on its public suite and beyond it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import spf
from disavow.standards.questions import Answer, Lookup, Mx, Now, Question
from disavow.world.ask import ask
from disavow.world.resolver import Zone

CLIENT = ip_address("192.0.2.1")


class SuiteZone:
    """Answers from the zonedata of the openspf suite: SPF entries double as TXT, TIMEOUT covers what is not listed."""

    def __init__(self, zonedata: dict[str, list[Any]]) -> None:
        self.entries = {name.lower(): entries for name, entries in zonedata.items()}

    def __call__(self, question: Question) -> Answer[Any]:
        assert isinstance(question, Lookup)
        return self._answer(question.name, question.type, 0)

    def _answer(self, name: str, kind: str, aliases: int) -> Answer[Any]:
        entries = self.entries.get(name)
        if entries is None:
            return Answer("nxdomain")
        found = [entry[kind] for entry in entries if isinstance(entry, dict) and kind in entry]
        if kind == "TXT" and not found:
            found = [entry["SPF"] for entry in entries if isinstance(entry, dict) and "SPF" in entry]
        values = tuple(self._value(kind, value) for value in found if value != "NONE")
        if values:
            return Answer("ok", values)
        if "TIMEOUT" in entries:
            return Answer("temperror", why="timeout")
        alias = next((entry["CNAME"] for entry in entries if isinstance(entry, dict) and "CNAME" in entry), None)
        if alias is None:
            return Answer("nodata")
        if aliases > 8:
            return Answer("temperror", why="alias loop")
        return self._answer(alias.lower().removesuffix("."), kind, aliases + 1)

    def _value(self, kind: str, value: Any) -> Any:
        if kind == "TXT":
            strings = value if isinstance(value, list) else [value]
            return b"".join(string.encode("latin-1") for string in strings)
        if kind == "MX":
            return Mx(value[0], value[1].lower().removesuffix("."))
        if kind == "PTR":
            return value.lower().removesuffix(".")
        return ip_address(value)


def scenarios(suites: Path) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((suites / "spf" / "rfc7208-tests.yml").read_text("utf-8")))


def checked(case: dict[str, Any], zone: SuiteZone) -> spf.Result:
    domain, sender = spf.identity(case["mailfrom"], case["helo"])
    return ask(spf.check_host(ip_address(case["host"]), domain, sender, case["helo"]), zone)[0]


def test_the_public_suite_with_its_explanations(suites: Path) -> None:
    wrong, count = [], 0
    for scenario in scenarios(suites):
        zone = SuiteZone(scenario["zonedata"])
        for name, case in scenario["tests"].items():
            count += 1
            allowed = case["result"] if isinstance(case["result"], list) else [case["result"]]
            expected = case.get("explanation")
            result = checked(case, zone)
            explanation = result.explanation or "DEFAULT"
            if result.result not in allowed or (expected is not None and explanation != expected):
                wrong.append((name, result.result, allowed, explanation, expected, result.problem))
    assert not wrong
    assert count == 203


def check(
    zone: str, ip: str = "192.0.2.1", sender: str = "ann@example.org", helo: str = "mx.example.org", receiver: str = ""
) -> spf.Result:
    domain, sender = spf.identity(sender, helo)
    return ask(spf.check_host(ip_address(ip), domain, sender, helo, receiver or "unknown"), Zone(zone))[0]


def publishing(record: str, more: str = "") -> str:
    return f'example.org. TXT "{record}"\n{more}'


# -- What the result tells ----------------------------------------------------------------------------------------


def test_the_term_that_decided_and_the_trace_that_led_there() -> None:
    result = check(
        publishing("v=spf1 a:gone.example.org include:_spf.example.net -all")
        + '_spf.example.net. TXT "v=spf1 mx:example.net ip4:192.0.2.0/24 ~all"\n'
        + "example.net. MX 10 mx.example.net.\nmx.example.net. A 203.0.113.1\n"
    )
    assert (result.result, result.mechanism) == ("pass", "include:_spf.example.net")
    assert (result.lookups, result.voids) == (3, 1)
    assert [(step.domain, step.term, step.depth, step.matched, step.void) for step in result.trace] == [
        ("example.org", "a:gone.example.org", 0, False, True),
        ("example.org", "include:_spf.example.net", 0, True, False),
        ("_spf.example.net", "mx:example.net", 1, False, False),
        ("_spf.example.net", "ip4:192.0.2.0/24", 1, True, False),
    ]
    asked = [(asked.name, asked.type, asked.answer.status) for step in result.trace for asked in step.asked]
    assert asked == [
        ("gone.example.org", "A", "nxdomain"),
        ("_spf.example.net", "TXT", "ok"),
        ("example.net", "MX", "ok"),
        ("mx.example.net", "A", "ok"),
    ]


def test_the_record_is_the_one_of_the_domain_checked() -> None:
    more = '_spf.example.net. TXT "v=spf1 -all"\n'
    result = check(publishing("v=spf1 redirect=_spf.example.net", more))
    assert (result.result, result.record) == ("fail", "v=spf1 redirect=_spf.example.net")
    assert result.mechanism == "-all"
    assert result.trace[-1].domain == "_spf.example.net"


@pytest.mark.parametrize(
    ("zone", "result", "cause"),
    [
        (publishing("v=spf1 ip4:192.0.2 -all"), "permerror", "syntax"),
        (publishing("v=spf1 -all", 'example.org. TXT "v=spf1 +all"\n'), "permerror", "several-records"),
        (publishing("v=spf1 include:example.net -all"), "permerror", "missing-record"),
        (publishing("v=spf1 redirect=example.net"), "permerror", "missing-record"),
        (publishing("v=spf1 include:example.org"), "permerror", "lookup-limit"),
        (publishing("v=spf1 redirect=example.org"), "permerror", "lookup-limit"),
        (publishing("v=spf1 a:a.example.org a:b.example.org a:c.example.org"), "permerror", "void-limit"),
        (
            publishing("v=spf1 mx", "".join(f"example.org. MX 1 m{n}.example.org.\n" for n in range(11))),
            "permerror",
            "mx-limit",
        ),
        (publishing("v=spf1 a:x.example.net", "; SERVFAIL x.example.net.\n"), "temperror", "dns"),
        ("; SERVFAIL example.org.\n", "temperror", "dns"),
        ("example.org. A 192.0.2.1\n", "none", ""),
        ("", "none", ""),
    ],
)
def test_each_error_says_its_cause(zone: str, result: str, cause: str) -> None:
    found = check(zone)
    assert (found.result, found.cause) == (result, cause)
    assert bool(found.problem) == bool(cause)


def test_the_step_that_ended_the_check_is_kept() -> None:
    result = check(publishing("v=spf1 a:x.example.net -all", "; SERVFAIL x.example.net.\n"))
    assert [step.term for step in result.trace] == ["a:x.example.net"]
    assert result.trace[0].asked[0].answer.why == "SERVFAIL"


# -- Limits (section 4.6.4) ---------------------------------------------------------------------------------------


def test_ten_lookups_are_allowed_and_eleven_are_not() -> None:
    hosts = "".join(f"h{n}.example.org. A 203.0.113.{n}\n" for n in range(11))
    ten = " ".join(f"a:h{n}.example.org" for n in range(10))
    assert check(publishing(f"v=spf1 {ten} -all", hosts)).result == "fail"
    assert check(publishing(f"v=spf1 {ten} a:h10.example.org -all", hosts)).cause == "lookup-limit"


def test_a_term_is_void_once_however_many_of_its_lookups_are() -> None:
    exchanges = "".join(f"example.org. MX {n} m{n}.example.org.\n" for n in range(4))
    result = check(publishing("v=spf1 mx -all", exchanges))
    assert (result.result, result.voids) == ("fail", 1)


def test_exchanges_are_tried_by_preference_and_a_failure_behind_the_match_does_not_count() -> None:
    zone = publishing(
        "v=spf1 mx -all",
        "example.org. MX 20 b.example.org.\nexample.org. MX 10 a.example.org.\na.example.org. A 192.0.2.1\n"
        "; SERVFAIL b.example.org.\n",
    )
    result = check(zone)
    assert result.result == "pass"
    assert [asked.name for asked in result.trace[0].asked] == ["example.org", "a.example.org"]


def test_the_null_mx_matches_nothing() -> None:
    assert check(publishing("v=spf1 mx -all", "example.org. MX 0 .\n")).result == "fail"


# -- Identities and macros ----------------------------------------------------------------------------------------


def test_a_null_sender_is_the_postmaster_of_helo() -> None:
    zone = 'mx.example.org. TXT "v=spf1 exists:%{l}.%{o} -all"\npostmaster.mx.example.org. A 127.0.0.2\n'
    result = check(zone, sender="")
    assert (result.result, result.domain) == ("pass", "mx.example.org")


def test_a_mapped_address_is_an_ipv4_address() -> None:
    assert check(publishing("v=spf1 ip4:192.0.2.1 -all"), ip="::ffff:192.0.2.1").result == "pass"
    assert check(publishing("v=spf1 ip6:::ffff:192.0.2.1 -all"), ip="::ffff:192.0.2.1").result == "fail"


@pytest.mark.parametrize(
    ("macro", "expanded"),
    [
        ("%{s}", "strong-bad@email.example.com"),
        ("%{o}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{l}", "strong-bad"),
        ("%{l-}", "strong.bad"),
        ("%{lr-}", "bad.strong"),
        ("%{l1r-}", "strong"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{S}", "strong-bad%40email.example.com"),
        ("%%%_%-", "% %20"),
        ("%{c} %{h} %{r}", "192.0.2.3 mx.example.org receiver.example"),
        ("%{p}", "unknown"),
        ("%{d99999999999999999999}", "email.example.com"),
    ],
)
def test_macros_as_section_7_4_shows_them(macro: str, expanded: str) -> None:
    zone = f'email.example.com. TXT "v=spf1 -all exp=why.example.com"\nwhy.example.com. TXT "{macro}"\n'
    result = check(zone, "192.0.2.3", "strong-bad@email.example.com", receiver="receiver.example")
    assert result.explanation == expanded


def test_the_address_macro_of_ipv6() -> None:
    zone = publishing("v=spf1 exists:%{ir}.%{v}.example.net -all", "*.ip6.example.net. A 127.0.0.2\n")
    result = check(zone, "2001:db8::cb01")
    assert result.result == "pass"
    assert result.trace[0].asked[0].name == "1.0.b.c." + "0." * 20 + "8.b.d.0.1.0.0.2.ip6.example.net"


def test_the_validated_name_prefers_the_domain_itself_then_one_below() -> None:
    reverse = "".join(f"1.2.0.192.in-addr.arpa. PTR {name}.\n" for name in ("a.example.net", "b.example.org"))
    forward = "a.example.net. A 192.0.2.1\nb.example.org. A 192.0.2.1\n"
    zone = publishing("v=spf1 -all exp=why.example.org", 'why.example.org. TXT "%{p}"\n' + reverse + forward)
    assert check(zone).explanation == "b.example.org"
    zone += "1.2.0.192.in-addr.arpa. PTR example.org.\nexample.org. A 192.0.2.1\n"
    assert check(zone).explanation == "example.org"


def test_the_time_macro_asks_for_the_time() -> None:
    zone = Zone(publishing("v=spf1 -all exp=why.example.org", 'why.example.org. TXT "%{t}"\n'))

    def world(question: Question) -> Answer[Any]:
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        return Answer("ok", (moment,)) if isinstance(question, Now) else zone(question)

    result, _ = ask(spf.check_host(CLIENT, "example.org", "ann@example.org"), world)
    assert result.explanation == "1767225600"


@pytest.mark.parametrize("explanation", ["%{x}", "50%", "caf\\233", "one\\013\\010two", "a" * 255 + '" "' + "b" * 4000])
def test_an_explanation_that_is_not_well_formed_is_none(explanation: str) -> None:
    text = '" "'.join(explanation[at : at + 250] for at in range(0, len(explanation), 250)).replace('"" ""', '"')
    zone = publishing("v=spf1 -all exp=why.example.org", f'why.example.org. TXT "{text}"\n')
    result = check(zone)
    assert (result.result, result.explanation) == ("fail", None)


def test_a_sender_cannot_put_a_line_end_into_the_explanation() -> None:
    zone = publishing("v=spf1 -all exp=why.example.org", 'why.example.org. TXT "no mail from %{l}"\n')
    assert check(zone, sender="ann@example.org").explanation == "no mail from ann"
    assert check(zone, sender="ann\r\n250 ok@example.org").explanation is None


# -- Internationalised mail (RFC 8616 section 4) ------------------------------------------------------------------


def test_a_domain_in_u_labels_is_looked_up_in_a_labels() -> None:
    zone = 'xn--bcher-kva.example. TXT "v=spf1 exists:%{o}.list.example -all"\n'
    zone += "xn--bcher-kva.example.list.example. A 127.0.0.2\n"
    assert check(zone, sender="ann@bücher.example").result == "pass"


@pytest.mark.parametrize("macro", ["%{l}", "%{s}", "%{L}"])
def test_a_term_with_the_local_part_does_not_match_one_in_utf8(macro: str) -> None:
    zone = publishing(f"v=spf1 exists:{macro}.list.example -all", "*.list.example. A 127.0.0.2\n")
    assert check(zone, sender="änn@example.org").result == "fail"
    assert check(zone, sender="ann@example.org").result == "pass"


@pytest.mark.parametrize(
    "domain", ["", "localhost", "[192.0.2.1]", "a..example", "x" * 64 + ".example", "example.org\x00é"]
)
def test_what_is_no_domain_name_has_no_spf(domain: str) -> None:
    result, transcript = ask(spf.check_host(CLIENT, domain, f"ann@{domain}"), Zone(""))
    assert (result.result, transcript) == ("none", ())


# -- Records ------------------------------------------------------------------------------------------------------


def test_parse_gives_typed_terms() -> None:
    record = spf.parse(
        "v=spf1 ip4:192.0.2.0/24 ~a:example.net/24//64 -Include:_spf.%{d} ?MX exp=why.example.org x=y -all"
    )
    network, address, include, exchange, explanation, unknown, end = record.terms
    assert network == spf.Mechanism("+", "ip4", network=ip_network("192.0.2.0/24"))
    assert address == spf.Mechanism("~", "a", "example.net", None, 24, 64)
    assert include == spf.Mechanism("-", "include", "_spf.%{d}")
    assert exchange == spf.Mechanism("?", "mx")
    assert (explanation, unknown) == (spf.Modifier("exp", "why.example.org"), spf.Modifier("x", "y"))
    assert end == spf.Mechanism("-", "all")
    assert record.modifier("exp") == explanation
    assert record.modifier("redirect") is None
    assert [term.asks for term in record.mechanisms] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ("v=spf2 -all", "does not begin with v=spf1"),
        ("v=spf1 ipv4:192.0.2.1", "is ip4 meant"),
        ("v=spf1 a:192.0.2.1", "an address stands where a domain belongs"),
        ("v=spf1 ip4:192.0.2.1/33", "not a prefix length between 0 and 32"),
        ("v=spf1 ip4:192.0.2.01", "not an IPv4 address"),
        ("v=spf1 ip6:2001:db8::1%eth0", "not an IPv6 address"),
        ("v=spf1 ip6:192.0.2.1", "not an IPv6 address"),
        ("v=spf1 a:%{d0}", "is not allowed here"),
        ("v=spf1 exists:%{c}.example.org", "is not allowed here"),
        ("v=spf1 exp=a.example exp=b.example", "stands twice"),
        ("v=spf1 -all\tptr", "not visible ASCII"),
        ("v=spf1 " + "a " * 40_000, "longer than a TXT record"),
    ],
)
def test_parse_says_what_is_wrong(record: str, what: str) -> None:
    with pytest.raises(Malformed, match=what):
        spf.parse(record)


def test_the_offset_is_that_of_the_wrong_term() -> None:
    with pytest.raises(Malformed) as caught:
        spf.parse(b"v=spf1 a  moo -all")
    assert (caught.value.at, caught.value.what) == (10, "unknown mechanism: moo")


_ALPHABET = "v=spf1 aimxp46tincludex:./%{dhslr}-+~?all0129redct_"
_RECORDS = st.one_of(
    st.text(_ALPHABET, max_size=60).map(lambda text: "v=spf1 " + text).map(str.encode),
    st.binary(max_size=60).map(lambda data: b"v=spf1 " + data),
    st.binary(max_size=30),
)


@given(_RECORDS)
def test_any_record_is_parsed_or_malformed(text: bytes) -> None:
    try:
        record = spf.parse(text)
    except Malformed as error:
        assert error.what
        return
    assert spf.parse(spf.format(record)) == record


_SPEC = st.sampled_from(["example.net", "%{ir}.%{v}.example", "_spf.%{d2}", "%{h}"])
_QUALIFIER = st.sampled_from("+-~?")
_TERM = st.one_of(
    st.builds(spf.Mechanism, _QUALIFIER, st.just("all")),
    st.builds(spf.Mechanism, _QUALIFIER, st.sampled_from(["include", "exists", "ptr"]), _SPEC),
    st.builds(
        spf.Mechanism,
        _QUALIFIER,
        st.sampled_from(["a", "mx"]),
        st.one_of(st.just(""), _SPEC),
        st.none(),
        st.integers(0, 32),
        st.integers(0, 128),
    ),
    st.builds(
        lambda sign, network: spf.Mechanism(sign, f"ip{'4' if network.version == 4 else '6'}", network=network),
        _QUALIFIER,
        st.sampled_from([ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"), ip_network("203.0.113.7")]),
    ),
)


@given(st.lists(_TERM, max_size=5).map(tuple), st.lists(_SPEC, max_size=1))
def test_what_is_formatted_is_parsed_again(terms: tuple[spf.Mechanism, ...], redirect: list[str]) -> None:
    record = spf.Record((*terms, *(spf.Modifier("redirect", spec) for spec in redirect)))
    assert spf.parse(spf.format(record)) == record


# -- Adversaries --------------------------------------------------------------------------------------------------


class Answering:
    """Gives the same TXT record for every name and counts the questions."""

    def __init__(self, record: bytes, hosts: tuple[Any, ...] = ()) -> None:
        self.record, self.hosts, self.count = record, hosts, 0

    def __call__(self, question: Question) -> Answer[Any]:
        assert isinstance(question, Lookup)
        self.count += 1
        if question.type == "TXT":
            return Answer("ok", (self.record,))
        return Answer("ok", self.hosts) if question.type == "MX" else Answer("nodata")


@pytest.mark.parametrize(
    "record",
    [
        b"v=spf1" + b" ip4:1.1.1.1" * 5_000 + b" -all",
        b"v=spf1" + b" a:x.example" * 5_000,
        b"v=spf1 " + b"include:%{l}%{l}.x.example " * 2_400,
        b"v=spf1 exists:" + b"%{s}" * 16_000 + b".example -all",
        b"v=spf1 exists:" + b"%{s9999999999999r-.+,/_=}" * 2_600 + b".example -all",
        b"v=spf1 include:" + b"%{d}." * 12_000 + b"example",
        b"v=spf1 redirect=x.%{d}",
        b"v=spf1 a:" + b"/1" * 30_000,
        b"v=spf1 a:" + b"/" * 60_000,
        b"v=spf1 " + b"%" * 60_000,
        b"v=spf1 a:" + b"x." * 30_000,
        b"v=spf1 x=" + b"%{" * 30_000,
        b"v=spf1 " + b"a" * 60_000,
        b"v=spf1" + b" " * 65_000,
        b"v=spf1 " + b"a " * 225_000,
        b"v=spf1 mx ptr:%{p} a:%{p}.example",
    ],
)
def test_hostile_records_stay_within_the_limits(record: bytes) -> None:
    hosts = tuple(Mx(1, f"m{number}.example") for number in range(10_000))
    world = Answering(record, hosts)
    result, transcript = ask(spf.check_host(CLIENT, "example.org", "l" * 100_000 + "@example.org"), world)
    assert result.lookups <= spf.MAX_LOOKUPS + 1
    assert len(result.trace) <= spf.MAX_LOOKUPS + 1
    assert len(transcript) <= 10 + spf.MAX_LOOKUPS * (1 + spf.MAX_NAMES)


@given(_RECORDS, st.sampled_from(["192.0.2.1", "2001:db8::1"]))
def test_any_record_gives_a_result(record: bytes, ip: str) -> None:
    result, _ = ask(spf.check_host(ip_address(ip), "example.org", "ann@example.org", "mx"), Answering(record))
    assert result.result in ("pass", "fail", "softfail", "neutral", "none", "permerror")
