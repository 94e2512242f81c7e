"""Who vouches for a report's mail: our own verification, our own server's word, or nobody."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from ipaddress import ip_address

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from disavow.judgement import trust
from disavow.judgement.envelope import Envelope
from disavow.standards import dkim_sign
from disavow.standards.message import Message
from disavow.world.ask import ask
from disavow.world.resolver import Zone, offline

KEY = Ed25519PrivateKey.generate()
PUBLIC = b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
ZONE = Zone(
    f's._domainkey.example.com. 60 IN TXT "v=DKIM1; k=ed25519; p={PUBLIC}"\n'
    '_dmarc.example.com. 60 IN TXT "v=DMARC1; p=reject"\n'
    'example.com. 60 IN TXT "v=spf1 ip4:192.0.2.1 -all"\n'
)
MAIL = b"From: dmarc@example.com\r\nTo: me@example.org\r\nSubject: Report\r\n\r\nHello\r\n"
SIGNED = dkim_sign.sign(Message(MAIL), domain="example.com", selector="s", key=KEY) + MAIL


def stand(raw: bytes, envelope: Envelope | None = None, world: object = ZONE) -> trust.Standing:
    return ask(trust.stand(Message(raw), envelope), world)[0]  # type: ignore[arg-type]


def test_a_verified_sender_is_a() -> None:
    assert stand(SIGNED)[:2] == ("A", "example.com")


def test_a_broken_signature_is_d_and_a_failed_lookup_is_c() -> None:
    broken = SIGNED.replace(b"Hello", b"Hallo")
    assert stand(broken).grade == "D"
    assert stand(broken, world=offline).grade == "C"
    assert stand(SIGNED, world=offline).grade == "C"


def test_an_unsigned_mail_is_c_unless_its_envelope_tells() -> None:
    envelope = Envelope(ip_address("192.0.2.1"), "mail.example.com", "dmarc@example.com")
    assert stand(MAIL).grade == "C"
    assert stand(MAIL, envelope).grade == "A"
    assert stand(MAIL, replace(envelope, ip=ip_address("203.0.113.1"))).grade == "D"


def test_the_word_of_our_own_server_is_b_and_that_of_another_is_nothing() -> None:
    word = b"Authentication-Results: mx.example.org; dmarc=pass header.from=example.com\r\n"
    trace = b"Received: from mail.example.com ([192.0.2.7]) by mx.example.org; Mon, 2 Nov 2026 03:00:00 +0000\r\n"
    ours = Envelope(hosts=("mx.example.org",), trusted=1)
    assert stand(word + trace + MAIL, ours, offline).grade == "B"
    assert stand(trace + word + MAIL, ours, offline).grade == "C"
    assert stand(word + trace + MAIL, None, offline).grade == "C"
