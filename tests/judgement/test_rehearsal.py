"""A dialogue in the world as it will be."""

from __future__ import annotations

from disavow.judgement.record_set import Planned, RecordSet
from disavow.judgement.rehearsal import rehearse
from disavow.standards.questions import Mx, a, fetch, mx, together, txt
from disavow.world.ask import ask
from disavow.world.resolver import Zone

ZONE = Zone('example.org. TXT "v=spf1 ?all"\nexample.org. A 192.0.2.1\nold._domainkey.example.org. TXT "v=DKIM1; p=x"')
PLANNED = Planned().with_(
    [
        RecordSet("example.org", "TXT", ("v=spf1 -all",), ("other",)),
        RecordSet("example.org", "MX", ("10 mail.example.org.",)),
        RecordSet("*._domainkey.example.org", "TXT", ("v=DKIM1; p=",)),
        RecordSet("a.b.example.org", "TXT", ("x",)),
        RecordSet("gone.example.org", "TXT"),
    ],
    {"https://example.org/": "text"},
)


def test_what_is_planned_is_answered_and_the_rest_is_asked() -> None:
    dialogue = together(txt("example.org"), mx("example.org"), a("example.org"), fetch("https://example.org/"))
    (text, exchange, address, file), transcript = ask(rehearse(dialogue, PLANNED), ZONE)
    assert text.values == (b"v=spf1 -all", b"other")
    assert exchange.values == (Mx(10, "mail.example.org"),)
    assert address.status == "ok"
    assert file.values[0].body == b"text"
    assert [exchange.question for exchange in transcript] == [("example.org", "A", False)]


def test_a_planned_wildcard_answers_only_where_nothing_stands() -> None:
    names = ("new._domainkey.example.org", "old._domainkey.example.org", "_domainkey.example.org")
    (new, old, folder), _ = ask(rehearse(together(*map(txt, names)), PLANNED), ZONE)
    assert new.values == (b"v=DKIM1; p=",)
    assert old.values == (b"v=DKIM1; p=x",)
    assert folder.status == "nodata"


def test_an_alias_that_is_to_go_leads_nowhere() -> None:
    zone = Zone('k.example.org. CNAME t.example.net.\nt.example.net. TXT "x"')
    planned = Planned().with_([RecordSet("k.example.org", "CNAME")])
    answer, _ = ask(rehearse(txt("k.example.org"), planned), zone)
    assert (answer.status, answer.aliases) == ("nxdomain", ())


def test_a_name_above_a_planned_one_exists_and_a_removed_record_does_not() -> None:
    names = ("b.example.org", "gone.example.org", "c.example.org")
    (above, gone, never), _ = ask(rehearse(together(*map(txt, names)), PLANNED), ZONE)
    assert (above.status, gone.status, never.status) == ("nodata", "nodata", "nxdomain")
