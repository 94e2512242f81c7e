"""Say whether the policy helped: who honours it, what got through, what changed since, what another would do."""

from __future__ import annotations

from datetime import datetime

import click

from ...judgement.impact.answer import impact
from ...judgement.impact.provenance import decide
from ...judgement.impact.replay import replay
from .. import contract, impact_contract, kept


@click.command()
@click.argument("domain")
@kept.option
@kept.days
@click.option(
    *("--change", "changes"),
    type=click.DateTime(["%Y-%m-%d"]),
    multiple=True,
    metavar="DATE",
    help="Compare before and after this date too (repeatable); changes of the policy are found by themselves.",
)
@click.option("--sent", type=click.IntRange(0), help="How many mails I sent in that time: nobody forwards more.")
@click.option("--if", "candidate", metavar="POLICY", help='Judge the past again under, say, "p=reject; adkim=s".')
@click.option("--html", metavar="FILE", help="Write the answer as one self-contained page.")
@click.option("--json", "as_json", is_flag=True, help='One JSON object, "disavow/impact/1".')
def command(
    domain: str,
    store: str | None,
    days: int,
    changes: tuple[datetime, ...],
    sent: int | None,
    candidate: str | None,
    html: str | None,
    as_json: bool,
) -> None:
    """Tell from stored reports and answers whether DOMAIN's policy is honoured, and whether it helped.

    Enforcement (what share is refused) shows within days; deterrence (whether fewer are sent) takes months, and
    often cannot be told yet.
    """
    from rich.console import Console

    from .. import impact_table

    now, name = kept.now(), kept.name(domain)
    with kept.opened(store) as found:
        rows, labels = kept.of(found, name, days, now), found.labels()
    answer = impact(name, rows, now, labels, sent, [one.date() for one in changes])
    again = replay(decide(rows, answer.sources), candidate) if candidate else None
    if html:
        from .. import impact_page, paper

        paper.write(html, impact_page.page(answer, again))
    if as_json:
        click.echo(contract.encode(impact_contract.impact(answer, again)))
        return
    console = Console()
    if again:
        impact_table.show_replay(console, again)
    else:
        impact_table.show(console, answer)
