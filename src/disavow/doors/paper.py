"""What every self-contained page is made with: its templates, its style, and the policy that lets nothing else in."""

from __future__ import annotations

import base64
import hashlib

import jinja2
from markupsafe import Markup


def environment() -> jinja2.Environment:
    """The templates; everything put into them is escaped, nothing that is missing passes silently."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("disavow.doors"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def style(templates: jinja2.Environment) -> dict[str, Markup]:
    """``style`` is the style sheet, ``policy`` the Content-Security-Policy that lets it, and nothing else, in."""
    sheet = templates.get_template("style.css").render()
    digest = base64.b64encode(hashlib.sha256(sheet.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    # Both are the package's own text.
    return {"style": Markup(sheet), "policy": Markup(policy)}
