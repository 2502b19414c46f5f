"""Asterisk that is killed, and connections to it that are cut: no leg is forgotten, and none ends twice."""

from collections import Counter

import msgspec
import pytest

from dialer.core.commands import HangUp
from dialer.core.events import TrunkLost, TrunkRegained
from dialer.core.states import EndCause
from dialer.core.switch_events import LegAnswered, LegEnded, LegRinging, OriginateRefused
from tests.asterisk import NAME
from tests.contract.asterisk_rig import AsteriskRig
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import NUMBERS, originate
from tests.contract.talks import answered, bridge, bridged, ended, talk
from tests.integration.cuttable import Cuttable


class CutRig(AsteriskRig):
    """An Asterisk whose manager interface is reached by a connection that can be cut."""

    def _reach(self, config):
        self.line = Cuttable(self.asterisk.ports.manager)
        server = msgspec.structs.replace(config.asterisk.servers[NAME], port=self.line.port)
        return msgspec.structs.replace(config.asterisk, servers={NAME: server})

    def place(self, number, behaviour):
        """Call somebody by a leg of that number."""
        command = originate(number)
        self._users[command.leg_id] = NUMBERS[behaviour]
        self._switch.place(command, NUMBERS[behaviour])
        return command.leg_id

    def close(self):
        super().close()
        self.line.close()


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    one = CutRig(tmp_path_factory.mktemp("asterisk"))
    yield one
    one.close()


@pytest.fixture(autouse=True)
def _cleared(rig):
    yield
    rig.line.mend()
    rig.clear()


def seen(rig, kind):
    return rig.wait_for(lambda event: isinstance(event, kind), within_s=60)


def ends(rig):
    return Counter(event.leg_id for event in rig.events if isinstance(event, LegEnded))


def kill(rig):
    customer, agent = talk(rig)
    waiting = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, waiting)
    ringing = rig.place_customer(Behaviour.NEVER_ANSWERS)
    rig.wait_for(lambda event: isinstance(event, LegRinging) and event.leg_id == ringing)
    rig.asterisk.kill()
    seen(rig, TrunkLost)
    refused = rig.place_customer(Behaviour.ANSWERS)
    assert seen(rig, OriginateRefused).leg_id == refused
    assert not ends(rig)

    rig.asterisk.start()
    legs = (customer, agent, waiting, ringing)
    assert {ended(rig, leg, within_s=60).cause for leg in legs} == {EndCause.LOST}
    seen(rig, TrunkRegained)
    assert talk(rig)
    rig.settle()
    assert ends(rig) == dict.fromkeys(legs, 1)


def cut(rig):
    customer, agent = talk(rig, Behaviour.EARLY_MEDIA)  # another number's than of who leaves
    leaving = rig.place_customer(Behaviour.ANSWERS)
    answered(rig, leaving)
    coming = rig.place_customer(Behaviour.EARLY_MEDIA)
    rig.wait_for(lambda event: isinstance(event, LegRinging) and event.leg_id == coming)
    rig.line.cut()
    seen(rig, TrunkLost)
    refused = rig.place_customer(Behaviour.ANSWERS)
    assert seen(rig, OriginateRefused).leg_id == refused
    rig.drop(leaving)
    rig.settle(1.0)
    assert LegAnswered not in [type(event) for event in rig.events if getattr(event, "leg_id", "") == coming]

    rig.line.mend()
    assert ended(rig, leaving, within_s=60).cause is EndCause.LOST
    answered(rig, coming)
    seen(rig, TrunkRegained)
    rig.settle()
    assert ends(rig) == {leaving: 1}
    assert rig.joined() == {(customer, agent)}
    other = rig.place_agent()
    answered(rig, other)
    rig.execute(bridge(coming, other))
    bridged(rig, coming, other)
    rig.execute(HangUp(leg_id=customer))
    assert ended(rig, customer).cause is EndCause.CLEARED


def test_a_leg_is_placed_while_one_lives_whose_id_begins_as_its_own(rig):
    for number in (7_001, 700):
        answered(rig, rig.place(number, Behaviour.ANSWERS))
    assert LegEnded not in [type(event) for event in rig.events]


@pytest.mark.parametrize("happen", [kill, cut])
def test_whatever_is_lost_is_told_once_and_the_floor_goes_on(rig, happen):
    happen(rig)


@pytest.mark.soak
@pytest.mark.parametrize("happen", [kill, cut])
def test_ten_times(rig, happen):
    for _ in range(10):
        happen(rig)
        rig.clear()
