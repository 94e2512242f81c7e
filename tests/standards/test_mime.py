"""MIME: parts, content types, encodings, words; tolerant, bounded, and never raising."""

from __future__ import annotations

import base64
import binascii
import quopri
from email.header import Header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.standards import mime
from disavow.standards.message import Message


def entity(kind: str = "", body: bytes = b"", encoding: str = "", ends: bytes = b"\n") -> Message:
    header = f"Content-Type: {kind}\n" if kind else ""
    header += f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return Message((header + "X: y\n\n").encode().replace(b"\n", ends) + body)


# Content types and parameters


@pytest.mark.parametrize(
    ("value", "kind", "parameters"),
    [
        ("text/html", "text/html", {}),
        ("TEXT/HTML; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        ("text / plain ; a=b;c = d", "text/plain", {"a": "b", "c": "d"}),
        ('multipart/mixed; boundary="a b;c"', "multipart/mixed", {"boundary": "a b;c"}),
        (r'text/plain; name="a\"b"', "text/plain", {"name": 'a"b'}),
        ("text/plain; name=one; name=two", "text/plain", {"name": "one"}),
        ("text/plain; name*=utf-8''gr%C3%BC%C3%9Fe.txt", "text/plain", {"name": "grüße.txt"}),
        ("text/plain; name*0=one; name*1=two", "text/plain", {"name": "onetwo"}),
        ("text/plain; name*1*=%20two; name*0*=iso-8859-1''%FC", "text/plain", {"name": "ü two"}),
        ('text/plain; name="=?utf-8?q?gr=C3=BC=C3=9Fe?="', "text/plain", {"name": "grüße"}),
        ("text", "text/plain", {}),
        ("; charset=x", "text/plain", {}),
    ],
)
def test_content_types(value: str, kind: str, parameters: dict[str, str]) -> None:
    found = mime.content_type(entity(value))
    assert (found.type, found.parameters, found.main) == (kind, parameters, kind.partition("/")[0])


def test_dispositions_and_file_names() -> None:
    message = Message(b"Content-Disposition: ATTACHMENT; filename=a.pdf\nContent-Type: x/y; name=b.pdf\n\n")
    assert mime.disposition(message) == ("attachment", {"filename": "a.pdf"})
    assert mime.filename(message) == "a.pdf"
    assert mime.filename(entity("x/y; name=b.pdf")) == "b.pdf"
    assert (mime.disposition(entity()), mime.filename(entity())) == (("", {}), "")


# Parts


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_parts_end_before_the_line_end_of_the_next_delimiter(ends: bytes) -> None:
    body = b"preamble\n--b\n\none\n--b  \nX: y\n\ntwo\n\n--b--\nepilogue\n--b\n\nno\n".replace(b"\n", ends)
    one, two = mime.parts(entity("multipart/mixed; boundary=b", body, ends=ends))
    assert (one.body, two.first("x"), two.body) == (b"one", b"y", b"two" + ends)


@pytest.mark.parametrize(
    ("body", "bodies"),
    [
        (b"--b\n\none", [b"one"]),
        (b"--b\n\none\n--b", [b"one", b""]),
        (b"--b\n\none\n--b--", [b"one"]),
        (b"--b\n--b\n--b--", [b"", b""]),
        (b"--b\n\nnot --b here\n--bb\n--b--", [b"not --b here\n--bb"]),
        (b"no delimiter", []),
        (b"--b--\n", []),
        (b"", []),
        (b" --b\n\nx\n", []),
    ],
)
def test_broken_multiparts_are_read_as_far_as_they_go(body: bytes, bodies: list[bytes]) -> None:
    assert [part.body for part in mime.parts(entity("multipart/mixed; boundary=b", body))] == bodies


def test_a_multipart_without_boundary_and_a_leaf_have_no_parts() -> None:
    assert mime.parts(entity("multipart/mixed", b"--\n\nx")) == ()
    assert mime.parts(entity("text/plain; boundary=b", b"--b\n\nx")) == ()


def test_a_message_inside_is_a_part_even_when_encoded() -> None:
    inner = b"Subject: inside\n\nhello\n"
    (plain,) = mime.parts(entity("message/rfc822", inner))
    (coded,) = mime.parts(entity("message/rfc822", base64.encodebytes(inner), "base64"))
    assert plain.raw == coded.raw == inner


def test_walking_tells_depths_in_order_and_stops_somewhere() -> None:
    inner = b"Content-Type: multipart/alternative; boundary=c\n\n--c\n\n1\n--c\n\n2\n--c--"
    body = b"--b\n" + inner + b"\n--b\nContent-Type: message/rfc822\n\nA: b\n\n3\n--b--\n"
    found = [(depth, part.body) for depth, part in mime.walk(entity("multipart/mixed; boundary=b", body))]
    assert [(depth, text) for depth, text in found if len(text) == 1] == [(2, b"1"), (2, b"2"), (2, b"3")]
    deep = b"x"
    for _ in range(1000):
        deep = b"Content-Type: message/rfc822\n\n" + deep
    assert max(depth for depth, _ in mime.walk(Message(deep))) == mime.MAX_DEPTH
    many = entity("multipart/mixed; boundary=b", b"--b\n\nx\n" * 5000)
    assert len(list(mime.walk(many))) == mime.MAX_PARTS


# Transfer encodings


@given(st.binary(max_size=200))
def test_encodings_are_undone(data: bytes) -> None:
    assert mime.decoded(entity("a/b", base64.encodebytes(data), "base64")) == data
    assert mime.decoded(entity("a/b", quopri.encodestring(data), "Quoted-Printable")) == data
    assert mime.decoded(entity("a/b", data, "8bit")) == data
    lines = b"".join(binascii.b2a_uu(data[at : at + 45]) for at in range(0, len(data), 45))
    assert mime.decoded(entity("a/b", b"hello\nbegin 644 x\n" + lines + b"`\nend\n", "x-uuencode")) == data


@pytest.mark.parametrize(
    ("text", "expected"),
    [(b"aGk", b"hi"), (b"aG k=\n!!", b"hi"), (b"a", b""), (b"", b""), (b"aGk=aGk=", b"hihi"), (b"====", b"")],
)
def test_base64_is_read_whatever_stands_in_it(text: bytes, expected: bytes) -> None:
    assert mime.unbase64(text).startswith(expected[:2])


def test_uuencoded_lines_of_the_wrong_length_and_illegal_ones() -> None:
    line = binascii.b2a_uu(b"hello world").rstrip(b"\n")
    assert mime.decoded(entity("a/b", b"begin 644 x\n" + line + b"XX\nend\n", "x-uuencode")) == b"hello world"
    assert (
        mime.decoded(entity("a/b", b"begin 644 x\n" + line + b"\n\x7f\x7f\x7f\n" + line, "uuencode")) == b"hello world"
    )
    assert mime.decoded(entity("a/b", b"\n", "uuencode")) == b""


# Text and words


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        ("grüße".encode(), "utf-8", "grüße"),
        ("grüße".encode("latin-1"), "iso-8859-1", "grüße"),
        ("grüße".encode("latin-1"), "", "grüße"),
        ("grüße".encode(), "", "grüße"),
        ("grüße".encode(), "us-ascii", "grüße"),
        ("grüße".encode(), "no-such-charset", "grüße"),
        ("ลาพักร้อน".encode("cp874"), "windows-874", "ลาพักร้อน"),
        ("休暇①".encode("cp932"), "windows-31j", "休暇①"),
        ("휴가".encode("cp949"), "x-windows-949", "휴가"),
        ("отпуск".encode("mac-cyrillic"), "x-mac-cyrillic", "отпуск"),
        ("إجازة".encode("iso-8859-6"), "iso-8859-6-i", "إجازة"),
        (b"\xff", "utf-8", "\ufffd"),
        (b"YQ==", "base64", "YQ=="),
        (b"abc", "rot13", "abc"),
        (b"+AGEA-", "utf-7", "+AGEA-"),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本"),
        ("日本".encode("shift_jis"), "Shift_JIS", "日本"),
        ("中".encode("gb18030"), "GB2312", "中"),
    ],
)
def test_text_in_its_charset(data: bytes, charset: str, expected: str) -> None:
    assert mime.decode(data, charset) == expected
    assert mime.text(entity(f'text/plain; charset="{charset}"' if charset else "text/plain", data)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?gr=C3=BC=C3=9Fe_an?= alle", "grüße an alle"),
        (b"=?UTF-8?B?Z3LDvMOfZQ==?=", "grüße"),
        (b"=?utf-8?b?ww==?= =?utf-8?b?vA==?=", "ü"),
        (b"=?utf-8?q?=C3?=\n =?utf-8?q?=BC?=", "ü"),
        (b"=?iso-8859-1*de?q?=FC?=", "ü"),
        (b"a =?utf-8?q?b?= c", "a b c"),
        (b"=?x", "=?x"),
        (b"=?nope?q?a?=", "a"),
        ("grüße".encode(), "grüße"),
        (b"gr\xfc\xdfe", "grüße"),
    ],
)
def test_encoded_words(value: bytes, expected: str) -> None:
    assert mime.words(value) == expected


