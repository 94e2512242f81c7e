"""What surrounds the words of an automatic answer, and tells it from a person's own reply or an office's notice."""

from __future__ import annotations

import pytest

from disavow.judgement.backscatter import classify, reasons
from disavow.judgement.backscatter.letter import Letter
from disavow.judgement.backscatter.notice import Notice
from disavow.judgement.backscatter.wording import Text
from disavow.standards.message import Message

ANSWERS = "In-Reply-To: <1@example.org>\n"


def notice(body: str, subject: str, header: str = "", to: str = "k.doe@example.org") -> Notice:
    head = (
        f"From: Kim <kim@example.com>\nTo: {to}\nSubject: {subject}\n{header}Content-Type: text/plain; charset=utf-8\n"
    )
    return classify.read(Message(f"{head}\n{body}\n".encode()))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("The workshop is shut for stocktaking. Orders are taken again on Monday. Happy Easter!", "autoreply"),
        ("Werkstatt wegen Umzug geschlossen. Leck? 030 0000000 anrufen.", "autoreply"),
        ("Monday is fine. From Wednesday on I am on leave. Shall we meet at ten?", "human"),
    ],
)
def test_a_few_words_that_quote_and_ask_nothing_may_name_an_order(body: str, expected: str) -> None:
    assert notice(body, "Re: invoice", ANSWERS).kind == expected


@pytest.mark.parametrize(
    ("greeting", "to", "expected"),
    [
        ("Hi Karin,", "k.doe@example.org", "personal"),
        ("Hi Karin,", "Karin Doe <me@example.org>", "personal"),
        ("Liebe Kunden,", "k.doe@example.org", "autoreply"),
        ("Hi Karin,", "info@example.org", "autoreply"),
    ],
)
def test_who_greets_by_name_wrote_to_one(greeting: str, to: str, expected: str) -> None:
    body = f"{greeting}\n\nI no longer work at Example since May. The coffee is on me whenever you pass by here."
    assert notice(body, "News: I have left the company", "", to).kind == expected


def test_many_words_of_receipt_outweigh_one_of_return() -> None:
    header = "Auto-Submitted: auto-replied\n"
    receipt = "Viestisi on vastaanotettu. Tikettisi numero on 4711. Palaamme asiaan kahden arkipäivän kuluessa."
    assert notice(receipt, "Tikettisi", header).detail == "ack"
    assert notice("Palaan töihin maanantaina.", "Tikettisi", header).detail == "vacation"


def test_a_list_says_so_in_its_precedence() -> None:
    body = "Petra is no longer with us. From now on write to pat@example.com."
    assert notice(body, "Petra has left the company", "Precedence: list\n").kind == "automatic"


def test_what_an_office_writes_about_leave_answers_nobody() -> None:
    body = "Please submit your leave request by Friday and set an out-of-office message while on holiday."
    assert notice(body, "Annual leave").kind == "personal"


def test_a_request_without_a_link_says_in_two_ways_what_it_is() -> None:
    once = "Pat does not know your address."
    twice = (
        f"{once} To keep spam out, your mail is delivered only after you reply to this message, once you have done so."
    )
    assert notice(twice, "Your message is waiting").kind == "challenge"
    assert notice(once, "Hello").kind != "challenge"


def test_laid_out_html_is_no_quotation() -> None:
    rows = "<div>\n\n<p style='margin: 0'>Away</p>\n</div>\n" * 20
    message = Message(f"Content-Type: text/html\n\n<html>{rows}</html>".encode())
    assert not Letter(message, (message,)).quotes


def test_an_entry_in_calendars_is_no_answer() -> None:
    raw = (
        b"From: kim@example.net\nTo: me@example.org\nSubject: Out of office: annual leave\n"
        b"Content-Type: multipart/alternative; boundary=cut\n\n--cut\nContent-Type: text/plain\n\n"
        b"I am out of office on annual leave until Monday.\n--cut\nContent-Type: text/calendar\n\n"
        b"BEGIN:VCALENDAR\n--cut--\n"
    )
    assert classify.read(Message(raw)).kind == "automatic"


def test_a_few_words_without_a_sender_are_an_answer_and_an_offer_is_none() -> None:
    head = b"Return-Path: <>\nFrom: Inn <info@example.net>\nTo: me@example.org\nSubject: Winter\n\n"
    assert classify.read(Message(head + b"Dear friends, the house sleeps until Easter. Kim")).kind == "autoreply"
    assert classify.read(Message(head + b"Rooms from 49 EUR this winter only. Kim")).kind != "autoreply"


