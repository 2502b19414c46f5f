"""A dial level that follows who waits, and the campaign that is called by it."""

from dialer.core.commands import Originate, StartTimer
from dialer.core.events import TimerFired
from dialer.core.pacing.dial_level import ADJUST_EVERY_S, LEAST, MOST, DialLevel
from dialer.core.pacing.pace import PACE_TIMER
from dialer.core.settings import PacingMode
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded
from dialer.testing import TRUNK, Script, campaign, lead

LEADS = [lead(number) for number in range(1, 41)]


def level_after(*looks, level=2.0, over_limit=False, at=ADJUST_EVERY_S):
    """Return the level that looks lead to: agents, agents who wait, customers who wait."""
    dial_level = DialLevel(level=level)
    for agents, agents_waiting, calls_waiting in looks:
        dial_level.look(agents=agents, agents_waiting=agents_waiting, calls_waiting=calls_waiting)
    dial_level.adjust(at=at, over_limit=over_limit)
    return dial_level.level


def test_the_level_rises_by_the_share_of_agents_who_wait():
    assert level_after((10, 1, 0), (10, 3, 0)) == 2.0 * 1.2


def test_the_level_falls_by_the_share_of_customers_who_wait():
    assert level_after((10, 0, 1)) == 2.0 * 0.9


def test_the_level_stays_within_its_bounds():
    assert level_after((10, 10, 0)) == MOST
    assert level_after((10, 0, 9)) == LEAST


def test_the_level_stays_as_it_is_until_it_is_time():
    assert level_after((10, 10, 0), at=ADJUST_EVERY_S - 0.1) == 2.0


def test_a_day_above_the_limit_is_called_at_the_least_level():
    assert level_after((10, 10, 0), over_limit=True) == LEAST


def test_nobody_there_changes_nothing():
    assert level_after((0, 0, 0)) == 2.0


def test_calls_are_agents_times_level_less_those_in_progress():
    assert DialLevel(level=1.5).calls(agents=10, in_progress=9) == 6
    assert DialLevel(level=1.5).calls(agents=10, in_progress=16) == 0


def adaptive_floor():
    script = Script(campaign(mode=PacingMode.ADAPTIVE))
    script.log_in(4)
    script.start(LEADS)
    return script, script.all(Originate, script.end_round(0.5))


def placed_within(script, seconds):
    """Return how many calls are placed while pacing looks whenever it wants to."""
    placed, until = 0, script.at + seconds
    while True:
        timer = [one for one in script.all(StartTimer) if one.timer_id == PACE_TIMER][-1]
        if timer.due_at > until:
            return placed
        script.tell(TimerFired(at=timer.due_at, timer_id=PACE_TIMER, generation=timer.generation))
        placed += len(script.all(Originate, script.end_round(0.0)))


def test_a_campaign_begins_with_a_call_for_each_agent_who_is_free():
    _, calls = adaptive_floor()
    assert len(calls) == 4


def test_a_campaign_whose_agents_keep_waiting_is_called_at_a_higher_level():
    script, calls = adaptive_floor()
    for call in calls:
        script.dial(call)
    assert placed_within(script, ADJUST_EVERY_S - 1) == 0
    assert placed_within(script, 2.0) == 4  # all four waited: twice as many


def test_a_call_that_failed_is_followed_by_another():
    script, calls = adaptive_floor()
    script.dial(calls[0])
    script.tell(LegEnded(at=script.at, leg_id=calls[0].leg_id, cause=EndCause.BUSY))
    (next_call,) = script.all(Originate, script.end_round(1.0))
    assert next_call.trunk == TRUNK
