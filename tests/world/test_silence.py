"""A domain that never answers is left alone for a while, and no other suffers from it."""

from __future__ import annotations

from disavow.world.silence import PATIENCE, VAIN, Silence


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def silent(clock: Clock, *names: str) -> Silence:
    silence = Silence(clock)
    for name in names:
        silence.fell(name)
    return silence


DEAD = [f"n{number}.dead.example" for number in range(VAIN)]


def test_after_a_few_questions_in_vain_none_is_asked() -> None:
    silence = silent(Clock(), *DEAD[:-1])
    assert not silence.about("dead.example")
    silence.fell("_dmarc.dead.example")
    why = "not asked: the name servers of dead.example did not answer 4 questions before"
    assert silence.about("dead.example") == silence.about("a.b.dead.example") == why


def test_others_are_asked() -> None:
    silence = silent(Clock(), *DEAD)
    assert not any(map(silence.about, ("example", "other.example", "undead.example", "dead.example.org", "")))


def test_any_answer_ends_it() -> None:
    silence = silent(Clock(), *DEAD)
    silence.broke("www.dead.example")
    assert not silence.about("dead.example")


def test_after_a_while_one_question_is_tried_again() -> None:
    clock = Clock()
    silence = silent(clock, *DEAD)
    clock.now += PATIENCE + 1
    assert not silence.about("dead.example")
    silence.fell("dead.example")
    assert silence.about("dead.example")


def test_names_without_a_registered_domain_count_for_themselves() -> None:
    silence = silent(Clock(), *["com"] * VAIN)
    assert silence.about("com")
    assert silence.about("example.com"), "who has no top level has nothing"


def test_a_silent_network_is_no_reason_to_leave_its_neighbours_alone() -> None:
    silence = silent(Clock(), *[f"{number}.2.0.192.in-addr.arpa" for number in range(VAIN)])
    assert silence.about("9.2.0.192.in-addr.arpa")
    assert not silence.about("9.3.0.192.in-addr.arpa")
