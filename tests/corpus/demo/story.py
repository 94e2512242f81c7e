"""Writes the example mailbox that the package carries: ``python -m tests.corpus.demo.story``.

The story: Ada runs example.org with one mail server. In November 2026 two spam campaigns use her domain. Her mailbox
fills with answers: refusals, bounces of relays, vacation notes, requests to confirm, one angry reply, one phish dressed
as a bounce, and, in between, two bounces of her own mail. Every name and address is reserved for examples.
"""

from __future__ import annotations

import random
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from disavow.standards import dkim
from disavow.standards.message import Message

HERE = Path(__file__).resolve().parents[3] / "src" / "disavow" / "doors" / "demo"
START = datetime(2026, 11, 3, 6, 12, tzinfo=UTC)
RELAYS = (
    ("mail.printshop.example", "203.0.113.25"),
    ("gw2.hosting.example", "203.0.113.77"),
    ("smtp.school.example", "198.51.100.14"),
    ("mx1.travel.example", "198.51.100.80"),
)
RECEIVERS = ("bigmail.example", "freemail.example", "post.example", "uni.example", "example.net", "example.com")
PARCEL = (
    "Your parcel {n} is waiting for payment",
    "Delivery {n} stopped at customs",
    "Parcel {n}: address missing",
    "Courier could not deliver {n}",
    "Last notice for parcel {n}",
    "Customs fee for {n}",
)
CASINO = (
    "Ваш бонус {n} рублей ждёт",
    "Казино дарит {n} фриспинов",
    "Выигрыш {n}: подтвердите счёт",
    "Только сегодня {n} бонусов",
)
REFUSED_BY_SPF = "550 5.7.23 SPF check failed: {ip} is not allowed to send for example.org"
INVENTED = ("office", "admin", "sales", "k.meyer", "newsletter", "contact", "j.doe", "support2", "xq81", "accounts")
REAL = ("ada", "info", "shop")


class Story:
    """Collects mails in the order of their arrival."""

    def __init__(self) -> None:
        self.random = random.Random(20261103)
        self.mails: list[tuple[datetime, str, str]] = []
        self.key = Ed25519PrivateKey.from_private_bytes(b"only for the example mailbox ...."[:32])

    def pick(self, choices: tuple[str, ...]) -> str:
        return self.random.choice(choices)

    def arrive(self, when: datetime, sender: str, to: str, peer: tuple[str, str], body: str, extra: str = "") -> None:
        """Put one mail into the mailbox, with the Received line of Ada's own server on top."""
        header = (
            f"Return-Path: <{sender}>\n"
            f"Received: from {peer[0]} ({peer[0]} [{peer[1]}])\n"
            f"\tby mx.example.org (Postfix) with ESMTPS id {self.random.getrandbits(40):010X}\n"
            f"\tfor <{to}>; {format_datetime(when)}\n{extra}"
        )
        self.mails.append((when, sender or "MAILER-DAEMON", header + body))


def forged(story: Story, when: datetime, campaign: str, victim: str, to: str, relay: tuple[str, str]) -> str:
    """The header of one forgery, as the relay that let it in returns it."""
    rng = story.random
    number = rng.randrange(10**6, 10**8)
    parcel = campaign == "parcel"
    subject = story.pick(PARCEL if parcel else CASINO).format(n=number)
    shown = subject if parcel else "=?utf-8?B?" + b64encode(subject.encode()).decode() + "?="
    bot = f"203.0.113.{rng.randrange(128, 250)}" if parcel else f"198.51.100.{rng.randrange(128, 250)}"
    batch = f"{when:%Y%m%d%H}{number % 7:02d}"
    others = ", ".join(f"r{rng.randrange(100, 999)}@{story.pick(RECEIVERS)}" for _ in range(4))
    return (
        f"Return-Path: <{victim}>\n"
        f"Received: from {'WIN-7PARCEL' if parcel else 'lucky-host'} (unknown [{bot}])\n"
        f"\tby {relay[0]} (Postfix) with ESMTPA id {rng.getrandbits(36):09X};\n"
        f"\t{format_datetime(when - timedelta(minutes=3))}\n"
        f"Message-ID: <{batch}{'0042' if parcel else 'zz'}@example.org>\n"
        f"From: {'Parcel Desk' if parcel else 'Lucky'} <{victim}>\n"
        f"Reply-To: {'desk.parcel@example.net' if parcel else 'lucky.bonus@example.com'}\n"
        f"To: <{to}>\n"
        f"Cc: {others}\n"
        f"Subject: {shown}\n"
        f"Date: {format_datetime((when - timedelta(minutes=4)).astimezone(UTC))}\n"
        f"X-Mailer: {'MassPost 3.1' if parcel else 'PHPMailer 5.2.9'}\n"
        f"MIME-Version: 1.0\n"
        f"Content-Type: text/html; charset={'utf-8' if parcel else 'koi8-r'}\n"
    )


def victim(story: Story) -> str:
    return f"{story.pick(INVENTED if story.random.random() < 0.62 else REAL)}@example.org"


