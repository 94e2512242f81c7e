"""What happened to a message, in the words of many languages: not delivered, not yet, or delivered."""

from __future__ import annotations

import re

from ...standards import mime
from ...standards.message import Message

MAX_TEXT = 2_000

# Matched against lower case. Each alternative begins with a letter, so that a search can skip all others at once.
_FAILED = re.compile(
    # English: deliver, send and their opposites
    r"undeliver|unable|unsuccessful"
    r"|deliver(?:y|ed|ing)?\b.{0,40}\b(?:fail|problem|error|delay|impossible|status|not\b)"
    r"|not (?:be |been |yet been )?(?:deliver|sent|reach|relay|accept|receiv)|n't (?:be )?(?:deliver|sent|reach)"
    r"|never (?:deliver|reach)|fail(?:ed|ure)|reject|returned|permanent|postpone|cannot|could(?: not|n't)|bounce"
    r"|refused|blocked|quota|full mailbox|delivery warning"
    # English: what is wrong with whom
    r"|unknown (?:user|address|recipient|mailbox|account|host|domain)|invalid (?:user|address|recipient|mailbox|domain)"
    r"|no such (?:user|address|recipient|mailbox|account|host|domain)|disabled|inactive|non-?existent"
    r"|user\b.{0,30}\b(?:unknown|not found|full|exist)|address\b.{0,30}\b(?:unknown|not found|exist|unavailable)"
    r"|recipient\b.{0,30}\b(?:unknown|not found|full|exist)|host\b.{0,30}\b(?:unknown|not found|exist|unavailable)"
    r"|mailbox\b.{0,30}\b(?:unknown|not found|full|exceed|exist|unavailable)|domain\b.{0,30}\b(?:not found|exist)"
    r"|account\b.{0,30}\b(?:unknown|not found|full|exceed|exist)"
    # German, French, Spanish, Portuguese, Italian, Dutch, Polish, Czech, Nordic, Hungarian, Romanian, Turkish
    r"|zustell|zugestellt|unbekannt|fehlgeschlagen|échec|echec|remis\b|délivr|delivr|distribu|entreg|devuel|devolv"
    r"|fall[oó]|recapit|consegn|mancat|bezorg|afgelever|onbestelbaar|dostarcz|doręcz|nedoru|doruč|leverer|leverans|levera|toimit"
    r"|kézbes|livrat|teslim|iletilem"
    r"|kam nicht an|nicht (?:weiter|an)(?:geleitet|leiten|gekommen|genommen)|zurückgewiesen"
    r"|abgewiesen|abgelehnt|stoppades|kunde inte|kunne ikke|nie (?:dotarł|doszł)|nije (?:stig|isporuč|uruč|dostavlj)"
    # the same languages' words for a refusal
    r"|refusé|rejeté|rechaz|rejeitad|recusad|respint|rifiutat|geweiger|odrzuc|odmít|odmiet|reddedil|elutas|visszautas"
    r"|respins|afvist|avvist|avvis(?:at|ad|ar)|hylät|ikke (?:blitt )?lever|απορρίφ|απορριφ|відхил|отклон|отверг"
    # Latvian, Lithuanian, Estonian, Vietnamese, Indonesian
    r"|nevarēja|nav piegād|nepavyko|nepristat|ei õnnestunud|ei saanud kohale"
    r"|không (?:thể )?(?:gửi|chuyển|giao|nhận)|gửi (?:thư )?(?:không thành|thất bại)|bị (?:từ chối|trả lại)"
    r"|gagal|tidak (?:dapat |bisa )?(?:ter|di)(?:kirim|sampai)|ditolak|dikembalikan"
    # Russian, Ukrainian, Serbian, Greek, Japanese, Chinese, Korean, Thai, Arabic, Persian, Hebrew
    r"|достав|повертан|не удалось|испоруч|отхвърл|παραδο|παράδο|αποτυχ"
    r"|配信|送信でき|届|エラー|退信|无法|無法|失败|失敗|拒绝|반송|실패|전송|배달"
    r"|ไม่สามารถ(?:จัด)?ส่ง|ส่ง(?:อีเมล)?ไม่(?:สำเร็จ|ได้)|ตีกลับ|ถูกปฏิเสธ"
    r"|تسليم|تحویل|ارسال نشد|برگشت|מסיר|נמסר|נכשל|נדח"
)
# Sentences that hardly anybody but a mail system writes.
_UNDELIVERED = re.compile(
    r"undeliver|non-?delivery(?: report| notice| notification|:)|delivery (?:has )?fail|delivery (?:error|problem)"
    r"|deliver(?:y|ed)?\b.{0,30}\bfail|not (?:be |been |yet been )?delivered|unable to deliver|returned mail"
    r"|returning message|failure notice|failed recipient|did not reach the following|delivery status notification"
    r"|error during delivery|mail(?: system)? error"
    r"|unzustellbar|nicht zugestellt|zustellung fehlgeschlagen|unzustellbare|échec de (?:la )?(?:remise|distribution)"
    r"|pu [êe]tre (?:remis|d[ée]livr|distribu)|non remis|no se (?:pudo|ha podido) entregar|podido ser entregad"
    r"|n[ãa]o (?:foi|p[ôo]de ser) entregue|não entregue|possibile (?:recapitare|consegnare)|mancata consegna"
    r"|non recapitat"
    r"|niet (?:worden )?(?:bezorgd|afgeleverd)|onbestelbaar|niedostarcz|(?:została?|zostać|można) dostarcz|nedoruč"
    r"|nelze doručit"
    r"|не (?:может быть|удалось|было|мог(?:ло|ла)? быть) достав|недостав|не достав|не вдалося достав"
    r"|kunne ikke lever|kunde inte lever|voitu toimittaa|sikerült kézbes|kézbesíthetetlen|putut fi livrat|teslim edilem"
    r"|δεν παραδ|αποτυχία παράδοσης|配信でき|送信できません|配信エラー|配送でき|届けられ|メールエラー"
    r"|退信|无法(?:投递|送达|发送)|投递失败|無法(?:投遞|傳遞|送達|寄)|발송 실패|전송 실패|반송|تعذر"
    r"|לא ניתן למסור|לא נמסר"
    r"|thư không gửi được|không thể (?:gửi|chuyển) thư|gagal (?:terkirim|dikirim)|tidak (?:dapat )?(?:terkirim|dikirim)"
    r"|ไม่สามารถส่ง|ส่งอีเมลไม่สำเร็จ|nije isporučen|nije dostavljen|neizdevās piegādāt|nepavyko pristatyti"
)
_DELAYED = re.compile(
    r"delayed|not yet been delivered|still being (?:re)?tried|will (?:be re-?tr|continue to|keep tr)|warning only"
    r"|no action is required|being retried|has been postponed|continue (?:to be )?(?:made|trying)|temporarily deferred"
    r"|verzögert|retard|retrasad|atrasad|ritard|vertraagd|opóźnion|zpožd|задерж|отложен|затрим|försenad|forsink"
    r"|遅延|延迟|延遲|지연"
)
_DELIVERED = re.compile(
    r"was (?:successfully )?(?:delivered|relayed)\b(?! to (?:one|some))|were (?:successfully )?(?:delivered|relayed)\b"
    r"|been(?<!not been)(?<!never been)(?<!n't been) (?:successfully )?(?:delivered|relayed)\b"
    r"|successful(?<!unsuccessful) (?:mail )?delivery"
)


def read(message: Message, text: str) -> str:
    """failed, delayed or delivered: what the subject and the first MAX_TEXT characters say."""
    told = f"{subject(message)}\n{text[:MAX_TEXT]}".lower()
    if _DELAYED.search(told):
        return "delayed"
    return "delivered" if _DELIVERED.search(told) else "failed"


def failed(text: str) -> bool:
    """True if ``text`` speaks, in any of these languages, of a message that did not arrive."""
    return bool(_FAILED.search(text.lower()))


def undelivered(text: str) -> bool:
    """True if the first MAX_TEXT characters hold a sentence by which mail systems report a failed delivery."""
    return bool(_UNDELIVERED.search(text[:MAX_TEXT].lower()))


def subject(message: Message) -> str:
    """The subject, decoded; at most 1,000 bytes of it."""
    return mime.words((message.first("subject") or b"")[:1000])
