"""What a `Telephony` does that calls others to a talk. The numbers go on from those of `test_telephony` and never change."""

import pytest

from dialer.core.commands import HangUp, Supervise
from dialer.core.guest_states import Supervision
from dialer.core.ids import LegId
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded
from tests.contract.rig import Capability
from tests.contract.talks import answered, ended, of, talk, talk_between_servers

pytestmark = pytest.mark.needs(Capability.GUESTS)


ALWAYS = {
    ("customer", "agent"),
    ("agent", "customer"),
    ("supervisor", "customer"),
    ("supervisor", "agent"),
}
"""Who hears whom of a talk that is supervised, however it is."""


def supervised(rig, *modes, between=talk):
    """Return customer, agent and supervisor of a talk, the supervisor's modes one after the other."""
    customer, agent = between(rig)
    guest = rig.place_guest(agent)
    answered(rig, guest)
    for mode in modes:
        rig.execute(Supervise(leg_id=guest, agent_leg=agent, mode=mode))
        rig.settle()
    return customer, agent, guest


def test_tc_55_a_talk_goes_on_however_it_is_supervised_and_when_the_supervisor_goes(rig):
    customer, agent, guest = supervised(rig, *Supervision, Supervision.LISTEN)
    before = of(rig, guest)
    rig.execute(HangUp(leg_id=guest))
    rig.execute(Supervise(leg_id=LegId("nobody-1"), agent_leg=agent, mode=Supervision.LISTEN))

    assert LegEnded not in before
    assert ended(rig, guest).cause is EndCause.CLEARED
    rig.settle()
    assert LegEnded not in of(rig, customer) + of(rig, agent)


def test_tc_56_a_supervisors_leg_outlives_a_talk_and_ends_with_the_agents(rig):
    customer, agent, guest = supervised(rig, Supervision.LISTEN)
    rig.execute(HangUp(leg_id=customer))
    ended(rig, customer)
    rig.settle()
    before = of(rig, guest)
    rig.drop(agent)
    ended(rig, guest)

    assert LegEnded not in before


def heard(rig, mode, between=talk):
    """Return who hears whom of a supervised talk."""
    legs = supervised(rig, mode, between=between)
    rig.settle(2.5)
    names = dict(zip(legs, ("customer", "agent", "supervisor"), strict=True))
    return {(names[listener], names[speaker]) for listener, speaker in rig.who_hears(*legs)}


@pytest.mark.needs(Capability.AUDIO)
@pytest.mark.parametrize(
    ("mode", "who_hears_the_supervisor"),
    [
        pytest.param(Supervision.LISTEN, (), id="listen"),
        pytest.param(Supervision.WHISPER, ("agent",), id="whisper"),
        pytest.param(Supervision.BARGE, ("agent", "customer"), id="barge"),
    ],
)
def test_tc_57_a_supervisor_hears_both_and_is_heard_as_ordered(rig, mode, who_hears_the_supervisor):
    wanted = ALWAYS | {(name, "supervisor") for name in who_hears_the_supervisor}

    assert heard(rig, mode) == wanted


@pytest.mark.needs(Capability.SERVERS)
@pytest.mark.needs(Capability.AUDIO)
def test_tc_58_a_supervisor_takes_part_in_a_talk_between_two_servers_too(rig):
    wanted = ALWAYS | {("agent", "supervisor"), ("customer", "supervisor")}

    assert heard(rig, Supervision.BARGE, talk_between_servers) == wanted
