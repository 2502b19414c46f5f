"""A customer who is handed over unseen: who holds it meanwhile, and who gets it in the end."""

import pytest

from dialer.core.commands import Bridge, CallGuest, HangUp, PlayMessage
from dialer.core.events import TimerFired
from dialer.core.messages import Message
from dialer.core.records import AttemptEnded
from dialer.core.requests import EndWrapUp, LogOut, PauseAgent
from dialer.core.states import AgentState, CallState, EndCause, Outcome
from dialer.core.transfer_states import TransferState
from dialer.core.work import guests
from dialer.testing import TRUNK
from tests.unit.core.talk import BLIND, Talk


def test_a_blind_transfer_holds_the_customer_and_frees_the_agent_at_once():
    talk = Talk()
    done, _ = talk.ask(BLIND)

    assert done
    assert (talk.call.state, talk.agent.state) == (CallState.TRANSFERRED, AgentState.WRAP_UP)
    assert talk.script.all(PlayMessage)[-1] == PlayMessage(
        leg_id=talk.customer, message=Message.HOLD, repeat=True
    )
    assert talk.script.only(CallGuest).trunk == TRUNK


def test_whoever_picks_up_gets_the_customer_of_a_blind_transfer():
    talk = Talk()
    talk.ask(BLIND)
    ordered = talk.script.only(Bridge, talk.answer())
    talk.join(ordered.customer_leg, ordered.agent_leg)

    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.third)
    assert (talk.transfer.state, talk.transfer.joined) == (TransferState.HANDED_OVER, True)
    assert talk.said() == ["blind: handed over", "blind: handed_over"]


@pytest.mark.parametrize(
    ("leg", "hung_up"),
    [pytest.param("customer", "third", id="customer"), pytest.param("third", "customer", id="third party")],
)
def test_a_talk_that_was_handed_over_ends_with_either_side(leg, hung_up):
    talk = Talk().with_third(BLIND)
    told = talk.end(getattr(talk, leg))
    assert HangUp(leg_id=getattr(talk, hung_up)) in told
    talk.end(getattr(talk, hung_up))

    assert talk.script.only(AttemptEnded).outcome is Outcome.CONNECTED
    assert talk.outcome() is Outcome.CONNECTED
    assert talk.script.engine.workspace.guests == {}
    assert talk.trunk.lines_used == 0


@pytest.mark.parametrize("cause", [EndCause.BUSY, EndCause.DECLINED, EndCause.CARRIER_FAULT])
def test_who_is_not_reached_leaves_the_customer_to_the_agent_who_transferred(cause):
    talk = Talk()
    talk.ask(BLIND)
    ordered = talk.script.only(Bridge, talk.end(talk.third, cause))
    talk.join(ordered.customer_leg, ordered.agent_leg)

    assert (ordered.customer_leg, ordered.agent_leg) == (talk.customer, talk.agent.leg_id)
    assert (talk.call.state, talk.agent.state) == (CallState.TALKING, AgentState.TALKING)
    assert talk.transfer is None


def test_who_does_not_pick_up_is_hung_up_after_the_campaigns_time():
    talk = Talk(ring_s=20.0, post_dial_s=5.0)
    talk.ask(BLIND)
    timer = guests.ring_timer(talk.third)
    generation = talk.script.engine.workspace.timers[timer]
    fired = TimerFired(at=talk.script.at + 25, timer_id=timer, generation=generation)
    assert HangUp(leg_id=talk.third) in talk.script.tell(fired)
    talk.end(talk.third, EndCause.CANCELLED)

    assert talk.outcome() is Outcome.NO_ANSWER
    assert talk.agent.state is AgentState.RESERVED


def test_a_customer_whose_agent_is_no_longer_there_goes_to_the_next_as_if_the_agent_were_lost():
    talk = Talk(agents=2)
    talk.ask(BLIND)
    talk.script.ask(PauseAgent(agent_id=talk.agent.agent_id, reason="lunch"))
    ordered = talk.script.only(Bridge, talk.end(talk.third, EndCause.BUSY))

    assert ordered.agent_leg == talk.others[0].leg_id


def test_a_customer_for_whom_nobody_is_left_hears_the_message():
    talk = Talk()
    talk.ask(BLIND)
    talk.script.ask(LogOut(agent_id=talk.agent.agent_id))
    talk.script.ask(EndWrapUp(agent_id=talk.agent.agent_id))
    talk.end(talk.third, EndCause.NO_ANSWER)
    timer = f"connect:{talk.call_id}"
    generation = talk.script.engine.workspace.timers[timer]
    talk.script.tell(TimerFired(at=talk.script.at + 2, timer_id=timer, generation=generation))

    assert talk.script.all(PlayMessage)[-1].message is Message.SAFE_HARBOUR


def test_a_customer_who_hangs_up_while_held_ends_the_call_to_the_third_party():
    talk = Talk()
    talk.ask(BLIND)

    assert HangUp(leg_id=talk.third) in talk.end(talk.customer)
    talk.end(talk.third, EndCause.CANCELLED)
    assert talk.trunk.lines_used == 0


def test_a_third_party_whose_process_dies_costs_the_customer_nothing_but_the_wait():
    talk = Talk().with_third(BLIND)
    ordered = talk.script.only(Bridge, talk.end(talk.third, EndCause.LOST))

    assert ordered.agent_leg == talk.agent.leg_id
