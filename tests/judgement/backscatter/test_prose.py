"""Bounces in plain words, as products and providers the world over write them; all text is ours."""

from __future__ import annotations

import pytest

from disavow.judgement.backscatter import classify
from disavow.standards.message import Message

# (who writes, its sender, the subject, the words, the reason that they give); all are about kim@one.test.
NOTICES = (
    (
        "hmailserver",
        "mailer-daemon@hm.test",
        "Message undeliverable: offer",
        "Your message did not reach some or all of the intended recipients.\n\n"
        "   Sent: Mon, 2 Nov 2026 10:00:00 +0000\n   Subject: offer\n\n"
        "The following recipient(s) could not be reached:\n\nkim@one.test\n   Error Type: SMTP\n"
        "   Remote server (192.0.2.5) issued an error.\n   hMailServer sent: RCPT TO:<kim@one.test>\n"
        "   Remote server replied: 550 5.1.1 unknown user\n\n\nhMailServer\n",
        "user-unknown",
    ),
    (
        "mailenable",
        "Postmaster <postmaster@me.test>",
        "Message Delivery Failure",
        "MailEnable: Message Delivery Failure.\n\nThe following recipient(s) could not be reached:\n\n"
        " Recipient: [SMTP:kim@one.test]\n"
        " Reason: Remote SMTP Server Returned: 552 mailbox quota exceeded\n\n\nMessage headers follow:\n",
        "mailbox-full",
    ),
    (
        "zimbra",
        "MAILER-DAEMON@zm.test (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host zm.test.\n\n"
        "<kim@one.test>: host 192.0.2.7[192.0.2.7] said: 550 5.7.1 me"
        "ssage content rejected, spam (in reply to end of DATA command)\n",
        "spam-content",
    ),
    (
        "james",
        "postmaster@james.test",
        "Re: offer",
        "Hi. This is the James mail server at james.test.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.  Below\n"
        "I include the list of recipients and the reason why I was unable to deliver\nyour message.\n\n"
        "Failed recipient(s):\nkim@one.test\n\nError message:\n550 5.7.1 SPF check failed\n",
        "auth-spf",
    ),
    (
        "opensmtpd",
        "Mailer Daemon <MAILER-DAEMON@os.test>",
        "Delivery status notification: error",
        "    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to this email.\n\n"
        "    An error has occurred while attempting to deliver a message for\n"
        "    the following list of recipients:\n\n"
        "kim@one.test: 550 5.1.1 Invalid recipient: <kim@one.test>\n\n"
        "    Below is a copy of the original message:\n",
        "user-unknown",
    ),
    (
        "courier",
        '"Courier mail server at co.test" <postmaster@co.test>',
        "NOTICE: mail delivery status.",
        "This is a delivery status notification from co.test,\n"
        "running the Courier mail server, version 0.68.\n\n"
        "The original message was received on Mon, 2 Nov 2026 10:00:00 +0000\nfrom x (x [203.0.113.9])\n\n"
        "---------------------------------------------------------------------------\n\n"
        "                           UNDELIVERABLE MAIL\n\n"
        "Your message to the following recipients cannot be delivered:\n\n<kim@one.test>:\n"
        "     mx.one.test [192.0.2.8]:\n>>> RCPT TO:<kim@one.test>\n<<< 550 User unknown\n\n"
        "---------------------------------------------------------------------------\n",
        "user-unknown",
    ),
    (
        "qq",
        "PostMaster@qq.com",
        "=?utf-8?b?57O757uf6YCA5L+h?=/Systems bounce",
        "抱歉，您的邮件被退回来了……\n\n原邮件信息：\n时间 2026-11-02 10:00:00\n主题 offer\n"
        "收件人 kim@one.test\n\n退信原因：\n收件人邮件地址（kim@one.test）不存在，邮件无法送达。\n"
        "host mx.one.test[192.0.2.4] said: 550 Mailbox not found\n",
        "user-unknown",
    ),
    (
        "163",
        "Postmaster@163.com",
        "系统退信",
        "抱歉，您的邮件被退回来了……\n\n原邮件信息:\n主　题：offer\n收件人：kim@one.test\n\n退信原因:\n"
        "邮件被对方服务器判定为垃圾邮件\n\nSMTP error, DOT: 550 spam\n",
        "spam-content",
    ),
    (
        "aliyun",
        "MAILER-DAEMON@aliyun.com",
        "退信通知",
        "您好！\n很抱歉，您发送给 kim@one.test 的邮件未能成功投递。\n原因：收件人邮箱已满\n",
        "mailbox-full",
    ),
    (
        "mailru",
        "mailer-daemon@corp.mail.ru",
        "Mail failure.",
        "Это письмо создано автоматически сервером Mail.Ru, отвечать на него не нужно.\n\n"
        "К сожалению, Ваше письмо не может быть доставлено одному или нескольким получателям:\n\n"
        "**********************\n\nkim@one.test:\nUser not found\nТакого пользователя не существует\n\n"
        "**********************\n",
        "user-unknown",
    ),
    (
        "yandex",
        "mailer-daemon@yandex.ru",
        "Недоставленное сообщение",
        "Это письмо отправлено почтовым сервером yandex.ru.\n\n"
        "К сожалению, мы вынуждены сообщить Вам о том, что Ваше письм"
        "о не может быть отправлено одному или нескольким адресатам. "
        "Технические подробности можно найти ниже.\n\nВозможные причины недоставки указаны по адресу:\n"
        "http://help.example.net\n\n<kim@one.test>: host mx.one.test[192.0.2.4] said: 550 5.7.1 Policy\n"
        "    rejection: DMARC (in reply to end of DATA command)\n",
        "auth-dmarc",
    ),
    (
        "gmx",
        "GMX Mailer Daemon <mailer-daemon@gmx.de>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to\n"
        "one or more of its recipients. This is a permanent error.\nThe following address(es) failed:\n\n"
        "kim@one.test:\n"
        "SMTP error from remote server for RCPT TO command, host: mx."
        "one.test (192.0.2.4) reason: 550 5.1.1 no such\n user\n\n\n"
        "--- The header of the original message is following. ---\n",
        "user-unknown",
    ),
    (
        "tonline",
        "Mailer-Daemon@t-online.de",
        "Unzustellbare Nachricht / Undeliverable message",
        "Die folgende Nachricht konnte nicht an alle Empfänger zugestellt werden.\n\nkim@one.test\n"
        "  Das Postfach des Empfängers ist voll.\n\n",
        "mailbox-full",
    ),
    (
        "orange",
        "postmaster@orange.fr",
        "Echec de remise",
        "Bonjour,\n\nVotre message n'a pas pu être remis au destinataire suivant :\n\nkim@one.test\n\n"
        "La boîte du destinataire est pleine.\n\n",
        "mailbox-full",
    ),
    (
        "seznam",
        "Seznam Email <mailer-daemon@seznam.cz>",
        "Zpráva nebyla doručena",
        "Dobrý den,\n\nVaše zpráva pro příjemce kim@one.test nebyla doručena.\n"
        "Důvod: schránka příjemce neexistuje.\n\nVáš Seznam\n",
        "user-unknown",
    ),
    (
        "wp",
        "mailer-daemon@wp.pl",
        "Wiadomość niedostarczona",
        "Witaj,\n\nWiadomość, którą wysłałeś na adres kim@one.test, nie została dostarczona.\n"
        "Przyczyna: Konto odbiorcy zostało zablokowane.\n",
        "disabled",
    ),
    (
        "o2",
        "MAILER-DAEMON@o2.pl",
        "Zwrot poczty",
        "Nie udało się dostarczyć wiadomości do następujących adresatów:\n\n"
        "<kim@one.test>: skrzynka odbiorcy jest przepełniona\n",
        "mailbox-full",
    ),
    (
        "naver",
        "mailer-daemon@naver.com",
        "[메일 발송 실패] offer",
        "메일이 발송되지 않았습니다.\n\n받는사람 : kim@one.test\n제목 : offer\n"
        "실패 사유 : 존재하지 않는 사용자입니다. (User unknown)\n",
        "user-unknown",
    ),
    (
        "daum",
        "MAILER-DAEMON@hanmail.net",
        "반송 메일",
        "안녕하세요. 보내신 메일이 아래 이유로 반송되었습니다.\n\n받는 사람: kim@one.test\n"
        "반송 사유: 받는 사람의 메일함 용량이 초과되었습니다.\n",
        "mailbox-full",
    ),
    (
        "docomo",
        "mailer-daemon@docomo.ne.jp",
        "Returned mail: see transcript",
        "The following addresses had permanent fatal errors\n<kim@one.test>\n\n"
        "(reason: 550 Unknown user kim@one.test)\n",
        "user-unknown",
    ),
    (
        "kddi",
        "Postmaster@ezweb.ne.jp",
        "Mail System Error - Returned Mail",
        "The user(s) account is disabled.\n\n<kim@one.test>: 550 user unknown\n",
        "user-unknown",
    ),
    (
        "jp",
        "MAILER-DAEMON@isp.test",
        "メールが配信できませんでした",
        "以下のメールアドレスへの配信ができませんでした。\n\n宛先: kim@one.test\n"
        "理由: メールアドレスが存在しません。\n",
        "user-unknown",
    ),
    (
        "ironport",
        "MAILER-DAEMON@ip.test",
        "Delivery Status Notification (Failure)",
        "The following message to <kim@one.test> was undeliverable.\nThe reason for the problem:\n"
        "5.1.0 - Unknown address error 550-'5.7.1 relay denied'\n",
        "relay-denied",
    ),
    (
        "barracuda",
        "postmaster@bar.test",
        "**Message you sent blocked by our bulk email filter**",
        "Your message to: kim@one.test\n"
        "was blocked by our Spam Firewall. The email you sent with th"
        "e following subject has NOT BEEN DELIVERED:\n\nSubject: offer\n",
        "spam-content",
    ),
    (
        "mimecast",
        "Mail Delivery System <postmaster@mc.test>",
        "[Postmaster] Email Delivery Failure",
        "This is a delivery failure notification message indicating that\n"
        "an email you addressed to email address :\n-- kim@one.test\n\n"
        "could not be delivered. The problem appears to be :\n"
        "-- Recipient email address is possibly incorrect\n\nAdditional information follows :\n"
        "-- 550 Invalid Recipient\n\nThis condition occurred after 1 attempt(s) to deliver over\n"
        "a period of 0 hour(s).\n",
        "user-unknown",
    ),
    (
        "proofpoint",
        "MAILER-DAEMON@pp.test",
        "Returned mail: Service unavailable",
        "   ----- The following addresses had permanent fatal errors -----\n<kim@one.test>\n"
        "    (reason: 554 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.9)\n\n"
        "   ----- Transcript of session follows -----\n... while talking to mx.one.test.:\n"
        "<<< 554 Blocked - see https://ipcheck.proofpoint.com/?ip=203.0.113.9\n"
        "554 5.0.0 Service unavailable\n",
        "ip-blocklisted",
    ),
    (
        "icloud",
        "mailer-daemon@apple.com",
        "Undelivered",
        "Your message could not be delivered to the following recipients:\n\n"
        "  Recipient address: kim@one.test\n  Reason: Remote SMTP server has rejected address\n"
        "  Diagnostic code: smtp;550 5.1.1 unknown address\n",
        "user-unknown",
    ),
    (
        "yahoo",
        "MAILER-DAEMON@yahoo.com",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<kim@one.test>:\n"
        "554: 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using a list\n\n"
        "--- Below this line is a copy of the message.\n",
        "ip-blocklisted",
    ),
    (
        "stalwart",
        "Mail Delivery Subsystem <MAILER-DAEMON@st.test>",
        "Failed to deliver message",
        "Your message could not be delivered to the following recipients:\n\n"
        "<kim@one.test> (host 'mx.one.test' rejected command 'RCPT TO"
        ":<kim@one.test>' with code 550 (5.1.1) 'No such recipient')\n\n",
        "user-unknown",
    ),
    (
        "tr",
        "postmaster@uni.test",
        "İletiniz teslim edilemedi",
        "Sayın kullanıcı,\n\nkim@one.test adresine gönderdiğiniz ileti teslim edilemedi.\n"
        "Neden: Alıcının posta kutusu dolu.\n",
        "mailbox-full",
    ),
    (
        "it",
        "postmaster@az.test",
        "Mancata consegna",
        "Il messaggio inviato a kim@one.test non è stato consegnato.\nMotivo: casella inesistente.\n",
        "user-unknown",
    ),
    (
        "es",
        "postmaster@emp.test",
        "Correo devuelto",
        "Su mensaje no pudo ser entregado a:\n\n  kim@one.test\n\nEl usuario no existe en este servidor.\n",
        "user-unknown",
    ),
    (
        "pt",
        "postmaster@emp.test",
        "Falha na entrega",
        "A sua mensagem para kim@one.test não foi entregue.\nMotivo: A caixa postal está cheia.\n",
        "mailbox-full",
    ),
    (
        "nl",
        "postmaster@b.test",
        "Onbestelbaar bericht",
        "Uw bericht aan kim@one.test kon niet worden afgeleverd omdat de mailbox vol is.\n",
        "mailbox-full",
    ),
    (
        "hu",
        "postmaster@h.test",
        "Kézbesíthetetlen levél",
        "Az Ön levele nem kézbesíthető a következő címre:\n\nkim@one.test\n\nA címzett postafiókja megtelt.\n",
        "mailbox-full",
    ),
    (
        "ro",
        "postmaster@r.test",
        "Mesaj nelivrat",
        "Mesajul către kim@one.test nu a putut fi livrat.\nAdresa destinatarului nu există.\n",
        "user-unknown",
    ),
    (
        "el",
        "postmaster@g.test",
        "Αποτυχία παράδοσης",
        "Το μήνυμά σας προς kim@one.test δεν παραδόθηκε. Ο παραλήπτης δεν υπάρχει.\n",
        "user-unknown",
    ),
    (
        "uk",
        "postmaster@u.test",
        "Лист не доставлено",
        "Ваш лист для kim@one.test не доставлено: скринька переповнена.\n",
        "mailbox-full",
    ),
    (
        "ar",
        "postmaster@a.test",
        "تعذر تسليم الرسالة",
        "تعذر تسليم رسالتك إلى:\n\nkim@one.test\n\nصندوق البريد ممتلئ.\n",
        "mailbox-full",
    ),
    (
        "he",
        "postmaster@i.test",
        "ההודעה לא נמסרה",
        "לא ניתן היה למסור את ההודעה לנמען:\n\nkim@one.test\n\nהמשתמש לא קיים.\n",
        "user-unknown",
    ),
    (
        "fi",
        "postmaster@f.test",
        "Viestiä ei voitu toimittaa",
        "Viestiäsi osoitteeseen kim@one.test ei voitu toimittaa.\nSyy: vastaanottajaa ei löydy.\n",
        "user-unknown",
    ),
    (
        "sv",
        "postmaster@s.test",
        "Meddelandet kunde inte levereras",
        "Meddelandet till kim@one.test kunde inte levereras. Mottagaren finns inte.\n",
        "user-unknown",
    ),
    (
        "da",
        "postmaster@d.test",
        "Meddelelsen kunne ikke leveres",
        "Din besked til kim@one.test kunne ikke leveres. Modtagerens postkasse er fuld.\n",
        "mailbox-full",
    ),
    (
        "vi",
        "postmaster@v.test",
        "Thư không gửi được",
        "Không thể gửi thư của bạn đến kim@one.test.\nLý do: hộp thư đã đầy.\n",
        "mailbox-full",
    ),
    (
        "zhtw",
        "postmaster@t.test",
        "郵件無法傳遞",
        "您寄給下列收件者的郵件無法傳遞：\n\nkim@one.test\n\n原因：查無此人。\n",
        "user-unknown",
    ),
    (
        "home-made-en",
        "Mail Gateway <gateway@corp.test>",
        "Your message was rejected",
        "Dear sender,\n\nyour message to <kim@one.test> was refused by our gateway.\n"
        "Reason: the sending host is not permitted by the SPF record of your domain.\n",
        "auth-spf",
    ),
    (
        "home-made-de",
        "postmaster@uni.test",
        "Mail zurückgewiesen",
        "Guten Tag,\n\nIhre E-Mail an kim@one.test wurde von unserem Server zurückgewiesen.\n"
        "Grund: Diese Adresse gibt es bei uns nicht.\n",
        "user-unknown",
    ),
    (
        "home-made-fr",
        "postmaster@mairie.test",
        "Message refusé",
        "Bonjour,\n\n"
        "Votre message à destination de kim@one.test a été refusé par"
        " notre serveur : le compte n'existe plus.\n",
        "user-unknown",
    ),
    (
        "home-made-ja",
        "postmaster@jp.test",
        "メール配信エラー",
        "お送りいただいたメールは kim@one.test 宛に配信できませんでした。\n"
        "理由：メールボックスの容量を超えています。\n",
        "mailbox-full",
    ),
    (
        "home-made-ko",
        "postmaster@kr.test",
        "메일 반송",
        "kim@one.test 님께 보낸 메일이 반송되었습니다.\n사유: 수신자가 존재하지 않습니다.\n",
        "user-unknown",
    ),
    (
        "home-made-zh",
        "postmaster@cn.test",
        "邮件被退回",
        "您发送到 kim@one.test 的邮件被退回。\n退回原因：SPF验证失败。\n",
        "auth-spf",
    ),
    (
        "home-made-pl",
        "postmaster@pl.test",
        "Wiadomość odrzucona",
        "Wiadomość do kim@one.test została odrzucona.\nPowód: nie ma takiego użytkownika.\n",
        "user-unknown",
    ),
    (
        "home-made-cs",
        "postmaster@cz.test",
        "Nedoručitelná zpráva",
        "Vaši zprávu pro kim@one.test nelze doručit. Kvóta schránky je překročena.\n",
        "mailbox-full",
    ),
    (
        "home-made-tr",
        "postmaster@tr.test",
        "İleti reddedildi",
        "kim@one.test adresine gönderdiğiniz ileti reddedildi. Neden: SPF denetimi başarısız.\n",
        "auth-spf",
    ),
    (
        "home-made-th",
        "postmaster@th.test",
        "ส่งอีเมลไม่สำเร็จ",
        "ไม่สามารถส่งอีเมลไปยัง kim@one.test\nไม่พบผู้รับ\n",
        "user-unknown",
    ),
    (
        "home-made-id",
        "postmaster@id.test",
        "Pesan tidak terkirim",
        "Pesan Anda ke kim@one.test tidak terkirim. Kotak surat penerima penuh.\n",
        "mailbox-full",
    ),
    (
        "home-made-it",
        "postmaster@it.test",
        "Messaggio respinto",
        "Il suo messaggio indirizzato a kim@one.test è stato respinto: verifica SPF fallita.\n",
        "auth-spf",
    ),
    (
        "home-made-pt",
        "postmaster@br.test",
        "Mensagem devolvida",
        "Sua mensagem para <kim@one.test> foi devolvida: endereço inexistente.\n",
        "user-unknown",
    ),
    (
        "home-made-el",
        "postmaster@gr.test",
        "Μη παραδοτέο μήνυμα",
        "Το μήνυμά σας προς kim@one.test απορρίφθηκε: η θυρίδα είναι πλήρης.\n",
        "mailbox-full",
    ),
    (
        "home-made-nl",
        "postmaster@nl.test",
        "Bericht geweigerd",
        "Uw bericht voor kim@one.test is geweigerd omdat de ontvanger niet bekend is.\n",
        "user-unknown",
    ),
    (
        "home-made-nb",
        "postmaster@no.test",
        "Meldingen ble ikke levert",
        "Meldingen til kim@one.test ble ikke levert: mottakeren finnes ikke.\n",
        "user-unknown",
    ),
    (
        "home-made-bg",
        "postmaster@bg.test",
        "Съобщението не е доставено",
        "Съобщението до kim@one.test не е доставено. Потребителят не съществува.\n",
        "user-unknown",
    ),
    (
        "home-made-hr",
        "postmaster@hr.test",
        "Poruka nije isporučena",
        "Vaša poruka za kim@one.test nije isporučena. Korisnik ne postoji.\n",
        "user-unknown",
    ),
    (
        "home-made-sk",
        "postmaster@sk.test",
        "Správa nebola doručená",
        "Vaša správa pre kim@one.test nebola doručená: schránka príjemcu je plná.\n",
        "mailbox-full",
    ),
    (
        "home-made-lv",
        "postmaster@lv.test",
        "Vēstule nav piegādāta",
        "Jūsu vēstule adresātam kim@one.test nav piegādāta: pastkaste ir pilna.\n",
        "mailbox-full",
    ),
    (
        "home-made-fa",
        "postmaster@fa.test",
        "ایمیل شما تحویل داده نشد",
        "ایمیل شما به kim@one.test تحویل داده نشد.\nگیرنده یافت نشد.\n",
        "user-unknown",
    ),
    (
        "home-made-hu",
        "Mail Delivery System <MAILER-DAEMON@hu.test>",
        "Sikertelen kézbesítés",
        "A kim@one.test címre küldött levél kézbesítése sikertelen: a felhasználó nem létezik.\n",
        "user-unknown",
    ),
    (
        "delay",
        "MAILER-DAEMON@x.test",
        "Warning: could not send message for past 4 hours",
        "    **********************************************\n"
        "    **      THIS IS A WARNING MESSAGE ONLY      **\n"
        "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n"
        "    **********************************************\n\nThe original message was received\n\n"
        "   ----- Transcript of session follows -----\n"
        "<kim@one.test>... Deferred: Connection refused by mx.one.test.\n"
        "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n",
        "expired",
    ),
    (
        "symantec",
        "postmaster@sym.test",
        "Message rejected",
        "The message you sent to <kim@one.test> was blocked by our co"
        "ntent filter because it contains a prohibited attachment.\n",
        "virus",
    ),
    (
        "sophos",
        "no-reply@sophos.test",
        "[Blocked] offer",
        "Your message to kim@one.test was not delivered because it was detected as spam.\n",
        "spam-content",
    ),
    (
        "fortimail",
        "MAILER-DAEMON@forti.test",
        "Returned mail: see transcript for details",
        "The original message was received\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n<kim@one.test>\n"
        "    (reason: 550 5.7.1 This message was not accepted due to "
        "domain owner DMARC policy (REJECT))\n",
        "auth-dmarc",
    ),
    (
        "axigen",
        "MAILER-DAEMON@ax.test",
        "Undeliverable mail",
        "Delivery failed for kim@one.test: 550 No such recipient here\n",
        "user-unknown",
    ),
    (
        "kerio",
        '"Mail Delivery Subsystem" <postmaster@kerio.test>',
        "Delivery Status Notification",
        "Your message could not be delivered to:\n\n    kim@one.test\n    Recipient's mailbox has exceeded its quota\n",
        "mailbox-full",
    ),
    (
        "mdaemon",
        "MDaemon at md.test <MDaemon@md.test>",
        "Permanent Delivery Failure",
        "------------------------------------------------------------------------\n"
        "The attached message had PERMANENT fatal delivery errors!\n\n"
        "After one or more unsuccessful delivery attempts the attached message has\n"
        "been removed from the mail queue on this server.\n\n  Failed address: kim@one.test\n\n"
        "--- Session Transcript ---\n Mon 2026-11-02 10:00:00: Parsing message\n"
        " Mon 2026-11-02 10:00:01: --> RCPT To:<kim@one.test>\n"
        " Mon 2026-11-02 10:00:02: <-- 550 5.1.1 User unknown\n--- End Transcript ---\n",
        "user-unknown",
    ),
    (
        "imail",
        "Postmaster <postmaster@im.test>",
        "Undeliverable Mail",
        "Unknown user: kim@one.test\n\nOriginal message follows.\n",
        "user-unknown",
    ),
    (
        "notes",
        "MAILER-DAEMON@n.test",
        "DELIVERY FAILURE: User kim not listed in Directory",
        "Your message\n\n  Subject: offer\n\nwas not delivered to:\n\n  kim@one.test\n\nbecause:\n\n"
        "  User kim (kim@one.test) not listed in Domino Directory\n",
        "user-unknown",
    ),
    (
        "exch55",
        "System Administrator <postmaster@ex.test>",
        "Undeliverable: offer",
        "Your message\n\n  To:      kim@one.test\n  Subject: offer\n"
        "  Sent:    Mon, 2 Nov 2026 10:00:00 +0000\n\ndid not reach the following recipient(s):\n\n"
        "kim@one.test on Mon, 2 Nov 2026 10:00:01 +0000\n    The recipient name is not recognized\n"
        "	The MTS-ID of the original message is: c=us;a= ;p=ex\n"
        "    MSEXCH:IMS:EX:SITE:HOST 0 (000C05A6) Unknown Recipient\n",
        "user-unknown",
    ),
    (
        "zoho",
        "mailer-daemon@mail.zoho.test",
        "Undelivered Mail Returned to Sender",
        "This message was created automatically by mail delivery software.\n"
        " A message that you sent could not be delivered to one or mo"
        "re of its recipients. This is a permanent error.\n\n"
        "kim@one.test, ERROR CODE :550 - 5.1.1 unknown user\n",
        "user-unknown",
    ),
    (
        "fastmail",
        "Mail Delivery System <MAILER-DAEMON@messagingengine.com>",
        "Undelivered Mail Returned to Sender",
        "Your email to the recipients below could not be delivered:\n\n<kim@one.test>\n"
        "   Remote server said: 552 5.2.2 mailbox full\n",
        "mailbox-full",
    ),
    (
        "sina",
        "MAILER-DAEMON@sina.com",
        "failure notice",
        "您好，这是新浪邮件服务器的退信。\n\n<kim@one.test>:\n192.0.2.3 does not like recipient.\n"
        "Remote host said: 550 User not found\n",
        "user-unknown",
    ),
)


@pytest.mark.parametrize(
    ("sender", "subject", "words", "reason"), [notice[1:] for notice in NOTICES], ids=[notice[0] for notice in NOTICES]
)
def test_whom_and_why_in_the_words_of_many(sender: str, subject: str, words: str, reason: str) -> None:
    header = f"Return-Path: <>\nFrom: {sender}\nTo: me@example.org\nSubject: {subject}\n"
    read = classify.read(Message(f"{header}Content-Type: text/plain; charset=utf-8\n\n{words}".encode()))
    assert read.kind in ("dsn", "reject-notice")
    assert [each.address for each in read.delivery.recipients] == ["kim@one.test"]
    assert read.reason == reason
