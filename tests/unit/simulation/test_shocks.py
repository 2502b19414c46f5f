"""What a day's shocks and its agents' comings and goings do to the floor."""

import pytest

from dialer.core.states import Outcome
from dialer.simulation.day import simulate_day
from dialer.simulation.scenario import read_scenario

FLOOR = {"agents": 6, "hours": 1.5, "warm_up_min": 5.0}
SHORT_TALKS = {"refusal_share": 1.0}


def lived(raw, seed=2):
    rows, minutes = [], []
    scenario = read_scenario({**FLOOR, **raw})
    result = simulate_day(scenario, seed=seed, on_attempt=rows.append, on_minute=minutes.append)
    return result, rows, minutes


def dialed(rows, from_min, until_min):
    return [row for row in rows if from_min * 60 <= row.dialed_at < until_min * 60]


def test_better_answer_odds_make_more_people_of_the_same_leads():
    _, rows, _ = lived({"shocks": [{"kind": "answers", "from_min": 45, "factor": 4.0}]})
    before, after = dialed(rows, 0, 45), dialed(rows, 45, 90)
    share = [sum(row.is_person for row in part) / len(part) for part in (before, after)]
    assert share[0] == pytest.approx(0.2, abs=0.06)
    assert share[1] == pytest.approx(0.5, abs=0.1)


def test_while_the_trunk_fails_nobody_is_reached_and_then_again():
    _, rows, _ = lived({"shocks": [{"kind": "trunk", "from_min": 30, "until_min": 40}]})
    during = dialed(rows, 30, 40)
    assert all(row.answered_at is None for row in during)
    assert sum(row.outcome is Outcome.CONNECTED for row in dialed(rows, 42, 85)) > 10


def test_agents_who_leave_together_come_back_together():
    shock = {"kind": "agents", "from_min": 30, "until_min": 60, "share": 0.5}
    result, _, minutes = lived({"shocks": [shock], "people": SHORT_TALKS})
    assert {one.agents for one in minutes[:29]} == {6}
    assert {one.agents for one in minutes[35:59]} == {3}
    assert {one.agents for one in minutes[61:]} == {6}
    assert result.paused_s == 0.0


def test_while_the_database_is_late_no_call_is_started():
    shock = {"kind": "database", "from_min": 30, "until_min": 35, "lag_s": 2.0}
    _, rows, _ = lived({"shocks": [shock]})
    assert dialed(rows, 30, 35) == []
    assert dialed(rows, 36, 38) != []


def test_who_takes_breaks_is_paused_and_comes_back():
    staff = {"breaks": 2, "break_min": 10}
    result, _, minutes = lived({"staff": staff})
    assert result.paused_s == pytest.approx(6 * 2 * 600, rel=0.01)
    assert min(one.agents for one in minutes) < 6
    assert result.agents_s + result.paused_s == pytest.approx(6 * 5400)


def test_half_shifts_leave_and_come_in_the_middle():
    result, _, minutes = lived({"staff": {"half_shift_share": 0.5}})
    # Three of six: the one there in the morning goes after the last talk, those of the afternoon come at once.
    assert {one.agents for one in minutes[:44]} <= {4, 5}
    assert result.agents_s == pytest.approx(4.5 * 5400, rel=0.05)


@pytest.mark.parametrize("roster", [False, True], ids=["not-told", "told"])
def test_a_roster_keeps_calls_from_being_started_for_who_has_a_break_soon(roster):
    raw = {"agents": 1, "staff": {"breaks": 1, "break_min": 10, "roster": roster}, "people": SHORT_TALKS}
    _, rows, minutes = lived(raw)
    away = next(one.at for one in minutes if one.agents == 0)
    shortly_before = dialed(rows, away / 60 - 4, away / 60 - 1)
    assert (not shortly_before) is roster


def test_calls_per_second_and_lines_are_kept():
    result, rows, _ = lived({"calls_per_second": 0.1, "lines": 3, "mode": "ratio:4"})
    starts = sorted(row.dialed_at for row in rows)
    assert result.lines_peak <= 3
    assert all(later - sooner >= 9.0 for sooner, later in zip(starts, starts[2:], strict=False))
