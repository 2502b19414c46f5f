"""What is recorded of a customer who goes from one agent to another. The numbers go on from those of the other cases."""

from itertools import permutations

import pytest

from dialer.core.commands import LeaveTalk, PlayMessage, RecordTalk
from dialer.core.messages import Message
from dialer.core.states import RecordingMove
from tests.contract.rig import Capability
from tests.contract.talks import answered, join, talk
from tests.integration.test_asterisk_supervision import level
from tests.integration.test_recording import samples_of

PART_S = 0.5
RATE = 8_000
KEPT_SHARE = 0.8
"""So much of the time a recording must have, at least: a busy machine is late to begin and to end it."""


def both(*legs):
    return set(permutations(legs, 2))


def heard_in(rig, samples, legs):
    """Return who of some legs is heard in a piece of a recording."""
    loud = {leg: level(samples, rig.last_word(leg).sent_pair) for leg in legs}
    return {leg for leg, one in loud.items() if one > max(loud.values()) / 10}


@pytest.mark.needs(Capability.GUESTS)
@pytest.mark.needs(Capability.AUDIO)
def test_tc_90_a_consult_takes_a_customer_from_agent_to_agent_in_one_unbroken_recording(rig):
    customer, agent = talk(rig)
    other = rig.place_agent()
    answered(rig, other)

    def record(move):
        rig.execute(RecordTalk(leg_id=customer, move=move, file=f"{customer}.wav"))

    record(RecordingMove.START)
    moments = [rig.moment()]
    record(RecordingMove.PAUSE)
    rig.execute(PlayMessage(leg_id=customer, message=Message.HOLD, repeat=True))
    join(rig, other, agent)
    moments.append(rig.moment())
    rig.execute(LeaveTalk(leg_id=agent))
    join(rig, customer, other)
    record(RecordingMove.RESUME)
    moments.append(rig.moment())
    record(RecordingMove.STOP)
    heard = rig.who_heard(moments, customer, agent, other)
    samples = samples_of(rig.recording(f"{customer}.wav"))
    part = int(PART_S * RATE)

    assert heard == [both(customer, agent), both(other, agent), both(customer, other)]
    assert len(samples) > KEPT_SHARE * (moments[-1] - moments[0]) * RATE
    assert heard_in(rig, samples[part : 2 * part], (customer, agent, other)) == {customer, agent}
    assert heard_in(rig, samples[-2 * part : -part], (customer, agent, other)) == {customer, other}
