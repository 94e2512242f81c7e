"""What happened to a message, in the words of many languages: not delivered, not yet, or delivered."""

from __future__ import annotations

import re

from ...standards import mime
from ...standards.message import Message

MAX_TEXT = 4_000

FAILURE = re.compile(
    r"undeliver|un(?:able|successful)|deliver(?:y|ed|ing)?\b.{0,40}\b(?:fail|problem|error|delay|impossible|status|not)"
    r"|(?:not|n't|never) (?:be |been |yet been )?(?:deliver|sent|reach|relay|accept|receiv)|fail(?:ed|ure)|reject|returned"
    r"|(?:unknown|invalid|no such|disabled|inactive|non-?existent) (?:user|address|recipient|mailbox|account|host|domain)"
    r"|(?:user|address|recipient|mailbox|account|host|domain)\b.{0,30}\b(?:unknown|not found|full|exist|unavailable|disabled)"
    r"|(?:mailbox|account|folder|quota)\b.{0,24}\b(?:full|exceed)|full mailbox|postpone|delivery warning|quota|permanent|could(?: not|n't)|cannot|bounce|refused|blocked"
    r"|zustell|zugestellt|unbekannt|fehlgeschlagen|échec|echec|remis|délivr|delivr|distribu|entreg|devuel|devolv|fall[oó]"
    r"|recapit|consegn|mancat|bezorg|afgelever|onbestelbaar|dostarcz|doręcz|nedoru|doruč|leverer|leverans|levera|toimit"
    r"|kézbes|livrat|teslim|iletilem|достав|повертан|не удалось|παραδο|παράδο|αποτυχ"
    r"|配信|送信でき|届|エラー|退信|无法|無法|失败|失敗|拒绝|반송|실패|전송|배달|تسليم|מסיר|נכשל",
    re.I,
)
_DELAYED = re.compile(
    r"delayed|not yet been delivered|still being (?:re)?tried|will (?:be re-?tr|continue to|keep tr)|warning only"
    r"|no action is required|being retried|has been postponed|continue (?:to be )?(?:made|trying)|temporarily deferred"
    r"|verzögert|retard[ée]e?|retrasad|atrasad|ritard|vertraagd|opóźnion|zpožd|задерж|отложен|затрим|försenad|forsink|遅延|延迟|延遲|지연",
    re.I,
)
_DELIVERED = re.compile(
    r"(?:was|were|been) (?:successfully )?(?:delivered|relayed)\b(?! to (?:one|some))|successful (?:mail )?delivery",
    re.I,
)


def read(message: Message, text: str) -> str:
    """failed, delayed or delivered: what the subject and the first MAX_TEXT characters say."""
    told = mime.words(message.first("subject") or b"") + "\n" + text[:MAX_TEXT]
    if _DELAYED.search(told):
        return "delayed"
    return "delivered" if _DELIVERED.search(told) else "failed"
