"""Every page as people see it: in chromium, light and dark, on a phone, and with whatever a forger writes into it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import CONTRASTS, Browser, Opened, browser  # noqa: F401 - a fixture
from floods import NASTY, bounce, mbox
from stores import believable, hostile, stored

from conftest import Ended, Run
from disavow.doors import demo

STORY = Path(demo.__file__).parent
Written = Callable[[str], Path]
VOID = {"meta", "br", "img", "input", "link", "hr", "wbr"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The reports of the example mailbox, of a hostile one, and of one without any answer."""
    folder = tmp_path_factory.mktemp("reports")
    lines = [bounce(n, f"{n} {NASTY}", f"[/b]{NASTY[:40]}.example", n % 9 + 1, NASTY) for n in range(12)]
    others = [
        bounce(20, "شحنة متأخرة لطلبك ‏123", "مثال.example"),
        bounce(21, "快递派送通知:您的包裹", "x" * 10_000),
        bounce(22, "z" * 10_000, "y.example", claims="w" * 10_000),
    ]
    mbox(folder / "hostile.mbox", *lines, *others)
    mbox(folder / "empty.mbox", "From: ada@example.com\nSubject: Lunch?\nTo: ada@example.org\n\nToday at one?\n")
    mbox(folder / "one.mbox", bounce(1, "Only one", "mx.example.net"))
    return {name: folder / f"{name}.mbox" for name in ("hostile", "empty", "one")} | {"demo": STORY / "flood.mbox"}


# A domain whose settings hold whatever a forger can write into the DNS, and one that is in order.
HOSTILE_ZONE = r"""
example.com. TXT "v=spf1 include:<script>alert(1)</script> \027[31m\226\128\174 include:gone.example ?all"
_dmarc.example.com. TXT "v=DMARC1; p=none; rua=mailto:<img>@example.com"
example.com. MX 10 <b>mx</b>.example.com.
s1._domainkey.example.com. TXT "v=DKIM1; p=<i>zzz" "\031x"
example.org. MX 0 .
example.org. TXT "v=spf1 -all"
*._domainkey.example.org. TXT "v=DKIM1; p="
_dmarc.example.org. TXT "v=DMARC1; p=reject"
"""


