"""Questions and answers as people read them: what proves a finding."""

from __future__ import annotations

from typing import Any

from ..standards import dane
from ..standards.questions import Answer, Fetch, Greet, Greeting, Lookup, Mx, Now, Question, Response, Say, Tlsa
from ..world.ask import Transcript

_SHOWN = 500  # characters of one answer


def evidence(questions: tuple[Question, ...], transcript: Transcript) -> list[dict[str, str]]:
    """Each of ``questions`` that was asked, with its answer and when it came."""
    known = {exchange.question: exchange for exchange in transcript}
    return [
        {
            "query": question_text(question),
            "answer": answer_text(known[question].answer),
            "at": _moment(known[question].at),
        }
        for question in questions
        if question in known
    ]


def _moment(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def question_text(question: Question) -> str:
    """``TXT _dmarc.example.org``, or what is sent over HTTPS or SMTP."""
    match question:
        case Lookup():
            return f"{question.type} {question.name}" + (" (signatures not checked)" if question.unvalidated else "")
        case Fetch():
            return f"GET {question.url}"
        case Greet():
            return f"EHLO {question.host}:{question.port}"
        case Say():
            return f"SMTP {question.host}:{question.port} {'; '.join(question.lines)}"
        case Now():
            return "the time"


def answer_text(answer: Answer[Any]) -> str:
    """The values, aliases first; or why there are none."""
    nothing = {
        "nxdomain": "no such name",
        "nodata": "no such record",
        "temperror": f"no answer: {answer.why}",
        "ok": "",
    }
    aliases = [f"alias of {alias}" for alias in answer.aliases]
    values = [_value(value) for value in answer.values] or [nothing[answer.status]]
    return "; ".join([*aliases, *values])[:_SHOWN]


def _value(value: Any) -> str:
    match value:
        case bytes():
            return f'"{value.decode("utf-8", "replace")}"'
        case Mx():
            return f"{value.preference} {value.exchange}."
        case Tlsa():
            return dane.format(value)
        case Response():
            said = value.problem or f"{value.status} {value.body[:200].decode('utf-8', 'replace')}"
            return " ".join(said.split())
        case Greeting():
            return _greeting(value)
    return str(value)


def _greeting(greeting: Greeting) -> str:
    parts = (greeting.banner, ", ".join(greeting.before), greeting.version, greeting.problem, greeting.failure)
    return " | ".join(part for part in parts if part)
