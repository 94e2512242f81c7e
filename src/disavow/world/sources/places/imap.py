"""A mailbox on a server: imaps://user@host/INBOX (RFC 9051, RFC 5092), read in the order of arrival, left as it is.

The password comes from DISAVOW_IMAP_PASSWORD, or from the file that DISAVOW_IMAP_PASSWORD_FILE names; never from
the address, which everybody on the machine can see. Without TLS only this machine itself is talked to.
"""

from __future__ import annotations

import base64
import imaplib
import ipaddress
import os
import re
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ....errors import Malformed, Misconfigured, Unreachable
from ..budget import Budget
from ..formats.eml import begins_like_a_mail, not_a_mail, too_large
from ..item import Item, Mail, Unreadable, printable

PASSWORD, PASSWORD_FILE = "DISAVOW_IMAP_PASSWORD", "DISAVOW_IMAP_PASSWORD_FILE"
RETRIES = 3
TIMEOUT = 60  # seconds without a byte
_BROKEN = (imaplib.IMAP4.abort, OSError, EOFError)
_UID = re.compile(rb"UID (\d{1,10})")
_SIZE = re.compile(rb"RFC822\.SIZE (\d{1,19})")
_POSITION = re.compile(r";UIDVALIDITY=(\d+)/;UID=(\d+)$")


class Position(NamedTuple):
    """How far a mailbox was read: its UIDVALIDITY and the last UID (RFC 9051 section 2.3.1.1)."""

    validity: int
    uid: int


NOWHERE = Position(0, 0)


class Address(NamedTuple):
    """The parts of an address like imaps://user@host:993/INBOX."""

    tls: bool
    user: str
    host: str
    port: int
    mailbox: str

    @property
    def url(self) -> str:
        scheme = "imaps" if self.tls else "imap"
        return printable(f"{scheme}://{self.user}@{self.host}:{self.port}/{self.mailbox}")


def sniff(where: str) -> bool:
    """True for imap:// and imaps:// addresses."""
    return where.lower().startswith(("imap://", "imaps://"))


def read(where: str, budget: Budget, after: Position = NOWHERE) -> Iterator[Item]:
    """The mails of the mailbox after a position, by UID, which is their ``number``; no flag is changed.

    A broken connection is made again, up to ``RETRIES`` times in a row, and reading goes on where it was. A
    mailbox that the server renumbered is read from its beginning. Raises Unreachable (the server), Misconfigured
    (address, password) and Malformed (no such mailbox).
    """
    address, failures = parse(where), 0
    while True:
        try:
            for item in _session(address, budget, after):
                after, failures = position(item), 0
                yield item
            return
        except _BROKEN as error:
            failures += 1
            if failures > RETRIES:
                raise Unreachable(address.url, _reason(error)) from error
            time.sleep(failures - 1)


def acknowledge(where: str, mails: Iterable[Position], move_to: str = "") -> None:
    """Marks the mails as seen, or moves them to another mailbox (RFC 6851): to be called once they are stored.

    Raises Unreachable, and touches nothing, where the server has given its mails other numbers since.
    """
    address, mails = parse(where), sorted(mails)
    numbers = [mail.uid for mail in mails]
    with _connection(address) as server:
        validity = _select(server, address, readonly=False)
        if any(mail.validity != validity for mail in mails):
            raise Unreachable(address.url, "the server has numbered its mails anew, so none was marked or moved")
        for start in range(0, len(numbers), 500):
            some = ",".join(map(str, numbers[start : start + 500]))
            if move_to:
                status, answer = server.uid("MOVE", some, quoted(move_to))
            else:
                status, answer = server.uid("STORE", some, "+FLAGS.SILENT", r"(\Seen)")
            if status != "OK":
                raise Misconfigured(address.url, f"the server refused: {_text(answer)}")


def position(item: Item) -> Position:
    """How far the mailbox was read when it gave ``item``; NOWHERE for an item from elsewhere."""
    match = _POSITION.search(item.where)
    return Position(int(match[1]), int(match[2])) if match else NOWHERE


def parse(where: str) -> Address:
    """The parts of an address; Misconfigured if one is missing or a password is among them."""
    try:
        parts = urlsplit(where)
        tls = parts.scheme == "imaps"
        port = parts.port or (993 if tls else 143)
    except ValueError as error:
        raise Misconfigured("the address of the mailbox", str(error)) from error
    if parts.password is not None:
        raise Misconfigured(parts.hostname or "", "a password in an address can be seen by all", f"use {PASSWORD}")
    if not parts.hostname or not parts.username:
        raise Misconfigured(printable(where), "is no address of a mailbox", "imaps://user@host/INBOX")
    return Address(tls, unquote(parts.username), parts.hostname, port, unquote(parts.path.strip("/")) or "INBOX")


