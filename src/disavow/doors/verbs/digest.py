"""Write the week in a few lines, to be mailed by cron."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ...judgement.finding import Finding
from ...judgement.impact.week import Week, week
from ...words import say
from .. import contract, impact_contract, kept

MAX_NEW = 10


@click.command()
@click.argument("domain")
@kept.option
@click.option("--changes", is_flag=True, help="Write nothing if nothing changed but the counts.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/digest/1".')
def command(domain: str, store: str | None, changes: bool, as_json: bool) -> None:
    """Write what the last seven days brought for DOMAIN as plain text: counts, new sources, who stopped reporting."""
    now, name = kept.now(), kept.name(domain)
    with kept.opened(store) as found:
        seen = week(name, kept.of(found, name, 90, now), now, found.labels())
    if as_json:
        click.echo(contract.encode(impact_contract.digest(seen)))
    elif not changes or seen.new or seen.changed or seen.silent:
        for finding in _findings(seen):
            click.echo(say(finding.tag, finding.args))


def _findings(seen: Week) -> Iterator[Finding]:
    if not (seen.this.forged or seen.this.verified):
        yield Finding("impact-nothing", {"domain": seen.domain})
    counts = {"forged": seen.this.forged, "refused": seen.this.refused, "verified": seen.this.verified}
    yield Finding("digest-week", {"domain": seen.domain, **counts, "until": seen.until.date()})
    yield Finding("digest-before", {"forged": seen.last.forged, "refused": seen.last.refused})
    for one in seen.changed:
        yield Finding("impact-changed", {"day": one.day, "before": one.before, "after": one.after})
    for address, count in seen.new[:MAX_NEW]:
        yield Finding("digest-new", {"source": address, "count": count})
    for quiet in seen.silent:
        blanks = {"reporter": quiet.reporter, "last": quiet.last, "days": quiet.quiet_days}
        yield Finding("impact-silent", blanks)
