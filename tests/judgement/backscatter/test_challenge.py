from __future__ import annotations

import pytest

from disavow.judgement.backscatter import classify
from disavow.standards.message import Message

ASK = "Please reply to this message once to prove that you are a real person. Then your mail will be delivered."


def kind(body: str, **fields: str) -> str:
    head = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items())
    return classify.read(Message(f"{head}Content-Type: text/plain; charset=utf-8\n\n{body}\n".encode())).kind


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "kim@example.com", "Subject": "Re: hi", "In_Reply_To": "<1@example.org>"},
        {"From": "kim@example.com", "Subject": "please confirm", "Auto_Submitted": "auto-replied"},
        {"From": "kim-confirm-123@example.com", "Subject": "please confirm"},
        {"From": "kim@example.com", "Subject": "please confirm", "Return_Path": "<>"},
    ],
)
def test_a_request_in_answer_to_a_mail_is_a_challenge(fields: dict[str, str]) -> None:
    assert kind(ASK, **fields) == "challenge"


@pytest.mark.parametrize(
    "fields",
    [
        {"From": "kim@example.com", "Subject": "win"},
        {"From": "kim@example.com", "Subject": "Re: win", "List_Id": "<a.example.org>"},
        {"From": "kim@example.com", "Subject": "[SPAM] Re: win", "In_Reply_To": "<1@example.org>"},
    ],
)
def test_the_same_request_out_of_the_blue_or_to_many_is_none(fields: dict[str, str]) -> None:
    assert kind(ASK, **fields) != "challenge"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Auftrag bestätigt", "Wir bestätigen Ihre Bestellung 4412, die Zustellung erfolgt morgen."),
        ("Commande confirmée", "Nous confirmons votre commande 4412. La livraison aura lieu demain."),
        ("Pedido confirmado", "Confirmamos su pedido 4412, que se entrega mañana."),
        ("Bestelling bevestigd", "Wij bevestigen uw bestelling 4412; de bezorging volgt morgen."),
        ("Beställning bekräftad", "Vi bekräftar din beställning 4412, som levereras i morgon."),
    ],
)
def test_a_confirmed_order_with_a_link_asks_for_nothing(subject: str, text: str) -> None:
    assert kind(f"{text}\nhttps://shop.example/4412", From="Shop <shop@shop.example>", Subject=subject) != "challenge"


def test_people_who_confirm_things_in_a_reply_ask_for_no_proof() -> None:
    reply = {"From": "kim@example.com", "Subject": "Re: list", "In_Reply_To": "<1@example.org>"}
    assert (
        kind("I had never seen that list. It is the first time I hear of it, I will confirm on Monday.", **reply)
        != "challenge"
    )
    assert kind("The machine works, and you are right that it was no problem.", **reply) != "challenge"


def test_a_service_is_known_by_its_name_and_header() -> None:
    assert kind("hello", From="Boxbe <no-reply@example.com>", Subject="hi") == "challenge"
    assert kind("hello", From="kim@example.com", Subject="hi", X_TMDA_Confirm="1") == "challenge"


FILTER = {"From": "Mail filter <antispam@example.net>", "Subject": "Your mail is on hold"}


@pytest.mark.parametrize(
    "body",
    [
        "Prove that you are human: https://filter.example.net/1",
        "Beweisen Sie, dass Sie kein Roboter sind: https://filter.example.net/1",
        "Докажите, что вы человек: https://filter.example.net/1",
        "請證明您是真人: https://filter.example.net/1",
        "أثبت أنك إنسان: https://filter.example.net/1",
    ],
)
def test_whoever_wants_proof_of_a_person_asks_the_sender_also_in_a_mail_system_s_name(body: str) -> None:
    assert kind(body, **FILTER) == "challenge"


@pytest.mark.parametrize(
    "body",
    [
        "5 messages are pending. Log in to release them: https://box.example.org/1",
        "Ваш ящик почти полон, нажмите сюда.",
    ],
)
def test_whoever_threatens_a_mailbox_asks_its_owner(body: str) -> None:
    assert kind(body, **FILTER) != "challenge"