@given(st.text("abc äöü日本?=_ \u20ac", min_size=1, max_size=60).map(lambda text: " ".join(text.split())))
def test_what_the_library_encodes_is_read_back(text: str) -> None:
    assert mime.words(Header(text, "utf-8").encode().encode()) == text


# Whatever arrives

FRAGMENTS = [
    b"Content-Type: ",
    b"multipart/mixed; boundary=b\n",
    b"message/rfc822\n",
    b"\n",
    b"--b",
    b"--b--",
    b";",
    b'"',
]
FRAGMENTS += [
    b"name*0*=",
    b"utf-8''%",
    b"=?utf-8?b?",
    b"?=",
    b"Content-Transfer-Encoding: ",
    b"base64\n",
    b"x-uue\n",
    b"begin 644 x\n",
]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=6), max_size=25).map(b"".join))
def test_any_bytes_are_walked_and_decoded(raw: bytes) -> None:
    for depth, part in mime.walk(Message(raw)):
        assert 0 <= depth <= mime.MAX_DEPTH
        assert isinstance(mime.text(part), str)
        assert isinstance(mime.filename(part), str)
        assert isinstance(mime.words(part.first("content-type") or b""), str)


@pytest.mark.parametrize("unit", [b"--b", b"--b\n", b"--b x\n", b"\n--b" + b" " * 100, b"-", b"--b--\n"])
def test_ten_megabytes_of_delimiters_are_split(unit: bytes) -> None:
    body = unit * (10_000_000 // len(unit))
    assert len(mime.parts(entity("multipart/mixed; boundary=b", body))) <= mime.MAX_PARTS


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
@pytest.mark.parametrize("unit", [b"=", b"=\n", b"AA==", b" ", b"a\n", b"M\n"])
def test_ten_megabytes_are_decoded(encoding: str, unit: bytes) -> None:
    body = unit * (10_000_000 // len(unit))
    assert len(mime.decoded(entity("a/b", body, encoding))) <= len(body)


@pytest.mark.parametrize("unit", [b"=?utf-8?q?a?= ", b"=?", b"=?a?q?", b"=?utf-8?b?AA==?=", b"?= =?", b"\xff"])
def test_ten_megabytes_of_words_are_read(unit: bytes) -> None:
    assert mime.words(unit * (10_000_000 // len(unit)))


@pytest.mark.parametrize("unit", [b";", b"a=", b";a=b", b'"', b';a="', b";a*0=x", b';a="\\', b"/", b" /"])
def test_ten_megabytes_of_parameters_are_read(unit: bytes) -> None:
    value = b"text/plain;" + unit * (10_000_000 // len(unit))
    assert mime.content_type(Message(b"Content-Type: " + value + b"\n\n")).type.startswith("text/")
