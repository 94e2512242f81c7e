"""Campaigns: what is joined, what is not, and that the answer does not depend on order."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from disavow.judgement.campaign import JOINS, SOFTWARE, THRESHOLD, Campaigns
from disavow.judgement.fingerprint import Fingerprint

START = datetime(2026, 11, 3, tzinfo=UTC)


def mail(message: int = 0, subject: str = "", recipients: tuple[str, ...] = (), **features: str) -> Fingerprint:
    named = tuple((name.replace("_", "-"), value) for name, value in features.items())
    return Fingerprint(named, subject, f"<{message}@example.org>", recipients, "")


def clustered(mails: list[tuple[Fingerprint, datetime]]) -> list[set[int]]:
    campaigns = Campaigns()
    for number, (fingerprint, when) in enumerate(mails, 1):
        campaigns.add(number, fingerprint, when)
    return [set(campaign.members) for campaign in campaigns.clusters()]


def test_one_reply_address_joins_whatever_else_differs() -> None:
    mails = [
        (mail(i, reply_to="x@example.net", mailer=f"M{i}", subject=f"s{i}"), START + timedelta(days=i))
        for i in range(9)
    ]
    assert clustered(mails) == [set(range(1, 10))]


def test_the_same_mail_program_alone_joins_nobody() -> None:
    same = {
        "mailer": "Outlook 16",
        "message_id": "a5@mine",
        "boundary": "----=_NextPart_9",
        "order": "From>To",
        "zone": "utf-8",
    }
    mails = [(mail(i, **same), START + timedelta(days=3 * i)) for i in range(5)]
    assert clustered(mails) == []


def test_clusters_are_closed_over_chains() -> None:
    mails = [
        (mail(1, reply_to="x@example.net", url="a.example"), START),
        (mail(2, reply_to="x@example.net", helo="bot.example", url="b.example"), START + timedelta(days=9)),
        (mail(3, helo="bot.example", url="b.example"), START + timedelta(days=20)),
        (mail(4, helo="bot.example"), START + timedelta(days=30)),
    ]
    assert clustered(mails) == [{1, 2, 3}]


def test_the_order_of_the_mails_does_not_change_the_clusters() -> None:
    rng = random.Random(7)
    mails = [
        (
            mail(
                i,
                reply_to=f"{rng.choice('abc')}@example.net",
                helo=f"h{rng.randrange(3)}",
                network=f"n{rng.randrange(2)}",
            ),
            START,
        )
        for i in range(60)
    ]
    shuffled = mails[:]
    rng.shuffle(shuffled)
    names = [{mails[n - 1][0].message_id for n in group} for group in clustered(mails)]
    again = [{shuffled[n - 1][0].message_id for n in group} for group in clustered(shuffled)]
    assert sorted(map(sorted, names)) == sorted(map(sorted, again))


def test_a_campaign_counts_messages_recipients_days_and_what_went_through_my_server() -> None:
    campaigns = Campaigns()
    for number in range(1, 41):
        fingerprint = mail(
            number % 10, f"subject {number % 4}", (f"r{number % 20}@example.com",), reply_to="x@example.net"
        )
        campaigns.add(number, fingerprint, START + timedelta(days=number), (f"f{number % 3}@example.com",), number == 5)
    (campaign,) = campaigns.clusters()
    assert (campaign.count, campaign.messages, campaign.ours) == (40, 10, 1)
    assert campaign.distinct_subjects == 4
    assert campaign.first == START + timedelta(days=1) and campaign.last == START + timedelta(days=40)
    assert campaign.volume.at_least == 23
    assert ("reply-to", "x@example.net", 40) in campaign.features


def test_every_join_is_heavy_enough_and_none_is_software_alone() -> None:
    assert ("reply-to",) in JOINS
    assert all(not set(names) <= SOFTWARE for names in JOINS)
    assert THRESHOLD == 4.0
