"""Files that programs keep beside mail for themselves: no mail by definition, passed by without a word."""

from __future__ import annotations

_NAMES = frozenset(
    ("maildirfolder", "maildirsize", "subscriptions", "mbox-lock", "desktop.ini", "thumbs.db", "__macosx")
)
_BEGINNINGS = (
    ".",
    "dovecot.index",
    "dovecot.list",
    "dovecot.mailbox",
    "dovecot-uid",
    "dovecot-keywords",
    "dovecot-acl",
    "courierimap",
    "courierpop3",
)
_ENDINGS = (".msf", ".lock", ".idx")


def is_note(name: str) -> bool:
    """True for hidden files and the indexes, locks and lists of mail servers, mail readers and desktops."""
    name = name.lower()
    return name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS) or name in _NAMES


def is_note_path(path: str) -> bool:
    """True for the path of such a note in an archive; folders that begin with a dot may be Maildirs."""
    folders, _, name = path.rpartition("/")
    return is_note(name) or "__macosx" in folders.lower().split("/")
