"""What every `Telephony` does, simulated or real. The numbers of the cases never change."""

import pytest

from dialer.core.commands import HangUp, PlayMessage, RecordTalk
from dialer.core.ids import LegId
from dialer.core.messages import Message
from dialer.core.states import EndCause, RecordingMove
from dialer.core.switch_events import (
    BridgeFailed,
    LegAnswered,
    LegDialing,
    LegDigit,
    LegEnded,
    LegRinging,
    LegsBridged,
    MessagePlayed,
    RecordingFailed,
)
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, bridge, bridged, ended, of, talk


def test_tc_01_an_answered_call_dials_rings_and_is_answered_in_that_order(rig):
    leg = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, leg)

    assert list(dict.fromkeys(of(rig, leg))) == [LegDialing, LegRinging, LegAnswered]
    times = [event.at for event in rig.events]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("behaviour", "cause", "sip_code"),
    [
        pytest.param(Behaviour.BUSY, EndCause.BUSY, 486, id="busy"),
        pytest.param(Behaviour.DECLINES, EndCause.DECLINED, 603, id="declined"),
        pytest.param(Behaviour.INVALID, EndCause.UNALLOCATED, 404, id="invalid"),
        pytest.param(Behaviour.CONGESTED, EndCause.CONGESTION, 503, id="congested"),
    ],
)
def test_tc_02_a_refused_call_ends_with_its_cause_and_is_never_answered(rig, behaviour, cause, sip_code):
    leg = rig.place_customer(behaviour)
    end = ended(rig, leg)

    assert (end.cause, end.sip_code) == (cause, sip_code)
    assert of(rig, leg) == [LegDialing, LegEnded]


def test_tc_03_a_call_that_we_hang_up_while_it_rings_is_cancelled(rig):
    leg = rig.place_customer(Behaviour.NEVER_ANSWERS)
    rig.wait_for(lambda event: isinstance(event, LegRinging) and event.leg_id == leg)
    rig.execute(HangUp(leg_id=leg))

    assert ended(rig, leg).cause is EndCause.CANCELLED


def test_tc_04_a_call_that_we_hang_up_before_anybody_replied_is_cancelled(rig):
    leg = rig.place_customer(Behaviour.SILENT)
    rig.wait_for(lambda event: isinstance(event, LegDialing) and event.leg_id == leg)
    rig.execute(HangUp(leg_id=leg))

    assert ended(rig, leg).cause is EndCause.CANCELLED


def test_tc_05_a_person_who_hangs_up_waiting_ends_the_leg(rig):
    leg = rig.place_customer(Behaviour.IMPATIENT)
    at = answered(rig, leg).at
    end = ended(rig, leg)

    assert end.cause is EndCause.CLEARED
    assert end.at - at > 0.1


def test_tc_06_a_leg_that_we_hang_up_after_the_answer_is_cleared(rig):
    leg = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, leg)
    rig.execute(HangUp(leg_id=leg))

    assert ended(rig, leg).cause is EndCause.CLEARED


def test_tc_07_an_agents_phone_is_called_and_stays_up(rig):
    agent = rig.place_agent()
    answered(rig, agent)
    rig.settle()

    assert LegEnded not in of(rig, agent)


def test_tc_08_a_bridge_is_told_once(rig):
    customer, agent = talk(rig)
    rig.settle()

    assert [type(event) for event in rig.events].count(LegsBridged) == 1
    assert LegEnded not in of(rig, customer) + of(rig, agent)


@pytest.mark.needs(Capability.AUDIO)
def test_tc_09_both_sides_of_a_bridge_hear_each_other(rig):
    customer, agent = talk(rig)
    rig.settle(1.0)

    assert rig.hear_each_other(customer, agent)


