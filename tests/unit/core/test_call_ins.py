"""Agents whose phones call in."""

import pytest

from dialer.core.commands import Bridge, CallAgent, HangUp
from dialer.core.events import AgentCalledIn, AgentDefined
from dialer.core.floor.presence import LOGGED_IN
from dialer.core.ids import AgentId
from dialer.core.requests import LogIn, PauseAgent
from dialer.core.states import AgentState, EndCause
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.testing import Script, lead

ANNA = AgentId(1)


@pytest.fixture
def script():
    one = Script()
    one.tell(AgentDefined(at=one.at, agent_id=ANNA))
    return one


def call_in(script):
    return script.tell(AgentCalledIn(at=script.at, agent_id=ANNA))


def pick_up(script, commands):
    leg_id = script.only(CallAgent, commands).leg_id
    script.tell(LegAnswered(at=script.at, leg_id=leg_id))
    return leg_id


def agent(script):
    return script.engine.workspace.agents[ANNA]


def test_a_call_in_is_a_log_in_that_begins_paused(script):
    pick_up(script, call_in(script))

    assert (agent(script).state, agent(script).reason) == (AgentState.PAUSED, LOGGED_IN)


def test_a_log_in_that_was_asked_for_waits_for_the_phone_and_ends_as_asked(script):
    ordered = script.only(CallAgent, script.ask(LogIn(agent_id=ANNA, ready=True)))

    assert call_in(script) == []
    script.tell(LegAnswered(at=script.at, leg_id=ordered.leg_id))
    assert agent(script).state is AgentState.READY


def test_a_second_call_in_of_an_idle_agent_takes_the_place_of_the_first(script):
    first = pick_up(script, call_in(script))
    script.ask(PauseAgent(agent_id=ANNA, reason="lunch"))
    again = call_in(script)

    assert script.only(HangUp, again).leg_id == first
    second = pick_up(script, again)
    script.tell(LegEnded(at=script.at, leg_id=first, cause=EndCause.CLEARED))
    assert (agent(script).state, agent(script).reason, agent(script).leg_id) == (
        AgentState.PAUSED,
        "lunch",
        second,
    )


def test_a_call_in_in_mid_talk_takes_the_place_of_the_leg_and_the_talk_goes_on():
    script = Script()
    (talker,) = script.log_in(1)
    first = talker.leg_id
    (called,) = script.start([lead(1)])
    ordered = script.only(Bridge, script.answer(called))
    script.tell(LegsBridged(at=script.at, customer_leg=ordered.customer_leg, agent_leg=ordered.agent_leg))

    again = call_in(script)
    assert script.only(HangUp, again).leg_id == first
    script.tell(LegEnded(at=script.at, leg_id=first, cause=EndCause.CLEARED))
    second = script.only(CallAgent, again).leg_id
    bridge = script.only(Bridge, script.tell(LegAnswered(at=script.at, leg_id=second)))
    assert (bridge.customer_leg, bridge.agent_leg) == (ordered.customer_leg, second)


def test_a_phone_that_is_missing_is_taken_at_once_instead_of_after_the_next_try(script):
    ordered = script.only(CallAgent, script.ask(LogIn(agent_id=ANNA, ready=True)))
    script.tell(LegEnded(at=script.at, leg_id=ordered.leg_id, cause=EndCause.NO_REPLY))

    pick_up(script, call_in(script))
    assert agent(script).state is AgentState.READY


def test_a_call_in_of_nobody_is_left_alone(script):
    assert script.tell(AgentCalledIn(at=script.at, agent_id=AgentId(9))) == []
