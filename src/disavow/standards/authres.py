"""Authentication-Results (RFC 8601, with the methods that were registered since), comments included.

A claim of whoever wrote the line, and evidence only where a server of one's own wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..errors import Malformed
from .mime import decode

MAX_LENGTH = 65_536
MAX_RESULTS = 500

_COMMENT = r"\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+\))*+\)"
_CFWS = rf"(?:\s++|{_COMMENT})*+"
_QUOTED = r'"(?:[^"\\]|\\.)*+"'

_ONE_COMMENT = re.compile(_COMMENT)
_TOKEN = re.compile(rf'{_COMMENT}|{_QUOTED}|;|[^;("]++|[("]')
_FIELD_NAME = re.compile(r"\s*(?:ARC-)?Authentication-Results(?:-Original)?\s*:", re.I)
_AUTHSERV_ID = re.compile(rf'{_CFWS}({_QUOTED}|[^\s;()"=]+)(?=[\s(]|\Z){_CFWS}(?:(\d{{1,9}})(?=[\s(]|\Z){_CFWS})?')
_NONE = re.compile(rf"{_CFWS}none{_CFWS}\Z", re.I)
_METHOD = re.compile(rf"{_CFWS}([A-Za-z0-9][\w-]*){_CFWS}(?:/{_CFWS}(\d{{1,9}}){_CFWS})?={_CFWS}([A-Za-z][\w-]*)")
_PROPERTY = re.compile(
    rf"([A-Za-z][\w-]*){_CFWS}(?:\.{_CFWS}([A-Za-z0-9][\w.-]*){_CFWS})?={_CFWS}((?:{_QUOTED})?[^\s;()\"]*)"
)
_WORD = re.compile(r"[^\s(]+|\(")
_PAIR = re.compile(r"\\(.)", re.S)
_SPECIAL = re.compile(r"([\\()])")
# RFC 8601 section 2.2: a value is a token, an address or a domain; everything else is quoted.
_PLAIN = re.compile(r"[^\s\"\\();,:<>=\[\]/?@]*@?[^\s\"\\();,:<>=\[\]/?@]+")
_BAD_IN_FORMAT = re.compile(r"[\x00-\x1f\x7f]")


class Property(NamedTuple):
    """What a result is about: ``ptype`` "smtp", "header", "body", "policy" or "" where the writer names none."""

    ptype: str
    name: str
    value: str
    comments: tuple[str, ...] = ()


class Result(NamedTuple):
    """One method's result; names in lower case, values as written, ``comments`` those before the first property."""

    method: str
    result: str
    reason: str = ""
    properties: tuple[Property, ...] = ()
    comments: tuple[str, ...] = ()
    version: int = 1

    def value(self, ptype: str, name: str) -> str:
        """The value of the first property of that name, "" when there is none."""
        return next((entry.value for entry in self.properties if entry[:2] == (ptype, name)), "")


class AuthenticationResults(NamedTuple):
    """One field. ``authserv_id`` is "" where the writer gives none, as Microsoft does; no ``results`` means "none".

    ``flaws`` names what was tolerated: "no-authserv-id", "no-ptype", "junk", "too-long", "too-many-results".
    """

    authserv_id: str
    results: tuple[Result, ...] = ()
    version: int = 1
    comments: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()


def parse(value: bytes | str) -> AuthenticationResults:
    """What the field's value says (RFC 8601 section 2.2); a field name in front of it is skipped.

    Never stricter than it must be: unquoted IPv6 addresses, empty values, properties without ptype and unreadable words
    are kept or skipped, and named in ``flaws``. Raises ``Malformed`` when there is neither an authserv-id nor a result.
    """
    text = decode(value[:MAX_LENGTH]) if isinstance(value, bytes) else value[:MAX_LENGTH]
    flaws: dict[str, None] = dict.fromkeys(("too-long",)) if len(value) > MAX_LENGTH else {}
    if name := _FIELD_NAME.match(text):
        text = text[name.end() :]
    first, *rest = _segments(text)
    authserv_id, version = "", 1
    comments: tuple[str, ...] = ()
    if _METHOD.match(first) or not (head := _AUTHSERV_ID.match(first)):
        flaws["no-authserv-id"] = None
        rest.insert(0, first)
    else:
        authserv_id, version, comments = _unquoted(head[1]).lower(), int(head[2] or 1), _comments(head[0])
        if first[head.end() :].strip():
            rest.insert(0, first[head.end() :])
    results: list[Result] = []
    for segment in rest:
        if _NONE.match(segment):
            comments += _comments(segment)
        elif segment.strip():
            _add(segment, results, flaws)
        if len(results) >= MAX_RESULTS:
            flaws["too-many-results"] = None
            break
    if not authserv_id and not results:
        raise Malformed("not an Authentication-Results value", 0, text.encode("utf-8", "replace"))
    return AuthenticationResults(authserv_id, tuple(results), version, comments, tuple(flaws))


