"""Sources read real mailboxes whole: every mail, none twice, the same bytes from a folder as from an mbox."""

from __future__ import annotations

from pathlib import Path

import pytest

from disavow.world.sources import Mail, read


@pytest.mark.parametrize(
    ("where", "mails"),
    [
        ("inbox/joe-job-2020.mbox.gz", 472),
        ("inbox/flooded-list.mbox.gz", 1857),
        ("bounces/sisimai/mail", 629),
        ("bounces/sisimai/mbox/mbox-0", 37),
        ("bounces/sisimai/mbox/mbox-1", 1),
        ("bounces/flufl/mail", 117),
        ("bounces/fake-bounces/mail", 29),
    ],
)
def test_every_mail_is_read(suites: Path, where: str, mails: int) -> None:
    items = list(read(str(suites / where)))
    assert len(items) == mails
    assert all(isinstance(item, Mail) for item in items)
    assert len({item.where for item in items}) == mails


def test_a_folder_and_an_mbox_give_the_same_bytes(suites: Path) -> None:
    folder = {item.raw for item in read(str(suites / "bounces/joe-job-2020/as-received")) if isinstance(item, Mail)}
    mbox = {item.raw for item in read(str(suites / "inbox/joe-job-2020.mbox.gz")) if isinstance(item, Mail)}
    assert folder == mbox