def apart(run: Run, *words: str) -> Ended:
    """What ``run`` gives, from a thread of its own: no event loop can start beside the browser's."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run, *words).result()


@pytest.fixture
def written(run: Run, reports: dict[str, Path]) -> Written:
    folder = reports["empty"].parent

    def command(name: str) -> tuple[str, ...]:
        if name == "audit" or name == "portfolio":
            zone = folder / "zone"
            zone.write_text(HOSTILE_ZONE, "utf-8")
            others = ("example.org", "xn--bcher-kva.example") if name == "portfolio" else ()
            return ("audit", "example.com", *others, "--zone", str(zone), "--selector", "s1")
        if name.startswith("impact"):
            store = stored(folder / f"{name}.duckdb", hostile() if name == "impact-hostile" else believable())
            return ("impact", "example.org", "--store", str(store), "--if", "p=reject; adkim=s; aspf=s")
        if name == "sheet":
            return ("verify", str(STORY / "flood.mbox"), "--offline", "--message", "1")
        known = ("--zone", str(STORY / "example.zone"), "--aliases", str(STORY / "aliases.csv"))
        return (
            "investigate",
            str(reports[name]),
            *("--me", "example.org"),
            *(known if name == "demo" else ("--offline",)),
        )

    def write(name: str) -> Path:
        html = folder / f"{name}.html"
        if not html.exists():
            ended = apart(run, *command(name), "--html", str(html))
            assert ended.code in (0, 1, 3), ended.err
        return html

    return write


FLOODS = ("demo", "hostile", "empty", "one")
PAGES = (*FLOODS, "sheet", "audit", "portfolio", "impact", "impact-hostile")


class Tree(HTMLParser):
    """The page as a tree: ids, links, and whether every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[tuple[str, str]] = []
        self.tags: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.items: Counter[str] = Counter()
        self.more: dict[str, int] = {}
        self._open: list[tuple[str, str]] = []
        self._text = ""
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.attributes.update(tuple(named))
        if "id" in named:
            self.ids[named["id"]] += 1
        if tag == "li" and self._open[-1][1].startswith("list-"):
            self.items[self._open[-1][1]] += 1
        if tag == "a":
            self.links.append((named.get("href", named.get("xlink:href", "")), ""))
        if tag not in VOID:
            self._open.append((tag, named.get("id", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        if any(tag == "a" for tag, _ in self._open):
            href, text = self.links[-1]
            self.links[-1] = (href, f"{text} {data}".strip())

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag


@pytest.mark.parametrize("name", PAGES)
def test_every_link_has_its_target_and_no_id_is_given_twice(written: Written, name: str) -> None:
    tree = Tree(written(name).read_text("utf-8"))
    assert [each for each, times in tree.ids.items() if times > 1] == []
    assert {href for href, _ in tree.links if not href.startswith("#")} == set()
    assert {href[1:] for href, _ in tree.links} <= set(tree.ids)


@pytest.mark.parametrize("name", FLOODS)
def test_every_number_leads_to_a_list_of_as_many(written: Written, name: str) -> None:
    tree = Tree(written(name).read_text("utf-8"))
    checked = 0
    for href, text in tree.links:
        number = re.match(r"(?:see all )?(\d+)(?!\S)", text)
        if number and href.startswith("#list-"):
            entries = tree.items[href[1:]]
            assert entries == max(int(number[1]), 1), (href, text)  # an empty list says "none"
            checked += 1
    assert "NaN" not in "".join(re.findall(r"<text[^>]*>[^<]*", written(name).read_text("utf-8")))
    assert checked > {"demo": 150, "empty": 0}.get(name, 5)


def test_a_list_too_long_for_the_page_says_how_many_are_left(run: Run, tmp_path: Path) -> None:
    flood = mbox(tmp_path / "many.mbox", *(bounce(n, "Many", "mx.example.net") for n in range(520)))
    html = tmp_path / "many.html"
    run("investigate", str(flood), "--me", "example.org", "--offline", "--html", str(html))
    page = html.read_text("utf-8")
    assert Tree(page).items["list-status"] == 500 and "20 more; all of them" in page


@pytest.mark.parametrize("name", PAGES)
def test_nothing_of_a_forger_becomes_markup(written: Written, name: str) -> None:
    page = written(name).read_text("utf-8")
    tree = Tree(page)
    assert {"script", "img", "iframe", "link", "object", "form"} & set(tree.tags) == set()
    assert [each for each in tree.attributes if each.startswith("on") or each in ("style", "src")] == []
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]", page)
    assert max(map(len, re.findall(r"[xyzw]+", page))) <= 600


@pytest.mark.parametrize("name", PAGES)
def test_the_page_asks_nothing_and_breaks_no_policy(browser: Browser, written: Written, name: str) -> None:  # noqa: F811
    opened = browser.open(written(name))
    assert len(opened.requests) == 1
    assert opened.violations == [] and opened.console == []
    for scheme in ("light", "dark"):
        opened.page.emulate_media(color_scheme=scheme)
        worst = opened.ask(CONTRASTS)
        assert len(worst) > 3
        assert [each for each in worst if each[0] < 4.5] == []
    opened.page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_hangs_over_the_edge(browser: Browser, written: Written, name: str) -> None:  # noqa: F811
    opened = browser.open(written(name))
    for _ in range(2):
        for width in (1200, 420, 320):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.ask("document.documentElement.scrollWidth") <= width
            assert opened.ask(CLIPPED) == []
        opened.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
    opened.page.context.close()


# Texts in pictures that begin or end outside their picture.
CLIPPED = """[...document.querySelectorAll('svg text')].filter(text => {
  const box = text.getBoundingClientRect(), around = text.closest('svg').getBoundingClientRect();
  return box.width && (box.left < around.left - 1 || box.right > around.right + 1);
}).map(text => text.textContent)"""


def _described(opened: Opened) -> list[bool]:
    figures = "[...document.querySelectorAll('figure')]"
    twin = "document.getElementById(each.getAttribute('aria-details'))"
    described: list[bool] = opened.ask(
        f"{figures}.map(each => !!each.querySelector('svg') && {twin}.querySelectorAll('tbody tr').length > 0)"
    )
    return described


def test_every_picture_is_also_a_table(browser: Browser, written: Written) -> None:  # noqa: F811
    opened = browser.open(written("demo"))
    assert _described(opened) == [True] * 4
    opened.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
    counts = opened.ask(
        "[...document.querySelectorAll('#timeline-table td.n')].reduce((sum, each) => sum + Number(each.innerText), 0)"
    )
    assert counts == 143
    opened.page.context.close()


def test_a_number_opens_its_list_and_the_list_its_mail(browser: Browser, written: Written) -> None:  # noqa: F811
    opened = browser.open(written("demo"))
    page = opened.page
    page.click(".tiles a >> nth=0")
    assert page.is_visible("#list-status li >> nth=0")
    page.click("#list-status li a >> nth=0")
    assert page.is_visible("#mail-1 dl")
    assert len(opened.requests) == 1
    page.context.close()


def test_the_keyboard_reaches_what_the_mouse_does(browser: Browser, written: Written) -> None:  # noqa: F811
    opened = browser.open(written("demo"))
    page = opened.page
    reached = []
    for _ in range(90):
        page.keyboard.press("Tab")
        reached.append(opened.ask("document.activeElement.tagName.toLowerCase()"))
    assert {"a", "summary"} <= set(reached)
    page.focus("#mails details summary")
    page.keyboard.press("Enter")
    assert opened.ask("document.querySelector('#mails details').open") is False  # the first one was open
    page.context.close()


def test_what_to_do_stands_within_the_first_two_screens(browser: Browser, written: Written) -> None:  # noqa: F811
    opened = browser.open(written("demo"))
    order = opened.ask("[...document.querySelectorAll('h1, h2')].map(each => each.innerText)")
    assert order[1:3] == ["What happened", "What to do now"]
    assert opened.ask("document.querySelector('#steps').getBoundingClientRect().top") < 1800
    page = written("demo").read_text("utf-8")
    assert "66 %" in page and "see all" in page
    opened.page.context.close()


@pytest.mark.parametrize("verb", ["investigate", "audit", "impact"])
def test_a_page_that_cannot_be_written_is_said(run: Run, reports: dict[str, Path], tmp_path: Path, verb: str) -> None:
    store = stored(tmp_path / "store.duckdb", ())
    given = {
        "investigate": (str(reports["empty"]), "--offline"),
        "audit": ("example.org", "--offline"),
        "impact": ("example.org", "--store", str(store)),
    }
    ended = apart(run, verb, *given[verb], "--html", str(tmp_path / "none" / "page.html"))
    assert ended.code == 78 and "No such file or directory" in ended.err and "Traceback" not in ended.err


def test_a_mailbox_without_answers_says_so_plainly(written: Written) -> None:
    page = written("empty").read_text("utf-8")
    assert "None of these mails answers" in page
    assert "What happened" not in page and "<svg" not in page


def test_the_flood_of_a_public_list_fits_a_mail(run: Run, suites: Path, tmp_path: Path) -> None:
    html = tmp_path / "flood.html"
    mailbox = suites / "inbox" / "joe-job-2020.mbox.gz"
    run("investigate", str(mailbox), "--me", "osst-users@lists.sourceforge.net", "--offline", "--html", str(html))
    assert html.stat().st_size <= 2_500_000
    page = html.read_text("utf-8")
    assert Tree(page).items["list-status"] == 472
    assert not re.search(r"[a-z0-9]{3,}@qq\.com", page)  # other people's addresses are masked everywhere
