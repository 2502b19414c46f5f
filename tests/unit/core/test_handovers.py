"""T4: an agent has the record of a customer before they are joined, or they are not."""

import pytest

from dialer.core.commands import Bridge, Confer, Deliver, LeaveTalk, PlayMessage
from dialer.core.events import Delivered, NotDelivered, TimerFired
from dialer.core.messages import Message
from dialer.core.records import HandoverEnded, HandoverStarted
from dialer.core.states import AgentState, CallState
from dialer.core.transfer_states import HandoverOutcome, TransferState, Way
from dialer.core.work import handovers
from tests.unit.core.talk import BLIND, COMPLETE, CONFERENCE, CONSULT, MERGE, RETURN, Talk

JOINS = (Bridge, Confer)


def asked(way):
    """Return a talk whose agent wants another for it, and that other."""
    talk = Talk(agents=2)
    (other,) = talk.others
    talk.before = len(talk.script.commands)
    assert talk.ask(way, to_agent=other.agent_id)[0]
    return talk, other


def since(talk, kind):
    return talk.script.all(kind, talk.script.commands[talk.before :])


def fire(talk, after_s=handovers.DELIVERY_S):
    timer = handovers.timer(talk.call_id)
    generation = talk.script.engine.workspace.timers[timer]
    fired = TimerFired(at=talk.script.at + after_s, timer_id=timer, generation=generation)
    return talk.script.tell(fired)


def refuse(talk):
    handover_id = talk.script.only(Deliver).handover_id
    return talk.script.tell(NotDelivered(at=talk.script.at, handover_id=handover_id, reason="x"))


@pytest.mark.parametrize("way", Way)
def test_t4_nobody_is_joined_and_nobody_held_before_the_record_is_there(way):
    talk, other = asked(way)
    (started,) = since(talk, HandoverStarted)

    assert since(talk, JOINS) == since(talk, PlayMessage) == []
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert (other.state, talk.transfer.state) == (AgentState.RESERVED, TransferState.CALLING)
    assert (started.attempt_id, started.agent_id, started.to_agent_id) == (
        talk.attempt_id,
        talk.agent.agent_id,
        other.agent_id,
    )
    assert talk.script.all(JOINS, talk.deliver()) != []


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("failure", [refuse, fire], ids=["not-recorded", "too-late"])
def test_t4_a_record_that_cannot_be_delivered_leaves_the_customer_to_the_starter_who_hears_it(way, failure):
    talk, other = asked(way)
    told = failure(talk)

    assert PlayMessage(leg_id=talk.agent.leg_id, message=Message.TONE_REFUSED) in told
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert (other.state, talk.transfer) == (AgentState.READY, None)
    assert since(talk, (*JOINS, LeaveTalk)) == []
    assert since(talk, HandoverEnded)[0].outcome is HandoverOutcome.RETURNED
    assert "not delivered" in talk.said()[-1]


def test_t4_a_record_that_comes_after_it_was_given_up_changes_nothing():
    talk, _ = asked(CONSULT)
    fire(talk)

    assert talk.deliver() == []


def test_t4_a_record_that_is_there_twice_begins_the_consult_once():
    talk, _ = asked(CONSULT)
    talk.carry_out(talk.deliver())

    assert talk.deliver() == []
    assert talk.transfer.state is TransferState.CONSULTING


def test_t4_the_record_of_another_handover_begins_nothing():
    talk, _ = asked(CONSULT)

    assert talk.script.tell(Delivered(at=talk.script.at, handover_id="other-1")) == []


@pytest.mark.parametrize(
    ("arrangement", "state"),
    [
        pytest.param(RETURN, None, id="taken-back"),
        pytest.param(COMPLETE, None, id="now-blind"),
        pytest.param(MERGE, TransferState.CONFERRING, id="now-all-three"),
    ],
)
def test_an_agent_may_want_it_otherwise_while_the_record_is_on_its_way(arrangement, state):
    talk, other = asked(CONSULT)
    assert talk.arrange(arrangement)[0]
    assert since(talk, JOINS) == []
    talk.carry_out(talk.deliver())

    assert (talk.transfer.state if talk.transfer else None) is state
    taken = AgentState.READY if arrangement is RETURN else AgentState.TALKING
    assert other.state is taken


def test_a_customer_who_was_left_for_a_record_that_does_not_come_goes_back_to_the_starter():
    talk, other = asked(CONSULT)
    talk.arrange(COMPLETE)
    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)
    talk.carry_out(refuse(talk))

    assert (talk.call.state, talk.call.agent_id) == (CallState.TALKING, talk.agent.agent_id)
    assert other.state is AgentState.READY


def test_the_customer_hangs_up_while_the_record_is_on_its_way_and_the_other_agent_is_free():
    talk, other = asked(BLIND)
    talk.end(talk.customer)

    assert (other.state, talk.agent.state) == (AgentState.READY, AgentState.WRAP_UP)
    assert since(talk, HandoverEnded)[0].outcome is HandoverOutcome.RETURNED
    assert talk.deliver() == []


@pytest.mark.parametrize("way", [CONSULT, CONFERENCE], ids=str)
def test_a_handover_is_over_once_the_customer_is_the_other_agents(way):
    talk, _ = asked(way)
    talk.carry_out(talk.deliver())
    assert since(talk, HandoverEnded) == []
    talk.arrange(COMPLETE)

    assert [one.outcome for one in since(talk, HandoverEnded)] == [HandoverOutcome.TAKEN]
