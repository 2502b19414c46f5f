"""A phone that is lost: whoever was in a talk is called again while the customer is held."""

import pytest

from dialer.core.commands import Bridge, CallAgent, HangUp, PlayMessage, StartTimer
from dialer.core.events import TimerFired
from dialer.core.records import AttemptEnded
from dialer.core.requests import LogOut, PauseAgent
from dialer.core.states import AgentState, CallState, EndCause, Outcome
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.testing import Script, campaign, lead


def fire(script, prefix):
    timer = [t for t in script.all(StartTimer) if t.timer_id.startswith(prefix)][-1]
    return script.tell(TimerFired(at=timer.due_at, timer_id=timer.timer_id, generation=timer.generation))


def lose(script, leg_id, cause=EndCause.CLEARED):
    return script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=cause))


def join(script, ordered):
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))


@pytest.fixture
def script():
    return Script(campaign(wrap_up_s=7))


def talk(script, agents=1):
    """Let the first of some agents talk with a customer; return the agents and the customer's leg."""
    logged_in = script.log_in(agents)
    called, *_ = script.start([lead(1)])
    join(script, script.only(Bridge, script.answer(called)))
    return logged_in, called.leg_id


def only_call(script):
    (call,) = script.engine.workspace.calls.values()
    return call


def test_a_phone_that_dies_in_mid_talk_is_called_again_while_the_customer_hears_a_tone(script):
    (agent, _), customer = talk(script, agents=2)
    commands = lose(script, agent.leg_id)
    assert script.only(CallAgent, commands).agent_id == agent.agent_id
    assert script.only(PlayMessage, commands) == PlayMessage(leg_id=customer, message="hold", repeat=True)
    assert (agent.state, only_call(script).state) == (AgentState.RECONNECTING, CallState.HELD)


def test_an_agent_who_comes_back_in_time_goes_on_with_the_customer(script):
    (agent, _), customer = talk(script, agents=2)
    lose(script, agent.leg_id)
    again = script.only(Bridge, script.tell(LegAnswered(at=script.at, leg_id=agent.leg_id)))
    join(script, again)
    assert (again.customer_leg, again.agent_leg) == (customer, agent.leg_id)
    assert (agent.state, only_call(script).state) == (AgentState.TALKING, CallState.TALKING)
    ended = script.only(AttemptEnded, lose(script, customer))
    assert (ended.outcome, ended.agent_id) == (Outcome.CONNECTED, agent.agent_id)


def test_a_phone_that_refuses_is_called_until_the_time_is_over(script):
    (agent,), _ = talk(script)
    lose(script, agent.leg_id)
    lose(script, agent.leg_id, EndCause.BUSY)
    again = script.only(CallAgent, fire(script, "phone:"))
    assert (agent.leg_id, agent.state) == (again.leg_id, AgentState.RECONNECTING)


def test_a_customer_is_held_ten_seconds_and_then_goes_to_the_next_agent(script):
    (agent, other), _ = talk(script, agents=2)
    lost_at = script.at
    lose(script, agent.leg_id)
    phone = agent.leg_id
    commands = fire(script, "reconnect:")
    assert script.at == lost_at + 10
    assert script.only(Bridge, commands).agent_leg == other.leg_id
    assert [command.leg_id for command in script.all(HangUp, commands)] == [phone]
    assert agent.state is AgentState.LOGGED_OUT


def test_who_was_held_in_vain_hears_the_message_after_the_usual_limit(script):
    (agent,), _ = talk(script)
    lose(script, agent.leg_id)
    fire(script, "reconnect:")
    given_up_at = script.at
    assert only_call(script).state is CallState.ANSWERED
    message = script.only(PlayMessage, fire(script, "connect:"))
    assert (message.message, script.at) == ("safe-harbour", given_up_at + 2)


def test_the_talk_counts_until_the_phone_was_lost_if_nobody_else_took_over(script):
    (agent,), customer = talk(script)
    script.at += 30
    lose(script, agent.leg_id)
    script.at += 8
    ended = script.only(AttemptEnded, lose(script, customer))
    assert (ended.outcome, ended.talk_s) == (Outcome.CONNECTED, 30)


def test_an_agent_whose_customer_did_not_wait_has_the_wrap_up_of_that_talk(script):
    (agent,), customer = talk(script)
    lose(script, agent.leg_id)
    lose(script, customer)
    assert (agent.state, agent.call_id) == (AgentState.RECONNECTING, None)
    script.tell(LegAnswered(at=script.at, leg_id=agent.leg_id))
    assert agent.state is AgentState.WRAP_UP
    assert script.all(StartTimer)[-1].due_at == script.at + 7


def test_who_asked_to_log_out_is_not_called_again(script):
    (agent, other), _ = talk(script, agents=2)
    script.ask(LogOut(agent_id=agent.agent_id))
    commands = lose(script, agent.leg_id)
    assert script.all(CallAgent, commands) == []
    assert script.only(Bridge, commands).agent_leg == other.leg_id


@pytest.mark.parametrize(
    ("paused", "restored"),
    [
        pytest.param(False, (AgentState.READY, ""), id="ready"),
        pytest.param(True, (AgentState.PAUSED, "lunch"), id="paused"),
    ],
)
def test_a_phone_whose_leg_we_lost_is_called_again_and_all_is_as_before(script, paused, restored):
    (agent,) = script.log_in(1)
    if paused:
        script.ask(PauseAgent(agent_id=agent.agent_id, reason="lunch"))
    called = script.only(CallAgent, lose(script, agent.leg_id, EndCause.LOST))
    assert agent.state is AgentState.LOGGING_IN
    script.tell(LegAnswered(at=script.at, leg_id=called.leg_id))
    assert (agent.state, agent.reason) == restored


def test_an_agent_who_hangs_up_between_calls_is_logged_out(script):
    (agent,) = script.log_in(1)
    assert script.all(CallAgent, lose(script, agent.leg_id)) == []
    assert (agent.state, agent.reason) == (AgentState.LOGGED_OUT, "phone: cleared")
