"""RFC 9989 on public vectors and beyond them, RFC 7489 beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import dmarc
from disavow.standards.questions import Answer, Lookup, Question
from disavow.world.ask import ask
from disavow.world.resolver import Zone


class VectorZone:
    """Answers from the zones of the vectors: {name: {type: values}}."""

    def __init__(self, zone: dict[str, dict[str, Any]]) -> None:
        self.zone = zone
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> Answer[Any]:
        assert isinstance(question, Lookup)
        self.asked.append(question)
        types = self.zone.get(question.name)
        if types is None:
            below = any(name.endswith("." + question.name) for name in self.zone)
            return Answer("nodata" if below else "nxdomain")
        values = types.get(question.type)
        if not values:
            return Answer("nodata")
        joined = tuple("".join(strings).encode() for strings in values) if question.type == "TXT" else tuple(values)
        return Answer("ok", joined)


def test_the_public_vectors(suites: Path) -> None:
    cases = json.loads((suites / "dmarc" / "dmarc-rfc9989.json").read_text("utf-8"))
    wrong = []
    for case in cases:
        zone = VectorZone(case["zone"])
        spf = dmarc.Authenticated("pass", case["spf"][0]) if case["spf"] else None
        dkim = [dmarc.Authenticated("pass", domain) for domain in case["dkim"]]
        result, _ = ask(dmarc.evaluate(case["from"].rpartition("@")[2], spf, dkim), zone)
        got = {
            "result": result.result,
            "policy": result.policy,
            "org_domain": result.organizational_domain,
            "queries": [asked.name for asked in zone.asked if asked.type == "TXT"],
        }
        if any(got[key] != value for key, value in case["expect"].items()):
            wrong.append((case["id"], case["expect"], got))
    assert not wrong
    assert len(cases) == 41


def evaluate(author: str, zone: str, spf: tuple[str, str] | None = None, *dkim: tuple[str, str]) -> dmarc.Result:
    authenticated = dmarc.Authenticated(*spf) if spf else None
    return ask(dmarc.evaluate(author, authenticated, [dmarc.Authenticated(*one) for one in dkim]), Zone(zone))[0]


def record(domain: str, text: str) -> str:
    return f'_dmarc.{domain}. TXT "{text}"\n'


def walk(domain: str, zone: str) -> dmarc.Discovery:
    return ask(dmarc.discover(domain), Zone(zone))[0]


# -- Where the policy comes from (RFC 9989 section 4.10.1) ---------------------------------------------------------

ORG = record("example.org", "v=DMARC1; p=reject; sp=quarantine; np=none")
EXISTING = "mail.example.org. A 192.0.2.1\n"


@pytest.mark.parametrize(
    ("author", "zone", "policy", "tag", "place"),
    [
        # sp and np say nothing about the domain that publishes them.
        ("example.org", ORG, "reject", "p", "author"),
        ("mail.example.org", ORG + EXISTING, "quarantine", "sp", "organizational"),
        ("ghost.example.org", ORG, "none", "np", "organizational"),
        # A name that exists only because names lie below it exists (RFC 8020).
        ("mail.example.org", ORG + "x.mail.example.org. A 192.0.2.1\n", "quarantine", "sp", "organizational"),
        # So does a name that is an alias, whatever it leads to.
        ("mail.example.org", ORG + "mail.example.org. CNAME nowhere.example.\n", "quarantine", "sp", "organizational"),
        # Without np, sp; without both, p.
        ("ghost.example.org", record("example.org", "v=DMARC1; p=none; sp=reject"), "reject", "sp", "organizational"),
        ("ghost.example.org", record("example.org", "v=DMARC1; p=reject"), "reject", "p", "organizational"),
        # The own sp of a name that is not organizational is ignored, its p is not.
        ("a.example.org", ORG + record("a.example.org", "v=DMARC1; p=none; sp=reject"), "none", "p", "author"),
        # Of a record in between nothing is taken: the record with the fewest labels is the organizational one.
        (
            "x.a.example.org",
            ORG + record("a.example.org", "v=DMARC1; p=none") + "x.a.example.org. A 192.0.2.1\n",
            "quarantine",
            "sp",
            "organizational",
        ),
        # A public suffix speaks for those who publish nothing, by np if they do not exist.
        (
            "shop.bank.test",
            record("bank.test", "v=DMARC1; psd=y; p=none; sp=quarantine; np=reject"),
            "reject",
            "np",
            "psd",
        ),
        ("bank.test", record("bank.test", "v=DMARC1; psd=y; p=none; sp=quarantine; np=reject"), "none", "p", "author"),
        # A public suffix that has its own record elsewhere: the organizational domain's wins.
        (
            "a.shop.bank.test",
            record("bank.test", "v=DMARC1; psd=y; p=reject") + record("shop.bank.test", "v=DMARC1; p=none"),
            "none",
            "p",
            "organizational",
        ),
        # t=y weakens whatever tag the policy came from.
        (
            "mail.example.org",
            record("example.org", "v=DMARC1; p=none; sp=reject; t=y"),
            "quarantine",
            "sp",
            "organizational",
        ),
        (
            "ghost.example.org",
            record("example.org", "v=DMARC1; p=none; np=quarantine; t=y"),
            "none",
            "np",
            "organizational",
        ),
        # A record behind an alias, and a wildcard that answers for the name.
        (
            "example.org",
            '_dmarc.example.org. CNAME d.example.net.\nd.example.net. TXT "v=DMARC1; p=reject"\n',
            "reject",
            "p",
            "author",
        ),
        (
            "a.example.org",
            '*.example.org. TXT "not dmarc"\n' + ORG + "a.example.org. A 192.0.2.1\n",
            "quarantine",
            "sp",
            "organizational",
        ),
    ],
)
def test_the_policy_and_where_it_comes_from(author: str, zone: str, policy: str, tag: str, place: str) -> None:
    result = evaluate(author, zone)
    assert (result.result, result.policy, result.tag, result.place) == ("fail", policy, tag, place)
    assert result.disposition == policy


def test_whether_the_author_exists_is_asked_only_where_it_matters() -> None:
    assert evaluate("mail.example.org", ORG + EXISTING).exists is True
    assert evaluate("ghost.example.org", ORG).exists is False
    _, transcript = ask(dmarc.evaluate("a.example.org", None, []), Zone(record("example.org", "v=DMARC1; p=reject")))
    assert {exchange.question.type for exchange in transcript if isinstance(exchange.question, Lookup)} == {"TXT"}


def test_t_weakens_the_policy_and_says_what_was_published() -> None:
    result = evaluate("example.org", record("example.org", "v=DMARC1; p=reject; t=y"))
    assert (result.policy, result.published) == ("quarantine", "reject")


def test_a_pass_asks_for_nothing() -> None:
    result = evaluate("example.org", ORG, ("pass", "example.org"))
    assert (result.result, result.policy, result.disposition) == ("pass", "reject", "none")


@pytest.mark.parametrize(
    "text",
    [
        "v=DMARC1; p=bogus; rua=mailto:d@example.org",
        "v=DMARC1; rua=mailto:d@example.org",
        "v=DMARC1; p=reject; sp=bogus; rua=mailto:d@example.org",
        "v=DMARC1; p=reject; np=bogus; rua=mailto:d@example.org!10m",
    ],
)
def test_a_wrong_policy_with_an_address_to_report_to_is_none(text: str) -> None:
    result = evaluate("example.org", record("example.org", text))
    assert (result.result, result.policy) == ("fail", "none")


@pytest.mark.parametrize("text", ["v=DMARC1; p=bogus", "v=DMARC1; p=reject; sp=bogus", "v=DMARC1", "v=DMARC1; rua=d"])
def test_a_wrong_policy_without_one_is_no_dmarc(text: str) -> None:
    assert evaluate("example.org", record("example.org", text)).result == "none"


def test_wrong_flags_count_as_their_defaults() -> None:
    zone = record("example.org", "v=DMARC1; p=reject; t=maybe; psd=x; adkim=strict; aspf=; fo=9")
    result = evaluate("example.org", zone, None, ("pass", "mail.example.org"))
    assert (result.result, result.policy) == ("pass", "reject")
    assert result.record
    assert len(result.record.problems) == 5


# -- The walk (section 4.10) ---------------------------------------------------------------------------------------


def test_eight_labels_are_walked_one_by_one_and_nine_jump_to_seven() -> None:
    assert dmarc.targets("a.b.c.d.e.f.example.org")[:2] == ("a.b.c.d.e.f.example.org", "b.c.d.e.f.example.org")
    assert len(dmarc.targets("a.b.c.d.e.f.example.org")) == 8
    assert dmarc.targets("z.a.b.c.d.e.f.example.org")[:2] == ("z.a.b.c.d.e.f.example.org", "b.c.d.e.f.example.org")
    assert len(dmarc.targets("z.a.b.c.d.e.f.example.org")) == 8
    assert dmarc.targets("org") == ("org",)


def test_one_label_below_a_public_suffix_even_where_the_walk_jumped() -> None:
    zone = record("c.d.e.f.g.bank.test", "v=DMARC1; psd=y; p=reject")
    assert walk("x.y.b.c.d.e.f.g.bank.test", zone).organizational == "b.c.d.e.f.g.bank.test"


@pytest.mark.parametrize(
    ("zone", "organizational"),
    [
        ("", "a.b.example.org"),
        (record("example.org", "v=DMARC1; p=none"), "example.org"),
        (record("b.example.org", "v=DMARC1; p=none") + record("example.org", "v=DMARC1; p=none"), "example.org"),
        (record("b.example.org", "v=DMARC1; psd=n") + record("example.org", "v=DMARC1; p=none"), "b.example.org"),
        (record("example.org", "v=DMARC1; psd=y") + record("org", "v=DMARC1; p=none"), "b.example.org"),
        (record("a.b.example.org", "v=DMARC1; psd=y") + record("example.org", "v=DMARC1; p=none"), "a.b.example.org"),
        (record("a.b.example.org", "v=DMARC1; psd=y"), "a.b.example.org"),
        (record("org", "v=DMARC1; psd=y"), "example.org"),
        # Several records at one name are none; the walk goes on.
        (
            record("b.example.org", "v=DMARC1; psd=n") * 2
            + record("b.example.org", "v=DMARC1; p=none")
            + record("example.org", "v=DMARC1; p=none"),
            "example.org",
        ),
    ],
)
def test_the_organizational_domain(zone: str, organizational: str) -> None:
    assert walk("a.b.example.org", zone).organizational == organizational


def test_the_walk_keeps_what_it_asked_and_found() -> None:
    found = walk(
        "a.b.example.org", record("b.example.org", "v=DMARC1; p=none") + record("example.org", "v=DMARC1; p=none")
    )
    assert [(asked.domain, asked.status, asked.records) for asked in found.asked] == [
        ("a.b.example.org", "nxdomain", 0),
        ("b.example.org", "ok", 1),
        ("example.org", "ok", 1),
        ("org", "nxdomain", 0),
    ]
    assert [item.domain for item in found.found] == ["b.example.org", "example.org"]


# -- Alignment (section 4.4) ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spf", "dkim", "result"),
    [
        (("pass", "bounce.example.org"), [], "pass"),
        (("fail", "example.org"), [], "fail"),
        (("softfail", "example.org"), [], "fail"),
        (("pass", "example.net"), [("pass", "example.net"), ("pass", "mail.example.org")], "pass"),
        (("pass", "example.net"), [("fail", "example.org")], "fail"),
        (None, [("pass", "EXAMPLE.org.")], "pass"),
        (None, [("pass", "org")], "fail"),
        (None, [("pass", "notexample.org")], "fail"),
        (None, [("pass", "")], "fail"),
        (None, [("pass", "example.org.example.net")], "fail"),
    ],
)
def test_any_aligned_pass_suffices(spf: tuple[str, str] | None, dkim: list[tuple[str, str]], result: str) -> None:
    found = evaluate("example.org", ORG, spf, *dkim)
    assert found.result == result
    assert len(found.alignments) == len(dkim) + (spf is not None)
    assert any(one.passes for one in found.alignments) == (result == "pass")


def test_each_identifier_has_its_own_walk() -> None:
    zone = ORG + record("shop.example.org", "v=DMARC1; p=none; psd=n")
    result = evaluate("example.org", zone, None, ("pass", "a.shop.example.org"), ("pass", "a.example.org"))
    assert [one.aligned for one in result.alignments] == [False, True]
    assert [one.how for one in result.alignments] == ["", "organizational"]


def test_strict_alignment_wants_the_same_name() -> None:
    zone = record("example.org", "v=DMARC1; p=reject; adkim=s; aspf=s")
    relaxed = evaluate("example.org", zone, ("pass", "mail.example.org"), ("pass", "mail.example.org"))
    assert relaxed.result == "fail"
    assert evaluate("example.org", zone, ("pass", "example.org")).alignments[0].how == "same"


def test_u_labels_are_compared_as_a_labels() -> None:
    zone = record("xn--bcher-kva.example", "v=DMARC1; p=reject; adkim=s")
    result = evaluate("Bücher.example", zone, None, ("pass", "bücher.example"))
    assert (result.result, result.author_domain) == ("pass", "xn--bcher-kva.example")


@pytest.mark.parametrize("author", ["", "a..example", "[192.0.2.1]", "a b.example"])
def test_an_author_that_is_no_domain_is_a_permerror(author: str) -> None:
    assert evaluate(author, "").result == "permerror"


def test_strangers_signatures_cost_no_question() -> None:
    strangers = [("pass", f"s{number}.example.net") for number in range(1_000)]
    many = [("fail", f"s{number}.example.org") for number in range(1_000)]
    dialogue = dmarc.evaluate("example.org", None, [dmarc.Authenticated(*one) for one in (*strangers, *many)])
    result, transcript = ask(dialogue, Zone(ORG))
    assert result.result == "fail"
    assert len(transcript) <= 2 + dmarc.MAX_IDENTIFIERS * 8


def test_a_pass_behind_many_broken_signatures_is_still_found() -> None:
    broken = [("fail", f"s{number}.example.org") for number in range(100)]
    assert evaluate("example.org", ORG, None, *broken, ("pass", "mail.example.org")).result == "pass"


# -- Failed lookups ------------------------------------------------------------------------------------------------


def failing(*names: str) -> str:
    return "".join(f"; SERVFAIL {name}.\n" for name in names)


@pytest.mark.parametrize(
    "failed", ["_dmarc.a.b.example.org", "_dmarc.b.example.org", "_dmarc.example.org", "_dmarc.org"]
)
def test_a_failure_at_any_step_of_the_walk_is_no_fail(failed: str) -> None:
    zone = record("example.org", "v=DMARC1; p=reject") + failing(failed)
    result = evaluate("a.b.example.org", zone)
    assert (result.result, result.disposition) == ("temperror", "none")
    assert result.problem


def test_a_failure_leaves_the_policy_open_unless_the_author_has_a_record() -> None:
    zone = record("example.org", "v=DMARC1; p=reject") + failing("_dmarc.org")
    assert evaluate("a.example.org", zone, None, ("pass", "a.example.org")).result == "temperror"
    assert evaluate("example.org", zone).result == "fail"
    zone = record("example.org", "v=DMARC1") + failing("_dmarc.org")
    assert evaluate("example.org", zone).result == "none"


def test_a_failure_above_a_common_organizational_domain_does_not_undo_alignment() -> None:
    zone = ORG + record("a.example.org", "v=DMARC1; p=reject") + failing("_dmarc.org")
    assert evaluate("a.example.org", zone, None, ("pass", "b.example.org")).result == "pass"


@pytest.mark.parametrize("failed", ["_dmarc.b.example.org", "_dmarc.example.org"])
def test_a_failure_that_may_hide_another_organizational_domain_leaves_it_open(failed: str) -> None:
    zone = record("a.example.org", "v=DMARC1; p=reject") + ORG + failing(failed)
    assert evaluate("a.example.org", zone, None, ("pass", "b.example.org")).result == "temperror"


@pytest.mark.parametrize(
    ("spf", "dkim", "result"),
    [
        (("temperror", "example.org"), [], "temperror"),
        (None, [("temperror", "mail.example.org")], "temperror"),
        (("temperror", "example.org"), [("pass", "example.org")], "pass"),
        # What could never be aligned leaves nothing open: a stranger's dead key must not undo a policy.
        (("temperror", "example.net"), [("temperror", "example.net")], "fail"),
    ],
)
def test_identifiers_that_could_not_be_checked(
    spf: tuple[str, str] | None, dkim: list[tuple[str, str]], result: str
) -> None:
    assert evaluate("example.org", ORG, spf, *dkim).result == result


def test_existence_is_not_missed_where_np_asks_for_the_same() -> None:
    zone = record("example.org", "v=DMARC1; p=reject; np=reject") + failing("ghost.example.org")
    assert evaluate("ghost.example.org", zone).policy == "reject"


def test_unknown_existence_is_open_only_for_a_message_that_fails() -> None:
    zone = ORG + failing("mail.example.org")
    assert evaluate("mail.example.org", zone).result == "temperror"
    assert evaluate("mail.example.org", zone, ("pass", "mail.example.org")).result == "pass"


# -- RFC 7489 beside it --------------------------------------------------------------------------------------------


def evaluate_7489(author: str, zone: str, *dkim: tuple[str, str]) -> dmarc.Result:
    return ask(dmarc.evaluate_7489(author, None, [dmarc.Authenticated(*one) for one in dkim]), Zone(zone))[0]


def test_suffix_list_and_walk_differ_where_only_a_child_publishes() -> None:
    zone = record("mail.example.com", "v=DMARC1; p=reject")
    old = evaluate_7489("mail.example.com", zone, ("pass", "example.com"))
    new = evaluate("mail.example.com", zone, None, ("pass", "example.com"))
    assert (old.result, old.organizational_domain) == ("pass", "example.com")
    assert (new.result, new.organizational_domain) == ("fail", "mail.example.com")
    assert old.discovery
    assert old.discovery.method == "psl"


@pytest.mark.parametrize(
    ("author", "zone", "result", "policy"),
    [
        ("a.b.example.com", record("example.com", "v=DMARC1; p=none; sp=reject"), "fail", "reject"),
        ("a.example.co.uk", record("example.co.uk", "v=DMARC1; p=reject"), "fail", "reject"),
        ("a.b.example.com", record("b.example.com", "v=DMARC1; p=reject"), "none", "none"),
        ("example.com", record("example.com", "v=DMARC1; p=none; sp=reject"), "fail", "none"),
        ("example.com", record("example.com", "v=DMARC1; p=reject; t=y"), "fail", "reject"),
        ("ghost.example.com", record("example.com", "v=DMARC1; p=reject; np=none"), "fail", "reject"),
        (
            "example.com",
            record("example.com", "v=DMARC1; p=reject") + record("example.com", "v=DMARC1; p=none"),
            "none",
            "none",
        ),
        (
            "a.example.com",
            record("a.example.com", "v=DMARC1; p=none")
            + record("a.example.com", "v=DMARC1; p=reject")
            + record("example.com", "v=DMARC1; p=reject"),
            "none",
            "none",
        ),
        (
            "a.example.com",
            record("a.example.com", "v=DMARC1; p=reject") + failing("_dmarc.a.example.com"),
            "temperror",
            "none",
        ),
        ("com", "", "none", "none"),
    ],
)
def test_rfc_7489(author: str, zone: str, result: str, policy: str) -> None:
    found = evaluate_7489(author, zone)
    assert (found.result, found.policy) == (result, policy)


# -- Records -------------------------------------------------------------------------------------------------------


def test_parse_gives_typed_values() -> None:
    text = b"v=DMARC1;p=Reject;SP=none ; adkim=S;fo=1:d:s;rua=mailto:a@example.org!10m, https://r.example/x;ruf=d;pct=20;x=y;"
    found = dmarc.parse(text)
    assert (found.p, found.sp, found.np, found.adkim, found.aspf, found.fo) == (
        "reject",
        "none",
        None,
        "s",
        "r",
        "1:d:s",
    )
    assert (found.rua, found.ruf, found.pct) == (("mailto:a@example.org", "https://r.example/x"), (), 20)
    assert dict(found.tags)["x"] == "y"
    assert found.problems == ("ruf= holds what is no address to report to: d",)


def test_of_a_tag_that_stands_twice_the_first_counts() -> None:
    found = dmarc.parse(b"v=DMARC1; p=reject; p=none; junk; v=DMARC1")
    assert (found.p, len(found.problems)) == ("reject", 3)


@pytest.mark.parametrize(
    "text", [b"", b"v=DMARC1x; p=none", b"v=dmarc1; p=none", b"p=none; v=DMARC1", b"v=DMARC2", b"vDMARC1"]
)
def test_what_is_no_dmarc_record_is_malformed(text: bytes) -> None:
    with pytest.raises(Malformed):
        dmarc.parse(text)


_TEXT = st.text("; =:,!vpsnruat0159DMARC@.xé\x00", max_size=60).map(lambda text: "v=DMARC1;" + text).map(str.encode)


@given(st.one_of(_TEXT, st.binary(max_size=40), st.binary(max_size=40).map(lambda data: b"v=DMARC1; p=none; " + data)))
def test_any_record_is_parsed_or_malformed(text: bytes) -> None:
    try:
        found = dmarc.parse(text)
    except Malformed:
        return
    assert dmarc.parse(dmarc.format(found).encode()) == found


_POLICY = st.sampled_from(["none", "quarantine", "reject"])
_URI = st.sampled_from(["mailto:d@example.org", "https://r.example/x", "mailto:a%2Cb@example.org"])
_RS = st.sampled_from(["r", "s"])
_RECORD = st.builds(
    dmarc.Record,
    _POLICY,
    st.none() | _POLICY,
    st.none() | _POLICY,
    _RS,
    _RS,
    st.sampled_from(["y", "n", "u"]),
    st.booleans(),
    st.lists(_URI, max_size=3).map(tuple),
    st.lists(_URI, max_size=3).map(tuple),
    st.sampled_from(["0", "1", "d", "s", "d:s"]),
    st.integers(0, 100),
    st.integers(0, 2**32 - 1),
)


@given(_RECORD)
def test_what_is_formatted_is_parsed_again(found: dmarc.Record) -> None:
    assert dmarc.parse(dmarc.format(found).encode()) == found


@pytest.mark.parametrize("unit", [b";", b"=", b"a=b;", b",", b" ", b"rua=", b"mailto:", b"\xc3\xa9", b"!1", b":", b"v"])
def test_a_megabyte_of_anything_is_parsed(unit: bytes) -> None:
    found = dmarc.parse(b"v=DMARC1; p=none; rua=" + unit * (1_000_000 // len(unit)))
    assert len(found.rua) <= dmarc.MAX_URIS
