"""DKIM2, read but not verified: which hop signed what, for whom, and whether each handed on what it was given.

Pinned to ``DRAFT``, the last whose tags are known here; the members of the groups that later ones form are kept. The
format changes from draft to draft, so nothing here may decide anything; it shows the way that the fields claim.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeVar

from ..errors import Malformed
from . import dkim_signature, names, tags
from .dkim_key import unfolded_base64
from .message import Field, Message

T = TypeVar("T")

DRAFT = "draft-ietf-dkim-dkim2-spec-06"

MAX_HOPS = 50
MAX_LISTED = 1000
MAX_NONCE = 64


class Digest(NamedTuple):
    """The hashes of a message as one hop saw it."""

    algorithm: str
    header: bytes
    body: bytes


class Instance(NamedTuple):
    """A Message-Instance: ``number`` m=; ``digests`` h=; ``recipe`` r=, the JSON that undoes this hop's changes."""

    number: int
    digests: tuple[Digest, ...]
    recipe: bytes | None = None


class Signed(NamedTuple):
    """One signature among those of a DKIM2-Signature (s=)."""

    selector: str
    algorithm: str
    signature: bytes


class Signature(NamedTuple):
    """A DKIM2-Signature.

    ``number``: i=, the hop; ``instance``: m=, the state of the message it signs, 0 for none; ``domain``: d=;
    ``mail_from`` and ``recipients``: mf= and rt= as written in SMTP, angle brackets included; ``next_domain``: nd=,
    which may stand instead of both; ``nonce``: n=; ``flags``: f=.
    """

    number: int
    instance: int
    signed_at: datetime
    domain: str
    signatures: tuple[Signed, ...]
    mail_from: str | None = None
    recipients: tuple[str, ...] = ()
    next_domain: str | None = None
    nonce: str = ""
    flags: tuple[str, ...] = ()


class Hop(NamedTuple):
    """One step of the way, as its signature claims it.

    ``changed``: this hop changed the message; ``can_undo``: and says how; ``problem``: "" or one of
    "custody-broken" (the hop before did not send it here), "sender-of-another-domain" (mf= is not within d=),
    "instance-missing" (it signs a state that no Message-Instance describes).
    """

    signature: Signature
    changed: bool
    can_undo: bool
    problem: str = ""


class Chain(NamedTuple):
    """What a message's DKIM2 fields say; ``problem``: why they cannot be read as a chain, "" if they can."""

    hops: tuple[Hop, ...] = ()
    instances: tuple[Instance, ...] = ()
    problem: str = ""


def explain(message: Message) -> Chain:
    """The claimed way of the message from its origin on; no hops where there are no DKIM2 fields. Nothing is proved."""
    try:
        instances = _numbered(message.all("message-instance"), parse_instance)
        signatures = _numbered(message.all("dkim2-signature"), parse_signature)
    except Malformed as malformed:
        return Chain(problem=malformed.what)
    if instances and max(instances) > max((signature.instance for signature in signatures.values()), default=0):
        return Chain(instances=tuple(instances.values()), problem="a Message-Instance that nobody signed")
    ordered = tuple(signatures[number] for number in sorted(signatures))
    before = (None, *ordered[:-1])
    hops = tuple(_hop(earlier, signature, instances) for earlier, signature in zip(before, ordered, strict=False))
    return Chain(hops, tuple(instances[number] for number in sorted(instances)))


def _numbered(fields: list[Field], parse: Callable[[bytes], T]) -> dict[int, T]:
    """The fields by their own number; ``Malformed`` unless those run from 1 on without a gap."""
    if len(fields) > MAX_HOPS:
        raise Malformed("too many DKIM2 fields")
    parsed = [parse(field.value) for field in fields]
    found = {value.number: value for value in parsed}  # type: ignore[attr-defined]
    if len(found) < len(parsed) or found.keys() != set(range(1, len(parsed) + 1)):
        raise Malformed("the numbers of the DKIM2 fields do not run from 1 on")
    return found


def _hop(earlier: Signature | None, signature: Signature, instances: Mapping[int, Instance]) -> Hop:
    instance = instances.get(signature.instance)
    changed = earlier is not None and signature.instance > earlier.instance
    can_undo = changed and instance is not None and instance.recipe is not None
    return Hop(signature, changed, can_undo, _problem(earlier, signature, instance))


def _problem(earlier: Signature | None, signature: Signature, instance: Instance | None) -> str:
    if signature.instance and instance is None:
        return "instance-missing"
    sender = _domain(signature.mail_from or "")
    if sender and not names.is_within(sender, signature.domain):
        return "sender-of-another-domain"
    return "custody-broken" if earlier and not _handed_on(earlier, signature.domain, sender) else ""


