"""Who is to be there when, and what pacing makes of it."""

import pytest

from dialer.core.commands import FetchShifts, Originate, StartTimer
from dialer.core.events import ShiftsLoaded, TimerFired
from dialer.core.floor import roster
from dialer.core.floor.roster import KNOWN_S, RELOAD_S
from dialer.core.pacing.obstacles import Obstacle
from dialer.core.records import CampaignChanged
from dialer.core.requests import LogOut, PauseAgent, TakeUpRoster
from dialer.core.shift import Shift, stretches
from dialer.core.workspace import Pause, Workspace
from dialer.testing import Script, lead

HOUR = 3600.0
MORNING, AFTERNOON = (9 * HOUR, 12 * HOUR), (12.5 * HOUR, 17 * HOUR)
DAY = [MORNING, AFTERNOON]


def shift(script, agent, begins_h, ends_h, *breaks):
    """Return a shift whose hours count from now."""
    return Shift(
        agent_id=agent,
        begins_at=script.at + begins_h * HOUR,
        ends_at=script.at + ends_h * HOUR,
        breaks=tuple((script.at + since * HOUR, script.at + until * HOUR) for since, until in breaks),
    )


def load(script, *shifts):
    script.tell(ShiftsLoaded(at=script.at, shifts=shifts))


def reasons(script):
    return [record.reason for record in script.all(CampaignChanged)]


def due(script):
    timer = [one for one in script.all(StartTimer) if one.timer_id == "roster"][-1]
    script.at = timer.due_at
    fired = TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation)
    return script.tell(fired)


@pytest.mark.parametrize(
    ("breaks", "parts"),
    [
        pytest.param((), [(0.0, 9.0)], id="none"),
        pytest.param(((3.0, 4.0),), [(0.0, 3.0), (4.0, 9.0)], id="one"),
        pytest.param(((0.0, 1.0), (3.0, 4.0), (4.0, 5.0)), [(1.0, 3.0), (5.0, 9.0)], id="side-by-side"),
        pytest.param(((8.0, 9.0),), [(0.0, 8.0)], id="to-the-end"),
        pytest.param(((0.0, 9.0),), [], id="all-of-it"),
    ],
)
def test_breaks_divide_a_shift(breaks, parts):
    assert stretches(Shift(agent_id=1, begins_at=0.0, ends_at=9.0, breaks=breaks)) == parts


@pytest.mark.parametrize(
    ("hour", "is_on", "leaves_h"),
    [
        pytest.param(8.0, False, 12.0, id="early"),
        pytest.param(9.0, True, 12.0, id="on-time"),
        pytest.param(11.99, True, 12.0, id="before-the-break"),
        pytest.param(12.0, False, 12.0, id="late-for-the-break"),
        pytest.param(12.24, False, 12.0, id="still-late-for-the-break"),
        pytest.param(12.25, False, 17.0, id="early-from-the-break"),
        pytest.param(12.5, True, 17.0, id="back"),
        pytest.param(17.0, False, 17.0, id="over"),
        pytest.param(20.0, False, 17.0, id="over-for-long"),
    ],
)
def test_the_roster_says_who_is_on_shift_and_when_one_leaves(hour, is_on, leaves_h):
    assert roster.on_shift(DAY, at=hour * HOUR) is is_on
    assert roster.leaves_at(DAY, at=hour * HOUR) == leaves_h * HOUR


@pytest.mark.parametrize("at", [0.0, KNOWN_S, 17 * HOUR])
def test_a_roster_without_a_part_of_a_shift_says_nothing_impossible(at):
    assert roster.on_shift([], at=at) is False
    assert roster.leaves_at([], at=at) > at


def test_a_break_or_the_end_of_a_shift_within_the_horizon_is_leaving_soon():
    script = Script()
    agents = script.log_in(3)
    load(script, shift(script, 1, -1, 1), shift(script, 2, -1, 8, (1, 2)))
    step = script.engine._step
    assert [roster.leaves_soon(step, agent, HOUR) for agent in agents] == [False, False, False]
    assert [roster.leaves_soon(step, agent, HOUR + 1) for agent in agents] == [True, True, False]


@pytest.mark.parametrize("mark", [{"pause_next": Pause("lunch")}, {"log_out_next": True}])
def test_who_pauses_or_logs_out_after_the_call_leaves_soon(mark):
    script = Script()
    (agent,) = script.log_in(1)
    for name, value in mark.items():
        setattr(agent, name, value)
    assert roster.leaves_soon(script.engine._step, agent, 0.0)


def test_no_call_is_placed_for_an_agent_whose_shift_ends_before_it_would_be_over():
    script = Script()
    script.log_in(3)
    load(script, shift(script, 1, -8, 0.01), shift(script, 2, -1, 8))
    assert len(script.start([lead(number) for number in range(9)])) == 2


def test_who_leaves_soon_is_given_what_waits_all_the_same():
    script = Script()
    first, _ = script.log_in(2)
    calls = script.start([lead(1), lead(2)])
    load(script, shift(script, 1, -8, 0.01), shift(script, 2, -8, 0.01))
    script.answer(calls[0])
    assert first.call_id == calls[0].call_id


def test_a_campaign_says_that_everybody_leaves_and_goes_on_when_somebody_comes_back():
    script = Script()
    script.log_in(1)
    load(script, shift(script, 1, -1, 8, (0.01, 1)))
    assert script.start([lead(1)]) == []
    assert reasons(script)[-1] == Obstacle.ALL_LEAVE
    due(script)
    assert script.all(Originate, script.end_round()) != []
    assert reasons(script)[-1] == ""


def test_who_paused_or_is_away_does_not_hide_that_the_others_leave():
    script = Script()
    script.log_in(3)
    script.ask(PauseAgent(agent_id=2, reason="lunch"))
    script.ask(LogOut(agent_id=3))
    load(script, shift(script, 1, -1, 0.01))
    script.start([lead(1)])
    assert reasons(script)[-1] == Obstacle.ALL_LEAVE


def test_the_roster_is_read_again_every_hour_and_when_it_changed():
    script = Script()
    assert script.all(FetchShifts) == []
    load(script, shift(script, 1, 20, 24))
    script.at += 1.0
    (fetch,) = script.all(FetchShifts, due(script))
    assert script.at == pytest.approx(fetch.from_at + KNOWN_S)
    assert fetch.until_at - fetch.from_at == 2 * KNOWN_S
    load(script)
    (fetch,) = script.all(FetchShifts, script.ask(TakeUpRoster()))
    load(script, shift(script, 1, 0.5, 1))
    assert script.all(FetchShifts, due(script)) == []
    begun_at = script.at
    assert script.all(FetchShifts, due(script)) != []
    assert script.at - begun_at == RELOAD_S / 2


def test_a_new_roster_replaces_the_old_one():
    script = Script()
    load(script, shift(script, 1, 0, 4), shift(script, 2, 0, 4))
    load(script, shift(script, 2, 1, 3, (2, 2.5)))
    assert list(script.engine.workspace.roster) == [2]


def test_the_roster_is_in_the_snapshot():
    script = Script()
    load(script, shift(script, 1, 0, 4, (1, 2)))
    workspace = script.engine.workspace
    assert Workspace.from_json(workspace.to_json()).roster == workspace.roster
