"""Talks with third parties and supervisors over SIP: what is recorded of them, and who is left when a process dies."""

import os
import signal
from contextlib import ExitStack, closing

import pytest

from dialer.core.commands import Confer, HangUp, LeaveTalk, PlayMessage, Supervise
from dialer.core.guest_states import Supervision
from dialer.core.messages import Message
from dialer.core.states import EndCause
from dialer.core.switch_events import BridgeFailed, LegEnded
from tests.contract.rig import Behaviour
from tests.contract.sip_rig import SipRig
from tests.contract.talks import answered, ended, join, of, order, talk
from tests.integration.held_talks import check_one_recording_of_a_consult
from tests.integration.test_sip_deaths import worker_of

SUPERVISED_S = 2.5
"""Within so long a supervisor hears a talk, on a busy machine too: nothing tells when."""


class Rig(SipRig):
    """One whose workers can be killed, and whose recordings be found."""

    def __init__(self, directory, lines=6):
        self.recordings = directory / "recordings"
        self.lines = lines
        super().__init__(directory)

    def kill_worker(self, leg_id):
        os.kill(worker_of(self._switch, leg_id), signal.SIGKILL)
        assert ended(self, leg_id).cause is EndCause.LOST
        self.last_word(leg_id)  # else the next test hears of it


@pytest.fixture(scope="module")
def one_rig(tmp_path_factory):
    one = Rig(tmp_path_factory.mktemp("third-parties"))
    yield one
    one.close()


@pytest.fixture
def rig(one_rig):
    yield one_rig
    one_rig.clear()


def both(*legs):
    return {(one, other) for one in legs for other in legs if one != other}


def talk_of_three(rig):
    """Return customer, agent and third party."""
    customer, agent = talk(rig)
    third = rig.place_guest(agent)
    answered(rig, third)
    order(rig, Confer(leg_id=third, beside=customer), third, customer)
    return customer, agent, third


def supervise(rig, agent, mode):
    supervisor = rig.place_guest(agent)
    answered(rig, supervisor)
    rig.execute(Supervise(leg_id=supervisor, agent_leg=agent, mode=mode))
    rig.settle(SUPERVISED_S)
    return supervisor


def next_talk(rig, agent):
    """Give an agent the next customer; return that one."""
    customer = rig.place_customer(Behaviour.SAYS_HELLO)
    answered(rig, customer)
    join(rig, customer, agent)
    return customer


def test_one_recording_has_the_agent_and_then_the_third_party_with_silence_between(rig):
    check_one_recording_of_a_consult(rig)


def test_when_the_third_partys_worker_dies_customer_and_agent_speak_on(rig):
    customer, agent, third = talk_of_three(rig)
    rig.kill_worker(third)
    moments = [rig.moment()]

    assert rig.joined() >= {(customer, agent)}
    assert rig.who_heard(moments, customer, agent) == [both(customer, agent)]


def test_when_the_agents_worker_dies_customer_and_third_party_are_there_to_be_joined(rig):
    customer, agent, third = talk_of_three(rig)
    rig.kill_worker(agent)
    join(rig, customer, third)
    moments = [rig.moment()]

    assert rig.who_heard(moments, customer, third) == [both(customer, third)]


def test_when_the_customers_worker_dies_agent_and_third_party_are_free_for_others(rig):
    customer, agent, third = talk_of_three(rig)
    rig.kill_worker(customer)
    rig.execute(HangUp(leg_id=third))
    assert ended(rig, third).cause is EndCause.CLEARED
    next_talk(rig, agent)

    assert LegEnded not in of(rig, agent)


def test_a_supervisor_ends_with_the_worker_of_the_agent_and_the_talk_outlives_the_supervisors(rig):
    customer, agent = talk(rig)
    first = supervise(rig, agent, Supervision.BARGE)
    rig.kill_worker(first)
    second = supervise(rig, agent, Supervision.LISTEN)
    rig.settle()
    assert LegEnded not in of(rig, customer) + of(rig, agent) + of(rig, second)

    rig.kill_worker(agent)
    assert ended(rig, second).cause is EndCause.CLEARED
    assert LegEnded not in of(rig, customer)


def test_an_agent_who_is_supervised_leaves_a_talk_of_three_and_takes_the_next(rig):
    customer, agent, third = talk_of_three(rig)
    supervisor = supervise(rig, agent, Supervision.BARGE)
    rig.settle()
    rig.execute(LeaveTalk(leg_id=agent))
    join(rig, customer, third)
    after = next_talk(rig, agent)
    moments = [rig.moment()]

    legs = (customer, third, after, agent, supervisor)
    assert rig.who_heard(moments, *legs) == [both(customer, third) | both(after, agent, supervisor)]


def test_whoever_finds_no_place_in_a_talk_is_told_of_and_the_talk_goes_on(rig):
    customer, agent, third = talk_of_three(rig)
    supervisor = supervise(rig, agent, Supervision.LISTEN)
    another = rig.place_guest(agent)
    answered(rig, another)
    rig.settle()
    rig.execute(Confer(leg_id=another, beside=customer))
    failed = rig.wait_for(lambda event: isinstance(event, BridgeFailed))
    moments = [rig.moment()]

    assert (failed.customer_leg, failed.agent_leg) == (another, customer)
    heard = {(supervisor, leg) for leg in (customer, agent, third)}
    legs = (customer, agent, third, supervisor, another)
    assert rig.who_heard(moments, *legs) == [both(customer, agent, third) | heard]


@pytest.fixture
def make_rig(tmp_path):
    with ExitStack() as rigs:
        yield lambda lines: rigs.enter_context(closing(Rig(tmp_path, lines)))


def callers(rig):
    """Return customer and agent of a talk, and a third party who was called by number."""
    customer, agent = talk(rig)
    third = rig.place_third(Behaviour.SAYS_HELLO, agent)
    answered(rig, third)
    return customer, agent, third


def hand_over(rig, customer, agent, third):
    rig.execute(LeaveTalk(leg_id=agent))
    join(rig, customer, third)


def test_a_customer_is_handed_over_after_a_consult_to_whom_the_same_worker_holds(make_rig):
    rig = make_rig(2)
    customer, agent, third = callers(rig)
    rig.execute(PlayMessage(leg_id=customer, message=Message.HOLD, repeat=True))
    join(rig, third, agent)
    hand_over(rig, customer, agent, third)
    moments = [rig.moment()]

    assert rig.who_heard(moments, customer, agent, third) == [both(customer, third)]


def test_customers_are_handed_over_when_their_workers_have_no_place_for_another_cross_leg(make_rig):
    rig = make_rig(4)
    talks = [callers(rig) for _ in range(2)]
    for customer, _, third in talks:
        order(rig, Confer(leg_id=third, beside=customer), third, customer)
    for legs in talks:
        hand_over(rig, *legs)

    assert rig.joined() == {(customer, third) for customer, _, third in talks}
    assert LegEnded not in [kind for legs in talks for leg in legs for kind in of(rig, leg)]
