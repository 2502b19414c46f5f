"""A customer at one Asterisk, an agent at another: what ends one talk leaves nothing of the way between them at either."""

import pytest

from dialer.core.commands import HangUp
from dialer.core.events import TrunkLost, TrunkRegained
from dialer.core.states import EndCause
from dialer.core.switch_events import BridgeFailed, LegEnded, LegsParted
from tests.contract.asterisk_rig import TwoServersRig
from tests.contract.rig import Behaviour
from tests.contract.talks import answered, bridge, bridged, ended, of, talk_between_servers
from tests.floor import wait_until


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    one = TwoServersRig(tmp_path_factory.mktemp("asterisk"))
    yield one
    one.close()


@pytest.fixture(autouse=True)
def _cleared(rig):
    yield
    rig.clear()


def none_left(rig):
    wait_until(
        lambda: not rig.crossings(), 30, "the legs between servers to end", lambda: str(rig.crossings())
    )


@pytest.mark.parametrize("leaves", ["customer", "agent"])
def test_whoever_leaves_takes_the_way_between_the_servers_along(rig, leaves):
    customer, agent = talk_between_servers(rig)
    assert len(rig.crossings()) == 2
    gone = {"customer": customer, "agent": agent}[leaves]
    rig.drop(gone)
    ended(rig, gone)
    none_left(rig)


def test_an_audit_sees_the_talk(rig):
    pair = talk_between_servers(rig)
    wait_until(lambda: pair in rig.joined(), 30, "an audit with the talk in it")


def test_another_agent_takes_over_and_the_way_to_the_first_ends(rig):
    customer, _ = talk_between_servers(rig)
    other = rig.place_agent()
    answered(rig, other)
    rig.execute(bridge(customer, other))
    bridged(rig, customer, other)
    wait_until(lambda: len(rig.crossings()) == 2, 30, "the first way to end", lambda: str(rig.crossings()))
    rig.execute(HangUp(leg_id=customer))
    ended(rig, customer)
    none_left(rig)


def test_who_was_cut_apart_in_mid_talk_and_is_joined_again_hears_the_other_again(rig):
    customer, agent = talk_between_servers(rig)
    rig.cut_between()
    rig.wait_for(lambda event: isinstance(event, LegsParted))
    rig.execute(bridge(customer, agent))
    again = bridged(rig, customer, agent, times=2)
    rig.settle(1.0)
    assert len(rig.crossings()) == 2
    for leg in (customer, agent):
        rig.execute(HangUp(leg_id=leg))
        rig.heard_since(leg, again.at + 0.2)
    none_left(rig)


def test_an_agent_who_goes_before_the_way_is_there_is_named_and_nothing_is_left(rig):
    agent, customer = rig.place_agent(), rig.place_customer_elsewhere(Behaviour.ANSWERS)
    answered(rig, agent)
    answered(rig, customer)
    rig.execute(bridge(customer, agent))
    rig.execute(HangUp(leg_id=agent))
    failed = rig.wait_for(lambda event: isinstance(event, BridgeFailed))
    assert (failed.customer_leg, failed.dead_leg) == (customer, agent)
    none_left(rig)


@pytest.fixture
def killed(rig):
    """Kill the agents' server when called; it is back when the test is over."""
    yield rig.asterisk.kill
    rig.wait_for(lambda event: isinstance(event, TrunkLost))
    rig.asterisk.start()
    rig.wait_for(lambda event: isinstance(event, TrunkRegained), within_s=60)


def test_an_agent_whose_server_dies_is_lost_and_the_customer_at_the_other_stays(rig, killed):
    customer, agent = talk_between_servers(rig)
    killed()
    assert ended(rig, agent, within_s=60).cause is EndCause.LOST
    wait_until(lambda: not rig.crossings(rig.elsewhere), 30, "the other end of the way to go")

    assert of(rig, agent).count(LegEnded) == 1
    assert LegEnded not in of(rig, customer)
