"""The keys of an agent's phone do what the commands do."""

import pytest

from dialer.core.commands import HangUp
from dialer.core.events import LegDigit
from dialer.core.records import JournalEntry
from dialer.core.states import AgentState
from dialer.testing import Script, lead


def press(script, leg_id, keys):
    return [
        command for key in keys for command in script.tell(LegDigit(at=script.at, leg_id=leg_id, digit=key))
    ]


@pytest.mark.parametrize(
    ("keys", "state", "reason"),
    [
        pytest.param("*0", AgentState.PAUSED, "pause", id="pause"),
        pytest.param("*0#", AgentState.READY, "", id="pause-and-ready-again"),
        pytest.param("**", AgentState.LOGGED_OUT, "logged out", id="log-out"),
        pytest.param("5*A", AgentState.READY, "", id="keys-without-a-meaning"),
    ],
)
def test_a_key_of_an_agents_phone_is_a_request(keys, state, reason):
    script = Script()
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
