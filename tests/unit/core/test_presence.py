"""Agents come, pause and go."""

import pytest

from dialer.core.commands import Bridge, CallAgent, HangUp, StartTimer
from dialer.core.events import AgentDefined, TimerFired
from dialer.core.records import RequestAnswered
from dialer.core.requests import LogIn, LogOut, MakeReady, PauseAgent
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.core.workspace import Pause
from dialer.testing import Script, lead


def fire(script, prefix):
    timer = [t for t in script.all(StartTimer) if t.timer_id.startswith(prefix)][-1]
    return script.tell(TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation))


def talk(script):
    (call,) = script.start([lead(1)])
    ordered = script.only(Bridge, script.answer(call))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    return call


def test_a_phone_that_does_not_answer_is_called_three_times_and_then_given_up():
    script = Script()
    script.tell(AgentDefined(at=script.at, agent_id=1))
    script.ask(LogIn(agent_id=1))
    agent = script.engine.workspace.agents[1]
    for _ in range(2):
        script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.BUSY))
        fire(script, "phone:")
    script.tell(LegEnded(at=script.at, leg_id=agent.leg_id, cause=EndCause.BUSY))
    assert len(script.all(CallAgent)) == 3
    assert (agent.state, agent.reason) == (AgentState.LOGGED_OUT, "phone: busy")


def test_an_agent_who_logs_in_is_paused_until_ready():
    script = Script()
    script.tell(AgentDefined(at=script.at, agent_id=1))
    called = script.only(CallAgent, script.ask(LogIn(agent_id=1)))
    script.tell(LegAnswered(at=script.at, leg_id=called.leg_id))
    agent = script.engine.workspace.agents[1]
    assert (agent.state, agent.reason) == (AgentState.PAUSED, "logged in")
    script.ask(MakeReady(agent_id=1))
    assert agent.state is AgentState.READY


def test_a_pause_asked_for_in_mid_talk_begins_after_it_and_its_wrap_up():
    script = Script()
    (agent,) = script.log_in(1)
    call = talk(script)
    script.ask(PauseAgent(agent_id=1, reason="lunch"))
    assert agent.state is AgentState.TALKING
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    assert (agent.state, agent.pause_next) == (AgentState.WRAP_UP, Pause("lunch"))
    fire(script, "wrap-up:")
    assert (agent.state, agent.reason) == (AgentState.PAUSED, "lunch")


def test_a_log_out_asked_for_in_mid_talk_hangs_the_phone_up_after_it_and_its_wrap_up():
    script = Script()
    (agent,) = script.log_in(1)
    phone = agent.leg_id
    call = talk(script)
    script.ask(LogOut(agent_id=1))
    assert agent.state is AgentState.TALKING
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    assert agent.state is AgentState.WRAP_UP
    ended = fire(script, "wrap-up:")
    assert agent.state is AgentState.LOGGED_OUT
    assert [command.leg_id for command in script.all(HangUp, ended)] == [phone]


@pytest.mark.parametrize("request_type", [LogIn, LogOut, MakeReady])
def test_what_cannot_be_done_is_answered_with_the_reason(request_type):
    script = Script()
    answer = script.only(RequestAnswered, script.ask(request_type(agent_id=7)))
    assert (answer.done, answer.text) == (False, "agent 7 is not known to the run")


@pytest.mark.parametrize(
    ("recorded", "restored"),
    [
        pytest.param((AgentState.TALKING, ""), (AgentState.READY, ""), id="was-at-work"),
        pytest.param((AgentState.PAUSED, "lunch"), (AgentState.PAUSED, "lunch"), id="was-paused"),
    ],
)
def test_who_was_there_when_a_run_died_is_called_again(recorded, restored):
    state, reason = recorded
    for _ in range(3):  # the next runs may die while the phone is being called
        script = Script()
        commands = script.tell(AgentDefined(at=script.at, agent_id=1, state=state, reason=reason))
        agent = script.engine.workspace.agents[1]
        state, reason = agent.state, agent.reason
    script.tell(LegAnswered(at=script.at, leg_id=script.only(CallAgent, commands).leg_id))
    assert (agent.state, agent.reason) == restored


def test_ready_ends_the_wrap_up_and_its_timer():
    script = Script()
    (agent,) = script.log_in(1)
    call = talk(script)
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    script.ask(MakeReady(agent_id=1))
    free_since = agent.free_since
    fire(script, "wrap-up:")
    assert (agent.state, agent.free_since) == (AgentState.READY, free_since)
