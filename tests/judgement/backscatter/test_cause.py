from __future__ import annotations

import pytest

from disavow.judgement.backscatter import cause
from disavow.judgement.backscatter.letter import Letter
from disavow.judgement.backscatter.notice import Delivery, Recipient
from disavow.standards.message import Message

NOTHING = Letter(Message(b"Subject: x\n\n"), (Message(b"Subject: x\n\n"),))


def reason(diagnostic: str, status: str = "5.0.0", reply: str = "") -> str:
    recipient = Recipient("kim@example.org", "failed", status, reply, diagnostic)
    return cause.assign(Delivery("rfc3464", "", (recipient,)), NOTHING)[1]


@pytest.mark.parametrize(
    ("diagnostic", "expected"),
    [
        ("550 5.1.1 <kim@example.org>: Recipient address rejected", "user-unknown"),
        ("550 Unknown user kim@example.org", "user-unknown"),
        ("550-5.7.26 This mail is unauthenticated. 550 5.7.26 SPF check for example.org did not pass", "auth-spf"),
        ("550 5.7.26 unauthenticated mail is prohibited", "auth"),
        ("550 5.7.1 message refused by the DMARC policy of example.org", "auth-dmarc"),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using bl.example", "ip-blocklisted"),
        ("550 5.7.25 no PTR record for 192.0.2.1", "no-ptr"),
        ("552 5.2.2 over quota", "mailbox-full"),
        ("552 mailbox of kim is full", "mailbox-full"),
        ("554 virus found in message", "virus"),
        ("554 relay access denied", "relay-denied"),
        ("550 5.7.1 Relaying denied. IP name lookup failed [192.0.2.1]", "relay-denied"),
        ("550 5.7.1 Blocked: spam score 18 for mail from 192.0.2.1", "spam-content"),
        ("550 5.2.1 mailbox disabled, not accepting messages", "disabled"),
        (
            "550-Verification failed for <kim@example.net> 550 5.1.1 no such user 550 Sender verify failed",
            "sender-rejected",
        ),
        ("554 MI:SPF mx7,AbC 1700000000", "auth-spf"),
        ("451 4.7.1 Greylisted, please come back later", "greylist"),
        ("552 message exceeds the maximum message size", "too-big"),
        ("connect to mx.example.org[192.0.2.1]:25: Connection timed out", "expired"),
        ("554 5.4.6 too many hops", "loop"),
        ("Empfaenger unbekannt", "user-unknown"),
        ("Почтовый ящик переполнен", "mailbox-full"),
        ("收件人不存在", "user-unknown"),
    ],
)
def test_codes_settle_and_words_tell(diagnostic: str, expected: str) -> None:
    assert reason(diagnostic) == expected


def test_the_receivers_own_code_outranks_the_reporters() -> None:
    assert reason("550 5.7.1 IP address is blacklisted", status="5.1.1") == "ip-blocklisted"
    assert reason("550 5.2.2 see elsewhere", status="5.1.1") == "mailbox-full"


def test_an_enhanced_code_outranks_a_phrase() -> None:
    assert reason("550 5.1.1 your message looks like spam") == "user-unknown"


def test_what_people_call_their_mailboxes_says_nothing() -> None:
    assert reason("552 <virus@spam-blocklist.example>: over quota") == "mailbox-full"


def test_a_reply_code_is_the_last_hint() -> None:
    assert reason("553 xyzzy") == "user-unknown"
    assert reason("xyzzy") == ""


def test_the_most_telling_reason_names_the_whole() -> None:
    refused = Recipient("a@example.org", "failed", "5.0.0", "", "550 SPF check failed")
    others = [Recipient(f"{n}@example.org", "failed", "5.1.1") for n in range(60)]
    delivery, telling, evidence = cause.assign(Delivery("rfc3464", "", (*others[:5], refused, *others[5:])), NOTHING)
    assert telling == "auth-spf"
    assert evidence is not None and "SPF check failed" in evidence.quote
    assert [each.reason for each in delivery.recipients[:6]] == ["user-unknown"] * 5 + ["auth-spf"]
    assert len(delivery.recipients) == 61


def test_a_recipient_that_was_reached_has_no_reason() -> None:
    reached = Recipient("kim@example.org", "delivered", "2.1.5", "", "250 mailbox full of joy")
    assert cause.assign(Delivery("rfc3464", "", (reached,)), NOTHING)[1:] == ("", None)