def test_tc_10_when_the_customer_hangs_up_the_agents_leg_stays_and_takes_the_next(rig):
    first, agent = talk(rig, Behaviour.TALKS)
    assert ended(rig, first).cause is EndCause.CLEARED

    second = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, second)
    rig.execute(bridge(second, agent))
    bridged(rig, second, agent)

    assert LegEnded not in of(rig, agent)


def test_tc_11_when_we_hang_up_the_customer_the_agents_leg_stays(rig):
    customer, agent = talk(rig)
    rig.execute(HangUp(leg_id=customer))
    ended(rig, customer)
    rig.settle()

    assert LegEnded not in of(rig, agent)


def test_tc_12_when_the_agents_phone_goes_away_the_customer_stays_and_gets_the_next(rig):
    customer, agent = talk(rig)
    other = rig.place_agent()
    answered(rig, other)
    rig.drop(agent)
    ended(rig, agent)
    rig.execute(bridge(customer, other))
    bridged(rig, customer, other)

    assert LegEnded not in of(rig, customer)


def test_tc_13_a_second_bridge_moves_the_customer_to_another_agent(rig):
    customer, agent = talk(rig)
    other = rig.place_agent()
    answered(rig, other)
    rig.execute(bridge(customer, other))
    bridged(rig, customer, other)
    rig.settle()

    assert LegEnded not in of(rig, customer) + of(rig, agent) + of(rig, other)


def test_tc_14_a_bridge_with_a_dead_agents_leg_fails_and_names_it(rig):
    agent, customer = rig.place_agent(), rig.place_customer(Behaviour.ANSWERS)
    answered(rig, agent)
    answered(rig, customer)
    rig.execute(HangUp(leg_id=agent))
    ended(rig, agent)
    rig.execute(bridge(customer, agent))
    failed = rig.wait_for(lambda event: isinstance(event, BridgeFailed))

    assert (failed.customer_leg, failed.agent_leg, failed.dead_leg) == (customer, agent, agent)
    assert failed.reason
    assert LegEnded not in of(rig, customer)


def test_tc_15_a_bridge_with_a_customer_who_is_gone_fails_and_names_the_leg(rig):
    agent, customer = rig.place_agent(), rig.place_customer(Behaviour.IMPATIENT)
    answered(rig, agent)
    ended(rig, customer)
    rig.execute(bridge(customer, agent))
    failed = rig.wait_for(lambda event: isinstance(event, BridgeFailed))

    assert failed.dead_leg == customer
    assert LegEnded not in of(rig, agent)


def test_tc_16_a_customer_who_goes_while_the_bridge_is_made_ends_once_and_the_agent_stays(rig):
    agent, customer = rig.place_agent(), rig.place_customer(Behaviour.ANSWERS)
    answered(rig, agent)
    answered(rig, customer)
    rig.execute(bridge(customer, agent))
    rig.execute(HangUp(leg_id=customer))
    ended(rig, customer)
    rig.settle()

    assert of(rig, customer).count(LegEnded) == 1
    assert LegEnded not in of(rig, agent)


def test_tc_17_a_message_is_played_to_its_end(rig):
    leg = rig.place_customer(Behaviour.ANSWERS)
    at = answered(rig, leg).at
    rig.execute(PlayMessage(leg_id=leg, message="safe-harbour"))
    played = rig.wait_for(lambda event: isinstance(event, MessagePlayed))

    assert (played.leg_id, played.failed) == (leg, "")
    assert played.at - at > 2
    assert LegEnded not in of(rig, leg)


def test_tc_18_orders_for_unknown_legs_are_ignored(rig):
    rig.execute(HangUp(leg_id=LegId("nobody-1")))
    rig.execute(PlayMessage(leg_id=LegId("nobody-1"), message="safe-harbour"))
    rig.settle()

    assert rig.events == []


def test_tc_19_a_leg_that_is_hung_up_twice_ends_once(rig):
    leg = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, leg)
    rig.execute(HangUp(leg_id=leg))
    rig.execute(HangUp(leg_id=leg))
    ended(rig, leg)
    rig.settle()

    assert of(rig, leg).count(LegEnded) == 1
    assert of(rig, leg)[-1] is LegEnded


