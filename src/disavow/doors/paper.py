"""What every self-contained page is made with: its templates, its style, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import jinja2
from markupsafe import Markup

from ..errors import Misconfigured
from ..judgement.mask import Mask, visible

NAME, TEXT = 200, 600  # characters shown of what others wrote
Shown: TypeAlias = Callable[..., str]


def render(template: str, show: Shown, /, **values: Any) -> str:
    """The page that ``template`` makes of ``values``: all of it is escaped, nothing that is missing passes silently.

    ``show`` is the filter ``shown`` for what others wrote.
    """
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("disavow.doors"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["shown"] = show
    sheet = templates.get_template("style.css").render()
    # Both are the package's own text.
    return templates.get_template(template).render(style=Markup(sheet), policy=Markup(_policy(sheet)), **values)


def _policy(sheet: str) -> str:
    """The Content-Security-Policy that lets the style sheet, and nothing else, in."""
    digest = base64.b64encode(hashlib.sha256(sheet.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def shown(mask: Mask) -> Shown:
    """Others' words made harmless: masked, on one line, without what could hide or turn text, not too long."""
    safe = visible(mask)

    def harmless(text: object, limit: int = NAME) -> str:
        line = " ".join(str(text)[: 4 * limit].split())
        line = mask(line) if line.isprintable() else safe(line)
        return line if len(line) <= limit else line[: limit - 1] + "…"

    return harmless


def write(path: str, page: str) -> None:
    """The page at ``path``; raises Misconfigured where none can be written."""
    try:
        Path(path).write_text(page, "utf-8")
    except OSError as error:
        raise Misconfigured("--html", f"{path}: {error.strerror}", "name a file that can be written") from None
