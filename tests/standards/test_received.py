from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import received
from disavow.standards.message import Message
from disavow.standards.received import Hop

DATE = b"; Mon, 16 Nov 2020 11:40:00 +0800"
AT = datetime(2020, 11, 16, 3, 40, tzinfo=UTC)

# (line without date, claimed name, looked-up name, address, by, dialect)
DIALECTS: list[tuple[bytes, str, str, str, str, str]] = [
    (
        b"from liar.test (mail.example.org [192.0.2.7])\r\n\tby mx.example.com "
        b"(Postfix) with ESMTPS id 4FQ for <a@example.com>",
        *("liar.test", "mail.example.org", "192.0.2.7", "mx.example.com", "postfix"),
    ),
    (
        b"from h (unknown [IPv6:2001:db8::7]) (using TLSv1.3 with cipher X (256/256 bits)) "
        b"by mx.example.com (Postfix) with ESMTP id 4",
        *("h", "", "2001:db8::7", "mx.example.com", "postfix"),
    ),
    (
        b"from [192.0.2.7] (port=2525 helo=[203.0.113.9]) by mx.example.com with esmtp (Exim 4.96) "
        b"(envelope-from <a@example.org>) id 1kABCD-0001Ab-CD",
        *("[203.0.113.9]", "", "192.0.2.7", "mx.example.com", "exim"),
    ),
    (
        b"from mail.example.org ([192.0.2.7]:2525 helo=liar.test) by mx.example.com with esmtps "
        b"(TLS1.3:X:256) (Exim 4.96) id 1kABCD-0001Ab-CD",
        *("liar.test", "mail.example.org", "192.0.2.7", "mx.example.com", "exim"),
    ),
    (
        b"from liar.test (a@mail.example.org [192.0.2.7] (may be forged)) by "
        b"mx.example.com (8.15.2/8.15.2) with ESMTP id x1",
        *("liar.test", "mail.example.org", "192.0.2.7", "mx.example.com", "sendmail"),
    ),
    (
        b"from unknown (HELO liar.test) (ident@192.0.2.7) by mx.example.com with SMTP",
        *("liar.test", "", "192.0.2.7", "mx.example.com", "qmail"),
    ),
    (
        b"from mail.example.org (HELO 203.0.113.9) (192.0.2.7 with plain) by mx.example.com with SMTP",
        *("203.0.113.9", "mail.example.org", "192.0.2.7", "mx.example.com", "qmail"),
    ),
    (
        b"from A1.example.org (2001:db8::18) by B2.example.com (2001:db8::19) with Microsoft SMTP "
        b"Server (version=TLS1_2, cipher=X) id 15.20.1",
        *("A1.example.org", "", "2001:db8::18", "b2.example.com", "exchange"),
    ),
    (
        b"from HC-PC ([192.0.2.7] RDNS failed) by mx.example.com with Microsoft SMTPSVC(6.0.3790.4675)",
        *("HC-PC", "", "192.0.2.7", "mx.example.com", "exchange"),
    ),
    (
        b"from [10.0.0.5] (host.example.org. [192.0.2.7]) by smtp.gmail.com with ESMTPSA id p1",
        *("[10.0.0.5]", "host.example.org", "192.0.2.7", "smtp.gmail.com", "gmail"),
    ),
    (
        b"from 127.0.0.1 (EHLO out.example.org) (192.0.2.7) by mta1.mail.bf1.yahoo.com with SMTPS",
        *("out.example.org", "", "192.0.2.7", "mta1.mail.bf1.yahoo.com", "yahoo"),
    ),
    (
        b"from [192.0.2.7] by nm1.bullet.mail.bf1.yahoo.com with NNFMP",
        *("[192.0.2.7]", "", "192.0.2.7", "nm1.bullet.mail.bf1.yahoo.com", "yahoo"),
    ),
    (
        b"from pc ([192.0.2.7]) by mx.example.com (IBM Domino Release 9.0.1) with ESMTP id 2020-1",
        *("pc", "", "192.0.2.7", "mx.example.com", "domino"),
    ),
    (
        b"from liar.test ([192.0.2.7] verified) by mx.example.com (CommuniGate Pro "
        b"SMTP 6.1) with ESMTP id 7 for a@example.com",
        *("liar.test", "", "192.0.2.7", "mx.example.com", "communigate"),
    ),
    (
        b"from pc (mail.example.org [192.0.2.7]) by mx.example.com (OpenSMTPD) with ESMTPS id 5a",
        *("pc", "mail.example.org", "192.0.2.7", "mx.example.com", "opensmtpd"),
    ),
    (
        b"from pc [192.0.2.7] by mx.example.com with ESMTP (SMTPD-12.5) id 9",
        *("pc", "", "192.0.2.7", "mx.example.com", "imail"),
    ),
    (
        b'from mx ([192.0.2.7]:10000 "EHLO liar.test") by mx.example.com with ESMTP id 9',
        *("liar.test", "", "192.0.2.7", "mx.example.com", ""),
    ),
    (
        b"from pc (localhost [127.0.0.1]) by filter.example.com (filter.example.com "
        b"[127.0.0.1]) (amavisd-new, port 10024) with ESMTP id A",
        *("pc", "localhost", "127.0.0.1", "filter.example.com", "amavis"),
    ),
    (b"(qmail 4711 invoked from network)", "", "", "", "", "qmail"),
    (b"by mx.example.com (Postfix, from userid 33) id AB", "", "", "", "mx.example.com", "postfix"),
    (b"(from www@localhost) by mx.example.com (8.14.9/8.14.9/Submit) id x", "", "", "", "mx.example.com", "sendmail"),
    (b"FROM a.example BY b.example WITH local", "a.example", "", "", "b.example", ""),
]


