"""What a `Telephony` does for a customer and an agent who have video. The numbers never change."""

import pytest

from dialer.core.commands import HangUp
from dialer.core.switch_events import LegEnded, LegShowsVideo
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, ended, join, of

pytestmark = pytest.mark.needs(Capability.VIDEO)


def shows_video(rig, leg_id):
    return rig.wait_for(lambda event: isinstance(event, LegShowsVideo) and event.leg_id == leg_id)


def with_video(rig, agent, place=None):
    """Return a customer with video who talks with an agent."""
    customer = (place or rig.place_customer)(Behaviour.SHOWS_VIDEO)
    answered(rig, customer)
    shows_video(rig, customer)
    join(rig, customer, agent)
    rig.settle(1.2)
    return customer


def agent_with_video(rig):
    agent = rig.place_agent()
    answered(rig, agent)
    shows_video(rig, agent)
    return agent


def both(one, other):
    return {(one, other), (other, one)}


@pytest.mark.parametrize("first", [None, Behaviour.ANSWERS, Behaviour.SHOWS_VIDEO])
def test_tc_95_video_passes_both_ways_after_whatever_talk_the_agent_had_before(rig, first):
    agent = agent_with_video(rig)
    if first is not None:
        before = rig.place_customer(first)
        answered(rig, before)
        join(rig, before, agent)
        rig.settle(0.5)
        rig.execute(HangUp(leg_id=before))
        ended(rig, before)
    customer = with_video(rig, agent)

    assert rig.who_sees(customer, agent) == both(customer, agent)


@pytest.mark.needs(Capability.AUDIO)
def test_tc_96_both_hear_each_other_beside_the_video(rig):
    agent = agent_with_video(rig)
    customer = with_video(rig, agent)

    assert rig.who_hears(customer, agent) == both(customer, agent)


@pytest.mark.needs(Capability.SERVERS)
def test_tc_97_video_passes_between_two_servers_too(rig):
    agent = agent_with_video(rig)
    customer = with_video(rig, agent, rig.place_customer_elsewhere)

    assert rig.who_sees(customer, agent) == both(customer, agent)


def test_tc_98_whoever_has_video_is_told_of_once_and_nobody_else(rig):
    agent = agent_with_video(rig)
    customer = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, customer)
    join(rig, customer, agent)
    rig.settle(1.0)

    assert of(rig, agent).count(LegShowsVideo) == 1
    assert LegShowsVideo not in of(rig, customer)
    assert LegEnded not in of(rig, customer) + of(rig, agent)
