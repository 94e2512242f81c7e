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
    ("user-unknown", "550 Sorry, there is nobody called kim here"),
    ("user-unknown", "550 We have no such employee"),
    ("user-unknown", "553 5.3.0 <kim@example.org>... Unknown recipient or recipient has left"),
    ("user-unknown", "550 RCPT TO:<kim@example.org> User not in directory"),
    ("user-unknown", "550 5.7.1 recipient not in our directory"),
    ("user-unknown", "550 no mailbox by that name is currently available"),
    ("user-unknown", "554 5.7.1 The recipient is not on our list of valid recipients"),
    ("user-unknown", "550 This is not a valid address on this server"),
    ("user-unknown", "550 Cette boîte n'existe pas chez nous"),
    ("user-unknown", "550 Il n'y a pas d'utilisateur de ce nom"),
    ("user-unknown", "550 Aucun compte à cette adresse"),
    ("user-unknown", "550 Unter dieser Adresse ist niemand erreichbar"),
    ("user-unknown", "550 Diese Mailadresse gibt es hier nicht"),
    ("user-unknown", "550 Ein solcher Nutzer ist uns nicht bekannt"),
    ("user-unknown", "550 La dirección de correo no figura en nuestro directorio"),
    ("user-unknown", "550 Esa persona no tiene cuenta aquí"),
    ("user-unknown", "550 Questo indirizzo non è attivo su questo server"),
    ("user-unknown", "550 Non esiste nessun utente con questo nome"),
    ("user-unknown", "550 Este endereço de e-mail não existe"),
    ("user-unknown", "550 Takový účet u nás neexistuje"),
    ("user-unknown", "550 Brak takiego konta"),
    ("user-unknown", "550 Adresat nieznany"),
    ("user-unknown", "550 Böyle bir kullanıcı yok"),
    ("user-unknown", "550 Nincs ilyen felhasználó"),
    ("user-unknown", "550 Nu există o astfel de adresă"),
    ("user-unknown", "550 Det finns ingen användare med det namnet"),
    ("user-unknown", "550 Ingen sådan bruger"),
    ("user-unknown", "550 Tuntematon vastaanottaja"),
    ("user-unknown", "550 Такой адрес не зарегистрирован"),
    ("user-unknown", "550 Абонент не найден"),
    ("user-unknown", "550 该用户不存在或已删除"),
    ("user-unknown", "550 收件人地址错误"),
    ("user-unknown", "550 そのようなユーザーはいません"),
    ("user-unknown", "550 メールアドレスが間違っています"),
    ("user-unknown", "550 그런 사용자는 없습니다"),
    ("user-unknown", "550 لا يوجد مستخدم بهذا الاسم"),
    ("disabled", "550 This mailbox has been closed by its owner"),
    ("disabled", "550 mailbox for kim is currently not in service"),
    ("disabled", "550 The account is dormant and no longer accepts mail"),
    ("disabled", "550 Dieses Postfach wurde abgemeldet"),
    ("disabled", "550 Ce compte est fermé"),
    ("disabled", "550 La cuenta fue dada de baja"),
    ("disabled", "550 L'account è stato chiuso"),
    ("disabled", "550 A conta foi encerrada"),
    ("disabled", "550 Ящик временно заблокирован"),
    ("disabled", "550 お客様のアカウントは解約されています"),
    ("disabled", "550 利用停止中のメールアドレスです"),
    ("mailbox-full", "552 No room in the recipient's mailbox"),
    ("mailbox-full", "552 recipient storage full"),
    ("mailbox-full", "452 The recipient's inbox is out of storage space"),
    ("mailbox-full", "552 user has exhausted allowed storage space"),
    ("mailbox-full", "552 Speicherplatz des Empfängers erschöpft"),
    ("mailbox-full", "552 Quota dépassé"),
    ("mailbox-full", "552 El destinatario no tiene espacio"),
    ("mailbox-full", "552 Brak miejsca w skrzynce"),
    ("mailbox-full", "552 В ящике нет места"),
    ("mailbox-full", "552 容量オーバーです"),
    ("mailbox-full", "552 对方邮箱容量已满"),
    ("spam-content", "554 Your message scored too high"),
    ("spam-content", "554 message identified as junk by our filter"),
    ("spam-content", "550 Sorry, we do not accept bulk mail"),
    ("spam-content", "554 Ihre Nachricht wurde als Spam eingestuft"),
    ("spam-content", "554 Votre message a été considéré comme indésirable"),
    ("spam-content", "554 Mensaje rechazado por ser spam"),
    ("spam-content", "554 Messaggio classificato come spam"),
    ("spam-content", "554 Wiadomość uznana za spam"),
    ("spam-content", "554 迷惑メールと判定されました"),
    ("virus", "554 Your attachment carries a virus"),
    ("virus", "554 file type .exe not allowed here"),
    ("ip-blocklisted", "554 Your server's address is on our deny list"),
    ("ip-blocklisted", "550 Ihre IP 192.0.2.4 steht auf einer Sperrliste"),
    ("ip-blocklisted", "554 L'adresse IP de votre serveur est bloquée"),
    ("ip-blocklisted", "554 La IP del servidor está en una lista de bloqueo"),
    ("ip-blocklisted", "554 IP-адрес отправителя занесён в чёрный список"),
    ("auth-spf", "550 Host 192.0.2.1 may not send for example.org (SPF)"),
    ("auth-spf", "550 Absender 192.0.2.1 laut SPF nicht zugelassen"),
    ("auth-spf", "550 Votre serveur n'est pas autorisé par l'enregistrement SPF"),
    ("auth-spf", "550 Su IP no está en el registro SPF de example.org"),
    ("auth-spf", "550 Il server non è autorizzato dal record SPF"),
    ("auth-spf", "550 O servidor não está autorizado no registro SPF"),
    ("auth-spf", "550 Сервер не указан в SPF-записи домена"),
    ("auth-spf", "550 SPF kaydınız bu sunucuya izin vermiyor"),
    ("auth-spf", "550 SPF レコードに一致しません"),
    ("auth-spf", "550 发信IP不在SPF记录中"),
    ("auth-spf", "550 5.7.1 SPF unauthorized mail is prohibited."),
    ("auth-dmarc", "550 La politique DMARC du domaine demande le rejet"),
    ("auth-dmarc", "550 DMARC 정책 위반"),
    ("auth-dmarc", "550 由于 DMARC 策略被拒绝"),
    ("auth-dkim", "550 DKIM imzası geçersiz"),
    ("auth-dkim", "550 Подпись DKIM не верна"),
    ("auth", "550 You are not who you claim to be: forged sender"),
    ("auth", "550 Mail from our own domain must be authenticated"),
    ("auth", "550 Fälschung: Absender gehört zu unserer Domain"),
    ("relay-denied", "554 we don't handle mail for that domain"),
    ("relay-denied", "550 authentication is required for relay"),
    ("relay-denied", "550 Mail for this domain is not accepted here; relaying prohibited"),
    ("no-ptr", "550 your host has no reverse DNS"),
    ("no-ptr", "550 Kein Reverse-DNS-Eintrag für Ihre IP"),
    ("no-ptr", "550 Pas de reverse DNS pour votre serveur"),
    ("no-ptr", "550 У вашего IP нет обратной записи PTR"),
    ("no-ptr", "550 没有反向解析"),
    ("sender-rejected", "553 Domain of sender does not resolve"),
    ("sender-rejected", "550 Absenderdomain existiert nicht"),
    ("sender-rejected", "550 Le domaine de l'expéditeur n'existe pas"),
    ("too-big", "552 your mail of 40 MB is bigger than we accept"),
    ("too-big", "552 Nachricht überschreitet die zulässige Größe"),
    ("too-big", "552 Le message dépasse la taille autorisée"),
    ("too-big", "552 El mensaje excede el tamaño permitido"),
    ("rate", "450 slow down, you are sending too quickly"),
    ("rate", "421 Sie senden zu schnell"),
    ("rate", "450 Vous envoyez trop de messages"),
    ("greylist", "451 please come back in five minutes, greylisted"),
    ("greylist", "450 Liste grise, réessayez dans 5 minutes"),
    ("host-unknown", "The domain name could not be resolved"),
    ("host-unknown", "Der Rechnername konnte nicht aufgelöst werden"),
    ("host-unknown", "Le nom de domaine n'a pas pu être résolu"),
    ("expired", "The server did not answer for five days"),
    ("expired", "Der Server war fünf Tage lang nicht erreichbar"),
    ("expired", "Le serveur distant ne répond pas"),
    ("expired", "El servidor remoto no responde"),
    ("expired", "Удалённый сервер не отвечает"),
    ("expired", "对方服务器没有响应"),
    ("loop", "554 mail has been through this host 20 times already"),
    ("filtered", "550 The recipient accepts mail from known senders only"),
    ("policy", "550 Blocked by administrator"),
    ("policy", "550 External senders may not write to this address"),
    ("policy", "550 Only members may post to this list"),
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