def test_the_words_of_what_came_back_are_not_the_reporters() -> None:
    raw = (
        b"From: MAILER-DAEMON@example.net\nSubject: failure notice\n\nNo such user here: <kim@example.net>\n\n"
        b"--- Below this line is a copy of the message.\n\nReceived: from a.example (HELO a.example) by b.example\n"
        b"From: me@example.org\nTo: kim@example.net\nSubject: your mailbox is full of viruses\n\nspam score 12\n"
    )
    letter = Letter(Message(raw), (Message(raw),))
    silent = Delivery("prose", "", (Recipient("kim@example.net", "failed", "", "", ""),))
    assert cause.assign(silent, letter)[1] == "user-unknown"


REFUSALS = (
    ("user-unknown", "550 #5.1.0 Address rejected."),
    ("disabled", "550 user is terminated"),
    (
        "spam-content",
        "550 spam message rejected. Please visit http://help.example.net/notspam-support/id?c=AAbb or report details",
    ),
    ("spam-content", "554 5.7.1 Message rejected under suspicion of SPAM; https://ya.example/1IrBc 1700000000-abc"),
    ("user-unknown", "550 5.7.1 No such user!"),
    ("policy", "550 5.7.1 Policy rejection on the target address"),
    ("rate", "450 4.2.1 The recipient has exceeded message rate limit. Try again later."),
    ("no-ptr", "554-Bad DNS PTR resource record. For explanation visit http://postmaster.example"),
    ("ip-blocklisted", "554-No SMTP service 554-IP address is black listed."),
    ("spam-content", "550 5.7.1 spam detected, message refused"),
    (
        "ip-blocklisted",
        "550 spam detected Too many spams from your IP (192.0.2.1), please visit http://postmaster.example",
    ),
    ("mailbox-full", "550 5.2.2 Mailbox size limit exceeded"),
    ("rate", "550 Domain frequency limited [abc IP: 192.0.2.3]"),
    ("ip-blocklisted", "550 Suspected spam ip. https://service.mail.example"),
    ("auth-spf", "550 SPF check failed [qq IP: 198.51.100.200]"),
    (
        "disabled",
        "554 30 Sorry, your message to kim@example.org cannot be delivered. This mailbox is disabled (554.30).",
    ),
    ("auth-dmarc", "554 5.7.9 Message not accepted for policy reasons. DMARC policy of example.org"),
    ("policy", "554 5.7.9 Message not accepted for policy reasons. See https://postmaster.example/error-codes"),
    (
        "policy",
        "554 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.example/en-us/HT204137",
    ),
    (
        "auth-dmarc",
        "550 5.7.1 [HME1] This message was blocked for failing both SPF and DKIM authentication checks. DMARC",
    ),
    ("host-unknown", "550 5.4.310 DNS domain gone.test does not exist [Message=InfoDomainNonexistent]"),
    ("loop", "554 5.4.14 Hop count exceeded - possible mail loop ATTR34"),
    ("auth", "550 5.7.515 Access denied, sending domain example.org doesn't meet the required authentication level."),
    ("relay-denied", "550 5.7.64 TenantAttribution; Relay Access Denied"),
    ("too-big", "550 5.3.4 ROUTING.SizeLimit; message size exceeds fixed maximum size for route"),
    ("mailbox-full", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException"),
    ("filtered", "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized due to delivery restrictions"),
    ("domain-blocklisted", "550 5.7.1 URL in message listed on dbl.example SURBL"),
    ("virus", "552 5.7.0 This message was blocked because its content presents a potential security issue."),
    ("relay-denied", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    ("relay-denied", "550 not local host example.org, not a gateway"),
    ("starttls", "530 5.7.0 Must issue a STARTTLS command first"),
    ("moved", "551 User not local; please try <kim@example.net>"),
    ("expired", "Delivery time expired"),
    ("expired", "retry timeout exceeded"),
    ("expired", "retry time not reached for any host after a long failure period"),
    ("host-unknown", "Domain example.test has no MX record and no A record"),
    ("not-accept", "Domain gone.test does not accept mail (nullMX)"),
    ("sender-rejected", "550 5.1.8 Sender address rejected: Domain not found"),
    ("sender-rejected", "550 Sender address is not valid"),
    ("sender-rejected", "553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)"),
    ("auth", "550 5.7.1 Anti-spoofing policy: sender address is one of our own"),
    ("auth", "550 sender is local but not authenticated: spoofed message"),
    ("auth-dkim", "550 5.7.20 DKIM signature missing"),
    ("auth-dkim", "554 5.7.1 DKIM verification failed for example.org"),
    ("auth-dmarc", "550 5.7.1 Email rejected per DMARC policy for example.org"),
    ("auth-spf", "550 5.7.23 The message was rejected because of Sender Policy Framework violation"),
    ("auth-spf", "550 example.org does not designate 192.0.2.4 as permitted sender"),
    (
        "syntax",
        "550 5.7.1 Messages missing a valid address in From: header, or having no From: header, are not accepted.",
    ),
    ("greylist", "450 4.2.0 <kim@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example"),
    ("system", "451 Requested action aborted: local error in processing"),
    ("user-unknown", "Der Empfänger wurde im E-Mail-System des Empfängers nicht gefunden"),
    ("mailbox-full", "Das Postfach des Empfängers ist voll und kann zurzeit keine Nachrichten annehmen"),
    ("mailbox-full", "La boîte aux lettres du destinataire est pleine"),
    ("user-unknown", "Cette adresse électronique n'existe pas"),
    ("disabled", "Ce compte a été désactivé"),
    ("mailbox-full", "El buzón del destinatario está lleno"),
    ("disabled", "La casella di posta è stata disattivata per inutilizzo"),
    ("mailbox-full", "A caixa postal do destinatário está cheia"),
    ("user-unknown", "Usuário inexistente neste servidor"),
    ("mailbox-full", "Skrzynka odbiorcy jest pełna"),
    ("user-unknown", "Nie ma takiego użytkownika"),
    ("disabled", "Konto zostało zablokowane"),
    ("mailbox-full", "Schránka příjemce je plná"),
    ("user-unknown", "Uživatel neexistuje"),
    ("user-unknown", "Uživatel s touto adresou u nás není"),
    ("user-unknown", "Alıcı bulunamadı"),
    ("disabled", "Hesap askıya alındı"),
    ("disabled", "Kullanıcı hesabı kapatılmış"),
    ("user-unknown", "Käyttäjää ei ole olemassa"),
    ("user-unknown", "A címzett postafiókja nem létezik"),
    ("disabled", "A postafiók le van tiltva"),
    ("user-unknown", "Adresa destinatarului nu există"),
    ("user-unknown", "Ο χρήστης δεν υπάρχει"),
    ("disabled", "Ο λογαριασμός έχει απενεργοποιηθεί"),
    ("user-unknown", "宛先のメールアドレスは存在しませんでした"),
    ("user-unknown", "お客様の送信されたメールは、宛先に該当するユーザが見当たらないため配信できませんでした"),
    ("mailbox-full", "受信者のメールボックスの容量が一杯です"),
    ("filtered", "受信側の設定により受信拒否されました"),
    ("user-unknown", "메일 주소가 존재하지 않습니다"),
    ("user-unknown", "존재하지 않는 사용자입니다"),
    ("mailbox-full", "받는 사람의 편지함 용량이 초과되었습니다"),
    ("disabled", "휴면 계정입니다"),
    ("disabled", "사용이 중지된 계정입니다"),
    ("spam-content", "스팸 메일로 분류되어 차단되었습니다"),
    ("ip-blocklisted", "발신 IP가 차단되었습니다"),
    ("user-unknown", "用户不存在"),
    ("mailbox-full", "收件人邮箱空间已满"),
    ("disabled", "该邮箱已被停用"),
    ("disabled", "此账号已被冻结"),
    ("spam-content", "您的邮件被判定为垃圾邮件"),
    ("ip-blocklisted", "发信IP被列入黑名单"),
    ("too-big", "邮件大小超过限制"),
    ("rate", "发送频率过高"),
    ("host-unknown", "域名解析失败"),
    ("user-unknown", "查無此人"),
    ("mailbox-full", "收件者信箱已滿"),
    ("user-unknown", "Почтовый ящик не найден"),
    ("user-unknown", "Такого пользователя нет"),
    ("user-unknown", "Нет такого получателя"),
    ("disabled", "Учётная запись заблокирована"),
    ("mailbox-full", "У получателя закончилось место в ящике"),
    ("too-big", "Размер письма превышает допустимый"),
    ("ip-blocklisted", "Ваш IP-адрес находится в чёрном списке"),
    ("sender-rejected", "Адрес отправителя отклонён"),
    ("rate", "Слишком много писем с вашего адреса"),
    ("virus", "Обнаружен вирус"),
    ("policy", "Доступ запрещен политикой безопасности"),
    ("user-unknown", "Такої адреси не існує"),
    ("disabled", "Обліковий запис вимкнено"),
    ("user-unknown", "المستخدم غير موجود"),
    ("mailbox-full", "صندوق البريد ممتلئ"),
    ("disabled", "تم تعطيل الحساب"),
    ("user-unknown", "המשתמש לא קיים"),
    ("mailbox-full", "תיבת הדואר מלאה"),
    ("disabled", "החשבון הושבת"),
    ("disabled", "Kontot är spärrat"),
    ("mailbox-full", "Mottagarens brevlåda är full"),
    ("too-big", "Het bericht is te groot"),
    ("too-big", "Meddelandet är för stort"),
    ("too-big", "Viesti on liian suuri"),
    ("too-big", "Az üzenet túl nagy"),
    ("too-big", "Zpráva je příliš velká"),
    ("too-big", "İleti çok büyük"),
    ("too-big", "Το μήνυμα είναι πολύ μεγάλο"),
    ("too-big", "메시지 크기가 제한을 초과했습니다"),
    ("sender-rejected", "Gönderen adresi reddedildi"),
    ("sender-rejected", "Odesílatel byl odmítnut"),
    ("sender-rejected", "发件人被拒绝"),
    ("auth-spf", "Il controllo SPF non è riuscito"),
    ("auth-spf", "Weryfikacja SPF nie powiodła się"),
    ("auth-spf", "SPF doğrulaması başarısız"),
    ("auth-spf", "SPF 검사에 실패했습니다"),
    ("auth", "发件人身份验证失败，疑似伪造"),
    ("auth", "なりすましメールと判定されました"),
    ("policy", "Wiadomość odrzucona z powodu zasad bezpieczeństwa"),
    ("policy", "Zpráva byla odmítnuta podle pravidel"),
    ("policy", "İleti politika nedeniyle reddedildi"),
    ("policy", "정책에 따라 거부되었습니다"),
    ("policy", "Meddelandet avvisades av säkerhetspolicy"),
    ("host-unknown", "Domänen finns inte"),
    ("host-unknown", "Verkkotunnusta ei löydy"),
    ("host-unknown", "Alan adı bulunamadı"),
    ("host-unknown", "도메인을 찾을 수 없습니다"),
    ("host-unknown", "Doména příjemce neexistuje"),
    ("expired", "Překročen časový limit doručení"),
    ("expired", "Upłynął limit czasu dostarczania"),
    ("expired", "Teslim süresi doldu"),
    ("expired", "배달 시간이 초과되었습니다"),
    ("relay-denied", "Retransmisión no permitida"),
    ("relay-denied", "拒绝中继"),
    ("relay-denied", "中継は許可されていません"),
    ("greylist", "Graylisting aktiv, bitte versuchen Sie es später erneut"),
    ("virus", "Wirus w załączniku"),
    ("virus", "Zpráva obsahuje virus"),
    ("virus", "Virüs bulundu"),
    ("virus", "바이러스가 발견되었습니다"),
    ("virus", "Το μήνυμα περιέχει ιό"),
    ("rate", "Zbyt wiele połączeń"),
    ("rate", "Muitas conexões simultâneas"),
    ("rate", "送信通数の上限を超えました"),
    ("rate", "Příliš mnoho spojení"),
    ("ip-blocklisted", "Adres IP nadawcy znajduje się na czarnej liście"),
    ("ip-blocklisted", "送信元IPアドレスがブラックリストに登録されています"),
    ("moved", "L'utente ha cambiato indirizzo"),
    ("moved", "Le destinataire a changé d'adresse"),
)


@pytest.mark.parametrize(("expected", "diagnostic"), REFUSALS)
def test_servers_and_administrators_refuse_in_many_words(expected: str, diagnostic: str) -> None:
    assert reason(diagnostic, status="") == expected