def quoted(mailbox: str) -> str:
    """A mailbox name as the protocol wants it: modified UTF-7 (RFC 3501 section 5.1.3) in quotes."""
    name = re.sub(r"[^\x20-\x7e]+|&", lambda match: _utf7(match[0]), mailbox)
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(text: str) -> str:
    coded = base64.b64encode(text.encode("utf-16-be", "surrogatepass")).decode("ascii")
    return "&-" if text == "&" else f"&{coded.rstrip('=').replace('/', ',')}-"


def _session(address: Address, budget: Budget, after: Position) -> Iterator[Item]:
    """The mails after a position until the connection ends, or breaks."""
    with _connection(address) as server:
        validity = _select(server, address, readonly=True)
        start = after.uid if after.validity == validity else 0
        for uid, size in _sizes(server, start):
            where = f"{address.url};UIDVALIDITY={validity}/;UID={uid}"
            if size > budget.message:
                yield Unreadable(where, too_large(budget.message), uid)
            else:
                yield _fetch(server, where, uid, budget.message)


def _sizes(server: imaplib.IMAP4, after: int) -> list[tuple[int, int]]:
    """(UID, size) of every mail after a UID, in ascending order."""
    _, lines = server.uid("FETCH", f"{after + 1}:*", "(UID RFC822.SIZE)")
    found = [(_UID.search(line), _SIZE.search(line)) for line in lines if isinstance(line, bytes)]
    sizes = sorted((int(uid[1]), int(size[1])) for uid, size in found if uid and size)
    return [(uid, size) for uid, size in sizes if uid > after]  # "n:*" names the last mail even before n


def _fetch(server: imaplib.IMAP4, where: str, uid: int, limit: int) -> Item:
    _, parts = server.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{limit + 1}>)")
    raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if raw is None:
        return Unreadable(where, "vanished while the mailbox was read", uid)
    if len(raw) > limit:
        return Unreadable(where, too_large(limit), uid)
    return Mail(raw, where, uid) if begins_like_a_mail(raw) else Unreadable(where, not_a_mail(raw), uid)


@contextmanager
def _connection(address: Address) -> Iterator[imaplib.IMAP4]:
    """A server that knows us. Raises what ``_BROKEN`` names where the connection fails."""
    secret = _password()
    server = _connect(address)
    try:
        try:
            server.login(address.user, secret)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Misconfigured(address.url, f"the server refused user or password: {_text(error.args)}") from None
        yield server
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            server.logout()
        with suppress(OSError):  # logout leaves a broken connection open
            server.shutdown()


def _connect(address: Address) -> imaplib.IMAP4:
    secure = ssl.create_default_context()
    try:
        if address.tls:
            return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=secure, timeout=TIMEOUT)
        server = imaplib.IMAP4(address.host, address.port, timeout=TIMEOUT)
        try:
            _hide(server, address, secure)
        except BaseException:
            with suppress(OSError):
                server.shutdown()
            raise
    except ssl.SSLCertVerificationError as error:
        raise Misconfigured(address.url, f"its certificate is not valid: {error.verify_message}") from error
    return server


def _hide(server: imaplib.IMAP4, address: Address, secure: ssl.SSLContext) -> None:
    """Turns TLS on before a password is sent."""
    if "STARTTLS" in server.capabilities:
        server.starttls(secure)
    elif not _is_here(address.host):
        raise Misconfigured(address.url, "the server offers no TLS, and the password would be seen", "use imaps://")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _select(server: imaplib.IMAP4, address: Address, readonly: bool) -> int:
    """The UIDVALIDITY of the mailbox, which is open afterwards."""
    status, answer = server.select(quoted(address.mailbox), readonly)
    if status != "OK":
        raise Malformed(f"{address.url}: the mailbox cannot be opened: {_text(answer)}")
    validity = server.response("UIDVALIDITY")[1][0]
    return int(validity) if validity else 0


def _password() -> str:
    if secret := os.environ.get(PASSWORD):
        return secret
    file = os.environ.get(PASSWORD_FILE)
    if not file:
        raise Misconfigured(PASSWORD, "there is no password for the mailbox", f"set it, or {PASSWORD_FILE}")
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        raise Misconfigured(PASSWORD_FILE, f"the file cannot be read: {error}") from error


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return _text(error.args) or "the connection broke off"


def _text(answer: Iterable[object]) -> str:
    words = (part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in answer)
    return printable(" ".join(words))[:200]
