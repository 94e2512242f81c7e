"""Outlook's .msg files, through the library that the extra ``disavow[msg]`` installs."""

from __future__ import annotations

from ..errors import Malformed, Misconfigured


def read(raw: bytes) -> bytes:
    """The internet header that Outlook kept and the text of the mail, as one message.

    The bytes that were sent are not in such a file, so signatures over them cannot verify. Raises
    ``Misconfigured`` without the library and ``Malformed`` for a file that it cannot read or that keeps no header.
    """
    try:
        import extract_msg
    except ImportError:
        raise Misconfigured(".msg", "reading Outlook's files needs a library", "pip install 'disavow[msg]'") from None
    try:
        with extract_msg.openMsg(raw, delayAttachments=True, strict=False) as message:
            header = str(getattr(message, "headerText", "") or "")
            body = str(getattr(message, "body", "") or "")
    except Exception as error:  # the library documents no closed set of exceptions for a stranger's file
        raise Malformed(f"not a readable .msg file: {error}", 0, raw) from None
    if not header.strip():
        raise Malformed("the .msg file keeps no internet header: ask for the mail as .eml", 0, raw)
    return _message(header, body)


def _message(header: str, body: str) -> bytes:
    lines = header.replace("\r\n", "\n").strip("\n")
    return f"{lines}\n\n{body}".encode("utf-8", "surrogateescape")
