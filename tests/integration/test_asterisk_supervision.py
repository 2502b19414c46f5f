"""What supervision through Asterisk does to recordings."""

import pytest

from dialer.core.commands import HangUp, RecordTalk, Supervise
from dialer.core.guest_states import Supervision
from dialer.core.states import RecordingMove
from tests.contract.asterisk_rig import TwoServersRig
from tests.contract.talks import answered, talk, talk_between_servers
from tests.integration.test_recording import loudness, samples_of
from tests.stores import wait_until

PART_S = 2.0


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    one = TwoServersRig(tmp_path_factory.mktemp("asterisk"))
    yield one
    one.close()


@pytest.fixture(autouse=True)
def _cleared(rig):
    yield
    rig.clear()


def recorded(rig, asterisk, mode, between=talk):
    """Return who of customer, agent and supervisor is heard in the recording of a supervised talk."""
    customer, agent = between(rig)
    guest = rig.place_guest(agent)
    answered(rig, guest)
    rig.execute(Supervise(leg_id=guest, agent_leg=agent, mode=mode))
    rig.settle(1.0)
    path = asterisk.home / "spool" / "monitor" / f"{customer}.wav"
    rig.execute(RecordTalk(leg_id=customer, move=RecordingMove.START, file=path.name))
    wait_until(lambda: path.is_file() and path.stat().st_size > PART_S * 16_000, within_s=60)
    rig.execute(RecordTalk(leg_id=customer, move=RecordingMove.STOP, file=path.name))
    legs = {"customer": customer, "agent": agent, "supervisor": guest}
    for leg in legs.values():
        rig.execute(HangUp(leg_id=leg))
    pairs = {name: rig.last_word(leg).sent_pair for name, leg in legs.items()}
    loud = {name: level(samples_of(path), pair) for name, pair in pairs.items()}
    return {name for name, one in loud.items() if one > max(loud.values()) / 10}


def level(samples, pair):
    """Return how strong the weaker of two tones is. What codecs add of every tone is 50 dB below those that are there."""
    return min(loudness(samples, float(tone)) for tone in pair.split("+"))


@pytest.mark.parametrize("mode", Supervision)
def test_what_a_supervisor_says_is_not_in_the_recording_of_a_talk_at_one_server(rig, mode):
    assert recorded(rig, rig.asterisk, mode) == {"customer", "agent"}


@pytest.mark.parametrize(
    ("mode", "supervisor"), [(Supervision.WHISPER, set()), (Supervision.BARGE, {"supervisor"})]
)
def test_only_what_a_supervisor_says_to_a_customer_at_another_server_is_recorded(rig, mode, supervisor):
    heard = recorded(rig, rig.elsewhere, mode, talk_between_servers)

    assert heard == {"customer", "agent"} | supervisor
