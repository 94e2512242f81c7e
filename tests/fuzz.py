"""Mutated messages, records and reports against everything that reads them: ``make fuzz ARGS="100000 7"``.

Arguments: how many inputs (100,000 unless told otherwise) and the seed. Nothing but results and ``Malformed`` may come
out, none may take longer than a second of CPU or grow the process by more than 100 MB. The seeds are written here, so
that a failure can be run again; the first one is printed whole.
"""

from __future__ import annotations

import resource
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

from disavow.doors import demo
from disavow.errors import Malformed
from disavow.judgement import consent, paste, proof, seal, tagged
from disavow.judgement.case import examine
from disavow.judgement.identity import identify
from disavow.standards import (
    address,
    aggregate,
    arc,
    authres,
    dkim,
    dkim2,
    dmarc,
    dsn,
    feedback,
    mdn,
    received,
    spf,
    tags,
    tlsrpt,
    tlsrpt_record,
)
from disavow.standards.message import Message
from disavow.world.ask import ask
from disavow.world.logs import exchange, exim, postfix
from disavow.world.resolver import Zone

SECONDS, MEGABYTES = 1.0, 100
ZONE = Zone(
    'example.org. TXT "v=spf1 include:a.example.org mx -all"\n'
    'a.example.org. TXT "v=spf1 redirect=example.org"\n'
    "example.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n"
    '_dmarc.example.org. TXT "v=DMARC1; p=reject; sp=none"\n'
    's1._domainkey.example.org. TXT "v=DKIM1; k=ed25519; p=dyjpuTa/CVNNY2YpFTuPV+6Mm3rLW8inkNKyj9zMXUQ="\n'
)
ME = identify(["example.org"])
IP = ip_address("192.0.2.77")
MOMENT = datetime(2026, 11, 25, tzinfo=UTC)
DAY = date(2026, 11, 25)

RECORDS = (
    b"v=spf1 ip4:192.0.2.0/24 a:%{d} exists:%{ir}.%{v}._spf.%{d2} include:a.example.org ?mx/24//64 redirect=x.example",
    b"v=DMARC1; p=reject; sp=none; np=none; adkim=s; rua=mailto:a@example.org!10m,mailto:b@example.net; t=y; psd=n",
    b"v=DKIM1; h=sha256; k=rsa; s=email; t=s:y; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ==",
    b'mx.example.org 1; spf=pass (ok (really)) smtp.mailfrom=a@example.org; dkim=fail reason="no; key" header.d=b.org',
    b"from a.example (b.example [192.0.2.1]) by mx.example.org (Postfix) with SMTP id 4; 3 Nov 2026 06:17:00 +0000",
    b"v=TLSRPTv1; rua=mailto:tls@example.org,https://example.org/tls; x=y",
    b"m=1; h=sha256:aGFzaA==:aGFzaA==|sha512:AA==:AA==; r=eyJoIjp7fX0=;",
    b"i=2; m=1; t=1764072000; d=example.org; mf=PGFAZXhhbXBsZS5vcmc+; rt=PGJAZXhhbXBsZS5uZXQ+; s=s1:rsa-sha256:AA==;",
    b"0 first secret\n1 second secret # told to nobody\nsince 2026-01-31\n",
    b"v=DSV1; scan=token; until=2026-12-20",
    b"[2001:db8::1]:2525",
    b'"A, B" <a@example.org>, =?utf-8?q?x=40y?= <b@example.net> (c), g: d@example.com;',
)
STATUS = (
    b"Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.7.1\n"
    b"Diagnostic-Code: smtp; 550 5.7.23 SPF check failed [192.0.2.9]\n folded\n"
)
LOG = (
    b"Nov  3 06:17:00 mx postfix/smtp[7]: 4AB: to=<a@example.net>, relay=mx[192.0.2.1]:25, status=sent (ok)",
    b"2026-11-03T06:17:00.1+01:00 mx postfix/cleanup[7]: 4AB: message-id=<1@example.org>",
    b"2026-11-03 06:17:00 1abcde-000001-AB => a@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1]",
    b"#Fields: date-time,client-ip,event-id,message-id,recipient-address",
    b'2026-11-03T06:17:00.000Z,192.0.2.1,SEND,<1@example.org>,"a@example.net;b@example.net"',
)
XML = (
    b'<?xml version="1.0"?><feedback><report_metadata><org_name>o</org_name><report_id>1</report_id><date_range>'
    b"<begin>1</begin><end>2</end></date_range></report_metadata><policy_published><domain>example.org</domain><p>none</p>"
    b"</policy_published><record><row><source_ip>192.0.2.1</source_ip><count>3</count><policy_evaluated><disposition>none"
    b"</disposition></policy_evaluated></row><identifiers><header_from>example.org</header_from></identifiers>"
    b"<auth_results><spf><domain>example.org</domain><result>pass</result></spf></auth_results></record></feedback>"
)
TLS = (
    b'{"organization-name":"o","date-range":{"start-datetime":"2026-11-03T00:00:00Z",'
    b'"end-datetime":"2026-11-04T00:00:00Z"},"report-id":"1","policies":[]}'
)

