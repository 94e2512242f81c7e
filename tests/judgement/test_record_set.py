"""Record sets: what a fault says to publish, and what stands there now."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from disavow.judgement.record_set import Planned, RecordSet, current, read
from disavow.judgement.republish import line, txt_line
from disavow.standards.questions import Answer, Mx


def test_zone_lines_of_one_place_are_one_set_and_a_file_goes_along() -> None:
    found = read("example.org. MX 10 a.example.org.\nexample.org. MX 20 b.example.org.")
    assert found == Planned(
        {("example.org", "MX"): RecordSet("example.org", "MX", ("10 a.example.org.", "20 b.example.org."))}
    )
    found = read(
        '_mta-sts.example.org. TXT "v=STSv1; id=1"\nhttps://mta-sts.example.org/x:\nversion: STSv1\nmode: none'
    )
    assert found is not None
    assert found.text("_mta-sts.example.org") == "v=STSv1; id=1"
    assert found.files == {"https://mta-sts.example.org/x": "version: STSv1\nmode: none\n"}


def test_what_only_its_owner_can_fill_in_is_not_published() -> None:
    assert read('s._domainkey.example.org. TXT "v=DKIM1; p=(the public half of a new RSA key)"') is None
    assert read("; at your registrar: take the DS records out") is None
    assert read("") is None


def test_an_alias_that_is_to_go_is_an_empty_set() -> None:
    found = read('remove: _dmarc.example.org. CNAME gone.example.\n_dmarc.example.org. TXT "v=DMARC1; p=none"')
    assert found is not None
    assert found.records["_dmarc.example.org", "CNAME"].values == ()


@given(st.text(st.characters(max_codepoint=255, exclude_characters="("), max_size=800))
def test_what_is_written_as_a_zone_line_is_read_again(text: str) -> None:
    found = read(txt_line("example.org", text))
    assert found is not None
    assert found.text("example.org") == text


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    found = read(text)
    assert found is None or found.records


def test_texts_of_others_at_the_same_name_are_kept() -> None:
    answer = Answer("ok", (b"v=spf1 -all", b"site-verification=1", b" v=spf1 mx ~all"))
    found = current("example.org", "TXT", answer)
    assert found == RecordSet("example.org", "TXT", ("v=spf1 -all", " v=spf1 mx ~all"), ("site-verification=1",))
    assert current("_dmarc.example.org", "TXT", Answer("ok", (b"junk",))).values == ("junk",)


def test_what_an_alias_leads_to_does_not_stand_at_the_name() -> None:
    answer = Answer("ok", (b"v=DMARC1; p=none",), aliases=("d.example.net", "e.example.net"))
    assert current("_dmarc.example.org", "TXT", answer).values == ()
    assert current("_dmarc.example.org", "CNAME", answer).values == ("d.example.net.",)


def test_mx_lines_are_read_as_they_are_written() -> None:
    assert read(line("example.org", "MX", 0, ".")) == Planned().with_([RecordSet("example.org", "MX", ("0 .",))])
    assert current("example.org", "MX", Answer("ok", (Mx(0, ""),))).values == ("0 .",)
