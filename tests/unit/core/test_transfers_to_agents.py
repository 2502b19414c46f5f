"""Another agent as the third party in a talk."""

import pytest

from dialer.core.commands import LeaveTalk
from dialer.core.states import AgentState, CallState
from tests.unit.core.talk import BLIND, COMPLETE, CONFERENCE, CONSULT, RETURN, with_agent


def test_a_customer_goes_to_another_agent_blind():
    talk, other = with_agent(BLIND)

    assert (talk.agent.state, other.state) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, other.agent_id)


@pytest.mark.parametrize(
    ("way", "state"), [(CONSULT, CallState.HELD), (CONFERENCE, CallState.TALKING)], ids=["consult", "all"]
)
def test_another_agent_is_consulted_and_takes_the_customer(way, state):
    talk, other = with_agent(way)
    assert (talk.call.state, talk.call.agent_id) == (state, talk.agent.agent_id)
    assert (talk.agent.state, other.state) == (AgentState.TALKING, AgentState.TALKING)
    before = len(talk.script.commands)
    assert talk.arrange(COMPLETE)[0]
    talk.carry_out(talk.script.commands[before:])

    assert (talk.agent.state, other.state) == (AgentState.WRAP_UP, AgentState.TALKING)
    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, other.agent_id)
    assert talk.transfer is None


def test_another_agent_is_free_again_after_a_consult():
    talk, other = with_agent(CONSULT)
    before = len(talk.script.commands)
    assert talk.arrange(RETURN)[0]
    told = talk.script.commands[before:]
    talk.carry_out(told)

    assert LeaveTalk(leg_id=other.leg_id) in told
    assert (other.state, talk.call.state) == (AgentState.READY, CallState.TALKING)


def test_a_consulted_agent_whose_phone_is_lost_brings_customer_and_agent_together_again():
    talk, other = with_agent(CONSULT)
    told = talk.end(other.leg_id)
    talk.carry_out(told)

    assert other.state is AgentState.RECONNECTING
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
