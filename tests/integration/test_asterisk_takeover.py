"""A switch that ends without a word, and the next one beside the same Asterisk: what it finds, and what it can do with it."""

from contextlib import closing, contextmanager

import pytest

from dialer.core.commands import HangUp, Supervise
from dialer.core.guest_states import Supervision
from dialer.core.states import CallState
from dialer.core.switch_events import LegAnswered, LegEnded, LegRinging, LegsBridged
from dialer.live.clock import Clock
from telephony.asterisk.switch import AsteriskTelephony
from tests.asterisk import Sessions, channels
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import NUMBERS, Sink
from tests.contract.talks import answered, bridge, talk
from tests.integration.test_asterisk_lost import CutRig
from tests.stores import wait_until


@pytest.fixture
def rig(tmp_path):
    one = CutRig(tmp_path)
    yield one
    one.close()


@contextmanager
def next_switch(rig):
    """Start another beside the Asterisk of one that can no longer say or do anything."""
    sink, config = Sink(), rig.config
    switch = AsteriskTelephony(
        config.asterisk,
        config.trunks,
        clock=Clock(),
        post=sink.post,
        phone_hosts=config.sip.phone_hosts(),
    )
    with closing(switch):
        switch.start()
        yield switch, sink


def test_the_next_switch_has_the_legs_of_the_last_and_learns_whom_the_dialplan_abandoned(rig):
    customer, agent = talk(rig)
    coming = rig.place_customer(Behaviour.EARLY_MEDIA)
    ringing = rig.place_customer(Behaviour.NEVER_ANSWERS)
    for leg in (coming, ringing):
        rig.wait_for(lambda event, leg=leg: isinstance(event, LegRinging) and event.leg_id == leg)
    rig.line.cut()
    since = Clock().now() - 30

    with next_switch(rig) as (switch, sink):
        found = {one.leg_id: one for one in switch.survivors()}
        assert (found[customer].state, found[customer].partner) == (CallState.TALKING, agent)
        assert (found[agent].state, found[agent].partner) == (CallState.TALKING, customer)
        assert since < found[customer].answered_at <= Clock().now()
        assert found[ringing].state is CallState.RINGING
        if found[coming].state is CallState.RINGING:
            sink.wait_for(lambda event: isinstance(event, LegAnswered) and event.leg_id == coming)
        sink.wait_for(lambda event: isinstance(event, LegEnded) and event.leg_id == coming)
        switch.execute(HangUp(leg_id=customer))
        sink.wait_for(lambda event: isinstance(event, LegEnded) and event.leg_id == customer)

    with next_switch(rig) as (switch, _):
        (left,) = switch.survivors()
        assert (left.leg_id, left.state) == (coming, CallState.ENDED)
        assert since < left.answered_at <= Clock().now()
        switch.forget_survivors()
        with Sessions(rig.asterisk) as sessions:
            wait_until(lambda: not sessions.do("DBGetTree", Family="dialer-abandoned").items)


def test_the_next_switch_hangs_up_whom_the_last_had_called_to_a_talk_and_the_talk_goes_on(rig):
    customer, agent = talk(rig)
    hears, rings = rig.place_guest(agent), rig.place_guest(agent, NUMBERS[Behaviour.NEVER_ANSWERS])
    answered(rig, hears)
    rig.execute(Supervise(leg_id=hears, agent_leg=agent, mode=Supervision.BARGE))
    rig.wait_for(lambda event: isinstance(event, LegRinging) and event.leg_id == rings)
    rig.settle()
    rig.line.cut()

    # The tone that the agent heard has a channel of its own, for a moment.
    wait_until(lambda: channels(rig.asterisk) == {customer, agent, hears, rings})
    with next_switch(rig) as (switch, _):
        wait_until(lambda: channels(rig.asterisk) == {customer, agent})
        assert {one.leg_id for one in switch.survivors()} == {customer, agent}


def test_an_agent_who_was_taken_over_gets_the_next_customer(rig):
    agent = rig.place_agent()
    answered(rig, agent)
    rig.line.cut()

    with next_switch(rig) as (switch, sink):
        (phone,) = switch.survivors()
        assert (phone.leg_id, phone.state) == (agent, CallState.ANSWERED)
        rig._switch = switch
        customer = rig.place_customer(Behaviour.ANSWERS)
        sink.wait_for(lambda event: isinstance(event, LegAnswered) and event.leg_id == customer)
        switch.execute(bridge(customer, agent))
        sink.wait_for(lambda event: isinstance(event, LegsBridged) and event.agent_leg == agent)
