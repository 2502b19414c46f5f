"""The keys of an agent's phone do what the commands do."""

import pytest

from dialer.core.commands import Bridge, HangUp, PlayMessage
from dialer.core.events import PausesDefined
from dialer.core.records import AttemptDisposed, JournalEntry
from dialer.core.settings import PauseCode, WrapUp
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegDigit, LegEnded, LegsBridged
from dialer.core.workspace import Pause
from dialer.testing import Script, campaign, lead

LUNCH = PauseCode(code="lunch", digit="2", limit_s=1800)


def press(script, leg_id, keys):
    return [
        command for key in keys for command in script.tell(LegDigit(at=script.at, leg_id=leg_id, digit=key))
    ]


def talking(script):
    (agent,) = script.log_in(1)
    (call,) = script.start([lead(1)])
    ordered = script.only(Bridge, script.answer(call))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))
    return agent, call


@pytest.mark.parametrize(
    ("keys", "state", "reason"),
    [
        pytest.param("*0", AgentState.PAUSED, "pause", id="pause"),
        pytest.param("*0#", AgentState.READY, "", id="pause-and-ready-again"),
        pytest.param("*2", AgentState.PAUSED, "lunch", id="pause-with-its-code"),
        pytest.param("*2*0", AgentState.PAUSED, "pause", id="another-pause"),
        pytest.param("**", AgentState.LOGGED_OUT, "logged out", id="log-out"),
        pytest.param("5*A*7", AgentState.READY, "", id="keys-without-a-meaning"),
    ],
)
def test_a_key_of_an_agents_phone_is_a_request(keys, state, reason):
    script = Script()
    script.tell(PausesDefined(at=script.at, pauses=(LUNCH,)))
    (agent,) = script.log_in(1)
    press(script, agent.leg_id, keys)
    assert (agent.state, agent.reason) == (state, reason)


def test_a_star_that_no_key_followed_changes_no_later_key():
    script = Script()
    (agent,) = script.log_in(1)
    press(script, agent.leg_id, "*")
    script.at += 6
    press(script, agent.leg_id, "0")
    assert agent.state is AgentState.READY


def test_what_keys_did_is_on_record():
    script = Script()
    (agent,) = script.log_in(1)
    (entry,) = script.all(JournalEntry, press(script, agent.leg_id, "*0"))
    assert (entry.kind, entry.agent_id, entry.detail) == ("keys", agent.agent_id, "paused")


def test_a_customers_keys_do_nothing_and_leave_no_trace():
    script = Script()
    script.log_in(1)
    (call,) = script.start([lead(1)])
    script.answer(call)
    assert press(script, call.leg_id, "4111") == []


def test_a_key_of_a_leg_that_nobody_owns_hangs_it_up():
    script = Script()
    assert script.only(HangUp, press(script, "other-1", "1")).leg_id == "other-1"


def test_a_shift_on_a_phone_alone():
    script = Script(campaign(wrap_up=WrapUp.DISPOSED))
    agent, call = talking(script)
    phone = agent.leg_id
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    press(script, phone, "#")
    assert agent.state is AgentState.WRAP_UP
    press(script, phone, "19")
    press(script, phone, "#")
    assert agent.state is AgentState.READY
    assert [record.disposition for record in script.all(AttemptDisposed)] == ["sale", "do_not_call"]
    press(script, phone, "**")
    assert agent.state is AgentState.LOGGED_OUT
    tones = [(command.leg_id, command.message) for command in script.all(PlayMessage)]
    assert tones == [(phone, "tone-refused")] + [(phone, "tone-done")] * 3


def test_keys_in_mid_talk_choose_and_say_what_comes_after_it():
    script = Script()
    agent, call = talking(script)
    press(script, agent.leg_id, "3*0")
    assert (agent.state, agent.pause_next) == (AgentState.TALKING, Pause("pause"))
    press(script, agent.leg_id, "#")
    script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    press(script, agent.leg_id, "#")
    assert agent.state is AgentState.READY
    assert script.only(AttemptDisposed).disposition == "callback"
