"""What predictive pacing decides: how many calls each campaign of a race starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.pacing.forecast.counts import certain
from dialer.core.pacing.forecast.decide import (
    AT_ONCE,
    SCARCE,
    Decision,
    Entrant,
    decide,
    risk_allowed,
    scarce,
)
from dialer.core.pacing.forecast.demand import InProgress, demand
from dialer.core.pacing.forecast.learned import Learned
from dialer.core.pacing.forecast.margin import margin
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.supply import Busy, freed
from dialer.core.pacing.forecast.tables import HORIZONS, horizons, tables

LEARNED = Learned()
SECONDS = horizons(LEARNED)
MADE = tables(LEARNED, SECONDS, later_s=1.6)
NOBODY = certain(0, HORIZONS)


def test_a_window_that_bears_no_call_more_abandoned_still_bears_a_small_risk():
    assert 300 * scarce(300, whole=100) == pytest.approx(SCARCE)


def test_the_last_answers_of_such_a_window_are_called_for_at_no_more_risk_than_those_before():
    assert scarce(0, whole=100) == scarce(60, whole=100) == pytest.approx(SCARCE / 60)


def test_the_fewer_calls_a_window_bears_the_smaller_the_risk_once_it_bears_no_more():
    assert scarce(30, whole=3) < scarce(30, whole=10) / 10 < scarce(30, whole=100)


def entrant(**changes):
    facts = {
        "free": 2,
        "supply": freed(MADE, Busy(talking=[100] * 8, wrapping_up=[20] * 4)),
        "demand": NOBODY,
        "next_calls": (0.2 * MADE.new,),
        "turn": 0.0,
        "step": 0.2,
        "weight": 1.0,
        "at_most": 1000,
        "in_progress": 0.0,
        "knows": True,
        "price": 0.05,
        "is_spent": False,
        "own": 0,
        "forecasts": True,
        "shares": (1.0,),
    }
    return Entrant(**(facts | changes))


def test_without_agents_no_calls():
    nobody = entrant(free=0, supply=NOBODY, price=0.95)
    assert decide([nobody], at_most=100)[0].calls == 0


def test_an_agent_who_is_free_has_a_call_however_small_the_budget():
    assert decide([entrant(price=0.0)], at_most=100)[0] == Decision(2, 0, pytest.approx(0.0, abs=0.2))


def test_before_anything_is_known_no_call_is_started_ahead_however_many_agents_are_about_to_be_free():
    outlook = Outlook()
    window = outlook.window(limit=0.03, abandoned=0, connected=300, to_come=300)
    nothing = risk_allowed(outlook, window, at=60.0, at_stake=0.0).risk
    many = entrant(supply=certain(50, HORIZONS), knows=False, price=nothing)
    assert decide([many], at_most=100)[0].ahead == 0


def test_each_call_counts_with_its_own_lead_and_those_after_the_last_as_that():
    seldom, often = 0.05 * MADE.new, 0.6 * MADE.new
    plain = [decide([entrant(next_calls=(one,))], at_most=100)[0].calls for one in (often, seldom)]
    mixed = decide([entrant(next_calls=(seldom, often))], at_most=100)[0].calls
    assert plain[0] < plain[1]
    assert plain[0] <= mixed <= plain[0] + 1


def test_campaigns_share_by_weight():
    light, heavy = entrant(shares=(1.0, 1.0)), entrant(shares=(1.0, 1.0), step=0.1)
    first, second = decide([light, heavy], at_most=100)
    assert second.calls == pytest.approx(2 * first.calls, abs=2)


def test_who_has_had_more_waits_until_the_other_has_as_much():
    before, behind = entrant(shares=(1.0, 1.0), turn=1.5), entrant(shares=(1.0, 1.0))
    first, second = decide([before, behind], at_most=7)
    assert (first.calls, second.calls) == (0, 7)


@pytest.mark.parametrize(("ahead", "held"), [(AT_ONCE - 0.2, False), (AT_ONCE + 0.2, True)])
def test_who_has_had_far_more_calls_ahead_of_agents_only_if_the_other_could(ahead, held):
    soon = certain(20, HORIZONS)
    before = entrant(shares=(1.0, 1.0), turn=ahead, free=0, supply=soon)
    behind = entrant(shares=(1.0, 1.0), price=0.0, free=0, supply=soon)
    first, second = decide([before, behind], at_most=100)
    assert (second.calls, first.held, first.calls > 0) == (0, True, not held)


@pytest.mark.parametrize("own", [0, 1])
def test_calls_in_progress_of_one_that_may_have_nobody_abandoned_bear_no_risk_of_anothers(own):
    soon = certain(2, HORIZONS)
    other = entrant(shares=(1.0, 1.0), free=0, supply=soon, price=0.2)
    spent = entrant(shares=(1.0, 1.0), free=0, supply=soon, price=0.0, is_spent=True, own=own, at_most=0)
    (alone,) = decide([other._replace(shares=(1.0,))], at_most=100)
    beside, _ = decide([other, spent], at_most=100)
    assert beside.calls == (0 if own else alone.calls)
    assert alone.calls > 0


def test_nobody_waits_for_who_has_neither_leads_nor_lines_nor_agents_in_common():
    before = entrant(shares=(1.0, 1.0), turn=9.0)
    idle = entrant(shares=(1.0, 1.0), price=0.0, at_most=0)
    elsewhere = entrant(shares=(0.0, 1.0), price=0.0, free=0, supply=certain(9, HORIZONS))
    alone = decide([entrant()], at_most=100)
    assert decide([before, idle], at_most=100)[:1] == alone
    assert decide([before, elsewhere], at_most=100)[:1] == alone


@pytest.mark.parametrize(
    ("agents", "weight", "held"), [(0, 1, False), (9, 1, False), (10, 1, True), (10, 2, False), (14, 2, True)]
)
def test_nobody_waits_for_who_has_too_few_agents_at_work_for_its_share(agents, weight, held):
    before = entrant(shares=(1.0, 0.5), turn=9.0, free=0, supply=certain(20, HORIZONS))
    behind = entrant(shares=(0.5, 1.0), price=0.0, free=0, supply=certain(agents, HORIZONS), weight=weight)
    assert decide([before, behind], at_most=100)[0].held == held


def test_an_agent_who_is_free_for_one_alone_has_a_call_whoever_is_behind():
    before = entrant(shares=(1.0, 1.0), turn=9.0)
    behind = entrant(shares=(1.0, 1.0), price=0.0, free=0, supply=certain(9, HORIZONS))
    assert decide([before, behind], at_most=100)[0] == Decision(2, 0, pytest.approx(0.0, abs=0.2), held=True)


def test_never_more_than_there_are_lines():
    assert decide([entrant(price=0.9, free=50)], at_most=7)[0].calls == 7
    assert decide([entrant(price=0.9, free=50, at_most=5)], at_most=7)[0].calls == 5


@given(
    free=st.integers(0, 6),
    price=st.floats(0, 0.95),
    busy=st.lists(st.floats(0, 600), max_size=12),
    ringing=st.lists(st.floats(0, 40), max_size=20),
    waiting=st.integers(0, 3),
    at_most=st.integers(0, 30),
)
def test_a_decision_adds_up(free, price, busy, ringing, waiting, at_most):
    there = InProgress(rung_s=ringing, rung_scores=[0.0] * len(ringing), waiting=waiting)
    one = entrant(
        free=free,
        supply=freed(MADE, Busy(talking=busy)),
        demand=demand(LEARNED, MADE, there),
        in_progress=there.calls,
        price=price,
    )
    decision = decide([one], at_most=at_most)[0]
    assert decision.at_hand == min(at_most, max(0, free - there.calls))
    left = margin(one.free, one.supply, one.demand)
    for number in range(decision.calls):
        at_hand = there.calls + number < free
        assert at_hand or left.risk() < price
        left.call(one.next_calls[0], 1.0)
    assert decision.risk == pytest.approx(left.risk())
    assert decision.calls == at_most or left.risk() >= price
