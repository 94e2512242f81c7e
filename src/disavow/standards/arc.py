"""Authenticated Received Chain: validate and seal (RFC 8617, which draft-ietf-dmarc-arc-to-historic retires).

A chain says who vouches for what he saw before he forwarded the message. It proves that the seals are genuine, not
that the sealers are honest: nothing here is evidence about the author.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, NamedTuple, TypeAlias, TypeVar

from ..errors import Malformed
from . import dkim_signature, names, tags
from .dkim import ALGORITHMS, MAX_HEADER_BYTES, published, unsuitable
from .dkim_canonical import Body, header_hash, relaxed_header, without_signature
from .dkim_key import PrivateKey, is_authentic, made
from .dkim_sign import RECOMMENDED, algorithm, to_sign
from .dkim_signature import Signature
from .message import Field, Message, unfold
from .questions import Answer, Dialogue, Lookup, answers

T = TypeVar("T")
Status: TypeAlias = Literal["none", "pass", "fail"]

MAX_INSTANCES = 50  # RFC 8617 section 4.2.1
MAX_RESULTS_BYTES = 65_536

_RESULTS, _SIGNATURE, _SEAL = "arc-authentication-results", "arc-message-signature", "arc-seal"
_NUMBERED = re.compile(rb"[ \t\r\n]*i[ \t\r\n]*=[ \t\r\n]*([0-9]+)[ \t\r\n]*;(.*)\Z", re.S)
# Folded only between tags: a seal signs the fields before it with their white space reduced, not removed.
_PIECE = re.compile(r"[^;]+;? ?|;")
# What a forwarder signs: the author's fields and the signatures he found (RFC 8617 section 4.1.2).
SIGNED = (*RECOMMENDED, "dkim-signature")


class Instance(NamedTuple):
    """One ARC set: what the sealer saw, his signature over the message, his seal over the chain so far.

    ``auth_results``: the ARC-Authentication-Results without its i=, unfolded, claims of ``seal.domain`` and no more;
    ``cv``: what he found the chain before him to be. ``fields``: the results, signature and seal as they stand.
    """

    number: int
    auth_results: str
    signature: Signature
    seal: Signature
    cv: str
    fields: tuple[Field, Field, Field]


@dataclass(frozen=True, slots=True)
class Chain:
    """What became of the chain.

    ``result``: RFC 8617 section 4.4; ``instances`` in rising order, empty if they could not be read; ``oldest_pass``:
    the lowest instance from which on every message signature still fits the message, 0 if all do or none was checked;
    ``problem``: "" or one of structure, too-many, sealed-as-failed, status, signature, seal, header-too-long;
    ``at``: in which instance; ``detail``: more in words.
    """

    result: Status
    instances: tuple[Instance, ...] = ()
    oldest_pass: int = 0
    problem: str = ""
    at: int = 0
    detail: str = ""


def validate(message: Message) -> Dialogue[Chain]:
    """The state of the message's chain (RFC 8617 section 5.2); "none" where there is none."""
    if not any(map(message.all, (_RESULTS, _SIGNATURE, _SEAL))):
        return Chain("none")
    if message.body_at > MAX_HEADER_BYTES:
        return Chain("fail", problem="header-too-long")
    try:
        instances = _instances(message)
    except Malformed as malformed:
        return Chain("fail", problem="structure", detail=malformed.what)
    if failed := _status_problem(instances):
        return failed
    signatures = [signature for instance in instances for signature in (instance.signature, instance.seal)]
    lookups = tuple(dict.fromkeys(signature.key_name for signature in signatures))
    told = yield from answers(*[Lookup(name, "TXT") for name in lookups])
    return _validated(message, instances, dict(zip(lookups, told, strict=True)))


def _instances(message: Message) -> tuple[Instance, ...]:
    """The sets in rising order; ``Malformed`` unless each number from 1 on has exactly one field of each kind."""
    results = _numbered(message.all(_RESULTS), _results)
    signatures = _numbered(message.all(_SIGNATURE), _message_signature)
    seals = _numbered(message.all(_SEAL), _seal)
    numbers = range(1, len(seals) + 1)
    if not (results.keys() == signatures.keys() == seals.keys() == set(numbers)):
        raise Malformed("the sets are not complete from the first to the last")
    return tuple(_instance(number, results[number], signatures[number], seals[number]) for number in numbers)


