"""What every `Telephony` with several servers does for a customer at one and an agent at another."""

import pytest

from dialer.core.commands import HangUp, PlayMessage, RecordTalk
from dialer.core.messages import Message
from dialer.core.states import EndCause, RecordingMove
from dialer.core.switch_events import (
    LegEnded,
    LegsParted,
    MessagePlayed,
    RecordingFailed,
)
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, bridge, bridged, ended, of, talk_between_servers


@pytest.mark.needs(Capability.SERVERS)
@pytest.mark.needs(Capability.AUDIO)
def test_tc_50_a_customer_at_one_server_and_an_agent_at_another_hear_each_other(rig):
    customer, agent = talk_between_servers(rig)
    rig.settle(1.0)

    assert rig.hear_each_other(customer, agent)


@pytest.mark.needs(Capability.SERVERS)
def test_tc_51_when_the_customers_server_dies_the_customer_is_lost_and_the_agent_takes_the_next(rig):
    customer, agent = talk_between_servers(rig)
    rig.kill_elsewhere()
    assert ended(rig, customer, within_s=60).cause is EndCause.LOST

    other = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, other)
    rig.execute(bridge(other, agent))
    bridged(rig, other, agent)

    assert of(rig, customer).count(LegEnded) == 1
    assert LegEnded not in of(rig, agent)


@pytest.mark.needs(Capability.SERVERS)
def test_tc_52_an_agent_takes_one_customer_of_another_server_after_the_other(rig):
    first, agent = talk_between_servers(rig)
    rig.execute(HangUp(leg_id=first))
    ended(rig, first)
    talk_between_servers(rig, agent)

    assert LegEnded not in of(rig, agent)


@pytest.mark.needs(Capability.SERVERS)
def test_tc_53_a_customer_whose_agent_at_another_server_is_gone_stays_and_gets_the_next(rig):
    customer, agent = talk_between_servers(rig)
    other = rig.place_agent()
    answered(rig, other)
    rig.drop(agent)
    ended(rig, agent)
    rig.execute(bridge(customer, other))
    bridged(rig, customer, other)

    assert LegEnded not in of(rig, customer)


@pytest.mark.needs(Capability.SERVERS)
def test_tc_54_a_talk_between_servers_can_be_recorded_and_its_agent_spoken_to(rig):
    customer, agent = talk_between_servers(rig)
    rig.execute(RecordTalk(leg_id=customer, move=RecordingMove.START, file=f"{customer}.wav"))
    rig.execute(PlayMessage(leg_id=agent, message=Message.TONE_DONE))
    played = rig.wait_for(lambda event: isinstance(event, MessagePlayed))
    rig.execute(RecordTalk(leg_id=customer, move=RecordingMove.STOP, file=f"{customer}.wav"))
    rig.settle()

    assert (played.leg_id, played.failed) == (agent, "")
    assert not any(isinstance(event, RecordingFailed) for event in rig.events)
    assert LegEnded not in of(rig, customer) + of(rig, agent)


@pytest.mark.needs(Capability.SERVERS)
def test_tc_55_two_whose_way_between_servers_is_cut_are_told_apart_once_and_can_be_joined_again(rig):
    customer, agent = talk_between_servers(rig)
    rig.cut_between()
    parted = rig.wait_for(lambda event: isinstance(event, LegsParted))
    rig.execute(bridge(customer, agent))
    bridged(rig, customer, agent, times=2)
    rig.settle(1.0)

    assert (parted.customer_leg, parted.agent_leg) == (customer, agent)
    assert [type(event) for event in rig.events].count(LegsParted) == 1
    assert LegEnded not in of(rig, customer) + of(rig, agent)
