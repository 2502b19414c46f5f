"""What a `Telephony` does with third parties in a talk. The numbers go on from those of the other cases."""

from itertools import permutations

import pytest

from dialer.core.commands import Confer, HangUp, LeaveTalk, PlayMessage
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import LegEnded
from tests.contract.rig import Behaviour, Capability
from tests.contract.talks import answered, ended, join, of, order, talk, talk_between_servers

pytestmark = pytest.mark.needs(Capability.GUESTS)


class ThreeParties:
    """A talk, a third party who has picked up, and what is ordered of them."""

    def __init__(self, rig):
        self.rig = rig
        self.customer, self.agent = talk(rig)
        self.third = rig.place_guest(self.agent)
        answered(rig, self.third)

    @property
    def all(self):
        return self.customer, self.agent, self.third

    def hold(self):
        self.rig.execute(PlayMessage(leg_id=self.customer, message=Message.HOLD, repeat=True))

    def join(self, one, other):
        join(self.rig, one, other)

    def confer(self, leg, beside):
        order(self.rig, Confer(leg_id=leg, beside=beside), leg, beside)

    def consult(self):
        self.hold()
        self.join(self.third, self.agent)

    def leave(self):
        self.rig.execute(LeaveTalk(leg_id=self.agent))

    def nobody_ended(self, *legs):
        return LegEnded not in [kind for leg in legs or self.all for kind in of(self.rig, leg)]


def both(*legs):
    return set(permutations(legs, 2))


@pytest.fixture
def three(rig):
    return ThreeParties(rig)


def test_tc_70_a_consult_is_completed_and_the_customer_with_the_third_party(rig, three):
    three.consult()
    three.leave()
    three.join(three.customer, three.third)

    rig.settle()
    assert three.nobody_ended()
    rig.execute(HangUp(leg_id=three.customer))
    assert ended(rig, three.customer).cause is EndCause.CLEARED
    rig.execute(HangUp(leg_id=three.third))
    ended(rig, three.third)
    assert three.nobody_ended(three.agent)


def test_tc_71_the_third_party_of_a_consult_hangs_up_and_customer_and_agent_talk_again(rig, three):
    three.consult()
    rig.drop(three.third)
    ended(rig, three.third)
    three.join(three.customer, three.agent)

    assert three.nobody_ended(three.customer, three.agent)


def test_tc_72_a_talk_of_three_goes_on_between_two_when_the_third_party_is_hung_up(rig, three):
    three.confer(three.third, three.customer)
    together = rig.joined()
    rig.execute(HangUp(leg_id=three.third))
    ended(rig, three.third)
    three.join(three.customer, three.agent)
    rig.settle()

    assert (three.customer, three.agent) in together
    assert three.nobody_ended(three.customer, three.agent)


def test_tc_73_the_agent_leaves_a_talk_of_three_and_takes_the_next_customer(rig, three):
    three.confer(three.third, three.customer)
    three.leave()
    three.join(three.customer, three.third)
    after = rig.place_customer(Behaviour.SAYS_HELLO)
    answered(rig, after)
    three.join(after, three.agent)

    assert three.nobody_ended()


@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        pytest.param(Behaviour.BUSY, EndCause.BUSY, id="busy"),
        pytest.param(Behaviour.NEVER_ANSWERS, EndCause.CANCELLED, id="not-answered"),
    ],
)
def test_tc_74_a_customer_is_held_for_whoever_is_not_reached_and_gets_the_agent_back(rig, behaviour, cause):
    customer, agent = talk(rig)
    rig.execute(PlayMessage(leg_id=customer, message=Message.HOLD, repeat=True))
    third = rig.place_third(behaviour, agent)
    rig.settle()
    rig.execute(HangUp(leg_id=third))
    assert ended(rig, third).cause is cause
    join(rig, customer, agent)

    assert LegEnded not in of(rig, customer) + of(rig, agent)


def test_tc_75_a_customer_hangs_up_while_held_and_agent_and_third_party_are_parted(rig, three):
    three.consult()
    rig.drop(three.customer)
    assert ended(rig, three.customer).cause is EndCause.CLEARED
    assert three.nobody_ended(three.agent, three.third)
    rig.execute(HangUp(leg_id=three.third))
    ended(rig, three.third)
    after = rig.place_customer(Behaviour.SAYS_HELLO)
    answered(rig, after)
    three.join(after, three.agent)

    assert three.nobody_ended(three.agent)


def test_tc_76_another_agent_is_consulted_and_takes_the_customer(rig):
    customer, agent = talk(rig)
    other = rig.place_agent()
    answered(rig, other)
    rig.execute(PlayMessage(leg_id=customer, message=Message.HOLD, repeat=True))
    join(rig, other, agent)
    consulting = rig.joined()
    rig.execute(LeaveTalk(leg_id=agent))
    join(rig, customer, other)

    assert (other, agent) in consulting
    assert LegEnded not in of(rig, customer) + of(rig, agent) + of(rig, other)


@pytest.mark.needs(Capability.AUDIO)
def test_tc_77_everybody_hears_whom_they_shall_at_each_step_of_a_consult(rig, three):
    moments = [rig.moment()]
    three.consult()
    moments.append(rig.moment())
    three.confer(three.customer, three.third)
    moments.append(rig.moment())
    three.leave()
    three.join(three.customer, three.third)
    moments.append(rig.moment())

    assert rig.who_heard(moments, *three.all) == [
        both(three.customer, three.agent),
        both(three.third, three.agent),
        both(*three.all),
        both(three.customer, three.third),
    ]


@pytest.mark.needs(Capability.AUDIO)
def test_tc_78_everybody_hears_whom_they_shall_when_one_of_three_goes(rig, three):
    three.confer(three.third, three.customer)
    rig.drop(three.third)
    ended(rig, three.third)
    three.join(three.customer, three.agent)
    moments = [rig.moment()]

    assert rig.who_heard(moments, *three.all) == [both(three.customer, three.agent)]


def test_tc_79_a_customer_is_handed_over_blind_and_the_agent_takes_the_next(rig, three):
    three.hold()
    three.join(three.customer, three.third)
    after = rig.place_customer(Behaviour.SAYS_HELLO)
    answered(rig, after)
    three.join(after, three.agent)

    assert three.nobody_ended()


@pytest.mark.needs(Capability.AUDIO)
@pytest.mark.needs(Capability.SERVERS)
def test_tc_80_a_customer_at_another_server_is_held_for_a_consult_and_handed_over(rig):
    customer, agent = talk_between_servers(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    rig.execute(PlayMessage(leg_id=customer, message=Message.HOLD, repeat=True))
    join(rig, third, agent)
    rig.execute(LeaveTalk(leg_id=agent))
    join(rig, customer, third)
    moments = [rig.moment()]

    assert rig.who_heard(moments, customer, agent, third) == [both(customer, third)]


@pytest.mark.needs(Capability.AUDIO)
@pytest.mark.needs(Capability.SERVERS)
def test_tc_81_a_third_party_joins_a_talk_between_servers(rig):
    customer, agent = talk_between_servers(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    order(rig, Confer(leg_id=third, beside=customer), third, customer)
    moments = [rig.moment()]

    assert rig.who_heard(moments, customer, agent, third) == [both(customer, agent, third)]
