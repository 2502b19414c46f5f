"""Agents' days, drifts and shocks."""

import itertools
import math
from statistics import mean, stdev

import pytest

from dialer.core.ids import AgentId
from dialer.simulation.days import Course, agent_days, shift_of
from dialer.simulation.scenario import read_scenario

HOUR_S = 3600.0
REALISTIC = {
    "agents": 1000,
    "staff": {"breaks": 2, "break_min": 15, "lunch_min": 30, "half_shift_share": 0.2, "late_s": 120},
}


def days(raw, seed=1):
    return agent_days(read_scenario(raw), seed)


def test_on_a_stationary_day_everybody_is_there_from_the_warm_up_on_and_nobody_ever_leaves():
    found = days({"agents": 50})
    assert {(day.comes_s, day.absences) for day in found} == {(-1800.0, ())}


def test_agents_differ_as_much_as_is_said():
    tempos = [day.tempo for day in days({"agents": 3000})]
    assert mean(tempos) == pytest.approx(1.0, abs=0.01)
    assert stdev(tempos) == pytest.approx(0.15, abs=0.01)


def test_one_more_agent_changes_nobody_elses_day():
    assert days({**REALISTIC, "agents": 30})[:20] == days({**REALISTIC, "agents": 20})


def test_of_the_half_shifts_every_other_one_is_in_the_afternoon():
    found = days(REALISTIC)
    afternoon = [day for day in found if day.comes_s >= 4 * HOUR_S]
    morning = [
        day
        for day in found
        if any(one.from_s == 4 * HOUR_S and math.isinf(one.lasts_s) for one in day.absences)
    ]
    assert (len(afternoon), len(morning)) == (100, 100)


def test_a_full_day_has_two_breaks_and_lunch_and_a_half_one_has_a_break():
    found = days(REALISTIC)
    reasons = {tuple(sorted(one.reason for one in day.absences if one.is_pause)) for day in found}
    assert reasons == {("break", "break", "lunch"), ("break",)}
    lunches = [one for day in found for one in day.absences if one.reason == "lunch"]
    assert all(3.25 * HOUR_S <= one.from_s <= 4.75 * HOUR_S for one in lunches)


def test_a_roster_says_shifts_and_breaks_and_not_that_all_leave_together():
    shock = {"kind": "agents", "from_min": 60, "until_min": 90, "share": 1.0}
    scenario = read_scenario({**REALISTIC, "agents": 10, "shocks": [shock]})
    for number, day in enumerate(agent_days(scenario, 1)):
        shift = shift_of(AgentId(number), day, day_at=100.0, day_s=8 * HOUR_S)
        assert shift.ends_at in (100.0 + 4 * HOUR_S, 100.0 + 8 * HOUR_S)
        assert list(shift.breaks) == sorted(shift.breaks)
        assert len(shift.breaks) in (1, 3)


def test_agents_who_leave_together_are_the_share_that_is_said():
    shock = {"kind": "agents", "from_min": 60, "until_min": 90, "share": 0.5}
    found = days({"agents": 20, "shocks": [shock]})
    leaving = [day for day in found if day.absences]
    assert len(leaving) == 10
    assert {(one.from_s, one.until_s) for day in leaving for one in day.absences} == {(3600.0, 5400.0)}


def test_without_drift_nothing_changes():
    course = Course(read_scenario({}), 1)
    assert {(course.odds(at), course.handling(at), course.lag_s(at)) for at in (-1800.0, 0.0, 28_000.0)} == {
        (0.0, 1.0, 0.0)
    }


def test_drifts_have_their_deviation_after_eight_hours():
    scenario = read_scenario({"drift": {"answer_odds": 0.3, "handle": 0.1}, "warm_up_min": 0})
    ends = [Course(scenario, seed) for seed in range(400)]
    assert stdev(course.odds(8 * HOUR_S) for course in ends) == pytest.approx(0.3, rel=0.15)
    assert stdev(math.log(course.handling(8 * HOUR_S)) for course in ends) == pytest.approx(0.1, rel=0.15)
    assert mean(course.odds(8 * HOUR_S) for course in ends) == pytest.approx(0.0, abs=0.06)


def test_steps_are_sudden_and_as_many_as_are_said():
    course = Course(read_scenario({"drift": {"steps": 3, "step_odds": 0.5}}), 7)
    odds = [course.odds(minute * 60.0) for minute in range(-30, 480)]
    changes = [one for one, other in itertools.pairwise(odds) if one != other]
    assert len(changes) == 3


def test_shocks_begin_and_end_when_they_are_said_to():
    shocks = [
        {"kind": "answers", "from_min": 60, "until_min": 120, "factor": 3.0},
        {"kind": "database", "from_min": 10, "until_min": 20, "lag_s": 2.0},
    ]
    course = Course(read_scenario({"shocks": shocks}), 1)
    assert [course.odds(at * 60.0) for at in (59.9, 60, 119.9, 120)] == pytest.approx(
        [0.0, math.log(3), math.log(3), 0.0]
    )
    assert [course.lag_s(at * 60.0) for at in (9.9, 10, 19.9, 20)] == [0.0, 2.0, 2.0, 0.0]