def _segments(text: str) -> list[str]:
    """The text between semicolons that stand in no comment and no quoted string."""
    segments: list[list[str]] = [[]]
    for token in _TOKEN.findall(text):
        if token == ";":
            segments.append([])
        else:
            segments[-1].append(token)
    return ["".join(tokens) for tokens in segments]


def _add(segment: str, results: list[Result], flaws: dict[str, None]) -> None:
    match = _METHOD.match(segment)
    if not match:
        flaws["junk"] = None
        return
    method, version, result = match.groups()
    reason, comments = "", list(_comments(match[0]))
    properties: list[Property] = []
    for found in _properties(segment, match.end(), flaws):
        if isinstance(found, str):
            if properties:
                last = properties.pop()
                properties.append(last._replace(comments=(*last.comments, found)))
            else:
                comments.append(found)
        elif found.ptype == "" and found.name == "reason":
            reason = found.value
            comments += found.comments
        else:
            properties.append(found)
    found_version = int(version) if version else 1
    results.append(Result(method.lower(), result.lower(), reason, tuple(properties), tuple(comments), found_version))


def _properties(segment: str, at: int, flaws: dict[str, None]) -> Iterator[Property | str]:
    """The properties and, as plain text, the comments between them."""
    while at < len(segment):
        if match := _PROPERTY.match(segment, at):
            ptype, name, value = match.groups()
            if name is None:
                ptype, name = "", ptype
                if name.lower() != "reason":
                    flaws["no-ptype"] = None
            inside = segment[at : match.start(3)]
            yield Property(ptype.lower(), name.lower(), _unquoted(value), _comments(inside))
        elif match := _ONE_COMMENT.match(segment, at):
            yield _comment(match[0])
        elif match := _WORD.match(segment, at):
            flaws["junk"] = None
        at = match.end() if match else at + 1


def _comments(text: str) -> tuple[str, ...]:
    return tuple(_comment(raw) for raw in _ONE_COMMENT.findall(text)) if "(" in text else ()


def _comment(raw: str) -> str:
    return " ".join(_PAIR.sub(r"\1", raw[1:-1]).split())


def _unquoted(value: str) -> str:
    """A quoted string's content; a quoted local part before "@" stays as it is."""
    if len(value) > 1 and value[0] == value[-1] == '"':
        return _PAIR.sub(r"\1", value[1:-1])
    return value


def format(field: AuthenticationResults) -> str:
    """The field's value on one line, quoted where the grammar asks for it.

    Raises ``Malformed`` without an authserv-id, or when a text holds control characters.
    """
    if not field.authserv_id:
        raise Malformed("an Authentication-Results field needs an authserv-id")
    head = _written(field.authserv_id) + (f" {field.version}" if field.version != 1 else "")
    if field.results:
        text = "; ".join([head + _written_comments(field.comments), *(_written_result(one) for one in field.results)])
    else:
        text = f"{head}; none{_written_comments(field.comments)}"
    if _BAD_IN_FORMAT.search(text):
        raise Malformed("a control character in a result", 0, text.encode("utf-8", "replace"))
    return text


def _written_result(result: Result) -> str:
    version = f"/{result.version}" if result.version != 1 else ""
    reason = f" reason={_quoted(result.reason)}" if result.reason else ""
    properties = "".join(f" {_written_property(entry)}" for entry in result.properties)
    return f"{result.method}{version}={result.result}{_written_comments(result.comments)}{reason}{properties}"


def _written_property(entry: Property) -> str:
    name = f"{entry.ptype}.{entry.name}" if entry.ptype else entry.name
    return f"{name}={_written(entry.value)}{_written_comments(entry.comments)}"


def _written(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else _quoted(value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written_comments(comments: tuple[str, ...]) -> str:
    return "".join(" (" + _SPECIAL.sub(r"\\\1", comment) + ")" for comment in comments)
