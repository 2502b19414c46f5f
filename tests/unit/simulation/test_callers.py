"""Invented callers of queues, and a floor that serves them beside its campaign."""

from random import Random
from statistics import fmean, stdev

import pytest

from dialer.core.queue_records import QueueCallEnded
from dialer.core.records import AttemptEnded
from dialer.core.settings import QueueSettings
from dialer.core.states import Outcome
from dialer.simulation.callers import Callers, calls_of
from dialer.simulation.floor import ROUTE, FloorSettings, simulate

SUPPORT = QueueSettings(name="support", trunk=ROUTE, wrap_up_s=20.0)
HOUR_S = 3600.0


def drawn(seed, seconds=10 * HOUR_S):
    callers = Callers(queue=SUPPORT, per_hour=100)
    return list(calls_of(callers, Random(seed), start_at=5.0, seconds=seconds))


def test_callers_come_in_order_at_their_rate_until_the_time_is_over():
    calls = drawn(1)
    times = [event.at for event, _ in calls]
    assert times == sorted(times)
    assert times[-1] < 5.0 + 10 * HOUR_S
    assert len(calls) == pytest.approx(1000, rel=0.1)


def test_the_same_chance_makes_the_same_callers():
    assert drawn(7) == drawn(7) != drawn(8)


def floor(per_hour, agents=8):
    told = []
    callers = (Callers(queue=SUPPORT, per_hour=per_hour, patience_s=60.0),)
    settings = FloorSettings(agents=agents, leads=4_000, seconds=2 * HOUR_S, callers=callers)
    simulate(settings, on_record=told.append)
    calls = [one for one in told if isinstance(one, QueueCallEnded)]
    attempts = [one for one in told if isinstance(one, AttemptEnded)]
    return calls, attempts


def test_callers_and_leads_are_served_by_the_same_agents():
    calls, attempts = floor(per_hour=40)
    answered = [one for one in calls if one.outcome is Outcome.CONNECTED]
    outcomes = [one.outcome for one in attempts]
    assert len(answered) >= 0.9 * len(calls) > 50
    assert outcomes.count(Outcome.CONNECTED) > 100
    assert outcomes.count(Outcome.ABANDONED) <= 0.03 * outcomes.count(Outcome.CONNECTED)


def test_whoever_has_no_more_patience_hangs_up():
    calls, _ = floor(per_hour=400, agents=2)
    assert any(one.outcome is Outcome.HUNG_UP_WAITING for one in calls)


def test_talks_are_as_long_as_is_said_and_vary_as_is_said():
    callers = Callers(queue=SUPPORT, per_hour=1_000, talk_s=60.0, talk_variation=0.5)
    talks = [plan.talk_s for _, plan in calls_of(callers, Random(1), start_at=0.0, seconds=10 * HOUR_S)]
    assert fmean(talks) == pytest.approx(60.0, rel=0.02)
    assert stdev(talks) == pytest.approx(30.0, rel=0.04)