@pytest.mark.parametrize(("line", "name", "host", "ip", "by", "dialect"), DIALECTS)
def test_each_dialect_tells_who_gave_it_to_whom(
    line: bytes, name: str, host: str, ip: str, by: str, dialect: str
) -> None:
    hop = received.parse(line + DATE)
    assert (hop.from_name, hop.from_host, str(hop.from_ip or ""), hop.by, hop.dialect, hop.at) == (
        *(name, host, ip, by, dialect),
        AT,
    )


def test_every_clause_is_read() -> None:
    hop = received.parse(
        b" from a.example ([192.0.2.7]) by b.example via TCP with ESMTP id <1@b.example> for <c@d.example>" + DATE
    )
    assert hop == Hop(
        *("a.example", "", ip_address("192.0.2.7"), "b.example", "TCP", "ESMTP", "1@b.example", "c@d.example", AT, "")
    )


@pytest.mark.parametrize(
    "line",
    [
        b"from 192.0.2.7 by mx.example.com with SMTP",
        b"from [192.0.2.7] (unknown) by mx.example.com (SG) with ESMTP id x",
        b"from x (HELO [192.0.2.7]) by mx.example.com with SMTP",
        b"from pc (EHLO 192.0.2.7 [192.0.2.7]) by mx.example.com with SMTP",
        b"from pc (envelope-sender <x@[192.0.2.7]>) by mx.example.com with SMTP",
        b"from pc (helo=192.0.2.7 ident=[192.0.2.7]) by mx.example.com with smtp",
        b"from mail by mx.example.com with local (Exim 4.96) id 1kABCD-0001Ab-CD for x@[192.0.2.7]",
        b"by mx.example.com (mx.example.com [192.0.2.7]) with SMTP",
        b"from pc ([999.0.2.7]) by mx.example.com",
    ],
)
def test_what_a_client_says_is_never_its_address(line: bytes) -> None:
    assert received.parse(line + DATE).from_ip is None


def test_the_date_is_no_part_of_the_clause_before_it() -> None:
    for line in (b"from a by b with SMTP" + DATE, b"from a by b with SMTP Mon, 16 Nov 2020 11:40:00 +0800"):
        hop = received.parse(line)
        assert (hop.with_, hop.at) == ("SMTP", AT)


