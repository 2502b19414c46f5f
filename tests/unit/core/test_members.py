"""Members of a queue that the dialer watches: when they are free, and what becomes of calls offered to them."""

import pytest

from dialer.core.commands import Bridge, HangUp, PlayMessage, RingMember
from dialer.core.events import MemberSeen, TimerFired
from dialer.core.records import AgentLegStarted, AttemptEnded, RequestAnswered
from dialer.core.requests import MakeReady
from dialer.core.states import AgentState, EndCause, Outcome, Presence
from dialer.core.switch_events import LegAnswered, LegEnded, LegsBridged
from dialer.testing import Script, lead


def see(script, number, presence=Presence.FREE, reason="", **facts):
    return script.tell(
        MemberSeen(
            at=script.at, agent_id=number, member=f"m-{number}", presence=presence, reason=reason, **facts
        )
    )


def state(script, number):
    return script.engine.workspace.agents[number].state


@pytest.fixture
def script():
    return Script()


def fire(script, prefix):
    timer_id = next(one for one in script.engine.workspace.timers if one.startswith(prefix))
    generation = script.engine.workspace.timers[timer_id]
    return script.tell(TimerFired(at=script.at, timer_id=timer_id, generation=generation))


@pytest.mark.parametrize(
    ("presence", "expected"),
    [
        (Presence.FREE, AgentState.READY),
        (Presence.BUSY, AgentState.BUSY),
        (Presence.TAKEN, AgentState.BUSY),
        (Presence.PAUSED, AgentState.PAUSED),
        (Presence.AWAY, AgentState.LOGGED_OUT),
    ],
)
def test_a_member_is_what_its_own_system_says(script, presence, expected):
    see(script, 1)
    see(script, 1, presence)
    assert state(script, 1) is expected
    see(script, 1)
    assert state(script, 1) is AgentState.READY


def test_calls_are_started_for_free_members_only(script):
    see(script, 1)
    see(script, 2, Presence.PAUSED)
    assert len(script.start([lead(1), lead(2)])) == 1


def test_a_member_is_rung_for_an_answered_call_joined_at_the_answer_and_hung_up_after_the_talk(script):
    see(script, 1, wrap_up_s=7)
    (call,) = script.start([lead(1)])
    told = script.answer(call)
    ring = script.only(RingMember, told)
    assert (ring.member, script.only(AgentLegStarted, told).leg_id) == ("m-1", ring.leg_id)
    join = script.only(Bridge, script.tell(LegAnswered(at=script.at, leg_id=ring.leg_id)))
    script.tell(LegsBridged(at=script.at, customer_leg=join.customer_leg, agent_leg=join.agent_leg))
    see(script, 1, Presence.BUSY, "in use", wrap_up_s=7)
    assert state(script, 1) is AgentState.TALKING
    told = script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    assert script.only(HangUp, told).leg_id == ring.leg_id
    ended = script.only(AttemptEnded, told)
    assert (ended.outcome, ended.agent_id) == (Outcome.CONNECTED, 1)
    assert state(script, 1) is AgentState.WRAP_UP
    fire(script, "wrap-up")
    assert (state(script, 1), script.engine.workspace.agents[1].reason) == (AgentState.BUSY, "in use")


def test_a_member_who_hangs_up_ends_the_talk(script):
    see(script, 1)
    (call,) = script.start([lead(1)])
    ring = script.only(RingMember, script.answer(call))
    script.tell(LegAnswered(at=script.at, leg_id=ring.leg_id))
    script.tell(LegsBridged(at=script.at, customer_leg=call.leg_id, agent_leg=ring.leg_id))
    told = script.tell(LegEnded(at=script.at, leg_id=ring.leg_id, cause=EndCause.CLEARED))
    assert script.only(HangUp, told).leg_id == call.leg_id


@pytest.mark.parametrize("how", ["taken", "declined"])
def test_a_member_who_cannot_take_the_call_gives_it_to_the_next(script, how):
    see(script, 1)
    (call,) = script.start([lead(1)])
    first = script.only(RingMember, script.answer(call))
    see(script, 2)
    if how == "taken":
        told = see(script, 1, Presence.TAKEN, "rung by the queue")
        assert script.only(HangUp, told).leg_id == first.leg_id
    else:
        told = script.tell(LegEnded(at=script.at, leg_id=first.leg_id, cause=EndCause.DECLINED))
        assert state(script, 1) is AgentState.BUSY
    assert script.only(RingMember, told).member == "m-2"
    assert "connect:" + call.call_id in script.engine.workspace.timers


def test_nobody_is_offered_the_same_call_twice_and_who_did_not_take_it_rests(script):
    see(script, 1)
    (call,) = script.start([lead(1)])
    first = script.only(RingMember, script.answer(call))
    told = script.tell(LegEnded(at=script.at, leg_id=first.leg_id, cause=EndCause.BUSY))
    assert script.all(RingMember, told) == []
    script.at += 30
    assert script.all(RingMember, fire(script, "rest")) == []
    assert state(script, 1) is AgentState.READY


def test_a_call_that_no_member_picks_up_within_the_limit_is_abandoned(script):
    see(script, 1)
    (call,) = script.start([lead(1)])
    ring = script.only(RingMember, script.answer(call))
    script.at += 2
    told = fire(script, "connect")
    assert script.only(HangUp, told).leg_id == ring.leg_id
    assert script.only(PlayMessage, told).leg_id == call.leg_id
    assert state(script, 1) is AgentState.READY
    told = script.tell(LegEnded(at=script.at, leg_id=call.leg_id, cause=EndCause.CLEARED))
    assert script.only(AttemptEnded, told).outcome is Outcome.ABANDONED


def test_the_dialer_changes_nothing_of_a_member(script):
    see(script, 1, Presence.PAUSED)
    answer = script.only(RequestAnswered, script.ask(MakeReady(agent_id=1)))
    assert (answer.done, state(script, 1)) == (False, AgentState.PAUSED)
