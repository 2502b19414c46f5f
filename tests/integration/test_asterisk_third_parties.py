"""Talks with third parties through Asterisk: what is recorded of them, and what is left when their switch is gone."""

import pytest

from dialer.core.commands import Confer
from dialer.core.states import CallState
from dialer.core.switch_events import LegEnded
from tests.asterisk import channels
from tests.contract.talks import answered, bridged, talk
from tests.integration.held_talks import check_one_recording_of_a_consult
from tests.integration.test_asterisk_lost import CutRig
from tests.integration.test_asterisk_takeover import next_switch
from tests.stores import wait_until


@pytest.fixture
def rig(tmp_path):
    one = CutRig(tmp_path)
    yield one
    one.close()


def test_customer_and_agent_of_a_talk_of_three_go_on_when_the_next_switch_lets_the_third_party_go(rig):
    customer, agent = talk(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    rig.execute(Confer(leg_id=third, beside=customer))
    bridged(rig, third, customer)
    rig.line.cut()

    with next_switch(rig) as (switch, sink):
        found = {one.leg_id: one for one in switch.survivors()}
        assert (found[customer].state, found[customer].partner) == (CallState.TALKING, agent)
        wait_until(lambda: third not in channels(rig.asterisk))
        rig.settle()
        audits = len(sink.audits)
        wait_until(lambda: len(sink.audits) >= audits + 2)
        assert (customer, agent) in sink.audits[-1].bridges
        assert not any(isinstance(event, LegEnded) for event in sink.events)


def test_one_recording_has_the_agent_and_then_the_third_party_with_silence_between(rig):
    check_one_recording_of_a_consult(rig)
