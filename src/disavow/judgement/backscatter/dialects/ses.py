"""Amazon SES, notified over SNS: the bounce is a JSON object in the text."""

from __future__ import annotations

import json
import re
from typing import Any

from ....standards.message import Message
from .. import prose
from ..notice import Delivery, Recipient

NAME = "ses"
MAX_ENTRIES = 500

# Kind of notification: where its facts are, the list of recipients in them, what happened to these.
_KINDS = {"Bounce": ("bounce", "bouncedRecipients", "failed"), "Delivery": ("delivery", "recipients", "delivered")}
_WRAP = re.compile(r"\n ?")


def sniff(message: Message, text: str) -> bool:
    """An object that begins the text and names its kind, perhaps inside the envelope of SNS."""
    return text.lstrip()[:1] == "{" and "notificationType" in text[:4_000]


def read(message: Message, text: str) -> Delivery:
    """Bounced or delivered recipients; an empty Delivery when the object tells of neither, or is none."""
    told = _object(text)
    told = _object(told["Message"]) if isinstance(told.get("Message"), str) else told
    key, listed, action = _KINDS.get(str(told.get("notificationType")), ("", "", ""))
    facts = told.get(key)
    entries = facts.get(listed) if isinstance(facts, dict) else None
    if not isinstance(facts, dict) or not isinstance(entries, list):
        return Delivery()
    action = "delayed" if facts.get("bounceType") == "Transient" else action
    recipients = tuple(_recipient(entry, action, str(facts.get("smtpResponse", ""))) for entry in entries[:MAX_ENTRIES])
    return Delivery(NAME, str(facts.get("reportingMTA", "")).rpartition(";")[2].strip(), recipients)


def _recipient(entry: object, action: str, response: str) -> Recipient:
    facts = entry if isinstance(entry, dict) else {"emailAddress": entry}
    words = str(facts.get("diagnosticCode", response)).removeprefix("smtp;").strip()
    said = prose.recipient(str(facts.get("emailAddress", ""))[:320], words, str(facts.get("action") or action))
    return said if said.status else prose.with_status(said, str(facts.get("status", "")))


def _object(text: str) -> dict[str, Any]:
    """The JSON object at the beginning of ``text``, with the lines joined that mail broke; {} when it is none."""
    try:
        value, _ = json.JSONDecoder().raw_decode(_WRAP.sub("", text.lstrip()))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
