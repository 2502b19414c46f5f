"""Customer and agent hear each other no more though both are there: they are joined again, or the customer goes on without."""

import pytest

from dialer.core.commands import Bridge, PlayMessage, RecordTalk, StartTimer
from dialer.core.events import TimerFired
from dialer.core.records import AttemptEnded
from dialer.core.settings import RecordingMode
from dialer.core.states import AgentState, CallState, EndCause, Outcome, RecordingMove
from dialer.core.switch_events import BridgeFailed, LegEnded, LegsBridged, LegsParted
from dialer.testing import Script, campaign, lead

WHY = "the leg between one and two ended"


def tell(script, kind, ordered, **facts):
    legs = {"customer_leg": ordered.customer_leg, "agent_leg": ordered.agent_leg}
    return script.tell(kind(at=script.at, **legs, **facts))


def end(script, leg_id):
    return script.tell(LegEnded(at=script.at, leg_id=leg_id, cause=EndCause.CLEARED))


@pytest.fixture
def talk():
    """Return a script in which the first of its agents talks with a customer, and the order that joined them."""

    def begin(agents=1, **changes):
        script = Script(campaign(wrap_up_s=7, **changes))
        logged_in = script.log_in(agents)
        called, *_ = script.start([lead(1)])
        (ordered,) = script.all(Bridge, script.answer(called))
        tell(script, LegsBridged, ordered)
        return script, logged_in, ordered

    return begin


def only_call(script):
    (call,) = script.engine.workspace.calls.values()
    return call


def test_they_are_joined_again_at_once_and_the_talk_goes_on(talk):
    script, (agent, *_), ordered = talk(agents=2)
    began_at = script.at
    script.at += 60
    again = script.only(Bridge, tell(script, LegsParted, ordered, reason=WHY))
    assert (again.customer_leg, again.agent_leg) == (ordered.customer_leg, ordered.agent_leg)
    tell(script, LegsBridged, again)
    assert (agent.state, only_call(script).state) == (AgentState.TALKING, CallState.TALKING)
    script.at = began_at + 100
    ended = script.only(AttemptEnded, end(script, ordered.customer_leg))
    assert (ended.outcome, ended.talk_s) == (Outcome.CONNECTED, 100)
    assert agent.state is AgentState.WRAP_UP


def test_the_recording_goes_on_in_another_file(talk):
    script, _, ordered = talk(record=RecordingMode.ON, one_party_regions=("US",))
    parted = tell(script, LegsParted, ordered, reason=WHY)
    again = tell(script, LegsBridged, ordered)
    assert script.only(RecordTalk, parted).move is RecordingMove.STOP
    assert script.only(RecordTalk, again).move is RecordingMove.START
    assert script.only(RecordTalk, parted).file != script.only(RecordTalk, again).file


def test_if_that_fails_the_customer_goes_to_the_next_agent_and_the_first_wraps_up(talk):
    script, (agent, other), ordered = talk(agents=2)
    again = script.only(Bridge, tell(script, LegsParted, ordered, reason=WHY))
    commands = tell(script, BridgeFailed, again, reason="not in time")
    assert script.only(Bridge, commands).agent_leg == other.leg_id
    assert agent.state is AgentState.WRAP_UP
    assert agent.talk.attempt_id == only_call(script).attempt_id


def test_without_another_agent_the_customer_hears_the_message_within_the_limit_and_was_connected(talk):
    script, (agent,), ordered = talk(connect_within_s=2.0)
    again = script.only(Bridge, tell(script, LegsParted, ordered, reason=WHY))
    commands = tell(script, BridgeFailed, again, reason="not in time")
    (limit,) = (one for one in script.all(StartTimer, commands) if one.timer_id.startswith("connect:"))
    assert limit.due_at == script.at + 2.0
    fired = TimerFired(at=limit.due_at, timer_id=limit.timer_id, generation=limit.generation)
    assert script.only(PlayMessage, script.tell(fired)).leg_id == ordered.customer_leg
    ended = script.only(AttemptEnded, end(script, ordered.customer_leg))
    assert (ended.outcome, ended.agent_id) == (Outcome.CONNECTED, agent.agent_id)


def test_a_customer_who_hangs_up_meanwhile_leaves_the_agent_a_wrap_up(talk):
    script, (agent,), ordered = talk()
    tell(script, LegsParted, ordered, reason=WHY)
    ended = script.only(AttemptEnded, end(script, ordered.customer_leg))
    assert ended.outcome is Outcome.CONNECTED
    assert (agent.state, agent.talk.attempt_id) == (AgentState.WRAP_UP, ended.attempt_id)


def test_that_two_were_parted_who_do_not_talk_any_more_changes_nothing(talk):
    script, (agent,), ordered = talk()
    end(script, ordered.customer_leg)
    assert tell(script, LegsParted, ordered, reason=WHY) == []
    assert agent.state is AgentState.WRAP_UP
