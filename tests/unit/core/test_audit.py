"""What the engine believes, beside what is really open."""

import pytest

from dialer.core.commands import Bridge, CallAgent, HangUp
from dialer.core.records import AttemptEnded, JournalEntry
from dialer.core.requests import LogOut
from dialer.core.states import AgentState, CallState, EndCause, Outcome
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged, LegsOpen
from dialer.testing import Script, lead


@pytest.fixture
def script():
    return Script()


def audits(script, seconds, *, legs, bridges=()):
    """Let audits say the same every 3 s; return what was done at the last one that did anything."""
    done = []
    for _ in range(seconds // 3 + 1):
        commands = script.tell(LegsOpen(at=script.at, legs=tuple(legs), bridges=tuple(bridges)))
        done = commands or done
        script.at += 3
    return done


def causes(script, commands):
    return [entry.detail for entry in script.all(JournalEntry, commands) if entry.kind == "anomaly"]


def connecting(script, agents=1):
    logged_in = script.log_in(agents)
    called, *_ = script.start([lead(1)])
    return logged_in, script.only(Bridge, script.answer(called))


def test_a_floor_as_it_should_be_is_left_alone(script):
    (agent,), ordered = connecting(script)
    legs = (ordered.customer_leg, ordered.agent_leg)
    script.tell(LegsBridged(at=script.at, customer_leg=legs[0], agent_leg=legs[1]))
    assert audits(script, 60, legs=legs, bridges=[legs]) == []
    assert agent.state is AgentState.TALKING


def test_a_customer_whom_no_process_holds_for_two_audits_counts_as_lost(script):
    (agent,), ordered = connecting(script)
    assert audits(script, 0, legs=[ordered.agent_leg]) == []
    commands = audits(script, 0, legs=[ordered.agent_leg])
    ended = script.only(AttemptEnded, commands)
    assert (ended.cause, ended.outcome) == (EndCause.LOST, Outcome.ABANDONED)
    assert causes(script, commands) == ["no process holds this leg: it counts as lost"]
    assert agent.state is AgentState.READY


def test_a_leg_that_is_late_in_one_audit_only_is_not_lost(script):
    _, ordered = connecting(script)
    legs = (ordered.customer_leg, ordered.agent_leg)
    script.tell(LegsBridged(at=script.at, customer_leg=legs[0], agent_leg=legs[1]))
    for there in (legs[1:], legs, legs[:1], legs):
        assert audits(script, 0, legs=there, bridges=[legs]) == []


def test_a_phone_that_no_process_holds_is_called_again(script):
    (agent,) = script.log_in(1)
    commands = audits(script, 3, legs=[])
    assert script.only(CallAgent, commands).agent_id == agent.agent_id
    assert agent.state is AgentState.LOGGING_IN


def test_a_leg_that_nobody_owns_is_hung_up(script):
    commands = audits(script, 3, legs=["other-1"])
    assert script.only(HangUp, commands).leg_id == "other-1"
    assert causes(script, commands) == ["a leg is open that nobody owns: hung up"]


def test_a_log_out_whose_end_was_never_told_is_forgotten(script):
    (agent,) = script.log_in(1)
    script.ask(LogOut(agent_id=agent.agent_id))
    audits(script, 3, legs=[])
    assert script.engine.workspace.legs == {}


def test_a_talk_that_nobody_told_of_goes_on(script):
    (agent,), ordered = connecting(script)
    legs = (ordered.customer_leg, ordered.agent_leg)
    commands = audits(script, 3, legs=legs, bridges=[legs])
    assert causes(script, commands) == ["joined, but nobody said so: the talk goes on"]
    assert agent.state is AgentState.TALKING


def test_a_bridge_of_which_nothing_is_heard_is_given_up_for_the_next_agent(script):
    (first, second), ordered = connecting(script, agents=2)
    legs = (ordered.customer_leg, first.leg_id, second.leg_id)
    commands = audits(script, 6, legs=legs)
    assert script.only(Bridge, commands).agent_leg == second.leg_id
    assert first.state is AgentState.READY


def test_who_is_not_joined_while_they_should_talk_gets_the_next_agent(script):
    (first, second), ordered = connecting(script, agents=2)
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=first.leg_id))
    commands = audits(script, 3, legs=(ordered.customer_leg, first.leg_id, second.leg_id))
    assert script.only(Bridge, commands).agent_leg == second.leg_id
    assert first.state is AgentState.WRAP_UP


def test_a_hang_up_that_had_no_effect_is_repeated(script):
    script.log_in(1)
    called, *_ = script.start([lead(1)])
    script.tell(LegAnswered(at=script.at, leg_id=called.leg_id))  # before it was dialed: an anomaly
    agent_leg = script.engine.workspace.agents[1].leg_id
    commands = audits(script, 6, legs=[called.leg_id, agent_leg])
    assert script.only(HangUp, commands).leg_id == called.leg_id


def test_a_call_that_never_leaves_is_given_up(script):
    script.log_in(1)
    called, *_ = script.start([lead(1)])
    agent_leg = script.engine.workspace.agents[1].leg_id
    audits(script, 30, legs=[called.leg_id, agent_leg])
    assert script.engine.workspace.calls[called.call_id].state is CallState.ENDING


def test_a_phone_that_nobody_picks_up_is_given_up(script):
    (agent,) = script.log_in(1)
    script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.LOST))
    leg_id = agent.leg_id
    commands = audits(script, 27, legs=[leg_id])
    assert script.only(HangUp, commands).leg_id == leg_id
    assert (agent.state, agent.reason) == (AgentState.LOGGED_OUT, "phone: not picked up")


def test_an_agent_and_a_call_that_do_not_know_of_each_other_are_both_freed(script):
    (agent,), ordered = connecting(script)
    legs = (ordered.customer_leg, ordered.agent_leg)
    script.tell(LegsBridged(at=script.at, customer_leg=legs[0], agent_leg=legs[1]))
    agent.call_id = "another"
    audits(script, 3, legs=legs, bridges=[legs])
    assert agent.state in (AgentState.READY, AgentState.RESERVED)
    (call,) = script.engine.workspace.calls.values()
    assert call.state in (CallState.ANSWERED, CallState.CONNECTING)