def bounce(story: Story, when: datetime, campaign: str, status: str, diagnostic: str) -> None:
    """A relay's delivery report about a forgery that it accepted and could not pass on."""
    rng = story.random
    relay = rng.choice(RELAYS[:2] if campaign == "parcel" and rng.random() < 0.8 else RELAYS)
    me = victim(story)
    domain = story.pick(RECEIVERS)
    to = f"{story.pick(('mia', 'tom', 'lena', 'paul', 'nina', 'omar'))}{rng.randrange(10, 99)}@{domain}"
    remote = f"mx.{domain}"
    text = diagnostic.format(ip=relay[1], to=to)
    boundary = f"{rng.getrandbits(40):010X}.{int(when.timestamp())}/{relay[0]}"
    story.arrive(
        when,
        "",
        me,
        relay,
        f"Date: {format_datetime(when)}\n"
        f"From: MAILER-DAEMON@{relay[0]} (Mail Delivery System)\n"
        f"Subject: Undelivered Mail Returned to Sender\n"
        f"To: {me}\n"
        "Auto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="{boundary}"\n'
        f"Message-Id: <{rng.getrandbits(36):09X}@{relay[0]}>\n\n"
        f"--{boundary}\nContent-Type: text/plain; charset=us-ascii\n\n"
        f"This is the mail system at host {relay[0]}.\n\n"
        f"Your message could not be delivered to one recipient.\n\n<{to}>: host {remote} said: {text}\n\n"
        f"--{boundary}\nContent-Type: message/delivery-status\n\n"
        f"Reporting-MTA: dns; {relay[0]}\nArrival-Date: {format_datetime(when - timedelta(minutes=3))}\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: failed\nStatus: {status}\n"
        f"Remote-MTA: dns; {remote}\nDiagnostic-Code: smtp; {text}\n\n"
        f"--{boundary}\nContent-Type: text/rfc822-headers\n\n"
        + forged(story, when, campaign, me, to, relay)
        + f"\n--{boundary}--\n",
    )


VACATIONS = (
    (
        "de",
        "Automatische Antwort: {s}",
        "Guten Tag,\n\nich bin bis zum 23. November nicht im Büro und lese keine E-Mails.\n"
        "In dringenden Fällen wenden Sie sich bitte an meine Kollegin.\n",
    ),
    ("en", "Out of office: {s}", "Hello,\n\nI am away on annual leave and will be back on Monday 16 November.\n"),
    (
        "fr",
        "Réponse automatique : {s}",
        "Bonjour,\n\nje suis absente du bureau jusqu'au 20 novembre et je répondrai à mon retour.\n",
    ),
    ("es", "Respuesta automática: {s}", "Hola:\n\nEstoy de vacaciones y volveré a la oficina el 18 de noviembre.\n"),
)


def autoreply(story: Story, when: datetime, subject: str, body: str, domain: str) -> None:
    me = victim(story)
    sender = f"{story.pick(('claire', 'jonas', 'maria', 'peter'))}@{domain}"
    forgery = story.pick(PARCEL).format(n=story.random.randrange(10**6, 10**8))
    story.arrive(
        when,
        "",
        me,
        (f"out.{domain}", "198.51.100.40"),
        f"Date: {format_datetime(when)}\nFrom: {sender}\nTo: {me}\n"
        f"Subject: {encoded(subject.format(s=forgery))}\nAuto-Submitted: auto-replied (vacation)\n"
        f"In-Reply-To: <{when:%Y%m%d%H}030042@example.org>\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}",
    )


def encoded(text: str) -> str:
    return text if text.isascii() else "=?utf-8?B?" + b64encode(text.encode()).decode() + "?="


def others(story: Story) -> None:
    """The rest of the flood: one of each kind that matters."""
    at = START + timedelta(days=6)
    for index, (_, subject, body) in enumerate(VACATIONS * 2):
        autoreply(story, at + timedelta(hours=9 * index), subject, body, story.pick(RECEIVERS))
    autoreply(
        story,
        at + timedelta(days=2),
        "Re: {s}",
        "Claire Martin no longer works for our company. Please write to the front desk instead.\n",
        "uni.example",
    )
    story.arrive(
        at + timedelta(days=1, hours=2),
        "",
        "ada@example.org",
        ("guard.post.example", "198.51.100.60"),
        f"Date: {format_datetime(at)}\nFrom: spamguard@post.example\nTo: ada@example.org\n"
        "Subject: Please confirm your message\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n\n"
        "Your message to lena@post.example is being held because you are not on the list of known senders.\n"
        "To have it delivered, click this link once: https://guard.post.example/confirm/8831\n",
    )
    story.arrive(
        at + timedelta(days=3),
        "tom71@freemail.example",
        "info@example.org",
        ("mail.freemail.example", "198.51.100.61"),
        f"Date: {format_datetime(at)}\nFrom: Tom <tom71@freemail.example>\nTo: info@example.org\n"
        "Subject: Re: Last notice for parcel 4711942\nMessage-ID: <c0ffee.71@freemail.example>\nMIME-Version: 1.0\n"
        "In-Reply-To: <2026110903042@example.org>\nContent-Type: text/plain; charset=utf-8\n\n"
        "Stop sending me this rubbish, I never ordered anything!\n\n"
        "> Your parcel is waiting for payment. Pay the customs fee here.\n",
    )
    story.arrive(
        at + timedelta(days=4),
        "notice@example.com",
        "ada@example.org",
        ("host44.example.com", "203.0.113.201"),
        f"Date: {format_datetime(at)}\nTo: ada@example.org\n"
        'From: "example.org Mail Delivery System" <notice@example.com>\n'
        "Subject: [3] undelivered messages are pending on your mailbox\nMIME-Version: 1.0\n"
        "Content-Type: text/html; charset=utf-8\n\n"
        "<html><body><p>Dear ada@example.org,</p>"
        "<p>3 incoming messages were not delivered because your mailbox is not verified.</p><p>"
        '<a href="http://login.example.com/?u=ada@example.org">Release pending messages</a></p></body></html>\n',
    )


