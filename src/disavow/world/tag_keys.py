"""The file that holds the secrets of my envelope tags: a file, since everybody can read a command's arguments."""

from __future__ import annotations

from pathlib import Path

from ..errors import Malformed, Misconfigured
from ..judgement.tagged import Tags, parse

MAX_BYTES = 65_536


def read(path: str) -> Tags:
    """The tags that the file describes. Raises Misconfigured, never with a secret in the reason."""
    try:
        with Path(path).open("rb") as file:
            return parse(file.read(MAX_BYTES).decode("utf-8"))
    except OSError as error:
        raise Misconfigured("--batv-key", str(error)) from None
    except UnicodeDecodeError:
        raise Misconfigured("--batv-key", f"{path} is no text") from None
    except Malformed as error:
        raise Misconfigured("--batv-key", f"{path}: {error}") from None
