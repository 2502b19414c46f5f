"""Answers that a switch could tell of only later, as the connection to it was cut."""

import pytest

from dialer.core.commands import Bridge, HangUp, PlayMessage, StartTimer
from dialer.core.events import TimerFired
from dialer.core.records import AgentChanged, AttemptEnded
from dialer.core.states import EndCause, Outcome
from dialer.core.switch_events import LegAnswered, LegEnded, MessagePlayed
from dialer.testing import Script, lead


@pytest.fixture
def script():
    return Script()


def ring(script):
    """Return a call that was placed for a free agent."""
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.dial(call)
    script.at += 60
    return call


def tell(script, call, *, ago_s, **facts):
    return script.tell(LegAnswered(at=script.at, leg_id=call.leg_id, answered_at=script.at - ago_s, **facts))


def end(script, call, cause=EndCause.LOST):
    return script.only(AttemptEnded, script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=cause)))


def test_whom_the_switch_played_the_message_meanwhile_was_abandoned_and_nobody_is_reserved(script):
    call = ring(script)
    told = tell(script, call, ago_s=40, waited_s=2.1)
    ended = end(script, call)

    assert script.all(Bridge, told) == script.all(AgentChanged, told) == []
    assert (ended.outcome, ended.wait_s, ended.answered_at) == (Outcome.ABANDONED, 2.1, script.at - 40)


def test_who_still_hears_the_message_hears_it_to_its_end(script):
    call = ring(script)
    told = tell(script, call, ago_s=5, waited_s=2.1)
    assert script.all(PlayMessage, told) == script.all(HangUp, told) == []
    assert script.engine.workspace.campaigns[1].in_flight == 0

    over = script.tell(MessagePlayed(at=script.at, leg_id=call.leg_id))
    assert script.only(HangUp, over).leg_id == call.leg_id
    assert end(script, call, EndCause.CLEARED).outcome is Outcome.ABANDONED


def test_who_answered_after_we_had_given_up_was_abandoned_all_the_same(script):
    call = ring(script)
    (timer,) = [one for one in script.all(StartTimer) if one.timer_id == f"ring:{call.leg_id}"][-1:]
    script.tell(TimerFired(at=script.at, timer_id=timer.timer_id, generation=timer.generation))
    tell(script, call, ago_s=30, waited_s=2.0)

    assert end(script, call).outcome is Outcome.ABANDONED


def test_who_still_waits_has_waited_since_the_answer(script):
    call = ring(script)
    ordered = script.only(Bridge, tell(script, call, ago_s=1.5))

    assert ordered.customer_leg == call.leg_id
    assert end(script, call, EndCause.CLEARED).wait_s == 1.5


def test_a_switch_whose_clock_is_ahead_makes_no_wait_negative(script):
    call = ring(script)
    tell(script, call, ago_s=-3)

    assert end(script, call, EndCause.CLEARED).wait_s == 0
