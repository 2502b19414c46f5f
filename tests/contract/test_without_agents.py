"""What a leg hears that no agent takes: a recording with a way out, or the switch's own logic."""

import pytest

from dialer.core.commands import HangUp, PlayMessage, SendToDialplan
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import LegDigit, LegEnded, MessagePlayed
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, ended, of


def told(rig, kind, leg):
    return rig.wait_for(lambda event: isinstance(event, kind) and event.leg_id == leg)


def keys(rig, leg):
    return [event.digit for event in rig.events if isinstance(event, LegDigit) and event.leg_id == leg]


@pytest.fixture
def leg(rig):
    """A customer's, answered."""
    found = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, found)
    return found


@pytest.mark.needs(Capability.WAY_OUT)
def test_tc_101_the_key_that_was_asked_for_ends_a_recording_and_is_told(rig, leg):
    rig.execute(PlayMessage(leg_id=leg, message=Message.SAFE_HARBOUR, opt_out_key="9"))
    rig.settle(1.0)
    rig.press(leg, "9")
    assert told(rig, LegDigit, leg).digit == "9"
    rig.settle(3.0 if Capability.AUDIO in rig.capabilities else 30.0)
    assert MessagePlayed not in of(rig, leg)
    rig.execute(HangUp(leg_id=leg))
    assert ended(rig, leg).cause is EndCause.CLEARED


@pytest.mark.needs(Capability.WAY_OUT)
def test_tc_102_another_key_ends_no_recording(rig, leg):
    rig.execute(PlayMessage(leg_id=leg, message=Message.SAFE_HARBOUR, opt_out_key="9"))
    rig.settle(0.5)
    rig.press(leg, "1")
    assert told(rig, MessagePlayed, leg).failed == ""
    assert "9" not in keys(rig, leg)
    rig.execute(HangUp(leg_id=leg))
    ended(rig, leg)


@pytest.mark.needs(Capability.WAY_OUT)
def test_tc_103_the_key_is_told_after_the_end_of_a_recording_too(rig, leg):
    rig.execute(PlayMessage(leg_id=leg, message=Message.TONE_REFUSED, opt_out_key="9"))
    told(rig, MessagePlayed, leg)
    rig.press(leg, "9")
    assert told(rig, LegDigit, leg).digit == "9"
    rig.execute(HangUp(leg_id=leg))
    ended(rig, leg)


@pytest.mark.needs(Capability.WAY_OUT)
@pytest.mark.needs(Capability.AUDIO)
def test_tc_104_a_recording_that_is_not_there_is_told_of(rig, leg):
    rig.execute(PlayMessage(leg_id=leg, message="nowhere", opt_out_key="9"))
    assert told(rig, MessagePlayed, leg).failed
    rig.execute(HangUp(leg_id=leg))
    ended(rig, leg)


@pytest.mark.needs(Capability.DIALPLAN)
def test_tc_105_a_leg_that_goes_on_in_the_dialplan_is_still_ours(rig, leg):
    rig.execute(SendToDialplan(leg_id=leg, context="dialer-hold"))
    rig.settle(1.0)
    rig.press(leg, "9")
    assert told(rig, LegDigit, leg).digit == "9"
    assert LegEnded not in of(rig, leg)
    rig.execute(PlayMessage(leg_id=leg, message=Message.TONE_DONE))
    told(rig, MessagePlayed, leg)
    rig.execute(HangUp(leg_id=leg))
    assert ended(rig, leg).cause is EndCause.CLEARED
