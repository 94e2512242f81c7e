from __future__ import annotations

import ast
import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import authres
from disavow.standards.authres import AuthenticationResults, Property, Result

# The shapes of RFC 8601 appendix B, in words of our own, and what the field's known writers make of it.
FORMS: list[tuple[str, AuthenticationResults]] = [
    ("example.org 1; none", AuthenticationResults("example.org")),
    ("example.org; none (not checked (here))", AuthenticationResults("example.org", comments=("not checked (here)",))),
    (
        "example.com;\r\n\tspf=pass smtp.mailfrom=example.net",
        AuthenticationResults(
            "example.com", (Result("spf", "pass", "", (Property("smtp", "mailfrom", "example.net"),)),)
        ),
    ),
    (
        "example.com; auth=pass (cram-md5) smtp.auth=s@example.net; iprev=pass policy.iprev=2001:db8::7 (a.example)",
        AuthenticationResults(
            "example.com",
            (
                Result("auth", "pass", "", (Property("smtp", "auth", "s@example.net"),), ("cram-md5",)),
                Result("iprev", "pass", "", (Property("policy", "iprev", "2001:db8::7", ("a.example",)),)),
            ),
        ),
    ),
    (
        'a.example (on (foo) host) 1 (version); dkim (dk) / 2 (this) = (here) fail (body)\r\n reason="bad \\"hash\\""'
        " policy (A) . (B) expired (C) = (D) 1362471462 (E)",
        AuthenticationResults(
            "a.example",
            (
                Result(
                    *("dkim", "fail", 'bad "hash"'),
                    (Property("policy", "expired", "1362471462", ("A", "B", "C", "D", "E")),),
                    ("dk", "this", "here", "body"),
                    2,
                ),
            ),
            comments=("on (foo) host", "version"),
        ),
    ),
    (
        '"a b.example"; spf=fail smtp.mailfrom="x y"@example.org',
        AuthenticationResults(
            "a b.example", (Result("spf", "fail", "", (Property("smtp", "mailfrom", '"x y"@example.org'),)),)
        ),
    ),
    (
        "prüfer.example; dkim=pass header.i=ü@bücher.example",
        AuthenticationResults(
            "prüfer.example", (Result("dkim", "pass", "", (Property("header", "i", "ü@bücher.example"),)),)
        ),
    ),
    (
        "spf=none (sender IP is 192.0.2.7)\r\n smtp.mailfrom=<>; dmarc=none action=none "
        "header.from=a.example;compauth=pass reason=100",
        AuthenticationResults(
            "",
            (
                Result("spf", "none", "", (Property("smtp", "mailfrom", "<>"),), ("sender IP is 192.0.2.7",)),
                Result("dmarc", "none", "", (Property("", "action", "none"), Property("header", "from", "a.example"))),
                Result("compauth", "pass", "100"),
            ),
            flaws=("no-authserv-id", "no-ptype"),
        ),
    ),
    (
        "a.example; dkim=none header.d=none;a.example; spf=pass smtp.mailfrom=prvs=1=a@b.example smtp.helo=; ",
        AuthenticationResults(
            "a.example",
            (
                Result("dkim", "none", "", (Property("header", "d", "none"),)),
                Result(
                    "spf",
                    "pass",
                    "",
                    (Property("smtp", "mailfrom", "prvs=1=a@b.example"), Property("smtp", "helo", "")),
                ),
            ),
            flaws=("junk",),
        ),
    ),
]


@pytest.mark.parametrize(("text", "meant"), FORMS)
def test_the_whole_grammar_and_its_dialects(text: str, meant: AuthenticationResults) -> None:
    assert authres.parse(text) == meant
    assert authres.parse("Authentication-Results: " + text) == meant
    assert authres.parse(text.encode()) == meant


def test_a_value_is_found_by_its_name() -> None:
    (result,) = authres.parse("a.example; dkim=pass header.d=b.example").results
    assert (result.value("header", "d"), result.value("header", "i")) == ("b.example", "")


@pytest.mark.parametrize("text", ["", " ;", "(only a comment)", "; none", ";;;"])
def test_what_says_nothing_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        authres.parse(text)


