"""Look at a domain's settings from outside: what is open, what proves it, what to publish instead."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
import msgspec

from ...errors import Malformed, Misconfigured
from ...judgement.audit import Audit, audit
from ...judgement.posture import Subject
from ...judgement.watch import Change, Remembered, compare, remember
from ...standards import names
from ...words import LEVELS
from ...world.ask import Post, Transcript
from .. import audit_contract, options, portfolio_table, stored_selectors

if TYPE_CHECKING:
    from ..audit_page import Gathering


@click.command()
@click.argument("domains", nargs=-1, metavar="DOMAIN…")
@options.dns
@click.option("--selector", multiple=True, help="A DKIM selector that is in use (repeatable).")
@click.option(
    "--store", metavar="FILE", help="Take selectors from the reports in this store; the usual one if there is one."
)
@click.option("--subdomain", multiple=True, help="A subdomain that is in use (repeatable).")
@click.option(
    "--blocklist", multiple=True, metavar="ZONE", help="Ask this DNS blocklist about my servers (repeatable)."
)
@click.option("--file", "portfolio", metavar="FILE", help="Domains, one a line; - for standard input.")
@click.option("--thorough/--quick", default=None, help="Try usual selectors, subdomains, lookalikes (without --file).")
@click.option(
    "--servers/--no-servers", default=None, help="Greet the mail servers as any sender does (without --file)."
)
@click.option("--ca-file", metavar="FILE", default="", help="Trust these certificate authorities besides the system's.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/audit/1".')
@click.option("--ndjson", is_flag=True, help="One JSON object per domain, as soon as it is ready.")
@click.option("--html", metavar="FILE", help="Write the audit as one self-contained page.")
@click.option("--output", metavar="FILE", help="Append NDJSON to FILE, and skip domains that it already holds.")
@click.option("--watch", metavar="FILE", help="Say what changed since the last run, which is kept in FILE.")
@click.option("--details", is_flag=True, help="Show the questions and answers that prove each finding.")
@click.option(
    *("--fail-on", "fail_on"),
    type=click.Choice((*LEVELS[:4], "never")),
    default="high",
    show_default=True,
    help="Exit 1 if something of this level or worse is open.",
)
def command(
    domains: tuple[str, ...],
    offline: bool,
    zone: str | None,
    resolver: str | None,
    portfolio: str | None,
    ca_file: str,
    fail_on: str,
    selector: tuple[str, ...],
    subdomain: tuple[str, ...],
    store: str | None,
    blocklist: tuple[str, ...],
    thorough: bool | None,
    servers: bool | None,
    **output: Any,
) -> None:
    """Audit the mail settings of domains: SPF, DKIM, DMARC, MX, TLS and the DNS itself.

    Asks the DNS, fetches the MTA-STS policy, and greets the mail servers as any sender does; nothing is tested that
    needs their owner's consent. A lookup that fails is "unknown", never "missing".
    """
    if not domains and not portfolio:
        raise click.UsageError("Name a domain, or a file of domains with --file.")
    few = portfolio is None
    template = Subject(
        "",
        tuple(selector),
        tuple(subdomain),
        tuple(blocklist),
        servers=few if servers is None else servers,
        thorough=few if thorough is None else thorough,
    )
    report = _Report(fail_on, brief=not few, **output)
    with stored_selectors.known(store) as seen:
        subjects = _subjects(chain(domains, _lines(portfolio) if portfolio else ()), template, report, seen)
        try:
            asyncio.run(_run(subjects, report, _Answerer(offline, zone, resolver, ca_file, bulk=not few), seen))
        except KeyboardInterrupt:
            report.interrupted()
            raise
    report.end()
    sys.exit(report.status)


@dataclass(frozen=True, slots=True)
class _Answerer:
    """Who answers, as the options say."""

    offline: bool
    zone: str | None
    resolver: str | None
    ca_file: str
    bulk: bool

    @contextlib.asynccontextmanager
    async def world(self) -> AsyncIterator[Post]:
        from ...world.ask import Posted
        from ...world.bulk_dns import BulkDns
        from ...world.courtesy import Courtesy
        from ...world.internet import Internet, beside
        from ...world.recursive import Dns, system_resolver

        if self.zone or self.offline:
            known = options.resolver(self.offline, self.zone, None)

            yield lambda question, deliver: known(question)
        elif self.bulk:
            async with BulkDns(self.resolver or system_resolver()) as dns:
                yield beside(dns.post, Internet(dns.ask, self.ca_file, visit=Courtesy().visit).ask)
        else:
            yield Posted(Internet(Dns(self.resolver or "").ask, self.ca_file).ask)


async def _run(
    subjects: Iterable[Subject], report: _Report, answerer: _Answerer, seen: stored_selectors.Selectors
) -> None:
    from ...world.portfolio import each

    async with answerer.world() as post, contextlib.aclosing(each(subjects, audit, post)) as audits:
        async for found, transcript in audits:
            report.add(found, transcript)
            if not answerer.zone:  # what a zone file says was perhaps never published
                seen.remember(found.domain, transcript)


def _lines(path: str) -> Iterator[str]:
    """The names in a file, without comments and empty lines."""
    try:
        with click.open_file(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                if name := line.partition("#")[0].strip():
                    yield name
    except OSError as error:
        raise Misconfigured("--file", str(error)) from None


def _subjects(
    texts: Iterable[str], template: Subject, report: _Report, selectors: stored_selectors.Selectors
) -> Iterator[Subject]:
    """What to audit: each name once, none that ``report`` already holds; what is no name is said and left out."""
    seen: set[str] = set(report.done)
    for text in texts:
        try:
            name = names.parse(text)
            below = tuple(_below(subdomain, name) for subdomain in template.subdomains)
        except Malformed:
            click.echo(f"disavow: {text!r} is not a domain name", err=True)
            report.status = 2
            continue
        if name not in seen:
            seen.add(name)
            yield replace(template, domain=name, subdomains=below, seen=selectors(name))


def _below(subdomain: str, domain: str) -> str:
    """``subdomain`` as a full name, whether it was given as one or not."""
    name = names.parse(subdomain)
    return name if names.is_within(name, domain) else f"{name}.{domain}"


@dataclass
class _Report:
    """Where audits go: a table, one JSON object, or a line for each; and what the exit status is."""

    fail_on: str
    brief: bool = False
    as_json: bool = False
    ndjson: bool = False
    html: str | None = None
    output: str | None = None
    watch: str | None = None
    details: bool = False
    status: int = 0
    audits: list[tuple[Audit, Transcript, Change | None]] = field(default_factory=list)
    lines: list[portfolio_table.Line] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.before = _state(self.watch) if self.watch else {}
        self.done = _done(self.output) if self.output else {}
        self._page = _page() if self.html else None
        self.count = 0
        self._file: BinaryIO | None = None
        if self.fail_on != "never" and any(map(self._fails, self.done.values())):
            self.status = 1

    def _fails(self, level: str) -> bool:
        return level in LEVELS[: LEVELS.index(self.fail_on) + 1]

    @property
    def _waits(self) -> bool:
        """True if nothing is printed before the end."""
        return not (self.ndjson or self.output)

    @property
    def _short(self) -> bool:
        """True for a portfolio on a terminal: of each domain only a line is kept."""
        return self.brief and self._waits and not (self.details or self.as_json)

    def add(self, found: Audit, transcript: Transcript) -> None:
        """Take one audit, and print it at once where lines are wanted."""
        self.count += 1
        change = compare(found, self.before.get(found.domain, ())) if self.watch else None
        if self.watch:
            self.before[found.domain] = remember(found)
        if self.fail_on != "never" and self._fails(found.worst):
            self.status = self.status or 1
        if not self._waits:
            self._line({"schema": audit_contract.SCHEMA, **_object(found, transcript, change)})
        if self._page:
            self._page.add(found, transcript, change)
        if self.as_json or (self._waits and not self._short):
            self.audits.append((found, transcript, change))
        elif self._short:
            self.lines.append(portfolio_table.line(found, change))

    def _line(self, entry: dict[str, Any]) -> None:
        text = msgspec.json.encode(entry).decode()
        if self.output:
            self._file = self._file or _appended(self.output)
            self._file.write(text.encode() + b"\n")
            self._file.flush()
        if self.ndjson or not self.output:
            click.echo(text)

    def end(self) -> None:
        """Print what waited for the end, the worst domain first, and keep the state."""
        self.audits.sort(key=lambda one: (LEVELS.index(one[0].worst), one[0].domain))
        if self.as_json:
            found = [_object(*one) for one in self.audits]
            click.echo(msgspec.json.format(msgspec.json.encode({"schema": audit_contract.SCHEMA, "domains": found})))
        elif self._short:
            portfolio_table.show(self.lines)
        elif self.audits and self._waits:
            self._table()
        if self.html and self._page:
            from ..paper import write

            write(self.html, self._page.page())
        self._keep()

    def interrupted(self) -> None:
        """Keep what there is, and say how to go on."""
        self._keep()
        how = "run it again to go on" if self.output else "with --output FILE the next run would go on from here"
        click.echo(f"disavow: stopped after {self.count:,} domains; {how}", err=True)

    def _keep(self) -> None:
        if self._file:
            self._file.close()
        if self.watch:
            Path(self.watch).write_bytes(msgspec.json.encode(self.before))

    def _table(self) -> None:
        from rich.console import Console

        from ..audit_table import EXPLAINED, show, show_change

        console = Console(soft_wrap=False)
        for found, transcript, change in self.audits:
            show(console, found, transcript, self.details)
            if change:
                show_change(console, change)
        console.print(f"\n[dim]{EXPLAINED}[/]", highlight=False)


def _page() -> Gathering:
    from ..audit_page import Gathering  # templates are read by whoever wants a page

    return Gathering()


def _object(found: Audit, transcript: Transcript, change: Change | None) -> dict[str, Any]:
    entry = audit_contract.domain(found, transcript)
    return {**entry, "change": audit_contract.change(change)} if change else entry


def _state(path: str) -> dict[str, tuple[Remembered, ...]]:
    """What the last run found open, by domain; nothing on the first run."""
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=dict[str, tuple[Remembered, ...]])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise Misconfigured("--watch", f"{path}: {error}", "name a file that --watch wrote, or a new one") from None


def _appended(path: str) -> BinaryIO:
    """The file, for more at its end; a line of its own even if the last run was cut off in the middle of one."""
    file = Path(path).open("ab+")  # noqa: SIM115 (open until the last line)
    if file.tell():
        file.seek(-1, 2)
    if file.read(1) not in (b"", b"\n"):
        file.write(b"\n")
    return file


def _done(path: str) -> dict[str, str]:
    """The domains that an output of an earlier run holds, each with the level of its worst finding.

    A last line that was cut off counts for nothing.
    """
    found = {}
    try:
        with Path(path).open("rb") as file:
            for line in file:
                with contextlib.suppress(msgspec.MsgspecError, KeyError, TypeError, ValueError):
                    entry = msgspec.json.decode(line)
                    levels = [finding["level"] for finding in entry["findings"]]
                    found[str(entry["domain"])] = min(levels, key=LEVELS.index, default="good")
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Misconfigured("--output", str(error)) from None
    return found
