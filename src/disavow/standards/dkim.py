"""DomainKeys Identified Mail: verify and sign (RFC 6376, 8301, 8463, 8616; results as RFC 8601 names them)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, TypeAlias

from ..errors import Malformed
from . import dkim_change, dkim_signature
from .dkim_canonical import Body, header_hash
from .dkim_key import MAX_RSA_BITS, MIN_RSA_BITS, Key, PrivateKey, PublicKey, is_authentic, parse_key, parse_private_key
from .dkim_sign import OVERSIGNED, sign
from .dkim_signature import Signature
from .message import Field, Message
from .names import is_within
from .questions import Answer, Dialogue, Lookup, Now, answers

__all__ = [
    "CAUSES",
    "Key",
    "PrivateKey",
    "Signature",
    "Verification",
    "parse_key",
    "parse_private_key",
    "sign",
    "verify",
    "verify_header",
]

Result: TypeAlias = Literal["pass", "fail", "neutral", "policy", "temperror", "permerror"]
State: TypeAlias = Literal["intact", "changed", "unchecked"]

ALGORITHMS = ("rsa-sha256", "ed25519-sha256")
MAX_SIGNATURES = 10
MAX_UNREADABLE = 10
MAX_KEYS_TRIED = 4
# Each signature hashes the header again; what servers accept is a tenth of this.
MAX_HEADER_BYTES = 1_000_000
# RFC 6376 section 3.5: clocks differ, so a t= a little ahead of ours is no lie.
CLOCK_SKEW = timedelta(hours=1)

# A second one of these, unsigned, may be what a reader is shown.
_SHOWN = {*OVERSIGNED, "sender", "mime-version", "content-type", "content-transfer-encoding"}
# A From that only a reader taking a bare CR for a line end, or passing over NUL and the like, would see.
_PASSED_OVER = b"\0\x0b\x0c"
_AFTER_CR = (b"\rf", b"\rF")
_LENIENT_FROM = re.compile(rb"(?i)(?:\A[ \t]*|[\r\n])from[ \t]*:")

# Why a signature does not pass, and the word of RFC 8601 section 2.7.1 for it: permerror where an RFC forbids to
# accept it, policy where the RFC leaves the choice to us.
CAUSES: dict[str, Result] = {
    "syntax": "neutral",  # RFC 8601: "contained syntax errors"
    "from-unsigned": "permerror",  # RFC 6376 section 5.4
    "identity-outside-domain": "permerror",  # RFC 6376 section 6.1.1, and t=s in section 3.6.1
    "algorithm-unknown": "permerror",  # RFC 6376 section 6.1.1
    "sha1": "permerror",  # RFC 8301 section 3.1
    "expired": "policy",  # RFC 6376 section 3.5: MAY be considered invalid
    "future": "policy",  # RFC 6376 section 3.5: MAY ignore
    "key-unavailable": "temperror",
    "key-missing": "permerror",
    "key-syntax": "permerror",
    "key-revoked": "permerror",
    "key-type": "permerror",  # RFC 6376 section 6.1.2 item 6
    "key-hash": "permerror",  # RFC 6376 section 3.6.1, h=
    "key-service": "permerror",  # RFC 6376 section 3.6.1, s=
    "key-too-short": "permerror",  # RFC 8301 section 3.2
    "key-too-long": "policy",  # RFC 8301 section 3.2: MAY be able
    "wrong-key": "fail",
    "header-changed": "fail",
    "signature-wrong": "fail",
    "body-changed": "fail",
    "body-shorter-than-signed": "fail",  # RFC 6376 section 3.5, l=
    "header-too-long": "policy",
    "too-many-signatures": "policy",
}


class Verification(NamedTuple):
    """What became of one signature.

    ``result``: the word of RFC 8601; ``cause``: a key of ``CAUSES``, "" for a pass; ``detail``: more in words.
    ``signature``: its tags, None where they could not be read; ``offset``: of its field in ``Message.raw``;
    ``key``: the record used. ``header`` and ``body``: intact, changed, or unchecked. ``change``: what was probably
    done to the message (see ``dkim_change``), ``changed_fields``: to which fields. ``unsigned_bytes``: octets of the
    canonical body that l= leaves unsigned. ``added_fields``: fields that the message has more often than were signed.
    """

    result: Result
    cause: str = ""
    detail: str = ""
    offset: int = 0
    signature: Signature | None = None
    key: Key | None = None
    header: State = "unchecked"
    body: State = "unchecked"
    change: str = ""
    changed_fields: tuple[str, ...] = ()
    unsigned_bytes: int = 0
    added_fields: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """d=, who takes responsibility; "" where the signature could not be read, as in all that follow."""
        return self.signature.domain if self.signature else ""

    @property
    def selector(self) -> str:
        """s=, which of the domain's keys."""
        return self.signature.selector if self.signature else ""

    @property
    def identity(self) -> str:
        """i=, on whose behalf; "@domain" by default."""
        return self.signature.identity if self.signature else ""

    @property
    def algorithm(self) -> str:
        """a=, for example "rsa-sha256"."""
        return self.signature.algorithm if self.signature else ""

    @property
    def signed_fields(self) -> tuple[str, ...]:
        """h= in lower case."""
        return self.signature.fields if self.signature else ()

    @property
    def signed_at(self) -> datetime | None:
        """t=, as the signer claims."""
        return self.signature.signed_at if self.signature else None

    @property
    def expires(self) -> datetime | None:
        """x=."""
        return self.signature.expires if self.signature else None

    @property
    def bits(self) -> int:
        """The size of the key used, 0 when none was."""
        return self.key.bits if self.key else 0

    @property
    def testing(self) -> bool:
        """The key says t=y: the domain asks to be treated as if it did not sign (RFC 6376 section 3.6.1)."""
        return bool(self.key and self.key.testing)


