"""MTA-STS: a domain says that its mail servers speak TLS and which they are (RFC 8461)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from ..errors import Malformed
from . import names, tags

Mode: TypeAlias = Literal["enforce", "testing", "none"]

POLICY_BYTES = 65_536  # RFC 8461 section 3.3
LONGEST_AGE = 31_557_600  # RFC 8461 section 3.2: about one year
_PATTERNS = 1_000  # more mx lines than any answer could hold hosts
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_AGE = re.compile(r"[0-9]{1,10}\Z")


@dataclass(frozen=True, slots=True)
class Record:
    """The TXT record at ``_mta-sts.DOMAIN``; a new ``id`` says that the policy changed (section 3.1)."""

    id: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy file: ``mx`` are host names or ``*.`` patterns, ``max_age`` seconds (section 3.2)."""

    mode: Mode
    max_age: int
    mx: tuple[str, ...] = ()

    def covers(self, host: str) -> bool:
        """True if ``host`` is named; a pattern's star stands for exactly one left-most label (section 4.1)."""
        return host in self.mx or f"*.{host.partition('.')[2]}" in self.mx


def location(domain: str) -> str:
    """The URL at which the policy must lie (section 3.2)."""
    return f"https://mta-sts.{domain}/.well-known/mta-sts.txt"


def is_record(text: bytes) -> bool:
    """True if a TXT record counts as one of MTA-STS; all others are discarded before counting (section 3.1)."""
    return text.startswith(b"v=STSv1;")


def parse_record(text: bytes) -> Record:
    """The record; raises ``Malformed`` without ``v=STSv1;`` in front or without a proper ``id``."""
    if not is_record(text):
        raise Malformed("does not begin with v=STSv1;", 0, text)
    found = dict(tags.parse(text.decode("utf-8", "replace")))
    if not _ID.match(found.get("id", "")):
        raise Malformed("id= is not 1 to 32 letters and digits", 0, text)
    return Record(found["id"])


def format_record(record: Record) -> bytes:
    """The record as it is published."""
    return f"v=STSv1; id={record.id}".encode()


def parse_policy(body: bytes) -> Policy:
    """The policy in the body of an HTTP answer.

    Unknown keys are ignored; of a key that stands twice the first counts, but for ``mx`` (section 3.2). Raises
    ``Malformed`` for more than 64 KiB, a line that is no ``key: value``, and a wrong or missing key.
    """
    if len(body) > POLICY_BYTES:
        raise Malformed("a policy of more than 64 KiB", POLICY_BYTES, body)
    found: dict[str, str] = {}
    patterns: list[str] = []
    for key, value in _lines(body):
        if key == "mx" and len(patterns) < _PATTERNS:
            patterns.append(_pattern(value))
        found.setdefault(key, value)
    if found.get("version") != "STSv1":
        raise Malformed("no line version: STSv1", 0, body)
    if found.get("mode") not in ("enforce", "testing", "none"):
        raise Malformed("mode is none of enforce, testing, none", 0, body)
    if not _AGE.match(found.get("max_age", "")) or int(found["max_age"]) > LONGEST_AGE:
        raise Malformed(f"max_age is not a number from 0 to {LONGEST_AGE}", 0, body)
    if not patterns and found["mode"] != "none":
        raise Malformed("no mx line", 0, body)
    return Policy(cast(Mode, found["mode"]), int(found["max_age"]), tuple(patterns))


def format_policy(policy: Policy) -> bytes:
    """The policy file, CRLF at the end of each line."""
    lines = ["version: STSv1", f"mode: {policy.mode}", *(f"mx: {host}" for host in policy.mx)]
    return "".join(f"{line}\r\n" for line in (*lines, f"max_age: {policy.max_age}")).encode()


def _lines(body: bytes) -> list[tuple[str, str]]:
    pairs = []
    for line in body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
        key, colon, value = line.partition(":")
        if colon:
            pairs.append((key.strip(" \t"), value.strip(" \t")))
        elif line.strip(" \t"):
            raise Malformed("a line that is no key: value", 0, line.encode("utf-8", "replace"))
    return pairs


def _pattern(value: str) -> str:
    star, host = ("*.", value[2:]) if value.startswith("*.") else ("", value)
    return star + names.parse(host)