@pytest.mark.needs(Capability.EARLY_MEDIA)
def test_tc_20_early_media_is_not_an_answer(rig):
    leg = rig.place_customer(Behaviour.EARLY_MEDIA)
    early = rig.wait_for(lambda event: isinstance(event, LegRinging) and event.leg_id == leg)
    answer = answered(rig, leg)

    assert (early.sip_code, early.early_media) == (183, True)
    assert answer.at > early.at


@pytest.mark.needs(Capability.GUARDS)
def test_tc_21_a_call_that_nobody_replies_to_ends_by_itself(rig):
    leg = rig.place_customer(Behaviour.SILENT)

    assert ended(rig, leg, within_s=20).cause is EndCause.NO_REPLY


@pytest.mark.needs(Capability.GUARDS)
def test_tc_22_an_answered_leg_without_audio_ends_by_itself(rig):
    leg = rig.place_customer(Behaviour.MUTE)
    answered(rig, leg)

    assert ended(rig, leg, within_s=20).cause is EndCause.NO_AUDIO


@pytest.mark.needs(Capability.GUARDS)
def test_tc_24_a_leg_that_waits_long_after_others_ended_is_still_sent_audio(rig):
    first = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, first)
    rig.execute(HangUp(leg_id=first))
    ended(rig, first)
    rig.settle(1.5)
    waiting = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, waiting)
    rig.settle(5.5)

    assert LegEnded not in of(rig, waiting)


def test_tc_23_a_message_may_be_cut_short_by_the_person(rig):
    leg = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, leg)
    rig.execute(PlayMessage(leg_id=leg, message="safe-harbour"))
    rig.settle()
    rig.drop(leg)

    assert ended(rig, leg).cause is EndCause.CLEARED
    assert not any(isinstance(event, MessagePlayed) for event in rig.events)


def pressed(rig):
    return [(event.leg_id, event.digit) for event in rig.events if isinstance(event, LegDigit)]


@pytest.mark.needs(Capability.KEYS)
def test_tc_25_each_key_of_an_agents_phone_is_told_once_in_order(rig):
    customer, agent = talk(rig)
    rig.press(agent, "1*1#D")
    rig.wait_for(lambda event: isinstance(event, LegDigit) and event.digit == "D")
    rig.settle()

    assert pressed(rig) == [(agent, key) for key in "1*1#D"]
    assert LegEnded not in of(rig, customer) + of(rig, agent)


@pytest.mark.needs(Capability.AUDIO)
@pytest.mark.parametrize("tone", [Message.TONE_DONE, Message.TONE_REFUSED])
def test_tc_26_an_agent_hears_a_tone_in_mid_talk_and_the_talk_goes_on(rig, tone):
    customer, agent = talk(rig)
    rig.execute(PlayMessage(leg_id=agent, message=tone))
    played = rig.wait_for(lambda event: isinstance(event, MessagePlayed))
    rig.settle(1.0)

    assert (played.leg_id, played.failed) == (agent, "")
    assert LegEnded not in of(rig, customer) + of(rig, agent)
    assert rig.hear_each_other(customer, agent)


def test_tc_40_a_talk_goes_on_whatever_is_asked_of_its_recording(rig):
    customer, agent = talk(rig)
    for move in (RecordingMove.START, RecordingMove.PAUSE, RecordingMove.RESUME, RecordingMove.STOP):
        rig.execute(RecordTalk(leg_id=customer, move=move, file=f"{customer}.wav"))
    rig.execute(RecordTalk(leg_id=LegId("nobody-1"), move=RecordingMove.STOP, file="nobody-1.wav"))
    rig.settle()

    assert not any(isinstance(event, RecordingFailed) for event in rig.events)
    assert LegEnded not in of(rig, customer) + of(rig, agent)