class _Read(NamedTuple):
    """A signature field and what it says, or why it cannot pass whatever its key is."""

    field: Field
    signature: Signature | None
    cause: str = ""
    problem: str = ""


class _Evidence(NamedTuple):
    """What every signature of a message is judged by. ``body`` None: it did not come along."""

    message: Message
    body: Body | None
    answers: Mapping[str, Answer[bytes]]
    moment: datetime | None
    repeated: Mapping[str, int]


def verify(message: Message, *, limit: int = MAX_SIGNATURES) -> Dialogue[tuple[Verification, ...]]:
    """Every DKIM-Signature judged on its own, from top to bottom; () for an unsigned message.

    RFC 6376 section 6.1. At most ``limit`` readable signatures are verified and ``MAX_UNREADABLE`` others named; a
    last element with the cause "too-many-signatures" tells that there are more.
    """
    return _verify(message, limit, Body(message.body))


def verify_header(message: Message, *, limit: int = MAX_SIGNATURES) -> Dialogue[tuple[Verification, ...]]:
    """The same for a header that came without its body, as in returned mail.

    A pass says that the domain signed these fields and the body hash; ``body`` is then "unchecked".
    """
    return _verify(message, limit, None)


def _verify(message: Message, limit: int, body: Body | None) -> Dialogue[tuple[Verification, ...]]:
    fields = message.all("dkim-signature")
    reads = _read(fields, limit)
    evidence = yield from _evidence(message, reads, body)
    verifications = tuple(_judge(evidence, read) for read in reads)
    if len(reads) < len(fields):
        verifications += (_refused("too-many-signatures", f"{len(fields) - len(reads)} more were not read"),)
    return verifications


def _evidence(message: Message, reads: Iterable[_Read], body: Body | None) -> Dialogue[_Evidence]:
    """All keys, and the time where a signature states one, asked for at once."""
    signatures = [signature for _, signature, cause, _ in reads if signature and not cause]
    names = tuple({signature.key_name: None for signature in signatures})
    dated = any(signature.signed_at or signature.expires for signature in signatures)
    if not names:
        return _Evidence(message, body, {}, None, {})
    told = yield from answers(*[Lookup(name, "TXT") for name in names], *((Now(),) if dated else ()))
    moment = told[-1].values[0] if dated and told[-1].values else None
    return _Evidence(message, body, dict(zip(names, told, strict=False)), moment, _repeated(message))


def _read(fields: Iterable[Field], limit: int) -> list[_Read]:
    """The signatures to judge: those that cannot be read do not use up the places of those that can."""
    reads: list[_Read] = []
    readable = 0
    for field in fields:
        read = _parsed(field)
        if read.signature is None and len(reads) - readable == MAX_UNREADABLE:
            continue
        if read.signature and readable == limit:
            break
        readable += read.signature is not None
        reads.append(read)
    return reads


def _parsed(field: Field) -> _Read:
    try:
        signature = dkim_signature.parse(field.value)
    except Malformed as malformed:
        return _Read(field, None, "syntax", malformed.what)
    return _Read(field, signature, _unacceptable(signature))


def _repeated(message: Message) -> dict[str, int]:
    """How often each of the shown fields stands in the message, for those that stand there more than once."""
    counts = {name: count for name, count in message.repeated().items() if name in _SHOWN}
    header = message.header
    if message.defects or any(map(header.__contains__, _PASSED_OVER)) or any(map(header.count, _AFTER_CR)):
        seen = _LENIENT_FROM.findall(header.translate(None, _PASSED_OVER))
        counts["from"] = max(len(seen), len(message.all("from")))
    return counts


def _added(evidence: _Evidence, signature: Signature) -> tuple[str, ...]:
    if not evidence.repeated:
        return ()
    signed = signature.fields
    return tuple(sorted(name for name, count in evidence.repeated.items() if 0 < signed.count(name) < count))


