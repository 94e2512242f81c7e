"""Debian's chromium without a network: what a person's browser makes of a page, and what the page tries to do."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
ADDRESS = "http://report.test/"
# The policy that a mail administrator's web server might add; the page's own is stricter still.
POLICY = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:"

# Every visible text's contrast with what lies behind it (WCAG 2.2, 1.4.3), the worst first.
CONTRASTS = """() => {
  const parts = css => {
    const n = (css.match(/-?[0-9.]+(e-?[0-9]+)?/g) || []).map(Number);
    const [r, g, b, a = 1] = n;
    return css.startsWith('color(') ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, under) => top.slice(0, 3).map((c, i) => c * top[3] + under[i] * (1 - top[3])).concat(1);
  const behind = element => {
    if (!element) return [255, 255, 255, 1];
    const own = parts(getComputedStyle(element).backgroundColor);
    return own[3] === 1 ? own : over(own, behind(element.parentElement));
  };
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const found = new Map();
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const drawn = element.namespaceURI.endsWith('svg') ? style.fill : style.color;
    const back = behind(element);
    const key = drawn + '|' + back;
    if (found.has(key)) continue;
    const [a, b] = [light(over(parts(drawn), back)), light(back)].sort((x, y) => y - x);
    found.set(key, [(a + 0.05) / (b + 0.05), element.tagName + ' ' + element.textContent.trim().slice(0, 40)]);
  }
  return [...found.values()].sort((x, y) => x[0] - y[0]);
}"""


@dataclass(slots=True)
class Opened:
    """A page in the browser, with everything it asked for, complained of, and was forbidden."""

    page: Any
    requests: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def ask(self, script: str) -> Any:
        """What the script returns; it runs apart from the page, so that no policy of the page stops it."""
        return self.page.evaluate(script)


class Browser:
    """Opens files as a web server would serve them."""

    def __init__(self, chromium: Any) -> None:
        self._chromium = chromium

    def open(self, file: Path, width: int = 1200, policy: str = POLICY) -> Opened:
        """The page of ``file`` in a fresh profile, with the ``policy`` of the server on top of its own."""
        context = self._chromium.new_context(viewport={"width": width, "height": 900})
        opened = Opened(context.new_page())
        page = opened.page
        page.expose_function("forbidden", lambda text: opened.violations.append(text))
        page.add_init_script(
            "addEventListener('securitypolicyviolation', e => forbidden(e.violatedDirective + ' ' + e.blockedURI))"
        )
        page.on("console", lambda message: opened.console.append(message.text))
        page.on("pageerror", lambda error: opened.console.append(str(error)))

        def serve(route: Any) -> None:
            opened.requests.append(route.request.url)
            if route.request.url == ADDRESS:
                headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
                route.fulfill(body=file.read_bytes(), headers=headers)
            else:
                route.abort()

        page.route("**/*", serve)
        page.goto(ADDRESS)
        return opened


# Per module: while it runs, no other test of this process can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, headless; tests that need it skip, by name, where it is not installed."""
    executable = shutil.which("chromium")
    if not executable:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(QUIET))
        yield Browser(chromium)
        chromium.close()
