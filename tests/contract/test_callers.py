"""What a `Telephony` does with callers of queues. The numbers go on from those of the other modules and never change."""

import pytest

from dialer.core.commands import AnnouncePlace, Bridge, HangUp, LeaveToDialplan, PlayMessage
from dialer.core.ids import CallId
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import LegAnswered, LegDialing, LegDigit, LegEnded, LegsBridged
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, ended, of

pytestmark = pytest.mark.needs(Capability.CALLERS)


def waiting(rig, behaviour=Behaviour.ANSWERS):
    """Return a caller who was taken and hears that the call goes on."""
    caller = rig.take_caller(behaviour)
    answered(rig, caller)
    rig.execute(PlayMessage(leg_id=caller, message=Message.HOLD, repeat=True))
    return caller


def join(rig, caller):
    """Join a caller with an agent; return the agent's leg."""
    agent = rig.place_agent()
    answered(rig, agent)
    rig.execute(Bridge(call_id=CallId("c-queue"), customer_leg=caller, agent_leg=agent))
    rig.wait_for(lambda event: isinstance(event, LegsBridged) and event.customer_leg == caller)
    return agent


def test_tc_82_a_caller_who_is_taken_is_answered_once_and_was_dialed_by_nobody(rig):
    caller = rig.take_caller(Behaviour.ANSWERS)
    answered(rig, caller)
    rig.settle()

    told = of(rig, caller)
    assert told.count(LegAnswered) == 1
    assert LegDialing not in told
    assert LegEnded not in told
    rig.execute(HangUp(leg_id=caller))
    assert ended(rig, caller).cause is EndCause.CLEARED


@pytest.mark.needs(Capability.AUDIO)
def test_tc_83_a_caller_and_an_agent_hear_each_other(rig):
    caller = waiting(rig)
    agent = join(rig, caller)
    rig.settle(2)

    assert rig.hear_each_other(caller, agent)


def test_tc_84_a_caller_is_joined_who_is_told_the_place_in_the_line(rig):
    caller = waiting(rig)
    rig.execute(AnnouncePlace(leg_id=caller, place=3, wait_min=7))
    join(rig, caller)

    rig.settle()
    assert LegEnded not in of(rig, caller)


def test_tc_85_a_caller_who_is_left_to_the_dialplan_is_no_leg_any_more(rig):
    caller = waiting(rig)
    rig.execute(LeaveToDialplan(leg_id=caller))

    assert ended(rig, caller).cause is EndCause.CLEARED
    rig.settle()
    assert of(rig, caller).count(LegEnded) == 1


def test_tc_86_a_caller_who_hangs_up_while_waiting_is_gone(rig):
    caller = waiting(rig)
    rig.drop(caller)

    assert ended(rig, caller).cause is EndCause.CLEARED


@pytest.mark.needs(Capability.KEYS)
def test_tc_87_a_key_that_a_caller_presses_while_waiting_is_told(rig):
    caller = waiting(rig)
    rig.settle()
    rig.press(caller, "5")

    told = rig.wait_for(lambda event: isinstance(event, LegDigit) and event.leg_id == caller)
    assert told.digit == "5"