def _judge(evidence: _Evidence, read: _Read) -> Verification:
    (_, _, offset), signature, cause, problem = read
    if signature is None or cause:
        return _refused(cause, problem, offset, signature)
    if cause := _out_of_time(signature, evidence.moment):
        return _refused(cause, "", offset, signature)
    if evidence.message.body_at > MAX_HEADER_BYTES:
        return _refused("header-too-long", "", offset, signature)
    keys, cause, detail = published(evidence.answers[signature.key_name])
    if not keys:
        return _refused(cause or "key-missing", detail, offset, signature)
    # RFC 6376 section 6.1.2: where several records are published, each may be tried.
    for key in keys:
        verification = _check(evidence, read.field, signature, key)
        if verification.result == "pass":
            break
    return verification


def _refused(
    cause: str, detail: str = "", offset: int = 0, signature: Signature | None = None, key: Key | None = None
) -> Verification:
    return Verification(CAUSES[cause], cause, detail, offset, signature, key)


def _unacceptable(signature: Signature) -> str:
    """Why this signature cannot pass, whatever its key; "" if it can."""
    if "from" not in signature.fields:
        return "from-unsigned"
    if not is_within(signature.identity.rpartition("@")[2], signature.domain):
        return "identity-outside-domain"
    if signature.algorithm == "rsa-sha1":
        return "sha1"
    return "" if signature.algorithm in ALGORITHMS else "algorithm-unknown"


def _out_of_time(signature: Signature, moment: datetime | None) -> str:
    if moment and signature.expires and moment > signature.expires:
        return "expired"
    return "future" if moment and signature.signed_at and signature.signed_at > moment + CLOCK_SKEW else ""


def published(answer: Answer[bytes]) -> tuple[list[Key], str, str]:
    """(the usable key records, cause and detail when there are none)."""
    if answer.status == "temperror":
        return [], "key-unavailable", answer.why
    keys: list[Key] = []
    problem = ""
    for record in answer.values[:MAX_KEYS_TRIED]:
        try:
            keys.append(parse_key(record))
        except Malformed as malformed:
            problem = malformed.what
    return keys, "key-syntax" if problem else "key-missing", problem


def unsuitable(key: Key, signature: Signature) -> str:
    """Why RFC 6376 section 6.1.2 does not let this key vouch for this signature; "" if it does."""
    if key.revoked:
        return "key-revoked"
    if key.public is None or not signature.algorithm.startswith(key.type + "-"):
        return "key-type"
    if key.hashes and "sha256" not in key.hashes:
        return "key-hash"
    if not key.is_for("email"):
        return "key-service"
    if key.strict and signature.identity.rpartition("@")[2] != signature.domain:
        return "identity-outside-domain"
    if key.type == "rsa" and not MIN_RSA_BITS <= key.bits <= MAX_RSA_BITS:
        return "key-too-short" if key.bits < MIN_RSA_BITS else "key-too-long"
    return ""


def _check(evidence: _Evidence, field: Field, signature: Signature, key: Key) -> Verification:
    """RFC 6376 section 6.1.3."""
    if (cause := unsuitable(key, signature)) or key.public is None:
        return _refused(cause, "", field.offset, signature, key)
    message, body = evidence.message, evidence.body
    hashed = header_hash(message, field, signature.fields, signature.header_form)
    authentic = is_authentic(key.public, signature.signature, hashed)
    same = body is None or body.is_signed(signature.body_form, signature.length, signature.body_hash)
    found = dkim_change.NONE
    if not (same and authentic):
        found = _changed(evidence, field, signature, None if authentic else key.public, same)
    return Verification(
        result=CAUSES[found.cause] if found.cause else "pass",
        cause=found.cause,
        offset=field.offset,
        signature=signature,
        key=key,
        header="intact" if authentic else "changed",
        body="unchecked" if body is None else "intact" if same else "changed",
        change=found.change,
        changed_fields=found.fields,
        unsigned_bytes=_unsigned(body, signature),
        added_fields=_added(evidence, signature),
    )


def _changed(
    evidence: _Evidence, field: Field, signature: Signature, public: PublicKey | None, same: bool
) -> dkim_change.Change:
    """What was changed: the header where ``public`` does not verify it, the body where it is not the ``same``."""
    header = dkim_change.in_header(evidence.message, field, signature, public) if public else dkim_change.NONE
    if same or evidence.body is None or header.cause == "wrong-key":
        return header
    body = dkim_change.in_body(evidence.message, evidence.body, signature)
    return dkim_change.Change(body.cause, body.change or header.change, header.fields)


def _unsigned(body: Body | None, signature: Signature) -> int:
    if body is None or signature.length is None:
        return 0
    return max(len(body.canonical(signature.body_form)) - signature.length, 0)