Reader = Callable[[bytes], object]
RECORD_READERS: tuple[Reader, ...] = (
    spf.parse,
    dmarc.parse,
    dkim.parse_key,
    authres.parse,
    received.parse,
    address.addresses,
    address.parse_mailbox,
    lambda raw: tags.parse(raw.decode("latin-1")),
    tlsrpt_record.parse,
    dkim2.parse_instance,
    dkim2.parse_signature,
    lambda raw: tagged.parse(raw.decode("latin-1")),
    lambda raw: consent.parse(raw.decode("latin-1")),
    lambda raw: ask(consent.seek("example.org", (), "token", DAY), OneRecord(raw)),
    lambda raw: address.authors(Message(b"From: " + raw + b"\n\n")),
    lambda raw: ask(spf.check_host(IP, "x.example", "a@x.example"), OneRecord(raw)),
    lambda raw: ask(dmarc.evaluate("sub.example.org", None, [("pass", raw[:60].decode("latin-1"))]), ZONE),
)
LOG_READERS: tuple[Reader, ...] = tuple(
    lambda raw, format=format: _logged(format, raw.decode("latin-1")) for format in (exchange, exim, postfix)
)
REPORT_READERS: tuple[Reader, ...] = (dsn.parse, mdn.parse, feedback.parse, aggregate.parse, tlsrpt.parse, proof.parse)
MESSAGE_READERS: tuple[Reader, ...] = (
    lambda raw: ask(dkim.verify(Message(raw)), ZONE),
    lambda raw: ask(arc.validate(Message(raw)), ZONE),
    lambda raw: ask(examine(raw, "fuzz", ME), ZONE),
    lambda raw: received.chain(Message(raw)),
    lambda raw: dkim2.explain(Message(raw)),
    lambda raw: seal.verify(Message(raw), ("a@example.net",) * 100, {1: b"secret"}),
    paste.read,
)


def _logged(format: Any, text: str) -> object:
    reader = format.Reader()
    lines = (*text.splitlines(), text)
    return [(format.recognises(line), format.when(line, MOMENT), list(reader.read(line))) for line in lines]


class OneRecord:
    """A world in which every TXT question is answered by one record."""

    def __init__(self, record: bytes) -> None:
        self.record = record

    def __call__(self, question: object) -> object:
        from disavow.standards.questions import Answer, Lookup

        if isinstance(question, Lookup) and question.type == "TXT":
            return Answer("ok", (self.record,))
        return ZONE(question)  # type: ignore[arg-type]


def messages() -> list[bytes]:
    """The example mailbox's mails and the examples of the docs."""
    flood = (Path(demo.__file__).parent / "flood.mbox").read_bytes()
    examples = Path(__file__).resolve().parents[1] / "docs" / "examples"
    return [*flood.split(b"\nFrom ")[::6], *(path.read_bytes() for path in sorted(examples.glob("*.eml")))]


