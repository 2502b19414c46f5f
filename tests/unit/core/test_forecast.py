"""What predictive pacing learns and expects, against what is known in closed form."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.core.pacing.forecast.answer_odds import AnswerOdds
from dialer.core.pacing.forecast.budget import Window, budget
from dialer.core.pacing.forecast.counts import Count, certain, count_of, poisson
from dialer.core.pacing.forecast.demand import InProgress, demand
from dialer.core.pacing.forecast.durations import Durations, blend
from dialer.core.pacing.forecast.evidence import Abandoned, Evidence
from dialer.core.pacing.forecast.learned import Learned
from dialer.core.pacing.forecast.margin import FEW, margin
from dialer.core.pacing.forecast.outlook import Outlook
from dialer.core.pacing.forecast.price import Price
from dialer.core.pacing.forecast.supply import Busy, freed, freed_at_mean, in_time_s
from dialer.core.pacing.forecast.tables import HORIZONS, horizons, tables

LEARNED = Learned()
SECONDS = horizons(LEARNED)
MADE = tables(LEARNED, SECONDS, later_s=1.6)
NOBODY = certain(0, HORIZONS)


def chance_of_none(free, supply, needed):
    """Return the chance that an answer more finds nobody, by going through every outcome."""
    total = 0.0
    for freed_now in product((0, 1), repeat=len(supply)):
        for came in product((0, 1), repeat=len(needed)):
            chance = math.prod(p if yes else 1 - p for p, yes in zip(supply, freed_now, strict=True))
            chance *= math.prod(p if yes else 1 - p for p, yes in zip(needed, came, strict=True))
            total += chance * (sum(came) >= free + sum(freed_now))
    return total


def columns(chances):
    return np.repeat(np.array(chances, dtype=float)[:, None], HORIZONS, axis=1)


def counted(chances):
    return count_of(columns(chances))


def many(count):
    """Return a count of which only the cumulants are known."""
    return Count(count.cumulants, None)


FEW_EVENTS = pytest.mark.parametrize(
    ("free", "supply", "needed"),
    [
        (1, [0.2, 0.1, 0.4], [0.3, 0.2, 0.5, 0.1]),
        (0, [0.2, 0.7, 0.5, 0.3, 0.3], [0.2, 0.2, 0.2]),
        (2, [0.1, 0.1], [0.2] * 7),
        (3, [], [0.25] * 8),
    ],
)


@FEW_EVENTS
def test_the_risk_of_few_is_what_going_through_every_outcome_gives(free, supply, needed):
    exact = margin(free, counted(supply), counted(needed)).risk()
    assert exact == pytest.approx(chance_of_none(free, supply, needed), abs=1e-12)


@FEW_EVENTS
def test_the_risk_of_many_is_nearly_that(free, supply, needed):
    approximate = margin(free, many(counted(supply)), many(counted(needed))).risk()
    assert approximate == pytest.approx(chance_of_none(free, supply, needed), abs=0.03)


@FEW_EVENTS
@pytest.mark.parametrize("known", [counted, lambda chances: many(counted(chances))])
def test_a_call_more_is_a_chance_more_of_which_a_share_may_count(free, supply, needed, known):
    one = margin(free, known(supply), known(needed))
    one.call(columns([0.4])[0], 0.5)
    assert one.risk() == pytest.approx(margin(free, known(supply), known([*needed, 0.2])).risk(), abs=0.03)


def test_a_chance_of_a_hundredth_counts_for_one_who_is_free():
    assert margin(1, NOBODY, counted([0.006])).risk() == pytest.approx(0.006)


def test_many_agents_who_are_free_are_enough():
    assert margin(FEW + 1, NOBODY, counted([0.9])).risk() == 0.0
    assert margin(FEW, NOBODY, NOBODY).risk() == pytest.approx(0.0, abs=1e-12)


def test_a_certain_answer_without_an_agent_is_a_certain_risk():
    assert margin(0, NOBODY, NOBODY).risk() == pytest.approx(1.0)
    assert margin(1, NOBODY, NOBODY).risk() == pytest.approx(0.0, abs=1e-12)
    assert margin(1, NOBODY, certain(1, HORIZONS)).risk() == pytest.approx(1.0)


def test_independent_counts_add_up():
    together = counted([0.1, 0.5, 0.3])
    both = counted([0.1, 0.5]).plus(counted([0.3]))
    assert both.cumulants == pytest.approx(together.cumulants)
    rare = counted([0.001] * 1000)
    assert rare.cumulants == pytest.approx(poisson(np.ones(HORIZONS)).cumulants, rel=0.01)


def test_a_blend_has_the_mean_it_is_asked_for():
    counts = np.array(blend([(1, 20, 0.5)], width_s=0.5, until_s=400))
    middles = (np.arange(len(counts)) + 0.5) * 0.5
    assert counts.sum() == pytest.approx(1)
    assert counts @ middles == pytest.approx(20, rel=0.01)


def test_what_is_observed_counts_once_it_is_settled_and_old_counts_fade():
    durations = Durations(width_s=1.0, counts=[10.0, 0.0, 0.0], memory=10.0)
    before = durations.shares()
    for _ in range(20):
        durations.add(2.5)
    assert durations.shares() == pytest.approx(before)
    durations.settle()
    assert durations.counts == pytest.approx([10 * math.exp(-2), 0, 20])
    durations.add(1e9)
    durations.settle()
    assert durations.counts[2] > 20 * math.exp(-0.1)


def test_the_odds_find_the_share_of_answers_and_follow_a_step():
    odds, at = AnswerOdds(), 0.0
    for number in range(2000):
        at += 2
        odds.learn(answered=number % 4 == 0, dialed_at=at)
    assert odds.share() == pytest.approx(0.25, abs=0.03)
    for number in range(300):
        at += 2
        odds.learn(answered=number % 2 == 0, dialed_at=at)
    assert odds.share() == pytest.approx(0.5, abs=0.06)


def test_the_odds_are_known_from_thirty_calls_on_until_an_hour_has_had_none():
    odds = AnswerOdds()
    for number in range(30):
        assert not odds.known(number)
        odds.learn(answered=number % 4 == 0, dialed_at=float(number))
    assert odds.known(29.0)
    assert odds.known(3_000.0)
    assert not odds.known(30_000.0)


def test_odds_of_another_hour_move_as_if_nothing_had_been_known():
    fresh, stale = AnswerOdds(), AnswerOdds()
    for number in range(500):
        stale.learn(answered=number % 4 == 0, dialed_at=float(number))
    for odds, begins_at in ((fresh, 10_000.0), (stale, 10_000.0)):
        for number in range(30):
            odds.learn(answered=number % 4 != 0, dialed_at=begins_at + number)
    assert stale.known(10_030.0)
    assert stale.share() == pytest.approx(fresh.share(), abs=0.05)


def test_calls_are_learned_from_in_the_order_of_dialing():
    outlook = Outlook()
    before = outlook.learned.odds.x
    outlook.dial("slow", at=0.0)
    outlook.dial("fast", at=1.0)
    outlook.person("fast", Evidence(rang_s=5, delay_s=1))
    assert outlook.learned.odds.x == before
    outlook.nobody("slow", after_s=26)
    assert not outlook.dialed
    assert outlook.learned.odds.at == 1.0


def test_a_call_that_the_carrier_failed_says_nothing():
    outlook = Outlook()
    before = outlook.learned.odds.x
    outlook.dial("failed", at=0.0)
    outlook.void("failed")
    assert (outlook.learned.odds.x, outlook.dialed) == (before, {})


def test_the_longer_a_call_rings_the_less_it_is_a_persons():
    chances = [
        demand(LEARNED, MADE, InProgress(rung_s=[rung], rung_scores=[0.0])).cumulants[0].max()
        for rung in (2, 12, 20)
    ]
    assert chances == sorted(chances, reverse=True)
    likely = demand(LEARNED, MADE, InProgress(rung_s=[2], rung_scores=[1.0])).cumulants[0].max()
    assert likely > chances[0]


def test_a_call_that_was_answered_early_is_rather_a_persons():
    early, late = (
        demand(LEARNED, MADE, InProgress(rang_s=[rang], heard_s=[0.5], heard_scores=[0.0])).cumulants[0].max()
        for rang in (6, 22)
    )
    assert early > late


def test_who_waits_needs_an_agent_for_certain():
    waiting = demand(LEARNED, MADE, InProgress(waiting=2))
    assert waiting.cumulants == pytest.approx(certain(2, HORIZONS).cumulants)


def test_a_wrap_up_is_over_sooner_than_a_talk_and_nobody_frees_nobody():
    talking, wrapping_up = freed(MADE, Busy(talking=[10])), freed(MADE, Busy(wrapping_up=[10]))
    assert (wrapping_up.cumulants[0] > talking.cumulants[0]).all()
    assert freed(MADE, Busy()).cumulants == pytest.approx(NOBODY.cumulants)


def test_work_of_which_only_the_mean_is_known_ends_as_an_exponential_one():
    found = freed_at_mean([100, 100], np.full(HORIZONS, 100.0))
    assert found.cumulants[0] == pytest.approx(np.full(HORIZONS, 2 * (1 - math.exp(-1))))


def test_less_of_the_limit_is_left_the_later_the_verdict():
    assert in_time_s(2.0, 0.0) == pytest.approx(1.6)
    assert in_time_s(2.0, 0.8) == pytest.approx(0.8)
    assert in_time_s(2.0, 5.0) == 0.0


def test_a_price_falls_with_each_abandoned_call_and_rises_slowly_with_the_others():
    price = Price()
    start = price.log_risk
    price.learn(abandoned=True, target=0.03, at=10)
    fallen = price.log_risk
    price.learn(abandoned=False, target=0.03, at=11)
    assert fallen < price.log_risk < start


def test_a_budget_that_is_used_up_allows_nothing():
    window = Window(limit=0.03, abandoned=Abandoned(30, 30, 0), connected=500, to_come=100, human=1.0)
    assert budget(window).target == 0.0
    assert budget(window._replace(abandoned=Abandoned(0, 0, 0), to_come=1000)).target > 0.03


@given(calls=st.integers(0, 200), known=st.lists(st.floats(0, 1), max_size=50), human=st.floats(0.5, 1.0))
def test_people_among_those_abandoned_are_counted_with_a_reserve(calls, known, human):
    price = Price()
    for number, person in enumerate(known):
        price.learn(abandoned=True, target=0.03, at=float(number), person=person)
    found = price.abandoned_of(calls, human=human)
    assert found.calls == calls
    assert found.people - 1e-9 <= found.counted() <= calls + 1e-9


def test_of_calls_abandoned_today_it_counts_what_is_known_of_each_and_of_earlier_ones_the_share():
    price = Price()
    for person in (1.0, 1.0, 0.5):
        price.learn(abandoned=True, target=0.03, at=1.0, person=person)
    price.learn(abandoned=False, target=0.03, at=1.0)
    assert price.abandoned_of(3, human=0.9) == Abandoned(3, 2.5, 0.25)
    assert price.abandoned_of(13, human=0.9) == pytest.approx((13, 2.5 + 9, 0.25 + 0.9))
    assert price.abandoned_of(2, human=0.9) == pytest.approx((2, 1.8, 0.18))
    price.begin_day(2.0)
    assert price.abandoned_of(0, human=0.9) == Abandoned(0, 0, 0)


def test_who_picked_up_early_and_was_soon_known_was_a_person_as_others_said_afterwards():
    learned = Learned()
    early, late = Evidence(rang_s=8, delay_s=1.3), Evidence(rang_s=18, delay_s=3.0)
    assert learned.person(None) == 1.0
    for _ in range(100):
        learned.disposed(early, is_person=True)
    for _ in range(10):
        learned.disposed(late, is_person=False)
    learned.settle()
    assert learned.person(None) == pytest.approx(120 / 130, abs=0.01)
    assert learned.person(early) > 0.99
    assert learned.person(late) < 0.3
