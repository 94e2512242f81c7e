from __future__ import annotations

import pytest

from disavow.judgement.backscatter.notice import Delivery, Notice, Recipient
from disavow.judgement.backscatter.signal import is_authentication, signal

REFUSED = Recipient(
    "kim@example.org", "failed", "5.7.1", "", "550 SPF check failed", "mx.example.net", reason="auth-spf"
)
UNKNOWN = Recipient("kim@example.org", "failed", "5.1.1", reason="user-unknown")
REACHED = Recipient("kim@example.org", "delivered", "2.0.0")


@pytest.mark.parametrize(
    ("notice", "expected"),
    [
        (Notice("dsn", "failed", "auth-spf", delivery=Delivery(recipients=(REFUSED,))), "enforced"),
        (Notice("dsn", "failed", "user-unknown", delivery=Delivery(recipients=(UNKNOWN, REFUSED))), "enforced"),
        (Notice("dsn", "failed", "user-unknown", delivery=Delivery(recipients=(UNKNOWN,))), "accepted"),
        (Notice("dsn", "failed", delivery=Delivery(recipients=(UNKNOWN, REACHED))), "escaped"),
        (Notice("reject-notice", "content", "spam-content"), "accepted"),
        (Notice("reject-notice", "auth", "auth-dmarc"), "enforced"),
        (Notice("autoreply", "vacation"), "escaped"),
        (Notice("challenge"), "escaped"),
        (Notice("human"), "escaped"),
        (Notice("mdn", "displayed"), "escaped"),
        (Notice("mdn", "rejected"), "accepted"),
        (Notice("feedback", "abuse"), "escaped"),
        (Notice("feedback", "auth-failure"), "enforced"),
        (Notice("fake-bounce", "link"), "none"),
        (Notice("spam"), "none"),
        (Notice("automatic", "bulk"), "none"),
        (Notice("report", "dmarc"), "none"),
        (Notice("unknown"), "none"),
    ],
)
def test_what_an_answer_proves(notice: Notice, expected: str) -> None:
    assert signal(notice)[0] == expected


def test_who_enforced_by_which_check_is_said() -> None:
    evidence = signal(Notice("dsn", "failed", delivery=Delivery(recipients=(REFUSED,))))[1]
    assert evidence.quote == "auth-spf at mx.example.net: 550 SPF check failed"


def test_only_authentication_enforces() -> None:
    assert is_authentication("auth-dkim") and is_authentication("auth")
    assert not is_authentication("policy") and not is_authentication("no such reason")
