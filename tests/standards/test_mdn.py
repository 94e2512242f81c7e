from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disavow.errors import Malformed
from disavow.standards import mdn
from disavow.standards.fields import Typed
from disavow.standards.mdn import Disposition, Report

REPORT = Report(
    Typed("rfc822", "b@example.com"),
    Disposition("automatic-action", "mdn-sent-automatically", "deleted", ("error", "expired")),
    Typed("rfc822", "a@example.com"),
    "<1@example.org>",
    Typed("pc.example.com", "Mailer 1.0"),
    Typed("dns", "gw.example.com"),
    ("it failed",),
    ("first", "second"),
    ("careful",),
    (("X-More", "word " * 30 + "end"),),
)


def test_what_is_formatted_parses_to_the_same() -> None:
    assert mdn.parse(mdn.format(REPORT)) == REPORT


@pytest.mark.parametrize(
    ("value", "disposition", "flaw"),
    [
        (
            b"manual-action/MDN-sent-manually; displayed",
            Disposition("manual-action", "mdn-sent-manually", "displayed"),
            "",
        ),
        (
            b"automatic-action / MDN-sent-automatically;deleted/ Error",
            Disposition("automatic-action", "mdn-sent-automatically", "deleted", ("error",)),
            "",
        ),
        (b"displayed", Disposition("", "", "displayed"), "bad-disposition"),
        (b"", Disposition(), "no-disposition"),
    ],
)
def test_dispositions(value: bytes, disposition: Disposition, flaw: str) -> None:
    report = mdn.parse(b"Final-Recipient: rfc822; <b@example.com>\nDisposition: " + value)
    assert report.disposition == disposition and report.final_recipient.text == "b@example.com"
    assert report.flaws == ((flaw,) if flaw else ())


def test_format_refuses_what_the_rfc_does_not_allow() -> None:
    for report in (Report(), Report(Typed("rfc822", "a@b.example")), Report(disposition=REPORT.disposition)):
        with pytest.raises(Malformed):
            mdn.format(report)


def test_a_missing_recipient_is_named() -> None:
    assert mdn.parse(b"Original-Message-ID: <1@example.org>").flaws == ("no-final-recipient", "no-disposition")


@pytest.mark.parametrize("body", [b"", b"Subject: x\n", b"hello"])
def test_what_is_no_notification_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        mdn.parse(body)


PIECES = [b"Disposition:", b"Final-Recipient:", b"/", b";", b"\n", b" ", b"\xff", b",", b"<"]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES)).map(b"".join))
def test_any_bytes_are_a_notification_or_malformed(body: bytes) -> None:
    with suppress(Malformed):
        assert isinstance(mdn.parse(body), Report)