def _instance(
    number: int,
    results: tuple[Field, str],
    signature: tuple[Field, Signature],
    seal: tuple[Field, tuple[Signature, str]],
) -> Instance:
    sealed, cv = seal[1]
    return Instance(number, results[1], signature[1], sealed, cv, (results[0], signature[0], seal[0]))


def _numbered(fields: list[Field], parse: Callable[[bytes], tuple[int, T]]) -> dict[int, tuple[Field, T]]:
    if len(fields) > MAX_INSTANCES:
        raise Malformed(f"more than {MAX_INSTANCES} sets")
    found: dict[int, tuple[Field, T]] = {}
    for field in fields:
        number, value = parse(field.value)
        if number in found:
            raise Malformed(f"instance {number} stands twice", field.offset)
        found[number] = field, value
    return found


def _results(value: bytes) -> tuple[int, str]:
    match = _NUMBERED.match(value)
    if not match or len(value) > MAX_RESULTS_BYTES:
        raise Malformed("ARC-Authentication-Results does not begin with an instance", 0, value)
    return _number(match[1].decode("ascii")), unfold(match[2]).decode("utf-8", "replace")


def _message_signature(value: bytes) -> tuple[int, Signature]:
    """RFC 8617 section 4.1.2: a DKIM-Signature with i= for the instance and without v=."""
    values = dkim_signature.tag_list(value, ("i", "a", "b", "bh", "d", "h", "s"))
    # RFC 8617 gives c= no default of its own; its test suite and the sealers in use take relaxed, not DKIM's simple.
    values = {"c": "relaxed/relaxed", **values}
    signature = dkim_signature.read(values)
    if _SEAL in signature.fields:
        raise Malformed("h= names ARC-Seal", 0, value)
    return _number(values["i"]), signature


def _seal(value: bytes) -> tuple[int, tuple[Signature, str]]:
    """RFC 8617 section 4.1.3."""
    values = dkim_signature.tag_list(value, ("i", "a", "b", "cv", "d", "s"))
    if "h" in values or "bh" in values:
        raise Malformed("ARC-Seal has an h= or bh=", 0, value)
    seal = dkim_signature.read({**values, "h": "", "bh": ""})
    return _number(values["i"]), (seal, values["cv"])


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2 and 1 <= int(text) <= MAX_INSTANCES):
        raise Malformed("i= is not an instance", 0, text.encode())
    return int(text)


def _status_problem(instances: tuple[Instance, ...]) -> Chain | None:
    """RFC 8617 section 5.2 steps 2 and 3: what the seals themselves say of the chain before them."""
    if instances[-1].cv == "fail":
        return Chain("fail", instances, problem="sealed-as-failed", at=instances[-1].number)
    for instance in instances:
        if instance.cv != ("none" if instance.number == 1 else "pass"):
            return Chain("fail", instances, problem="status", at=instance.number, detail=f"cv={instance.cv}")
    return None


def _validated(message: Message, instances: tuple[Instance, ...], keys: Mapping[str, Answer[bytes]]) -> Chain:
    """RFC 8617 section 5.2 steps 4 to 6."""
    body = Body(message.body)
    newest = instances[-1]
    if why := _signature_problem(message, newest, body, keys):
        return Chain("fail", instances, 0, "signature", newest.number, why)
    hashes = _sealed_hashes(message, instances)
    for instance, hashed in zip(reversed(instances), reversed(hashes), strict=True):
        if why := _problem(instance.seal, hashed, keys):
            return Chain("fail", instances, 0, "seal", instance.number, why)
    return Chain("pass", instances, _oldest_pass(message, instances, body, keys))


def _oldest_pass(
    message: Message, instances: tuple[Instance, ...], body: Body, keys: Mapping[str, Answer[bytes]]
) -> int:
    for instance in reversed(instances[:-1]):
        if _signature_problem(message, instance, body, keys):
            return instance.number + 1
    return 0


def _signature_problem(message: Message, instance: Instance, body: Body, keys: Mapping[str, Answer[bytes]]) -> str:
    signature = instance.signature
    if not body.is_signed(signature.body_form, signature.length, signature.body_hash):
        return "body-changed"
    hashed = header_hash(message, instance.fields[1], signature.fields, signature.header_form)
    return _problem(signature, hashed, keys)


def _problem(signature: Signature, hashed: bytes, keys: Mapping[str, Answer[bytes]]) -> str:
    """Why no published key says that the domain signed this hash, as ``dkim.CAUSES`` names it; "" if one does."""
    if signature.algorithm not in ALGORITHMS:
        return "algorithm-unknown"
    found, why, _ = published(keys[signature.key_name])
    for key in found:
        why = unsuitable(key, signature)
        if not why and key.public and is_authentic(key.public, signature.signature, hashed):
            return ""
    return why or "signature-wrong"


