import gc

import pytest

from dialer.core.ids import LegId
from dialer.simulation.behaviour import CallPlan
from dialer.simulation.garbage import no_search
from dialer.simulation.legs import Leg, Legs


def leg(name):
    return Leg(LegId(name), CallPlan())


@pytest.fixture
def floor():
    legs = Legs()
    for name in ("customer", "agent", "other", "guest"):
        legs.add(leg(name))
    return legs, *legs


def test_legs_that_were_joined_hear_each_other_until_one_leaves(floor):
    legs, customer, agent, other, _ = floor
    legs.join(customer, agent)
    assert legs.together(customer) == [customer, agent]
    assert legs.together(other) == ()
    legs.leave(customer)
    assert (legs.together(customer), legs.together(agent)) == ((), [agent])


def test_who_is_joined_anew_is_in_the_new_talk_alone(floor):
    legs, customer, agent, other, _ = floor
    legs.join(customer, agent)
    legs.join(other, agent)
    assert [[one.leg_id for one in talk] for talk in legs.talks()] == [["customer"], ["agent", "other"]]


def test_who_comes_beside_is_in_the_same_talk(floor):
    legs, customer, agent, other, guest = floor
    legs.join(customer, agent)
    legs.join_beside(other, agent)
    legs.join_beside(guest, leg("nobody's"))
    assert legs.together(other) == [customer, agent, other]
    assert legs.together(guest) == ()


def test_a_leg_that_ends_names_the_guests_who_heard_it_last(floor):
    legs, customer, agent, other, guest = floor
    legs.hear(guest, agent.leg_id)
    legs.hear(other, agent.leg_id)
    legs.hear(other, customer.leg_id)
    assert legs.remove(agent) == [guest]
    assert legs.remove(customer) == [other]
    assert legs.remove(other) == ()
    assert len(legs) == 1
    assert agent.leg_id not in legs


def test_the_search_for_garbage_goes_on_after_a_run_that_failed():
    def run():
        with no_search():
            assert not gc.isenabled()
            raise LookupError

    with pytest.raises(LookupError):
        run()
    assert gc.isenabled()
