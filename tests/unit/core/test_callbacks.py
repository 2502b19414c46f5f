"""Who asks to be called back keeps the place in the line, and is called when an agent is there."""

import pytest

from dialer.core.commands import Bridge, HangUp, Originate, PlayMessage
from dialer.core.queue_events import CallbackLeft
from dialer.core.queue_records import CallbackAsked, CallbackSettled, CallbackStarted, QueueCallEnded
from dialer.core.settings import Overflow
from dialer.core.states import AgentState, EndCause, Outcome
from dialer.core.switch_events import (
    LegAnswered,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    MessagePlayed,
    OriginateRefused,
)
from tests.unit.core.test_queue_calls import end, fire, floor, queue, take, talk


@pytest.fixture
def script():
    return floor(queue(callback_key="1", callback_tries=2, callback_wait_min=1.0))


def ask_back(script, number=2, **changes):
    """Let somebody wait and press the key; return what was done."""
    leg_id = take(script, number, **changes)
    script.at += 10
    told = script.tell(LegDigit(at=script.at, leg_id=leg_id, digit="1"))
    script.tell(MessagePlayed(at=script.at, leg_id=leg_id))
    end(script, leg_id)
    return told


def turn(script):
    """Let somebody wait for a callback whose turn comes; return the call and the agent."""
    first, agent = talk(script)
    ask_back(script)
    end(script, first)
    told = fire(script, f"wrap-up:{agent.agent_id}", 5)
    return script.only(Originate, told), agent


def test_a_key_asks_for_it_and_ends_the_call(script):
    talk(script)
    told = ask_back(script)
    assert script.only(CallbackAsked, told).call_id == "q2"
    assert script.all(PlayMessage, told)
    ended = script.all(QueueCallEnded)[-1]
    assert (ended.call_id, ended.outcome, ended.wait_s) == ("q2", Outcome.CALLBACK, 10)


@pytest.mark.parametrize(
    ("changes", "digit"),
    [pytest.param({"has_number": False}, "1", id="withheld"), pytest.param({}, "2", id="other-key")],
)
def test_nothing_is_promised_to_who_cannot_be_called_or_pressed_another_key(script, changes, digit):
    talk(script)
    leg_id = take(script, 2, **changes)
    told = script.tell(LegDigit(at=script.at, leg_id=leg_id, digit=digit))
    assert script.all(CallbackAsked, told) == script.all(PlayMessage, told) == []


def test_they_are_called_when_it_is_their_turn_and_an_agent_is_kept_for_them(script):
    call, agent = turn(script)
    started = script.only(CallbackStarted)
    assert (started.call_id, started.callback_of, started.leg_id) == (call.call_id, "q2", call.leg_id)
    assert agent.state is AgentState.RESERVED
    script.tell(LegDialing(at=script.at, leg_id=call.leg_id))
    told = script.tell(LegAnswered(at=script.at, leg_id=call.leg_id))
    bridge = script.only(Bridge, told)
    assert (bridge.customer_leg, bridge.agent_leg) == (call.leg_id, agent.leg_id)
    script.tell(LegsBridged(at=script.at, customer_leg=call.leg_id, agent_leg=agent.leg_id))
    told = end(script, call.leg_id)
    assert script.only(CallbackSettled, told).outcome is Outcome.CONNECTED
    assert script.engine.workspace.callbacks == {}


def test_later_callers_do_not_go_before_them(script):
    first, agent = talk(script)
    ask_back(script)
    take(script, 3)
    end(script, first)
    told = fire(script, f"wrap-up:{agent.agent_id}", 5)
    assert script.all(Bridge, told) == []
    assert script.only(Originate, told)


def test_who_does_not_answer_is_called_again_and_then_no_more(script):
    call, agent = turn(script)
    script.tell(LegDialing(at=script.at, leg_id=call.leg_id))
    script.tell(LegRinging(at=script.at, leg_id=call.leg_id))
    told = fire(script, f"ring:{call.leg_id}", 25)
    assert script.only(HangUp, told).leg_id == call.leg_id
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CANCELLED))
    assert agent.state is AgentState.READY
    (again,) = script.all(Originate, fire(script, "callback:q2", 60))
    script.tell(LegDialing(at=script.at, leg_id=again.leg_id))
    told = script.tell(LegEnded(at=script.at, leg_id=again.leg_id, cause=EndCause.BUSY, sip_code=486))
    assert script.only(CallbackSettled, told).outcome is Outcome.BUSY


def test_a_call_that_was_not_placed_costs_no_try(script):
    call, agent = turn(script)
    told = script.tell(OriginateRefused(at=script.at, leg_id=call.leg_id, reason="number_in_use"))
    assert script.all(CallbackSettled, told) == []
    assert agent.state is AgentState.READY
    assert script.engine.workspace.callbacks["q2"].tries == 0


def test_whoever_answers_while_the_agent_is_lost_goes_to_the_next(script):
    call, agent = turn(script)
    script.tell(LegDialing(at=script.at, leg_id=call.leg_id))
    script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.CLEARED))
    script.tell(LegAnswered(at=script.at, leg_id=call.leg_id))
    (other,) = script.log_in(1)
    assert script.all(Bridge)[-1].agent_leg == other.leg_id


def test_a_queue_may_call_everybody_back_who_waited_in_vain():
    script = floor(queue(overflow=Overflow.CALLBACK))
    talk(script)
    take(script, 2)
    told = fire(script, "connect:q2", 60)
    assert script.only(CallbackAsked, told).call_id == "q2"


def test_the_next_run_goes_on_with_it(script):
    (agent,) = script.log_in(1)
    told = script.tell(
        CallbackLeft(at=script.at, call_id="q9", queue="support", waiting_since=script.at - 600, tries=1)
    )
    told += script.end_round()
    assert script.only(Originate).leg_id
    assert agent.state is AgentState.RESERVED
    assert script.engine.workspace.callbacks["q9"].tries == 1