def test_a_mapped_address_is_the_ipv4_address_that_it_maps() -> None:
    assert received.parse(b"from a ([IPv6:::ffff:192.0.2.7]) by b").from_ip == ip_address("192.0.2.7")


def test_a_claimed_by_does_not_hide_the_servers_own() -> None:
    hop = received.parse(
        b"from x by liar.test (Exim 4.9) with smtp (h [192.0.2.7]) by mx.example.com (Postfix) with SMTP" + DATE
    )
    assert (hop.from_name, str(hop.from_ip), hop.by, hop.dialect) == ("x", "192.0.2.7", "mx.example.com", "postfix")
    hop = received.parse(
        (b"from x (y [203.0.113.9]) by liar.test (h [192.0.2.7]) by mx.example.com (Postfix) with SMTP") + DATE
    )
    assert (str(hop.from_ip), hop.by) == ("192.0.2.7", "mx.example.com")


def test_the_chain_keeps_the_place_of_lines_that_cannot_be_read_and_ends() -> None:
    raw = b"Received: by a.example" + DATE + b"\r\nReceived: ???\r\nReceived: by c.example\r\n\r\n"
    assert [hop.by for hop in received.chain(Message(raw))] == ["a.example", "", "c.example"]
    assert len(received.chain(Message(b"Received: by a.example\r\n" * 300 + b"\r\n"))) == received.MAX_HOPS


@pytest.mark.parametrize("value", [b"", b"   ", b"???", b"\0" * 9])
def test_a_line_that_says_nothing_is_malformed(value: bytes) -> None:
    with pytest.raises(Malformed):
        received.parse(value)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(
            st.sampled_from(
                [
                    b"from ",
                    b"by ",
                    b"(",
                    b")",
                    b"[",
                    b"]",
                    b"192.0.2.7",
                    b"helo=",
                    b";",
                    b"id ",
                    b'"',
                    b"<",
                    b" x",
                    b"::",
                ]
            )
        ).map(b"".join),
    )
)
def test_any_bytes_are_a_hop_or_malformed(value: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(received.parse(value), Hop)


@pytest.mark.parametrize(
    "piece", [b"(", b"(a ", b"((b)(b)", b"from x ", b'"\\', b"<", b";", b"[::", b"1 Jan ", b"(helo="]
)
def test_ten_megabytes_of_one_thing_cost_no_more_than_a_line(piece: bytes) -> None:
    with contextlib.suppress(Malformed):
        received.parse(piece * (10_000_000 // len(piece)))


def test_the_lines_of_the_suites_are_read(suites: Path) -> None:
    """Of thousands of real lines nearly all tell who took the mail and when; what stands in brackets is found."""
    lines: set[bytes] = set()
    for path in (suites / "bounces").rglob("*"):
        if path.is_file():
            raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines |= set(re.findall(rb"^Received:([^\n]*(?:\n[ \t]+[^\n]*)*)", raw, re.M))
    whole = [line for line in lines if re.search(rb":\d\d\b.{0,40}\Z", line, re.S) and b"=\n" not in line]
    hops = [received.parse(line) for line in whole]
    assert len(hops) > 1500
    # The short way for the usual shape finds what the long way finds.
    heads = [b" ".join(line.split()).decode("utf-8", "replace").rpartition(";")[0] for line in whole]
    typical = [(short, received._any(head, AT)) for head in heads if (short := received._typical(head, AT))]
    assert len(typical) > 700 and all(short == long for short, long in typical)
    assert sum(hop.at is not None for hop in hops) / len(hops) > 0.98
    assert sum(bool(hop.by) or hop.dialect == "qmail" for hop in hops) / len(hops) > 0.98
    bracketed = [
        hop
        for hop, line in zip(hops, whole, strict=True)
        if re.match(rb"\s*from \S+ \([^()]*\[\d+(?:\.\d+){3}\][^()]*\)\s+by ", line)
    ]
    assert len(bracketed) > 500 and all(hop.from_ip is not None for hop in bracketed)
