"""Join after join at a real Asterisk, of customers who wait or hear music: nobody is deaf."""

import pytest

from dialer.core.commands import PlayMessage
from dialer.core.messages import Message
from tests.contract.asterisk_rig import AsteriskRig
from tests.contract.rig import Behaviour
from tests.contract.talks import answered, join

PAIRS = 5
"""At a time."""


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    made = AsteriskRig(tmp_path_factory.mktemp("joins"))
    yield made
    made.close()


def deaf(rig, *, music):
    """Let customers and agents be joined, and talk; return who heard nobody."""
    agents = [rig.place_agent() for _ in range(PAIRS)]
    customers = [rig.place_customer(Behaviour.ANSWERS) for _ in range(PAIRS)]
    for leg_id in agents + customers:
        answered(rig, leg_id)
    if music:
        for leg_id in customers:
            rig.execute(PlayMessage(leg_id=leg_id, message=Message.HOLD, repeat=True))
        rig.settle(0.3)
    for customer, agent in zip(customers, agents, strict=True):
        join(rig, customer, agent)
    rig.settle(1.0)
    told = rig.last_words(*agents, *customers)
    rig.clear()
    assert len(told) == 2 * PAIRS
    return [one for one in told if one.first_peer_audio_at is None]


@pytest.mark.parametrize("music", [False, True], ids=["silence", "music"])
def test_everybody_who_is_joined_hears_the_other(rig, music):
    assert deaf(rig, music=music) == []


@pytest.mark.soak
@pytest.mark.parametrize("music", [False, True], ids=["silence", "music"])
def test_everybody_of_hundreds_who_are_joined_hears_the_other(rig, music):
    assert [one for _ in range(60) for one in deaf(rig, music=music)] == []
