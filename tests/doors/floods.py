"""Mailboxes of status mails written for a test: servers and forgers may call themselves whatever they like."""

from __future__ import annotations

import base64
from pathlib import Path

NASTY = (
    "</script><script>alert(1)</script> \"'><img src=//evil.example/x onerror=alert(2)> \u202eesrever \x1b[31mred\x07"
)


def encoded(text: str) -> str:
    """The text as RFC 2047 encoded words, folded as a mail program would."""
    raw = [text[at : at + 12] for at in range(0, len(text), 12)]
    return "\n ".join(f"=?utf-8?b?{base64.b64encode(part.encode()).decode()}?=" for part in raw)


def bounce(number: int, subject: str, helo: str, day: int = 3, claims: str = "") -> str:
    """A refusal by SPF of a mail forged as ada@example.org, which ``helo`` returned."""
    return f"""\
Return-Path: <>
Received: from {helo} (mx.example.net [203.0.113.{number % 7 + 1}])
 by mx.example.org (Postfix) with ESMTP id A{number}; {day:02} Nov 2026 06:17:00 +0000
Date: {day:02} Nov 2026 06:17:00 +0000
From: MAILER-DAEMON@example.net
Subject: {encoded(subject)}
To: ada@example.org
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; {helo}

Final-Recipient: rfc822; x{number}@example.com
Action: failed
Status: 5.7.23
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.7.23 SPF check failed: 198.51.100.{number % 9 + 1} may not send <script>alert(3)</script>

--b
Content-Type: text/rfc822-headers

Return-Path: <ada@example.org>
Received: from {helo} (unknown [198.51.100.{number % 9 + 1}])
 by mx.example.net with SMTP; {day:02} Nov 2026 06:14:00 +0000
Message-ID: <{number}@example.org>
From: <ada@example.org>
Reply-To: trap@example.com
To: <x{number}@example.com>
Subject: {encoded(subject)}
X-Mailer: {encoded(claims or "MassPost")}
Date: {day:02} Nov 2026 06:13:00 +0000

--b--
"""


def mbox(path: Path, *mails: str) -> Path:
    """The mails as one mailbox file."""
    path.write_text("".join(f"From MAILER-DAEMON Tue Nov 03 06:17:00 2026\n{mail}\n" for mail in mails), "utf-8")
    return path