def own_bounces(story: Story) -> None:
    """Two real bounces: Ada wrote to people whose mailboxes are full or gone."""
    for day, to, status, text in (
        (4, "oldfriend@example.net", "5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown"),
        (11, "printer@example.com", "5.2.2", "552 5.2.2 <{to}>: Mailbox is full"),
    ):
        when = START + timedelta(days=day, hours=5)
        plain = (
            f"From: Ada <ada@example.org>\nTo: <{to}>\nSubject: Our meeting in December\n"
            f"Date: {format_datetime(when)}\nMessage-ID: <20261110.{day}@mx.example.org>\nMIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=utf-8\n\nShall we meet on the 9th?\n"
        )
        signature = (
            dkim.sign(
                Message(plain.encode()),
                domain="example.org",
                selector="s1",
                key=story.key,
                timestamp=when,
            )
            .decode()
            .replace("\r\n", "\n")
            .rstrip("\n")
        )
        original = f"Return-Path: <ada@example.org>\n{signature}\n{plain}"
        domain = to.rpartition("@")[2]
        text = text.format(to=to)
        story.arrive(
            when,
            "",
            "ada@example.org",
            ("mx.example.org", "192.0.2.10"),
            f"Date: {format_datetime(when)}\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\n"
            "Subject: Undelivered Mail Returned to Sender\nTo: ada@example.org\nAuto-Submitted: auto-replied\n"
            'MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary="OWN.1/mx"\n\n'
            f"--OWN.1/mx\nContent-Type: text/plain\n\n<{to}>: host mx.{domain} said: {text}\n\n"
            f"--OWN.1/mx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
            f"Final-Recipient: rfc822; {to}\nAction: failed\nStatus: {status}\n"
            f"Remote-MTA: dns; mx.{domain}\nDiagnostic-Code: smtp; {text}\n\n"
            f"--OWN.1/mx\nContent-Type: message/rfc822\n\n{original}\n--OWN.1/mx--\n",
        )


def write() -> None:
    story = Story()
    for index in range(96):
        when = START + timedelta(hours=3.1 * index, minutes=story.random.randrange(60))
        if index % 8 == 7:
            bounce(story, when, "parcel", "5.1.1", "550 5.1.1 <{to}>: Recipient address rejected: User unknown")
        else:
            bounce(
                story,
                when,
                "parcel",
                "5.7.23",
                "550 5.7.23 SPF check failed: {ip} is not allowed to send for example.org",
            )
    for index in range(34):
        when = START + timedelta(days=9, hours=2.3 * index)
        status, text = (
            ("5.7.26", "550 5.7.26 Unauthenticated mail from example.org is not accepted due to its DMARC policy")
            if index % 3
            else ("5.1.1", "550 5.1.1 <{to}>: user unknown")
        )
        bounce(story, when, "casino", status, text)
    others(story)
    own_bounces(story)
    lines = []
    for when, sender, mail in sorted(story.mails, key=lambda entry: entry[0]):
        quoted = "\n".join(">" + line if line.lstrip(">").startswith("From ") else line for line in mail.split("\n"))
        lines.append(f"From {sender} {when:%a %b %d %H:%M:%S %Y}\n{quoted}\n")
    HERE.mkdir(exist_ok=True)
    (HERE / "flood.mbox").write_text("".join(lines), "utf-8")
    public = b64encode(story.key.public_key().public_bytes_raw()).decode()
    (HERE / "example.zone").write_text(
        "; What DNS says about example.org in this example.\n"
        "example.org. 3600 IN MX 10 mx.example.org.\n"
        "mx.example.org. 3600 IN A 192.0.2.10\n"
        'example.org. 3600 IN TXT "v=spf1 ip4:192.0.2.10 -all"\n'
        '_dmarc.example.org. 3600 IN TXT "v=DMARC1; p=reject; rua=mailto:reports@example.org"\n'
        f's1._domainkey.example.org. 3600 IN TXT "v=DKIM1; k=ed25519; p={public}"\n',
        "utf-8",
    )
    (HERE / "aliases.csv").write_text(
        "# my addresses, and where each was given\n"
        "ada@example.org, friends\ninfo@example.org, web page\nshop@example.org, order forms\nreports@example.org,\n",
        "utf-8",
    )


if __name__ == "__main__":
    write()
