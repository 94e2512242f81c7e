"""A proof as a file: what was judged, every question with its answer and time, and the result.

Whoever holds the message and this file reaches the same verdict without asking anybody. A digest over everything
tells whether a byte was changed; it is no signature, and does not say who wrote the file.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address
from typing import Any, TypeAlias, get_args

from ..errors import Malformed
from ..standards.questions import (
    Address,
    Answer,
    Fetch,
    Lookup,
    Mx,
    Now,
    Question,
    Response,
    Tlsa,
)
from .envelope import Envelope

SCHEMA = "disavow/proof/1"
MAX_BYTES = 20_000_000
MAX_QUESTIONS = 10_000

Exchange: TypeAlias = tuple[Question, Answer[Any], datetime]


@dataclass(frozen=True, slots=True)
class Proof:
    """``message`` the SHA-256 of what was given, in hex, and ``number`` which message in it (from 1).

    ``exchanges`` are the questions with their answers and times; ``result`` is the verification as JSON shows it.
    """

    message: str
    envelope: Envelope
    exchanges: tuple[Exchange, ...]
    result: Mapping[str, Any]
    number: int = 1


def digest(raw: bytes) -> str:
    """SHA-256 in hex."""
    return sha256(raw).hexdigest()


def format(proof: Proof) -> bytes:
    """The proof as JSON, with a digest over all of it."""
    content = {
        "schema": SCHEMA,
        "message": {"sha256": proof.message, "number": proof.number},
        "envelope": envelope_to_json(proof.envelope),
        "questions": [
            {"question": _question_to_json(question), "answer": _answer_to_json(question, answer), "at": _time(at)}
            for question, answer, at in proof.exchanges
        ],
        "result": proof.result,
    }
    content["sha256"] = digest(_canonical(content))
    return json.dumps(content, indent=1, ensure_ascii=False).encode("utf-8") + b"\n"


def parse(raw: bytes) -> Proof:
    """The proof in a file; ``Malformed`` if it is none, or if anything in it was changed after it was written."""
    content = _content(raw)
    if content.get("schema") != SCHEMA:
        raise Malformed(f"not a proof: its schema is not {SCHEMA}", 0, raw)
    stated = content.pop("sha256", "")
    if stated != digest(_canonical(content)):
        raise Malformed("the proof was changed after it was written: its digest does not fit", 0, raw)
    try:
        return Proof(
            message=content["message"]["sha256"],
            number=content["message"]["number"],
            envelope=_envelope(content["envelope"]),
            exchanges=tuple(map(_exchange, content["questions"])),
            result=content["result"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Malformed(f"the proof lacks or garbles a part: {error}", 0, raw) from None


def _content(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise Malformed(f"the proof is larger than {MAX_BYTES} bytes", MAX_BYTES, raw)
    try:
        content: dict[str, Any] = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("not a proof: no JSON", 0, raw) from None
    questions = content.get("questions") or [] if isinstance(content, dict) else None
    if not isinstance(questions, list) or len(questions) > MAX_QUESTIONS:
        raise Malformed("not a proof", 0, raw)
    return content


def _canonical(content: Mapping[str, Any]) -> bytes:
    """One way to write the same facts, so that layout does not matter and a changed fact does."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def envelope_to_json(envelope: Envelope) -> dict[str, Any]:
    """The envelope as JSON shows it; an unknown part is null."""
    return {
        "ip": str(envelope.ip) if envelope.ip else None,
        "helo": envelope.helo or None,
        "mail_from": envelope.mail_from,
        "source": envelope.source,
        "receiver": envelope.receiver or None,
        "at": _time(envelope.at) if envelope.at else None,
        "trusted": envelope.trusted,
        "hosts": list(envelope.hosts),
    }


def _envelope(content: Mapping[str, Any]) -> Envelope:
    return Envelope(
        ip=ip_address(content["ip"]) if content["ip"] else None,
        helo=content["helo"] or "",
        mail_from=content["mail_from"],
        source=content["source"],
        receiver=content["receiver"] or "",
        at=_moment(content["at"]) if content["at"] else None,
        trusted=int(content["trusted"]),
        hosts=tuple(content["hosts"]),
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _question_to_json(question: Question) -> dict[str, Any]:
    return {"ask": type(question).__name__.lower(), **question._asdict()}


_KINDS: dict[str, Callable[..., Question]] = {kind.__name__.lower(): kind for kind in get_args(Question)}


def _question(content: Mapping[str, Any]) -> Question:
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in content.items()}
    question: Question = _KINDS[str(arguments.pop("ask"))](**arguments)
    return question


def _answer_to_json(question: Question, answer: Answer[Any]) -> dict[str, Any]:
    shown = {
        "status": answer.status,
        "values": [_value_to_json(value) for value in answer.values],
        "why": answer.why,
        "authenticated": answer.authenticated,
        "aliases": list(answer.aliases),
        "ttl": answer.ttl,
    }
    return {key: value for key, value in shown.items() if value or key in ("status", "values")}


def _exchange(content: Mapping[str, Any]) -> Exchange:
    question, answer = _question(content["question"]), content["answer"]
    if answer["status"] not in ("ok", "nxdomain", "nodata", "temperror"):
        raise ValueError(answer["status"])
    return (
        question,
        Answer(
            status=answer["status"],
            values=tuple(_value(question, value) for value in answer["values"]),
            why=answer.get("why", ""),
            authenticated=answer.get("authenticated", False),
            aliases=tuple(answer.get("aliases", ())),
            ttl=answer.get("ttl", 0),
        ),
        _moment(content["at"]),
    )


def _value_to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("latin-1")  # every byte one character: readable where it is ASCII, and lossless
    if isinstance(value, Mx):
        return [value.preference, value.exchange]
    if isinstance(value, Tlsa):
        return [value.usage, value.selector, value.matching_type, value.data.hex()]
    if isinstance(value, Response):
        return {"status": value.status, "headers": value.headers, "body": base64.b64encode(value.body).decode("ascii")}
    return _time(value) if isinstance(value, datetime) else str(value)


def _value(question: Question, shown: Any) -> Any:
    """The typed value that the question's helper promises."""
    if isinstance(question, Now):
        return _moment(shown)
    if isinstance(question, Fetch):
        headers = tuple((name, value) for name, value in shown["headers"])
        return Response(shown["status"], headers, base64.b64decode(shown["body"]))
    if isinstance(question, Lookup):
        reader = _READERS.get(question.type)
        return reader(shown) if reader else str(shown)
    return str(shown)


def _ip(shown: object) -> Address:
    return ip_address(str(shown))


def _mx(shown: Iterable[Any]) -> Mx:
    preference, exchange = shown
    return Mx(int(preference), str(exchange))


def _tlsa(shown: Iterable[Any]) -> Tlsa:
    usage, selector, matching_type, data = shown
    return Tlsa(usage, selector, matching_type, bytes.fromhex(data))


_READERS: dict[str, Callable[[Any], Any]] = {
    "TXT": lambda shown: shown.encode("latin-1"),
    "SPF": lambda shown: shown.encode("latin-1"),
    "A": _ip,
    "AAAA": _ip,
    "MX": _mx,
    "TLSA": _tlsa,
}
