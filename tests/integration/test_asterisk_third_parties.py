"""What is left of talks with third parties when their switch is gone without a word."""

import pytest

from dialer.core.commands import Confer
from dialer.core.events import LegEnded
from dialer.core.states import CallState
from tests.asterisk import channels
from tests.contract.talks import answered, bridged, talk
from tests.integration.test_asterisk_lost import CutRig
from tests.integration.test_asterisk_takeover import next_switch
from tests.stores import wait_until

pytestmark = pytest.mark.xdist_group("sip")


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