def test_a_tracker_answers_customers_and_tells_its_watchers() -> None:
    body = "We received your request, and it has the number PSD-12. An agent will answer within a day."
    header = "X-JIRA-FingerPrint: 0f\nPrecedence: bulk\nAuto-Submitted: auto-generated\n"
    assert notice(body, "PSD-12 received", header + ANSWERS).kind == "autoreply"
    assert notice(body, "PSD-12 received", header).kind == "automatic"


def test_who_answers_without_a_sender_and_names_somebody_else_reports_no_failure() -> None:
    body = "I am away with guests until Monday and cannot be reached. Bookings: desk@example.net"
    assert notice(body, "Re: offer", "Return-Path: <>\n" + ANSWERS).kind == "autoreply"


def test_a_bounce_that_answers_is_one_whoever_sends_it() -> None:
    body = "Your message could not be delivered to kim@example.net: no such user."
    assert notice(body, "Re: offer", "Return-Path: <>\n" + ANSWERS).kind in ("dsn", "reject-notice")


def test_a_failure_without_a_sender_is_no_answer() -> None:
    assert notice("Your message was undeliverable. Kim", "Winter", "Return-Path: <>\n").kind != "autoreply"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("From Monday on I am on leave, and then we are closed.", "autoreply"),
        ("Sounds good, as agreed. From Monday on I am on leave, and then we are closed.", "human"),
    ],
)
def test_who_agrees_and_talks_in_passing_is_a_person(body: str, expected: str) -> None:
    assert notice(body, "Re: Tuesday", ANSWERS).kind == expected


def test_words_of_another_language_tell_no_business() -> None:
    mail = b"Content-Type: text/plain\n\nDie Werkstatt ist geschlossen und wir sind in den Ferien.\n"
    letter = Letter(Message(mail), (Message(mail),))
    matches = reasons.said(Text("Your parcel is on its way. Ihre Rechnung."), "dealing")
    assert {match.phrase.language for match in matches} >= {"de", "en"}
    assert {match.phrase.language for match in letter.own_words(matches)} == {"de"}


def test_a_sentence_is_told_by_any_phrase_that_holds_in_it_and_a_signature_is_none() -> None:
    body = "Il mercoledì non lavoro. Il giovedì non lavoro. Studio tecnico associato Kim di Esempio"
    assert notice(body, "Giorno libero").kind == "autoreply"


@pytest.mark.parametrize(("where", "expected"), [("pat@example.com", "autoreply"), ("the shop", "personal")])
def test_who_is_away_and_names_another_address_answers(where: str, expected: str) -> None:
    body = f"The lamp is yours for nothing. I am on leave, it waits at {where}, the cat says hello and so does Kim."
    assert notice(body, "Lamp").kind == expected


def test_below_a_notice_stands_that_nobody_reads_replies() -> None:
    body = "Your domain ends in May. Nobody reads replies to this address, which is not monitored."
    assert notice(body, "Domain", "Auto-Submitted: auto-generated\n").kind == "automatic"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "Am on sick leave, the cat sleeps on the form and will not move. If it is urgent, ring 030 0000000.",
            "autoreply",
        ),
        ("Am on sick leave, the cat sleeps on the form and will not move. Nothing else is new.", "personal"),
        ("Am on sick leave, the cat sleeps on the form and will not move. Kim, 030 0000000.", "personal"),
    ],
)
def test_a_number_to_ring_in_a_sentence_is_whom_to_turn_to(body: str, expected: str) -> None:
    assert notice(body, "Form").kind == expected


@pytest.mark.parametrize(
    ("body", "subject", "expected"),
    [
        ("On holiday. The form is in the kitchen, under the cat, whose name is Kim.", "Re: form", "autoreply"),
        ("The form is in the kitchen, under the cat. On holiday. The cat is called Kim like me.", "Re: form", "human"),
        ("On holiday. The form is in the kitchen, under the cat, whose name is Kim.", "Re: [choir] form", "human"),
    ],
)
def test_people_answer_first_and_then_say_that_they_are_away(body: str, subject: str, expected: str) -> None:
    assert notice(body, subject, ANSWERS).kind == expected


def test_an_office_that_grants_an_absence_announces_no_answer() -> None:
    body = "Ihre Dienstreise vom 9.11. bis 10.11. wurde gebucht."
    assert notice(body, "Abwesenheit erfasst").kind == "personal"


def test_who_sends_answers_for_others_marks_them_like_news() -> None:
    body = "We have received your request and gave it the number 4711. We will answer within two working days."
    desk = "Auto-Submitted: auto-generated\nFeedback-ID: 7eaafc70:ticket\n"
    assert notice(body, "[Ticket 4711] Offer", f"{ANSWERS}{desk}").kind == "autoreply"
    assert notice(body, "[Ticket 4711] Offer", desk).kind == "automatic"