def _sealed_hashes(message: Message, instances: Iterable[Instance]) -> list[bytes]:
    """What each seal signs: all sets up to its own, without its own b= (RFC 8617 section 5.1.1)."""
    running = sha256()
    hashes = []
    for instance in instances:
        before = running.copy()
        *vouched, seal = instance.fields
        before.update(relaxed_header(message, [*vouched, without_signature(seal)]))
        hashes.append(before.digest())
        running.update(relaxed_header(message, instance.fields) + b"\r\n")
    return hashes


def results(message: Message, authserv_id: str) -> str:
    """What the message's Authentication-Results fields by ``authserv_id`` say, put together for ``seal``.

    RFC 8617 section 5.1: one ARC-Authentication-Results carries all of them, comments included. Without such a field
    "authserv_id; none" (RFC 8601 section 2.2).
    """
    said = []
    for value in message.values("authentication-results"):
        name, _, rest = value.decode("utf-8", "replace").partition(";")
        if name.split("(")[0].split()[:1] == [authserv_id]:
            said.append(rest.strip().rstrip(";"))
    return f"{authserv_id}; {'; '.join(said) or 'none'}"


def seal(
    message: Message,
    auth_results: str,
    *,
    cv: Status,
    domain: str,
    selector: str,
    key: PrivateKey,
    fields: Iterable[str] = SIGNED,
    canonicalization: str = "relaxed/relaxed",
    timestamp: datetime | None = None,
) -> bytes:
    """The ARC set to put on top of ``message``: seal, signature and results, each with its final CRLF.

    RFC 8617 section 5.1. ``auth_results``: "authserv-id; results" as ``results`` or an Authentication-Results field
    has them; ``cv``: what ``validate`` said. Returns b"" where no set may be added: the newest seal says that the
    chain failed, or there are fifty already. Raises ``Malformed`` when a chain that is said to pass has no readable
    sets.
    """
    seals = message.all(_SEAL)
    if len(seals) >= MAX_INSTANCES or any(map(_says_failed, seals)):
        return b""
    number = str(len(seals) + 1)
    header_form, body_form = dkim_signature.forms({"c": canonicalization})
    signed = to_sign(message, fields, ())
    common = {
        "i": number,
        "a": algorithm(key),
        "d": names.parse(domain),
        "s": names.parse(selector),
        "t": dkim_signature.seconds(timestamp),
    }
    said = _field("ARC-Authentication-Results", f"i={number}; {' '.join(auth_results.split())}")
    signature = _signed(
        "ARC-Message-Signature",
        {
            **common,
            "c": canonicalization,
            "h": ":".join(signed),
            "bh": base64.b64encode(Body(message.body).hash(body_form, None)).decode("ascii"),
        },
        key,
        lambda field: header_hash(message, field, signed, header_form),
    )
    # RFC 8617 section 5.1.2: the seal of a failed chain covers its own set alone.
    before = [field for instance in _instances(message) for field in instance.fields] if seals and cv != "fail" else []
    vouched = [*before, said, signature]
    sealed = _signed(
        "ARC-Seal",
        {**common, "cv": cv},
        key,
        lambda field: sha256(relaxed_header(message, [*vouched, field])).digest(),
    )
    return b"".join(field.name + b":" + field.value + b"\r\n" for field in (sealed, signature, said))


def _says_failed(field: Field) -> bool:
    try:
        return _seal(field.value)[1][1] == "fail"
    except Malformed:
        return False


def _signed(name: str, values: Mapping[str, str | None], key: PrivateKey, hashed: Callable[[Field], bytes]) -> Field:
    """The field with its b=, its tags in the order of the alphabet, over what ``hashed`` makes of it without."""
    made_of = made(key, hashed(_field(name, _tag_list(values, ""))))
    return _field(name, _tag_list(values, base64.b64encode(made_of).decode("ascii")))


def _tag_list(values: Mapping[str, str | None], b: str) -> str:
    given = {name: value for name, value in values.items() if value is not None}
    return tags.format(tuple(sorted({**given, "b": b}.items())))


def _field(name: str, text: str) -> Field:
    return Field(name.encode(), b" " + dkim_signature.folded(text, _PIECE).encode(), -1)