def _handed_on(earlier: Signature, domain: str, sender: str) -> bool:
    """True if the hop before named this one: by nd=, or by a recipient in the domain that it now sends from."""
    if earlier.next_domain is not None:
        return names.is_within(domain, earlier.next_domain)
    targets = [target for recipient in earlier.recipients if (target := _domain(recipient))]
    mine = sender or domain
    return any(names.is_within(mine, target) or names.is_within(target, mine) for target in targets)


def _domain(address: str) -> str:
    """The domain of an SMTP path; "" for the null one or one that cannot be read."""
    try:
        return names.parse(address.strip("<> ").rpartition("@")[2])
    except Malformed:
        return ""


def parse_instance(value: bytes) -> Instance:
    """The Message-Instance that a field value holds; raises ``Malformed``."""
    values = _tags(value, ("m", "h"))
    recipe = unfolded_base64(values["r"]) if "r" in values else None
    return Instance(_number(values["m"]), tuple(map(_digest, _grouped(values["h"]))), recipe)


def format_instance(instance: Instance) -> str:
    """The tag list that ``parse_instance`` reads back."""
    digests = ",".join(f"{d.algorithm}:{_base64(d.header)}:{_base64(d.body)}" for d in instance.digests)
    recipe = () if instance.recipe is None else (("r", _base64(instance.recipe)),)
    return tags.format((("m", str(instance.number)), ("h", digests), *recipe)) + ";"


def parse_signature(value: bytes) -> Signature:
    """The DKIM2-Signature that a field value holds; raises ``Malformed``."""
    values = _tags(value, ("i", "t", "d", "s"))
    if ("nd" in values) == ("mf" in values or "rt" in values):
        raise Malformed("neither nd= nor mf= and rt=, or both", 0, value)
    signed_at = dkim_signature.moment(values, "t")
    if signed_at is None or len(values.get("n", "")) > MAX_NONCE:
        raise Malformed("n= is too long", 0, value)
    return Signature(
        number=_number(values["i"]),
        instance=_number(values["m"]) if "m" in values else 0,
        signed_at=signed_at,
        domain=names.parse(values["d"]),
        signatures=tuple(map(_signed, _grouped(values["s"]))),
        mail_from=_path(values["mf"]) if "mf" in values else None,
        recipients=tuple(map(_path, _listed(values.get("rt", "")))),
        next_domain=names.parse(values["nd"]) if "nd" in values else None,
        nonce=values.get("n", ""),
        flags=tuple(flag.lower() for flag in _listed(values.get("f", ""))),
    )


def format_signature(signature: Signature) -> str:
    """The tag list that ``parse_signature`` reads back."""
    listed = (
        ("i", str(signature.number)),
        ("m", str(signature.instance) if signature.instance else None),
        ("t", dkim_signature.seconds(signature.signed_at)),
        ("d", signature.domain),
        ("mf", None if signature.mail_from is None else _base64(signature.mail_from.encode())),
        ("rt", ",".join(_base64(recipient.encode()) for recipient in signature.recipients) or None),
        ("nd", signature.next_domain),
        ("n", signature.nonce or None),
        ("f", ",".join(signature.flags) or None),
        ("s", ",".join(f"{s.selector}:{s.algorithm}:{_base64(s.signature)}" for s in signature.signatures)),
    )
    return tags.format(tuple((name, value) for name, value in listed if value is not None)) + ";"


def _tags(value: bytes, required: tuple[str, ...]) -> Mapping[str, str]:
    """As DKIM's, but names are the same in either case (section 7 of the draft)."""
    listed = dkim_signature.tag_list(value, ())
    values = {name.lower(): text for name, text in listed.items()}
    if len(values) < len(listed) or any(name not in values for name in required):
        raise Malformed("a tag is missing or stands twice", 0, value)
    return values


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and int(text)):
        raise Malformed("not a number from 1 on", 0, text.encode())
    return int(text)


def _listed(text: str) -> tuple[str, ...]:
    items = tuple(item.strip() for item in text.split(",")) if text else ()
    if len(items) > MAX_LISTED or not all(items):
        raise Malformed("not a list", 0, text.encode())
    return items


def _grouped(text: str) -> tuple[str, ...]:
    """The list, whether or not its items are put into groups by "|", as drafts after ``DRAFT`` do."""
    return _listed(text.replace("|", ","))


def _digest(text: str) -> Digest:
    algorithm, header, body = _three(text)
    return Digest(algorithm, unfolded_base64(header), unfolded_base64(body))


def _signed(text: str) -> Signed:
    selector, algorithm, signature = _three(text)
    return Signed(names.parse(selector), algorithm, unfolded_base64(signature))


def _three(text: str) -> tuple[str, str, str]:
    first, _, rest = text.partition(":")
    second, colon, third = rest.partition(":")
    if not colon or ":" in third:
        raise Malformed("not three values", 0, text.encode())
    return first.strip(), second.strip(), third.strip()


def _path(text: str) -> str:
    return unfolded_base64(text).decode("utf-8", "replace")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
