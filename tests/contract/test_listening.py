"""What every `Telephony` that listens makes of what it hears: people, machines and the network's words."""

import pytest

from dialer.core.commands import HangUp, PlayMessage
from dialer.core.rules.machine_detection import AmdSettings, CauseKind, ClockStart, Verdict, read_cause
from dialer.core.states import EndCause
from dialer.core.switch_events import (
    AnnouncementHeard,
    LegAnswered,
    LegClassified,
    LegEnded,
    LegSpoke,
    MessagePlayed,
)
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, bridge, bridged, ended, of, talk


def classified(rig, leg_id):
    return rig.wait_for(
        lambda event: isinstance(event, LegClassified) and event.leg_id == leg_id, within_s=15
    )


@pytest.mark.needs(Capability.DETECTION)
def test_tc_27_a_person_is_classified_once_with_the_silence_that_it_took_and_can_be_bridged(rig):
    agent = rig.place_agent()
    answered(rig, agent)
    amd = AmdSettings(on=True, clock=ClockStart.GREETING_START)
    customer = rig.place_customer(Behaviour.SAYS_HELLO, amd)
    told = classified(rig, customer)
    rig.execute(bridge(customer, agent))
    bridged(rig, customer, agent)
    rig.settle()

    assert (told.verdict, read_cause(told.cause).kind) == (Verdict.HUMAN, CauseKind.HUMAN)
    assert read_cause(told.cause).measured >= amd.after_greeting_silence_ms
    kinds = of(rig, customer)
    assert kinds.count(LegClassified) == 1
    assert kinds.index(LegAnswered) < kinds.index(LegSpoke) < kinds.index(LegClassified)
    assert LegEnded not in kinds + of(rig, agent)


@pytest.mark.needs(Capability.DETECTION)
def test_tc_28_a_machine_is_left_a_message_after_its_greeting_and_beep(rig):
    leg = rig.place_customer(Behaviour.GREETS_AT_LENGTH, AmdSettings(on=True))
    told = classified(rig, leg)
    rig.execute(PlayMessage(leg_id=leg, message="safe-harbour", after_beep=True))
    played = rig.wait_for(lambda event: isinstance(event, MessagePlayed), within_s=30)

    assert (told.verdict, read_cause(told.cause).kind) == (Verdict.MACHINE, CauseKind.MAX_WORDS)
    assert (played.leg_id, played.failed) == (leg, "")
    assert played.at - answered(rig, leg).at > 3
    assert LegEnded not in of(rig, leg)


def announced(rig, leg_id):
    return rig.wait_for(lambda event: isinstance(event, AnnouncementHeard) and event.leg_id == leg_id)


@pytest.mark.needs(Capability.ANNOUNCEMENTS)
@pytest.mark.parametrize(
    ("behaviour", "means"),
    [
        pytest.param(Behaviour.TONES, EndCause.UNALLOCATED, id="tones"),
        pytest.param(Behaviour.ANNOUNCED, EndCause.SWITCHED_OFF, id="a-known-announcement"),
    ],
)
def test_tc_29_what_the_network_says_in_early_media_is_heard_before_any_answer(rig, behaviour, means):
    leg = rig.place_customer(behaviour)
    heard = announced(rig, leg)
    rig.execute(HangUp(leg_id=leg))

    assert heard.means is means
    assert ended(rig, leg).cause is EndCause.CANCELLED
    assert LegAnswered not in of(rig, leg)
    assert of(rig, leg).count(AnnouncementHeard) == 1


@pytest.mark.needs(Capability.ANNOUNCEMENTS)
def test_tc_30_tones_after_the_answer_are_heard_too(rig):
    leg = rig.place_customer(Behaviour.ANSWERED_BY_TONES)
    at = answered(rig, leg).at
    heard = announced(rig, leg)

    assert heard.means is EndCause.CHANGED
    assert heard.at - at < 10


@pytest.mark.needs(Capability.ANNOUNCEMENTS)
def test_tc_31_a_person_is_no_announcement(rig):
    customer, agent = talk(rig)
    rig.settle(3.0)

    assert AnnouncementHeard not in of(rig, customer) + of(rig, agent)
