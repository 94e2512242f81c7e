"""Every way of writing From that is known to confuse programs has one answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards import address
from disavow.standards.address import Mailbox
from disavow.standards.message import Message


def authors(value: bytes) -> address.Authors:
    return address.authors(Message(b"From: " + value + b"\r\nSubject: hello\r\n\r\nbody\r\n"))


@pytest.mark.parametrize(
    ("value", "name", "local", "domain"),
    [
        (b"ann@example.org", "", "ann", "example.org"),
        (b"<ann@Example.ORG>", "", "ann", "example.org"),
        (b"Ann Lee <ann@example.org>", "Ann Lee", "ann", "example.org"),
        (b'"Lee, Ann" <ann@example.org>', "Lee, Ann", "ann", "example.org"),
        (b"Lee, Ann <ann@example.org>", "Ann", "ann", "example.org"),
        (b'"Ann \\"A\\" Lee" <ann@example.org>', 'Ann "A" Lee', "ann", "example.org"),
        (b"=?utf-8?q?Ann_L=C3=A9e?= <ann@example.org>", "Ann Lée", "ann", "example.org"),
        (b"ann@example.org (Ann (A.) Lee)", "Ann (A.) Lee", "ann", "example.org"),
        (b"ann @ example . org", "", "ann", "example.org"),
        (b"ann@\r\n example.org", "", "ann", "example.org"),
        (b'"ann lee"@example.org', "", "ann lee", "example.org"),
        ("ann@bücher.example".encode(), "", "ann", "xn--bcher-kva.example"),
        ("änn@example.org".encode(), "", "änn", "example.org"),
        (b"ann@example.org.", "", "ann", "example.org"),
        (b"<ann@example.org", "", "ann", "example.org"),
        (b"Ann ann@example.org", "", "ann", "example.org"),
        (b"MAILER-DAEMON", "", "MAILER-DAEMON", ""),
    ],
)
def test_one_mailbox(value: bytes, name: str, local: str, domain: str) -> None:
    assert address.parse_mailbox(value) == Mailbox(name, local, domain)
    found = authors(value)
    assert found.mailboxes == (Mailbox(name, local, domain),)
    assert found.domain == domain


@pytest.mark.parametrize(
    ("value", "domains", "shown", "oddity"),
    [
        (b"a@example.org, b@example.net", ("example.org", "example.net"), (), "several-domains"),
        (b"<a@example.org><b@example.net>", ("example.org", "example.net"), (), "several-in-one"),
        (b"<a@example.org> b <b@example.net>", ("example.org", "example.net"), (), "several-in-one"),
        (b"a@example.org b@example.net", ("example.org", "example.net"), (), "several-in-one"),
        (b"a@example.org@example.net", ("example.org", "example.net"), (), "several-at"),
        (b"a@example.org\x00@example.net", ("example.org", "example.net"), (), "nul"),
        (b"a@example.org\x00.example.net", ("example.org.example.net", "example.org"), (), "nul"),
        (b"a@example.org\rFrom: b@example.net", ("example.net", "example.org"), (), "bare-cr"),
        (b"Team: a@example.org, b@example.net;", ("example.org", "example.net"), (), "group"),
        (b"a@example.org, b@example..net", ("example.org",), (), "bad-domain"),
        (b"a@example.org, b@[192.0.2.1]", ("example.org",), (), "address-literal"),
        (b"Team:;", (), (), "group"),
        (b"", (), (), "no-domain"),
        (b"root", (), (), "no-domain"),
        (b"<>", (), (), "no-domain"),
        (b"a@[192.0.2.1]", (), (), "address-literal"),
        (b"a@example..org", (), (), "bad-domain"),
        (b"a@example.org <>", (), ("example.org",), "no-domain"),
        (b"=?utf-8?b?Y2VvQGV4YW1wbGUub3Jn?=", (), ("example.org",), "address-in-name"),
    ],
)
def test_who_the_author_is_stays_open(
    value: bytes, domains: tuple[str, ...], shown: tuple[str, ...], oddity: str
) -> None:
    found = authors(value)
    assert (found.domains, found.shown, found.domain) == (domains, shown, "")
    assert oddity in found.oddities
    assert found.ambiguous


@pytest.mark.parametrize(
    ("value", "shown", "oddity"),
    [
        (b'"ceo@example.org" <x@example.net>', ("example.org",), "address-in-name"),
        (b"ceo@example.org <x@example.net>", ("example.org",), "address-in-name"),
        (b"=?utf-8?q?ceo=40example.org?= <x@example.net>", ("example.org",), "address-in-name"),
        ("ceo＠example.org <x@example.net>".encode(), ("example.org",), "address-in-name"),
        (b"x@example.net (ceo@example.org)", ("example.org",), "address-in-comment"),
        (b"<x(ceo@example.org)@example.net>", ("example.org",), "comment-in-address"),
        (b'"ceo@example.org"@example.net', ("example.org",), "address-in-local"),
        (b"<=?utf-8?q?ceo=40example.org?=@example.net>", ("example.org",), "address-in-local"),
        (b"<@example.org:x@example.net>", ("example.org",), "route"),
        (b"<@a.example,@example.org:x@example.net>", ("a.example", "example.org"), "route"),
        (b"ceo@example.org: x@example.net;", ("example.org",), "address-in-name"),
        (b"Team: x@example.net;", (), "group"),
        (b"<x@example.net", (), "unclosed"),
        (b'"Ceo <x@example.net>', (), "unclosed"),
        (b"(Ceo <x@example.net>", (), "unclosed"),
        (b"<y x@example.net>", (), "space-in-address"),
        (b"Ceo x@example.net", (), "no-brackets"),
        (b'"x"@example.net', (), "quoted-local"),
    ],
)
def test_one_author_and_what_else_is_shown(value: bytes, shown: tuple[str, ...], oddity: str) -> None:
    found = authors(value)
    assert (found.domain, found.shown) == ("example.net", shown)
    assert oddity in found.oddities
    assert not found.ambiguous


def test_no_from_field() -> None:
    assert address.authors(Message(b"Subject: hello\r\n\r\n")) == address.Authors((), oddities=("no-from",))


def test_two_from_fields_are_both_read() -> None:
    found = address.authors(Message(b"From: a@example.org\r\nFrom: b@example.net\r\n\r\n"))
    assert found.domains == ("example.org", "example.net")
    assert {"several-from", "several-domains"} <= set(found.oddities)


def test_two_from_fields_of_one_domain_leave_the_domain_plain() -> None:
    found = address.authors(Message(b"From: a@example.org\r\nFrom: b@example.org\r\n\r\n"))
    assert found.domain == "example.org"
    assert found.oddities == ("several-from",)


def test_a_from_field_hidden_behind_a_bare_cr_is_read() -> None:
    found = address.authors(Message(b"Subject: hello\rFrom: b@example.net\r\nFrom: a@example.org\r\n\r\n"))
    assert found.domains == ("example.org", "example.net")
    assert "several-from" in found.oddities


def test_space_before_the_colon() -> None:
    found = address.authors(Message(b"From : a@example.org\r\n\r\n"))
    assert (found.domain, found.oddities) == ("example.org", ("space-before-colon",))


def test_several_mailboxes_of_one_domain_have_one_author_domain() -> None:
    assert authors(b"a@example.org, b@EXAMPLE.org").domain == "example.org"


def test_a_field_too_long_to_read_has_no_single_author() -> None:
    found = authors(b"a@example.org," * 10_000 + b"b@example.net")
    assert (found.domain, "too-long" in found.oddities) == ("", True)


def test_addresses_of_a_list() -> None:
    value = b"Ann <ann@example.org>, Team: bob@Example.NET, carl@example.com;, postmaster"
    assert address.addresses(value) == ("ann@example.org", "bob@example.net", "carl@example.com")
    assert address.addresses(b"<postmaster>") == ("postmaster",)
    assert address.addresses(b"") == ()


@pytest.mark.parametrize(
    "unit", [b'"', b'"\\"', b"(", b"<", b"@", b",", b"[", b"\\", b"\x00", b":", b"a@b,", b"\rFrom:"]
)
def test_a_hostile_megabyte_is_read_within_its_budget(unit: bytes) -> None:
    found = authors(unit * (1_000_000 // len(unit)))
    assert len(found.mailboxes) <= address.MAX_MAILBOXES
    assert found.domain == ""


# The characters that matter make up most of what is tried.
_BYTES = st.one_of(st.binary(max_size=80), st.text('ab@.<>(),;:"\\[] \r\n\t\x00=?é', max_size=60).map(str.encode))


@given(_BYTES)
def test_any_from_has_an_answer(value: bytes) -> None:
    found = address.authors(Message(b"From: " + value + b"\r\n\r\n"))
    assert len(set(found.domains)) == len(found.domains)
    assert bool(found.domain) != bool(found.ambiguous)
    address.parse_mailbox(value)
    address.addresses(value)


_LOCAL = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9]{1,8})?", fullmatch=True)
_DOMAIN = st.sampled_from(["example.org", "mail.example.net", "xn--bcher-kva.example"])


@given(_LOCAL, _DOMAIN, st.text("abc XYZ", max_size=12))
def test_a_plain_mailbox_is_read_alike_by_both_readers(local: str, domain: str, name: str) -> None:
    expected = Mailbox(" ".join(name.split()), local, domain)
    plain = f"{name} <{local}@{domain}>".encode()
    assert address.parse_mailbox(plain)._replace(name=" ".join(name.split())) == expected
    assert authors(plain).mailboxes[0] == expected


@given(_LOCAL, _DOMAIN, st.text(max_size=12))
def test_a_quoted_name_never_changes_the_author(local: str, domain: str, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "").replace("\x00", "")
    assert authors(f'"{quoted}" <{local}@{domain}>'.encode("utf-8", "replace")).domain == domain