def monsters() -> Iterator[bytes]:
    """What only an attacker sends."""
    yield b"X: " + b"a" * 10_000_000 + b"\n\n"
    yield b"X:\n" * 3_000_000 + b"\n"
    yield b"X: a\n" + b" folded line\n" * 770_000 + b"\n"
    yield (
        b"From: a@example.org\n"
        + b"Disavow-Seal: 1 1 "
        + b"0" * 32
        + b"\n"
        + b"Disavow-Seal: 1 1 0\n" * 100_000
        + b"\nx"
    )
    yield (
        b"Message-Instance: m=1; h=a:AA==:AA==;\n" * 10_000 + b"DKIM2-Signature: i=1; s=" + b"a," * 1_000_000 + b"\n\nx"
    )
    yield (
        b"From: a@example.org\n"
        + b"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=AA==; b=AA==\n" * 10_000
        + b"\nx"
    )
    yield b"From: a@example.org\n" + b"DKIM-Signature: v=1; a\n" * 10_000 + b"\nx"
    yield b"Received: from a by b; Tue, 3 Nov 2026 06:17:00 +0000\n" * 10_000 + b"From: a@example.org\n\nx"
    head = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"
    yield b"".join(head % (depth, depth) for depth in range(1000)) + b"\nx"
    yield b"Content-Type: message/rfc822\n\n" * 1000
    yield b"Content-Type: multipart/report; boundary=x\n\n" + b"--x\nContent-Type: message/delivery-status\n\n" * 50_000


def mutated(rng: Random, raw: bytes) -> bytes:
    """``raw`` with a few pieces changed, doubled, cut or swapped."""
    data = bytearray(raw)
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        length = min(rng.choice((1, 1, 2, 8, 60)), len(data) - at)
        piece = bytes(data[at : at + length])
        data[at : at + length] = rng.choice(
            (
                b"",
                piece * 2,
                piece[::-1],
                bytes([rng.randrange(256)]),
                rng.choice(SPICE),
                piece * rng.choice((1, 1, 200)),
            )
        )
    return bytes(data)


SPICE = (
    b"\0",
    b"\r",
    b"\n\n",
    b"\r\n",
    b"=?utf-8?b?",
    b";",
    b"(",
    b'"',
    b"<",
    b">",
    b"%{",
    b"\xff",
    b"--",
    b":",
    b"@",
    b"9" * 40,
)


def inputs(count: int, rng: Random) -> Iterator[tuple[Reader, bytes]]:
    """``count`` readers with something to read, the monsters first."""
    for raw in monsters():
        yield from ((reader, raw) for reader in MESSAGE_READERS)
    mails = messages()
    for _ in range(count):
        which = rng.random()
        if which < 0.05:
            yield rng.choice(LOG_READERS), mutated(rng, rng.choice(LOG))
        elif which < 0.5:
            yield rng.choice(RECORD_READERS), mutated(rng, rng.choice(RECORDS))
        elif which < 0.7:
            yield rng.choice(REPORT_READERS), mutated(rng, rng.choice((STATUS, XML, TLS)))
        else:
            yield rng.choice(MESSAGE_READERS), mutated(rng, rng.choice(mails))


def main(count: int = 100_000, seed: int = 1) -> int:
    """How many inputs failed; the first is shown."""
    failures, malformed, slowest, largest = 0, 0, (0.0, ""), (0, "")
    for reader, raw in inputs(count, Random(seed)):
        before, start = _megabytes(), time.process_time()
        try:
            reader(raw)
        except Malformed:
            malformed += 1
        except Exception:
            failures += 1
            if failures == 1:
                print(reader, raw[:2000])
                traceback.print_exc()
        spent, grown = time.process_time() - start, _megabytes() - before
        slowest, largest = max(slowest, (spent, _name(reader))), max(largest, (grown, _name(reader)))
        if spent > SECONDS or grown > MEGABYTES:
            failures += 1
            print(f"{spent:.1f} s, {grown} MB more: {_name(reader)} on {len(raw)} bytes beginning {raw[:60]!r}")
    print(f"{count} inputs, seed {seed}: {failures} failures, {malformed} Malformed")
    print(f"slowest: {slowest[0]:.2f} s in {slowest[1]}; most memory: {largest[0]} MB in {largest[1]}")
    return failures


def _name(reader: Reader) -> str:
    line = getattr(reader, "__code__", None)
    return f"{reader.__module__}.{reader.__name__}" + (f" (line {line.co_firstlineno})" if line else "")


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:])) else 0)
