"""A queue whose callers come at random, served by the engine in virtual time: as Erlang, Palm and Khinchine say."""

import pytest

from tests.theory.floors import JOINING_S, NOBODY_S, TALK_S, called
from tests.theory.formulas import at_most, erlang_a, erlang_b, mean_wait, mean_wait_of_any, waits_longer
from tests.theory.judging import FULL, cases, finds

SOON_S = 1.0
"""Who waits longer has waited: an agent who is free is joined in less."""
SERVICE_LEVEL_S = 20.0


@pytest.mark.parametrize(("agents", "load", "effort"), cases((5, 3.0), (1, 0.5), (10, 8.0), (40, 34.0)))
def test_patient_callers_wait_as_erlang_c_says(agents, load, effort):
    seen = called(agents, load, effort)
    for wait_s, wrong_by in ((SOON_S, effort.wrong_by), (SERVICE_LEVEL_S, None)):
        finds(
            lambda factor, wait_s=wait_s: waits_longer(agents, factor * load, wait_s / TALK_S),
            [one.waited_longer(wait_s + JOINING_S) for one in seen],
            wrong_by=wrong_by,
        )
    finds(
        lambda factor: TALK_S * mean_wait(agents, factor * load),
        [one.mean_wait_s - JOINING_S for one in seen],
    )


@pytest.mark.parametrize(
    ("agents", "load", "variation", "effort"),
    cases((5, 4.0, 1.0), (1, 1.0, 1.0), (20, 18.0, 1.0), (5, 4.0, 0.3)),
)
def test_callers_who_go_at_once_are_lost_as_erlang_b_says_however_long_the_others_talk(
    agents, load, variation, effort
):
    seen = called(agents, load, effort, patience_s=NOBODY_S, variation=variation)
    finds(
        lambda factor: erlang_b(agents, factor * load),
        [one.gave_up_share for one in seen],
        wrong_by=effort.wrong_by,
    )
    finds(
        lambda factor: factor * load * (1 - erlang_b(agents, factor * load)),
        [one.mean_busy for one in seen],
    )


@pytest.mark.parametrize(
    ("agents", "load", "patience_s", "effort"), cases((5, 6.0, 120.0), (5, 4.0, 180.0), (20, 19.0, 30.0))
)
def test_callers_with_patience_hang_up_as_erlang_a_says(agents, load, patience_s, effort):
    def theory(factor):
        return erlang_a(agents, factor * load, patience_s / TALK_S)

    seen = called(agents, load, effort, patience_s=patience_s)
    finds(
        lambda factor: theory(factor).gives_up,
        [one.gave_up_share for one in seen],
        wrong_by=effort.wrong_by,
    )
    finds(lambda factor: theory(factor).busy, [one.mean_busy for one in seen])


@pytest.mark.parametrize(("load", "variation", "effort"), cases((4.0, 0.5), (8.0, 1.0), (20.0, 2.0)))
def test_calls_in_progress_with_no_limit_are_poisson_whatever_their_length(load, variation, effort):
    seen = called(int(load + 6 * load**0.5), load, effort, variation=variation)
    finds(lambda factor: factor * load, [one.mean_busy for one in seen], wrong_by=effort.wrong_by)
    finds(lambda factor: factor * load + (factor * load) ** 2, [one.mean_square_busy for one in seen])
    for share in (0.5, 1.0, 1.5):
        count = int(share * load)
        finds(
            lambda factor, count=count: at_most(count, factor * load),
            [one.at_most_busy(count) for one in seen],
        )


@pytest.mark.soak
@pytest.mark.parametrize(("variation", "wrong_by"), [(0.3, 0.05), (1.0, 0.05), (1.5, 0.1)])
def test_one_agent_keeps_callers_waiting_as_pollaczek_and_khinchine_say(variation, wrong_by):
    """The more talks differ, the less as many of them tell."""
    load = 0.5
    finds(
        lambda factor: TALK_S * mean_wait_of_any(factor * load, variation),
        [one.mean_wait_s - JOINING_S for one in called(1, load, FULL, variation=variation)],
        wrong_by=wrong_by,
    )
