"""What to do now: only what fits this mailbox, the most effective first, each effect a true share."""

from __future__ import annotations

from answers import FORGED, ME, OURS, UNKNOWN, concluded

from disavow.judgement.backscatter.notice import Notice
from disavow.judgement.case import Case
from disavow.judgement.identity import identify
from disavow.judgement.steps import Step, next_steps


def steps(*cases: Case, mine: tuple[str, ...] = ()) -> dict[str, Step]:
    found = concluded(cases, aliases=dict.fromkeys(mine, ""))
    return {step.finding.tag: step for step in next_steps(found)}


def kind(word: str, detail: str = "", signal: str = "none") -> Case:
    return UNKNOWN._replace(notice=Notice(word, detail), signal=signal)  # type: ignore[arg-type]


def test_an_empty_mailbox_asks_for_nothing() -> None:
    assert not steps()


def test_mail_to_invented_addresses_asks_to_turn_the_catch_all_off() -> None:
    invented = FORGED._replace(forged_address="xq81@example.org")
    found = steps(FORGED, invented, invented, invented, mine=("ada@example.org",))
    assert found["step-catch-all"].effect == 0.75
    assert "step-catch-all" not in steps(FORGED, invented), "without a list of addresses nobody knows"


def test_the_busiest_relay_is_named_if_it_matters() -> None:
    few = [FORGED._replace(reporter=f"mx{i}.example.net", reporter_ip=None) for i in range(20)]
    assert "step-tell-relay" not in steps(*few)
    found = steps(FORGED, *few[:3])["step-tell-relay"]
    assert found.effect == 0.25 and found.finding.args["count"] == 1
    assert found.command.startswith("disavow investigate MAILBOX")


def test_tags_on_outgoing_mail_help_only_where_the_answers_are_not_about_my_own() -> None:
    assert steps(FORGED, FORGED, OURS)["step-refuse-answers"].effect == 1.0
    assert "step-refuse-answers" not in steps(OURS, OURS, FORGED)
    assert "step-refuse-answers" not in steps(kind("human"))


def test_what_is_mine_is_to_be_looked_at() -> None:
    assert steps(OURS, FORGED)["step-check-ours"].effect == 0.5


def test_steps_come_by_their_effect_and_advice_last() -> None:
    effects = [step.effect for step in next_steps(concluded([FORGED] * 9 + [OURS]))]
    shares = [effect for effect in effects if effect is not None]
    assert shares == sorted(shares, reverse=True) and effects[: len(shares)] == shares


def test_traps_and_escapes_are_warned_of() -> None:
    found = steps(FORGED, kind("challenge", signal="escaped"), kind("fake-bounce"), kind("human"))
    assert {"step-no-challenge", "step-no-fake-bounce", "step-escaped", "step-people"} <= set(found)


def test_what_works_is_kept_and_the_password_is_left_alone() -> None:
    assert {"step-keep-spf", "step-no-password"} <= set(steps(FORGED))
    assert "step-no-password" not in steps(OURS)


def test_the_audit_is_of_my_own_domain() -> None:
    assert steps(FORGED)["step-keep-spf"].command == "disavow audit example.org"
    mine = identify(["ada@example.net"])
    (keep,) = (one for one in next_steps(concluded([FORGED], mine)) if one.finding.tag == "step-keep-spf")
    assert keep.command == "disavow audit example.net"
    assert ME.domains == ("example.org",)


def test_accepted_everywhere_and_refused_nowhere_asks_for_a_stricter_policy() -> None:
    accepted = UNKNOWN._replace(signal="accepted")
    assert "step-stricter-spf" in steps(accepted, accepted)
    assert "step-stricter-spf" not in steps(accepted, FORGED)