WORD = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
COMMENTS = st.lists(st.lists(TEXT, min_size=1, max_size=3).map(" ".join), max_size=2).map(tuple)
VALUE = (TEXT | st.just("")).filter(lambda text: len(text) < 2 or not text.startswith('"'))
PROPERTY = st.builds(Property, st.sampled_from(["smtp", "header", "policy", "body"]), WORD, VALUE, COMMENTS)
RESULT = st.builds(
    Result, WORD, WORD, TEXT | st.just(""), st.lists(PROPERTY, max_size=3).map(tuple), COMMENTS, st.integers(1, 99)
)


@given(
    st.builds(
        AuthenticationResults,
        TEXT.map(str.lower).filter(lambda text: not text.startswith('"')),
        st.lists(RESULT, max_size=3).map(tuple),
        st.integers(1, 9),
        COMMENTS,
        st.just(()),
    )
)
def test_what_is_formatted_parses_to_the_same(field: AuthenticationResults) -> None:
    assert authres.parse(authres.format(field)) == field


def test_format_refuses_what_would_not_come_back() -> None:
    for bad in (
        AuthenticationResults(""),
        AuthenticationResults("a\r\nb"),
        AuthenticationResults("a", (Result("x", "y", "\0"),)),
    ):
        with pytest.raises(Malformed):
            authres.format(bad)


PIECES = ["a.example", ";", "spf=pass", " ", "(", ")", '"', "\\", "=", ".", "reason=", "smtp.", "none", "1", "/"]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_bytes_are_a_field_or_malformed(value: bytes | str) -> None:
    with suppress(Malformed):
        assert isinstance(authres.parse(value), AuthenticationResults)


@pytest.mark.parametrize("piece", [*PIECES, "(a ", "a; b=c ", "(())", "a=b (", 'x="'])
def test_ten_megabytes_of_one_thing_cost_no_more_than_the_limit(piece: str) -> None:
    with suppress(Malformed):
        authres.parse("a.example; spf=pass " + piece * (10_000_000 // len(piece)))


def facts(result: Result) -> dict[str, str]:
    """A result under the names that the doctests use."""
    return {
        "method": result.method,
        "result": result.result,
        "reason": result.reason or "None",
        **{f"{entry.ptype}_{entry.name}".replace("-", "_"): entry.value for entry in reversed(result.properties)},
    }


def written(result: Result) -> str:
    """As the doctests print it: without comments, and without what has no ptype."""
    kept = tuple(entry._replace(comments=()) for entry in result.properties if entry.ptype)
    return authres.format(AuthenticationResults("x", (result._replace(comments=(), properties=kept),)))[3:]


def test_every_header_of_the_doctests_parses_to_the_same_facts(suites: Path) -> None:
    lines = (suites / "authres" / "rfc8601-doctests.txt").read_text("utf-8").splitlines()
    field, checked, headers = AuthenticationResults(""), 0, 0
    for line, answer in zip(lines, [*lines[1:], ""], strict=True):
        if call := re.search(r"\w*arobj = [\w.]+\.parse\(('(?:[^'\\]|\\.)*')", line):
            field = authres.parse(ast.literal_eval(call[1]))
            headers += 1
        elif asked := re.match(r">>> str\((?:mime|rrvs)?arobj\.(.+)\)$", line):
            expected = ast.literal_eval(answer)
            assert said(field, asked[1]) == expected, line
            checked += 1
    assert headers >= 20 and checked >= 160


def said(field: AuthenticationResults, path: str) -> str:
    if path == "authserv_id":
        return field.authserv_id
    match = re.match(r"results\[(\d)\](?:\.properties\[(\d)\]\.(\w+)|\.(\w+))?$", path)
    assert match, path
    result = field.results[int(match[1])]
    if match[2]:
        return str(getattr(result.properties[int(match[2])], {"type": "ptype"}.get(match[3], match[3])))
    return facts(result).get(match[4], "None") if match[4] else written(result)


def test_the_comments_of_the_doctests_are_kept(suites: Path) -> None:
    text = (suites / "authres" / "rfc8601-doctests.txt").read_text("utf-8")
    values = [
        ast.literal_eval(value) for value in re.findall(r"""^('Authentication-Results: .*'|"Auth.*")$""", text, re.M)
    ]
    assert len(values) > 15
    for value in values:
        field = authres.parse(value)
        kept = {
            *field.comments,
            *(c for r in field.results for c in r.comments),
            *(c for r in field.results for p in r.properties for c in p.comments),
        }
        assert kept == set(re.findall(r"\(([^()]*)\)", value))
        assert "Authentication-Results: " + authres.format(field) == value.replace(" 1; none", "; none")
